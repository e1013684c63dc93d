//! What stands in a line of code or configuration, as far as names are concerned. No grammar is parsed: a line is
//! enough to see what is imported, named or called, and costs the same whatever the rest of the file holds.

/// What a file is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Language {
    Python,
    Node,
    Go,
    Rust,
    /// Java, Kotlin and Scala.
    Jvm,
    /// YAML.
    Yaml,
    /// JSON, TOML, container files and what else holds settings.
    Config,
}

impl Language {
    /// The language of a file, by its name.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let file = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
        if is_container(&file) && !file.ends_with("yml") && !file.ends_with("yaml") {
            return Some(Self::Config);
        }
        match file.rsplit_once('.')?.1 {
            "py" | "pyi" | "ipynb" => Some(Self::Python),
            "js" | "jsx" | "mjs" | "cjs" | "ts" | "tsx" | "mts" | "cts" | "svelte" | "vue" => {
                Some(Self::Node)
            }
            "go" => Some(Self::Go),
            "rs" => Some(Self::Rust),
            "java" | "kt" | "scala" => Some(Self::Jvm),
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" | "json" | "properties" => Some(Self::Config),
            _ => None,
        }
    }

    /// Whether it is code.
    pub(crate) const fn is_code(self) -> bool {
        !matches!(self, Self::Yaml | Self::Config)
    }

    /// Whether a line is nothing but a comment.
    pub(crate) fn is_comment(self, line: &str) -> bool {
        let line = line.trim_start();
        match self {
            Self::Python | Self::Yaml | Self::Config => line.starts_with('#'),
            _ => line.starts_with("//") || line.starts_with('*') || line.starts_with("/*"),
        }
    }
}

/// What follows the last full stop of a name; nothing where there is none.
pub(crate) fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// Whether a file says how a container is made or run; `file` is its name in lower case.
pub(crate) fn is_container(file: &str) -> bool {
    let made = ["dockerfile", "containerfile"].iter().any(|name| {
        file == *name || file.starts_with(&format!("{name}.")) || file.ends_with(&format!(".{name}"))
    });
    let stem = file.strip_suffix(".yml").or_else(|| file.strip_suffix(".yaml"));
    made || stem.is_some_and(|stem| {
        stem == "compose"
            || stem == "docker-compose"
            || stem.starts_with("docker-compose.")
            || stem.starts_with("compose.")
    })
}

/// The modules that a line of code asks for, in the form of the tables, with the offset of each in the line. One
/// module is named in several ways: by itself, and by each package around it.
pub(crate) fn modules(language: Language, line: &str) -> Vec<(usize, String)> {
    match language {
        Language::Python => python(line),
        Language::Node => node(line),
        Language::Go => {
            let imports = line.trim_start().starts_with("import") || line.trim_end().ends_with('"');
            let paths = tokens(line).into_iter().filter(|(_, path)| imports && path.contains('/'));
            paths.flat_map(|(at, path)| prefixes(path, '/').map(move |name| (at, name.to_owned()))).collect()
        }
        Language::Rust => {
            let bare = line.trim_start().trim_start_matches("pub ");
            let rest = bare.strip_prefix("use ").or_else(|| bare.strip_prefix("extern crate "));
            let name = rest.map(|rest| run(rest.trim_start_matches("::"), "_"));
            name.map(|name| (line.len() - bare.len(), name.replace('_', "-"))).into_iter().collect()
        }
        Language::Jvm => {
            let bare = line.trim_start();
            let rest = bare.strip_prefix("import ").map(|rest| rest.trim_start_matches("static "));
            rest.map(|rest| (line.len() - bare.len(), run(rest, "._").to_owned())).into_iter().collect()
        }
        Language::Yaml | Language::Config => Vec::new(),
    }
}

