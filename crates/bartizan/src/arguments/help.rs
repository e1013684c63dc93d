//! What `-h` and `--help` show beside the definitions: examples and exit codes, at most 80 columns wide.

use std::ffi::OsString;

use clap::{ColorChoice, CommandFactory as _, FromArgMatches as _, ValueEnum as _, builder::StyledStr};

use super::{
    Arguments, Color, STYLES,
    examples::{self, Example},
};
use crate::exit;

/// No line of a help is longer, however wide the terminal.
pub(super) const WIDTH: usize = 80;

/// How many examples the short help shows.
const IN_SHORT: usize = 2;

/// The command line with its examples. Help, completions, manual and reference pages are made from it.
pub(crate) fn command() -> clap::Command {
    with_examples(Arguments::command().max_term_width(WIDTH), "")
}

/// Reads the arguments of the process. The error may be a help or a version, which are answers.
pub(crate) fn parse(words: impl IntoIterator<Item = OsString>) -> Result<Arguments, clap::Error> {
    let words: Vec<OsString> = words.into_iter().collect();
    let mut command = command().color(colour(&words));
    let matches = command.try_get_matches_from_mut(words)?;
    Arguments::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
}

/// What `--color` says. Help and usage errors end the parsing before its value is known, so it is looked for ahead;
/// where it is absent or wrong, `NO_COLOR` and the terminal decide.
fn colour(words: &[OsString]) -> ColorChoice {
    let words = words.iter().skip(1).map(|word| word.to_str().unwrap_or_default());
    let (mut chosen, mut follows) = (ColorChoice::Auto, false);
    for word in words.take_while(|word| *word != "--") {
        let value = if follows { Some(word) } else { word.strip_prefix("--color=") };
        chosen = match value.and_then(|value| Color::from_str(value, false).ok()) {
            Some(Color::Always) => ColorChoice::Always,
            Some(Color::Never) => ColorChoice::Never,
            Some(Color::Auto) => ColorChoice::Auto,
            None => chosen,
        };
        follows = word == "--color";
    }
    chosen
}

fn with_examples(command: clap::Command, name: &str) -> clap::Command {
    let examples = examples::of(name);
    let first = examples.get(..IN_SHORT).unwrap_or(examples);
    let mut long = shown(examples);
    if name.is_empty() {
        long.push_str(&format!("\n\n{}", exit_codes()));
    }
    let command = if examples.is_empty() {
        command
    } else {
        command.after_help(StyledStr::from(shown(first))).after_long_help(StyledStr::from(long))
    };
    let inner: Vec<String> = command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    inner.into_iter().fold(command, |command, inner| {
        let path = if name.is_empty() { inner.clone() } else { format!("{name} {inner}") };
        command.mut_subcommand(inner, |inner| with_examples(inner, &path))
    })
}

/// Two columns where they fit, else what an example is for stands below it.
fn shown(examples: &[Example]) -> String {
    let literal = STYLES.get_literal();
    let column = examples.iter().map(|example| example.line.len()).max().unwrap_or(0);
    let widest = examples.iter().map(|example| example.says.len()).max().unwrap_or(0);
    let beside = 2 + column + 2 + widest <= WIDTH;
    let mut text = heading("Examples");
    for Example { line, says } in examples {
        text.push_str(&if beside {
            let gap = " ".repeat(column - line.len() + 2);
            format!("\n  {literal}{line}{literal:#}{gap}{says}")
        } else {
            format!("\n  {literal}{line}{literal:#}\n      {says}")
        });
    }
    text
}

fn exit_codes() -> String {
    let literal = STYLES.get_literal();
    let mut text = heading("Exit codes");
    for (code, meaning) in exit::TABLE {
        text.push_str(&format!("\n  {literal}{code}{literal:#}  {meaning}"));
    }
    text
}

fn heading(title: &str) -> String {
    let header = STYLES.get_header();
    format!("{header}{title}:{header:#}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command that is shown, by its name without the program's.
    fn commands() -> Vec<(String, clap::Command)> {
        fn walk(command: &clap::Command, name: &str, all: &mut Vec<(String, clap::Command)>) {
            if command.is_hide_set() {
                return;
            }
            all.push((name.to_owned(), command.clone()));
            for inner in command.get_subcommands() {
                walk(inner, format!("{name} {}", inner.get_name()).trim_start(), all);
            }
        }
        let mut root = command();
        root.build();
        let mut all = Vec::new();
        walk(&root, "", &mut all);
        all
    }

    /// The words that a shell would hand to the program: what is redirected or piped on is not its business.
    fn words(line: &str) -> Vec<OsString> {
        let own = line.split_whitespace().take_while(|word| !matches!(*word, "<" | ">" | "|" | "&&"));
        own.map(OsString::from).collect()
    }

    #[test]
    fn every_command_says_what_it_does_and_shows_how() {
        for (name, mut command) in commands() {
            assert!(command.get_about().is_some(), "`{name}` does not say what it does");
            let long = command.render_long_help().to_string();
            assert!(long.contains("\nExamples:\n  bartizan"), "`{name}` has no examples:\n{long}");
            let short = command.render_help().to_string();
            assert!(short.contains("\nExamples:\n  bartizan"), "`{name}` has no examples:\n{short}");
            let count = examples::of(&name).len();
            assert!((2..=4).contains(&count), "`{name}` has {count} examples");
        }
    }

    #[test]
    fn every_example_is_a_call_that_the_program_takes() {
        let shown: Vec<String> = commands().into_iter().map(|(name, _)| name).collect();
        for (name, examples) in examples::TABLE {
            assert!(
                shown.iter().any(|shown| shown == name),
                "there are examples of `{name}`, which is not shown"
            );
            for Example { line, says } in *examples {
                assert!(line.starts_with("bartizan "), "{line}");
                assert!(!says.is_empty() && !says.ends_with('.'), "{says}");
                if let Err(error) = parse(words(line)) {
                    panic!("`{line}` is an example of `{name}`, but: {error}");
                }
            }
        }
    }

    #[test]
    fn an_example_that_is_wrong_would_be_noticed() {
        assert!(parse(words("bartizan chek")).is_err());
        assert!(parse(words("bartizan check --format nonsense")).is_err());
        assert!(parse(words("bartizan check | less --no-such-flag")).is_ok());
    }

    #[test]
    fn no_help_is_wider_than_80_columns() {
        for (name, mut command) in commands() {
            for help in [command.render_help(), command.render_long_help()] {
                for line in help.to_string().lines() {
                    assert!(line.chars().count() <= WIDTH, "`{name}`: {line}");
                }
            }
        }
    }

    #[test]
    fn colour_is_looked_for_ahead() {
        let of = |line: &str| colour(&words(line));
        for (line, expected) in [
            ("bartizan --help", ColorChoice::Auto),
            ("bartizan --color never --help", ColorChoice::Never),
            ("bartizan check --help --color=always", ColorChoice::Always),
            ("bartizan --color=always --color never", ColorChoice::Never),
            ("bartizan --color", ColorChoice::Auto),
            ("bartizan --color sometimes", ColorChoice::Auto),
            ("bartizan check -- --color=always", ColorChoice::Auto),
        ] {
            assert_eq!(of(line), expected, "{line}");
        }
    }

    #[test]
    fn the_long_help_of_the_program_tells_every_exit_code() {
        let long = command().render_long_help().to_string();
        for (code, meaning) in exit::TABLE {
            assert!(long.contains(&format!("\n  {code}  {meaning}")), "{long}");
        }
    }
}
