//! What is wrong with a policy, said so that it can be mended at once.

use std::fmt;

use bartizan_finding::hides;
use serde::Serialize;

/// Why a text is not a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The policy of a gate.
    #[error("{}", summary(faults))]
    Gate {
        /// The gate.
        gate: String,
        /// All faults, in the order of the text; at least one.
        faults: Vec<Fault>,
    },
    /// The organisation's rules.
    #[error("{}", summary(faults))]
    Organisation {
        /// All faults, by file and then in the order of the text; at least one.
        faults: Vec<Fault>,
    },
    /// No schema can be made: without controls and roles no policy can be held against anything.
    #[error("the vocabulary of policies cannot be used: {0}")]
    Vocabulary(String),
}

/// One fault of a policy text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fault {
    /// The file, as the caller names it, made fit for a message.
    pub file: String,
    /// Line, from 1.
    pub line: u64,
    /// Column, from 1, in characters.
    pub column: u64,
    /// The `@id` of the rule, where the fault lies in one that has one.
    pub rule: Option<String>,
    /// What is wrong, as a fragment. What it quotes from the file is escaped and cut.
    pub message: String,
    /// What was expected instead, as a fragment; empty where the message says it all.
    pub expected: String,
    /// The known id or word that is nearest to what was written.
    pub nearest: Option<String>,
}

impl PolicyError {
    /// All faults of the text; none where it is the vocabulary that is at fault.
    pub fn faults(&self) -> &[Fault] {
        match self {
            Self::Gate { faults, .. } | Self::Organisation { faults } => faults,
            Self::Vocabulary(_) => &[],
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.line, self.column, self.message)?;
        if !self.expected.is_empty() {
            write!(f, "; expected {}", self.expected)?;
        }
        if let Some(nearest) = &self.nearest {
            write!(f, "; did you mean `{nearest}`?")?;
        }
        Ok(())
    }
}

/// The first fault, and how many more there are.
fn summary(faults: &[Fault]) -> String {
    match faults {
        [] => "the policy cannot be used".to_owned(),
        [only] => only.to_string(),
        [first, _] => format!("{first}; and 1 other fault"),
        [first, others @ ..] => format!("{first}; and {} other faults", others.len()),
    }
}

/// More faults than this of one text are counted and not listed.
pub(crate) const MAX_FAULTS: usize = 50;

/// A text with its name, and what is wrong with it so far.
pub(crate) struct Source<'t> {
    pub(crate) text: &'t str,
    file: String,
    faults: Vec<Fault>,
}

impl<'t> Source<'t> {
    pub(crate) fn new(file: &str, text: &'t str) -> Self {
        Self { text, file: printable(file, 200), faults: Vec::new() }
    }

    /// The file's name as messages show it.
    pub(crate) fn file(&self) -> &str {
        &self.file
    }

    /// Notes a fault at a byte of the text.
    pub(crate) fn fault(&mut self, at: usize, message: impl Into<String>) -> &mut Fault {
        let (line, column) = self.place(at);
        let file = self.file.clone();
        let message = message.into();
        let fault = Fault { file, line, column, rule: None, message, expected: String::new(), nearest: None };
        self.faults.push(fault);
        self.faults.last_mut().expect("it was just pushed")
    }

    pub(crate) const fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }

    /// Line and column of a byte.
    pub(crate) fn place(&self, at: usize) -> (u64, u64) {
        let before = self.text.get(..at.min(self.text.len())).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (line as u64, column as u64)
    }

    /// The faults in the order of the text.
    pub(crate) fn into_faults(mut self) -> Vec<Fault> {
        self.faults.sort();
        self.faults.dedup();
        let others = self.faults.len().saturating_sub(MAX_FAULTS);
        if others > 0 {
            self.faults.truncate(MAX_FAULTS);
            let (line, column) = self.faults.last().map_or((1, 1), |last| (last.line, last.column));
            let last = self.fault(0, format!("the faults from here on are not listed, {others} of them"));
            (last.line, last.column) = (line, column);
        }
        self.faults
    }
}

impl Fault {
    /// Adds the rule in which it lies.
    pub(crate) fn of(&mut self, rule: Option<&str>) -> &mut Self {
        self.rule = rule.map(|rule| printable(rule, 100));
        self
    }

    /// Adds what was expected.
    pub(crate) fn expected(&mut self, what: impl Into<String>) -> &mut Self {
        self.expected = what.into();
        self
    }

    /// Adds the known word that is nearest to what was written.
    pub(crate) fn nearest<'c>(
        &mut self,
        written: &str,
        known: impl IntoIterator<Item = &'c str>,
    ) -> &mut Self {
        self.nearest = nearest(written, known);
        self
    }
}

/// Text of the file made fit for a message: in backticks, escaped, cut after 80 characters.
pub(crate) fn shown(text: &str) -> String {
    format!("`{}`", printable(text, 80))
}

/// Text without anything that acts on a terminal or hides, cut after `most` characters.
pub(crate) fn printable(text: &str, most: usize) -> String {
    let mut out = String::new();
    for (count, c) in text.chars().enumerate() {
        if count == most {
            out.push('…');
            break;
        }
        if hides(c) { out.extend(c.escape_default()) } else { out.push(c) }
    }
    out
}

/// The candidate that is nearest to `text`, if one is near: at most one edit per three characters.
fn nearest<'c>(text: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<String> {
    // Ids are at most 64 characters, so longer texts have no neighbour and cost no time.
    let length = text.chars().take(65).count();
    if !(2..=64).contains(&length) {
        return None;
    }
    let allowed = (length / 3).max(1);
    let text = text.to_lowercase();
    let near = candidates.into_iter().take(1000);
    let near = near.filter(|candidate| candidate.len().abs_diff(text.len()) <= allowed);
    let scored = near.map(|candidate| (strsim::osa_distance(&text, &candidate.to_lowercase()), candidate));
    scored.filter(|(distance, _)| *distance <= allowed).min().map(|(_, candidate)| candidate.to_owned())
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
    fn a_place_is_counted_in_characters() {
        let source = Source::new("a.cedar", "ä\nöü x");
        assert_eq!(source.place(0), (1, 1));
        assert_eq!(source.place("ä\nöü ".len()), (2, 4));
        assert_eq!(source.place(10_000), (2, 5));
    }

    #[test]
    fn faults_are_sorted_and_their_number_is_bounded() {
        let text = "x".repeat(200);
        let mut source = Source::new("a.cedar", &text);
        for at in (0..120).rev() {
            source.fault(at, "wrong");
        }
        let faults = source.into_faults();
        assert_eq!(faults.len(), MAX_FAULTS + 1);
        assert!(faults.iter().is_sorted_by_key(|fault| fault.column));
        assert_eq!(faults[MAX_FAULTS].message, "the faults from here on are not listed, 70 of them");
        let error = PolicyError::Gate { gate: "deploy".to_owned(), faults };
        assert_eq!(error.to_string(), "a.cedar:1:1: wrong; and 50 other faults");
    }
}