fn python(line: &str) -> Vec<(usize, String)> {
    // A line of a notebook is a string of JSON.
    let bare = line.trim_start_matches([' ', '\t', '"', '>']);
    let at = line.len() - bare.len();
    let mut names = Vec::new();
    if let Some(rest) = bare.strip_prefix("from ") {
        let module = run(rest.trim_start(), "._");
        let imported = rest.split_once(" import ").map_or("", |(_, imported)| imported);
        names.extend(prefixes(module, '.').map(|name| (at, python_name(name))));
        let parts = imported.split(',').map(|part| run(part.trim_start_matches([' ', '(']), "_"));
        names.extend(
            parts
                .filter(|part| !part.is_empty() && !module.starts_with('.'))
                .map(|part| (at, python_name(&format!("{module}.{part}")))),
        );
    } else if let Some(rest) = bare.strip_prefix("import ") {
        for part in rest.split(',') {
            let module = run(part.trim_start(), "._");
            names.extend(prefixes(module, '.').map(|name| (at, python_name(name))));
        }
    }
    names.retain(|(_, name)| !name.is_empty() && !name.starts_with('-'));
    names
}

/// One form for the names of modules and of the packages that hold them.
pub(crate) fn python_name(name: &str) -> String {
    name.to_ascii_lowercase().replace(['_', '.'], "-")
}

fn node(line: &str) -> Vec<(usize, String)> {
    let mut names = Vec::new();
    for opening in ["from ", "require(", "import(", "import "] {
        for (at, _) in line.match_indices(opening) {
            let rest = line.get(at + opening.len()..).unwrap_or_default();
            let module =
                rest.strip_prefix(['\'', '"', '`']).map(|rest| run(rest, "@/._-")).unwrap_or_default();
            if !module.is_empty() && !module.starts_with(['.', '/']) {
                names.extend(prefixes(module, '/').map(|name| (at, name.to_owned())));
            }
        }
    }
    names
}

/// The package that a line of a manifest asks for: the name that starts it, with the offset.
pub(crate) fn requirement(line: &str) -> Option<(usize, String)> {
    let bare = line.trim_start_matches([' ', '\t', '"', '\'', '-', '[']);
    let bare = bare.strip_prefix("require ").unwrap_or(bare);
    let name = run(bare, "@/._-");
    let rest = bare.get(name.len()..).unwrap_or_default();
    let ends = rest.is_empty()
        || rest.starts_with(['=', '<', '>', '~', '!', '[', ' ', '"', '\'', ';', ':', ',', '\r']);
    (ends && !name.is_empty() && !name.starts_with(['.', '/']))
        .then(|| (line.len() - bare.len(), name.to_owned()))
}

/// The container images that a line names, with the offset of each.
pub(crate) fn images(line: &str) -> Vec<(usize, &str)> {
    let bare = line.trim_start_matches([' ', '\t', '-']);
    let rest = bare.strip_prefix("image:").or_else(|| bare.strip_prefix("FROM "));
    let Some(rest) = rest.map(|rest| rest.trim_start_matches([' ', '"', '\''])) else { return Vec::new() };
    // A platform can stand between.
    let rest = rest
        .strip_prefix("--platform=")
        .map_or(rest, |rest| rest.split_once(' ').map_or("", |(_, image)| image.trim_start()));
    vec![(line.len() - bare.len(), run(rest, "@/._-:"))]
}

/// The names that follow `--model` and the like in the command of a container, with the offset of each.
pub(crate) fn after_flags(line: &str) -> Vec<(usize, &str)> {
    const FLAGS: [&str; 5] = ["--model", "--model-id", "--model-path", "--model-name-or-path", "--hf-repo"];
    let mut found = Vec::new();
    for (at, _) in line.match_indices("--") {
        let rest = line.get(at..).unwrap_or_default();
        let flag = run(rest, "-");
        if !FLAGS.contains(&flag) {
            continue;
        }
        let after = rest.get(flag.len()..).unwrap_or_default();
        // As one word, as two, or as two items of a list in JSON.
        let value = after.trim_start_matches([' ', '=', '"', '\'', ',']);
        let name = run(value, "._/-");
        if after.len() > value.len() && !name.is_empty() {
            found.push((at + rest.len() - value.len(), name));
        }
    }
    found
}

/// A key and the value that a line sets without quotes (`key=value`), with the offset of the value.
pub(crate) fn set_value(line: &str) -> Option<(&str, usize, &str)> {
    let (key, value) = line.split_once('=')?;
    let at = key.len() + 1 + value.len() - value.trim_start().len();
    let (key, value) = (key.trim(), value.trim());
    let key = key.strip_prefix("export ").unwrap_or(key);
    let bare = value.trim_matches(['"', '\'']);
    let plain = bare.chars().all(|c| c.is_ascii_alphanumeric() || "._:/@+-".contains(c));
    let quoted = value.len() - value.trim_start_matches(['"', '\'']).len();
    (!key.starts_with('#') && plain && !bare.is_empty() && bare.len() <= 160).then_some((
        key,
        at + quoted,
        bare,
    ))
}

