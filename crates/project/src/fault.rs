//! What is wrong with a project file, said so that it can be mended at once.

use std::{fmt, ops::Range};

use bartizan_finding::hides;
use serde::Serialize;

/// One fault of a project file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The bytes of the file that are at fault.
    pub span: Range<usize>,
    /// Line of the first byte, from 1.
    pub line: u64,
    /// Column of the first byte, from 1, in characters.
    pub column: u64,
    /// The key, such as `asset.tickets.path`; empty for a fault of syntax.
    pub key: String,
    /// What is wrong, as a fragment. What it quotes from the file is escaped and cut.
    pub message: String,
    /// What was expected instead, as a fragment; empty where the message says it all.
    pub expected: String,
    /// The known key, word or id that is nearest to what was written.
    pub nearest: Option<String>,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.line, self.column, self.message)?;
        if !self.expected.is_empty() {
            write!(f, "; expected {}", self.expected)?;
        }
        if let Some(nearest) = &self.nearest {
            write!(f, "; did you mean `{nearest}`?")?;
        }
        Ok(())
    }
}

/// Text of the file made fit for a message: in backticks, control and direction characters escaped, cut after 80
/// characters.
pub(crate) fn shown(text: &str) -> String {
    let mut out = String::from("`");
    for (count, c) in text.chars().enumerate() {
        if count == 80 {
            out.push('…');
            break;
        }
        // `escape_debug` knows controls, for some of which it has short names, and grapheme extenders.
        if hides(c) && !c.is_control() {
            out.extend(c.escape_unicode());
        } else if matches!(c, '"' | '\'') {
            out.push(c);
        } else {
            out.extend(c.escape_debug());
        }
    }
    out.push('`');
    out
}

/// The candidate that is nearest to `text`, if one is near: at most one edit per three characters.
pub(crate) fn nearest<'c>(text: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    // Ids and keys are at most 64 characters, so longer texts have no neighbour and cost no time.
    let length = text.chars().take(65).count();
    if !(2..=64).contains(&length) {
        return None;
    }
    let allowed = (length / 3).max(1);
    let text = text.to_lowercase();
    let near =
        candidates.into_iter().take(1000).filter(|candidate| candidate.len().abs_diff(text.len()) <= allowed);
    let scored = near.map(|candidate| (strsim::osa_distance(&text, candidate), candidate));
    scored.filter(|(distance, _)| *distance <= allowed).min().map(|(_, candidate)| candidate.to_owned())
}

/// Names in a sentence: `a`, `b` and so on, at most 20.
pub(crate) fn one_of<'c>(names: impl IntoIterator<Item = &'c str>) -> String {
    let names: Vec<_> = names.into_iter().take(21).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => format!("`{only}`"),
        [some @ .., _] if names.len() == 21 => format!("one of {} and others", quoted(some)),
        all => format!("one of {}", quoted(all)),
    }
}

fn quoted(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_says_cannot_disturb_a_terminal() {
        assert_eq!(shown("a\u{1b}[31m\u{202e}b\n\"c\""), "`a\\u{1b}[31m\\u{202e}b\\n\"c\"`");
        assert_eq!(shown(&"x".repeat(500)), format!("`{}…`", "x".repeat(80)));
    }

    #[test]
    fn near_is_one_edit_in_three_characters() {
        let known = ["dataset", "model", "path"];
        assert_eq!(nearest("dataest", known).as_deref(), Some("dataset"));
        assert_eq!(nearest("Model", known).as_deref(), Some("model"));
        assert_eq!(nearest("pth", known).as_deref(), Some("path"));
        assert_eq!(nearest("weights", known), None);
        assert_eq!(nearest("", known), None);
    }
}
