//! Files of variables. Only the names before the equals sign are taken; what follows is never looked at.

use crate::{
    lexical::extension,
    tables::{Means, word},
};

/// Whether a file sets variables, by its name in lower case.
pub(crate) fn is_environment(file: &str) -> bool {
    file.starts_with(".env.") || extension(file) == "env" || file == ".envrc"
}

/// Whether it is an example for others to copy, and so holds no secrets.
pub(crate) fn is_example(file: &str) -> bool {
    ["example", "sample", "template", "dist", "defaults"]
        .iter()
        .any(|word| file.split('.').any(|part| part == *word))
}

/// The name that a line sets, and what it means.
pub(crate) fn variable(line: &str) -> Option<(usize, &str, Means)> {
    let (before, _) = line.split_once('=')?;
    let name = before.trim_start();
    let name = name.strip_prefix("export ").unwrap_or(name).trim();
    let at = before.find(name)?;
    word(name).map(|means| (at, name, means))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_and_values_are_not() {
        let name = |line| variable(line).map(|(_, name, _)| name);
        assert_eq!(name("OPENAI_API_KEY=x"), Some("OPENAI_API_KEY"));
        assert_eq!(name(" export ANTHROPIC_API_KEY = \"OPENAI_API_KEY\""), Some("ANTHROPIC_API_KEY"));
        assert_eq!(name("KEY=OPENAI_API_KEY"), None);
        assert_eq!(name("# OPENAI_API_KEY=x"), None);
        assert_eq!(name("OPENAI_API_KEY"), None);
        for (file, is, example) in [
            (".env", true, false),
            (".env.local", true, false),
            ("prod.env", true, false),
            (".env.example", true, true),
            ("environment.yml", false, false),
        ] {
            assert_eq!((is_environment(file), is && is_example(file)), (is, example), "{file}");
        }
    }
}