/// The values without space between quotes, with the offset of each; also where the quotes are escaped.
pub(crate) fn tokens(line: &str) -> Vec<(usize, &str)> {
    const LONGEST: usize = 160;
    let bytes = line.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(open) = bytes.iter().skip(at).position(|byte| matches!(byte, b'"' | b'\'' | b'`')) {
        let start = at + open + 1;
        let value = run(line.get(start..).unwrap_or_default(), "._:/@+-");
        let end = start + value.len();
        let closes = match bytes.get(end) {
            Some(b'\\') => bytes.get(end + 1),
            other => other,
        };
        if !value.is_empty() && value.len() <= LONGEST && closes == bytes.get(start - 1) {
            tokens.push((start, value));
        }
        at = end.max(start);
    }
    tokens
}

/// The value that a line of YAML sets or lists without quotes, with its offset.
pub(crate) fn yaml_value(line: &str) -> Option<(usize, &str)> {
    let bare = line.trim_start();
    let item = bare.strip_prefix("- ").unwrap_or(bare);
    let value =
        item.split_once(": ").map_or(if bare.len() == item.len() { "" } else { item }, |(_, value)| value);
    let value = value.split(" #").next().unwrap_or(value).trim();
    let plain = value.chars().all(|c| c.is_ascii_alphanumeric() || "._:/@+-".contains(c));
    let at = line.len() - bare.len() + bare.find(value).unwrap_or(0);
    (plain && !value.is_empty() && value.len() <= 160).then_some((at, value))
}

/// The authorities (`host` or `host:port`) of the addresses in a line, with the offset of each.
pub(crate) fn authorities(line: &str) -> impl Iterator<Item = (usize, &str)> {
    line.match_indices("://").map(|(at, sign)| {
        let start = at + sign.len();
        (start, run(line.get(start..).unwrap_or_default(), ".-:_{}$<>@"))
    })
}

/// The words that start with a capital letter and could be in the tables, with the offset of each.
pub(crate) fn words(line: &str) -> impl Iterator<Item = (usize, &str)> {
    line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .filter(|word| word.len() >= 8 && word.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|word| (word.as_ptr() as usize - line.as_ptr() as usize, word))
}

/// The start of `text` that is ASCII letters, digits and `others`; at most as much as any name is long, so that no
/// line takes more than time in proportion to its length.
pub(crate) fn run<'t>(text: &'t str, others: &str) -> &'t str {
    const LONGEST: usize = 256;
    let fits =
        |byte: &u8| byte.is_ascii_alphanumeric() || byte.is_ascii() && others.contains(char::from(*byte));
    let end = text.bytes().take(LONGEST).take_while(fits).count();
    text.get(..end).unwrap_or_default()
}

/// `a`, `a.b` and `a.b.c` of `a.b.c`.
fn prefixes(name: &str, between: char) -> impl Iterator<Item = &str> {
    let ends = name.match_indices(between).map(|(at, _)| at).chain([name.len()]);
    ends.filter_map(|end| name.get(..end)).filter(|name| !name.is_empty())
}

/// Follows strings over lines of Python, so that prose and examples between three quotes are not taken for code.
#[derive(Debug, Default)]
pub(crate) struct PythonStrings {
    open: Option<&'static str>,
}

