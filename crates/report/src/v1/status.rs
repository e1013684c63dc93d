use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How a control, an item or a practice area stands. Ordered from the worst to the best, which is the order of
/// roll-up; `not-applicable` comes last and is left out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Evidence speaks against it.
    Failing,
    /// The evidence is too old, or was made with rules that are too old.
    Expired,
    /// There is no evidence, or the newest is incomplete.
    Unknown,
    /// Evidence covers a part of it.
    Partial,
    /// A recorded decision to live with it.
    Excepted,
    /// A supplier's statement covers it.
    Inherited,
    /// Evidence covers all of it.
    Satisfied,
    /// Nothing in the project that it could apply to.
    NotApplicable,
}

impl Status {
    /// All, worst first.
    pub const WORST_FIRST: [Self; 8] = [
        Self::Failing,
        Self::Expired,
        Self::Unknown,
        Self::Partial,
        Self::Excepted,
        Self::Inherited,
        Self::Satisfied,
        Self::NotApplicable,
    ];

    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Failing => "failing",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
            Self::Partial => "partial",
            Self::Excepted => "excepted",
            Self::Inherited => "inherited",
            Self::Satisfied => "satisfied",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// The mark that stands beside the word, so that no status is told by colour alone.
    pub const fn mark(self) -> char {
        match self {
            Self::Failing => '■',
            Self::Expired => '◷',
            Self::Unknown => '○',
            Self::Partial => '◐',
            Self::Excepted => '◆',
            Self::Inherited => '↳',
            Self::Satisfied => '●',
            Self::NotApplicable => '–',
        }
    }

    /// The worst of several, leaving out `not-applicable`; `not-applicable` when nothing else is there.
    pub fn worst(statuses: impl IntoIterator<Item = Self>) -> Self {
        statuses.into_iter().min().unwrap_or(Self::NotApplicable)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_marks_and_order_agree() {
        assert!(Status::WORST_FIRST.is_sorted());
        for status in Status::WORST_FIRST {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        let marks: std::collections::BTreeSet<_> = Status::WORST_FIRST.map(Status::mark).into();
        assert_eq!(marks.len(), 8);
    }

    #[test]
    fn roll_up_takes_the_worst_and_leaves_out_what_does_not_apply() {
        use Status::{Expired, NotApplicable, Partial, Satisfied};
        assert_eq!(Status::worst([Satisfied, Partial, Expired, NotApplicable]), Expired);
        assert_eq!(Status::worst([NotApplicable, Satisfied]), Satisfied);
        assert_eq!(Status::worst([]), NotApplicable);
    }
}