impl PythonStrings {
    /// Takes a line; whether it starts within a string of several lines.
    pub(crate) fn line(&mut self, line: &str) -> bool {
        let inside = self.open.is_some();
        let mut rest = line;
        loop {
            if let Some(quotes) = self.open {
                let Some(end) = rest.find(quotes) else { return inside };
                rest = rest.get(end + 3..).unwrap_or_default();
                self.open = None;
            }
            let Some(at) = rest.find(['"', '\'', '#']) else { return inside };
            rest = rest.get(at..).unwrap_or_default();
            if rest.starts_with('#') {
                return inside;
            }
            if let Some(quotes) = ["\"\"\"", "'''"].into_iter().find(|quotes| rest.starts_with(quotes)) {
                self.open = Some(quotes);
                rest = rest.get(3..).unwrap_or_default();
                continue;
            }
            // A string that ends in its line: to the same quote that no backslash stands before.
            let bytes = rest.as_bytes();
            let mut end = 1;
            while bytes.get(end).is_some_and(|byte| *byte != bytes[0]) {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            rest = rest.get(end + 1..).unwrap_or_default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_of_each_language() {
        let names = |language, line| {
            modules(language, line).into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ")
        };
        for (language, line, expected) in [
            (Language::Python, "import a.b as c, d_e", "a a-b d-e"),
            (Language::Python, "    from google import genai, x", "google google-genai google-x"),
            (Language::Python, "    \"import openai\\n\",", "openai"),
            (Language::Python, "from .openai import x", ""),
            (Language::Python, "important = 1", ""),
            (Language::Node, "import x, { y } from '@a/b/c';", "@a @a/b @a/b/c"),
            (Language::Node, "const x = require(\"openai\"), y = await import('ai')", "openai ai"),
            (Language::Node, "import x from './openai'", ""),
            (Language::Go, "\tai \"github.com/a/b\"", "github.com github.com/a github.com/a/b"),
            (Language::Rust, "pub use async_openai::Client;", "async-openai"),
            (Language::Jvm, "import static com.openai.X;", "com.openai.X"),
            (Language::Config, "import x", ""),
        ] {
            assert_eq!(names(language, line), expected, "{line}");
        }
    }

    #[test]
    fn values_are_whole() {
        let values = |line| tokens(line).into_iter().map(|(_, value)| value).collect::<Vec<_>>().join(" ");
        for (line, expected) in [
            ("model=\"gpt-4o\", other='x/y'", "gpt-4o x/y"),
            ("\"model = \\\"gpt-4o\\\"\\n\"", "gpt-4o"),
            ("say(\"I like gpt-4o a lot\")", ""),
            ("\"gpt-4o'", ""),
            ("\"\"\"", ""),
        ] {
            assert_eq!(values(line), expected, "{line}");
        }
        let yaml = |line| yaml_value(line).map(|(_, value)| value);
        assert_eq!(yaml("  model: gpt-4o # cheap"), Some("gpt-4o"));
        assert_eq!(yaml("  - gpt-4o"), Some("gpt-4o"));
        assert_eq!(yaml("  text: we like gpt-4o"), None);
        assert_eq!(yaml("gpt-4o"), None);
    }

    #[test]
    fn commands_and_settings() {
        let names = |line| after_flags(line).into_iter().map(|(_, name)| name).collect::<Vec<_>>().join(" ");
        for (line, expected) in [
            ("    command: --model acme/base-7b --port 8000", "acme/base-7b"),
            ("CMD [\"--model-id\", \"acme/base\"]", "acme/base"),
            ("command: --model=acme/base", "acme/base"),
            ("--models acme/base --model", ""),
        ] {
            assert_eq!(names(line), expected, "{line}");
        }
        assert_eq!(set_value("export MODEL=\"gpt-4o\""), Some(("MODEL", 14, "gpt-4o")));
        assert_eq!(set_value("a.b = x/y"), Some(("a.b", 6, "x/y")));
        for none in ["# A=b", "A=", "A", "A=two words", "A=\"\""] {
            assert_eq!(set_value(none), None, "{none}");
        }
        assert_eq!(images("FROM --platform=linux/amd64 a/b:1 AS x"), [(0, "a/b:1")]);
    }

    #[test]
    fn strings_over_several_lines_are_followed() {
        let mut strings = PythonStrings::default();
        let lines = [
            ("x = \"\"\"one", false),
            ("import openai", true),
            ("''' \"\"\"; y = 1", true),
            ("import a", false),
            ("z = '\"\"\"' + \"it\\\"s\" # '''", false),
            ("import b", false),
            ("'''doc'''", false),
            ("import c", false),
            ("é = 'ü", false),
        ];
        for (line, inside) in lines {
            assert_eq!(strings.line(line), inside, "{line}");
        }
    }
}
