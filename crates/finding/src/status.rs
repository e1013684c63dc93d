use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a control stands. Ordered from the worst, as a roll-up takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Evidence speaks against it.
    Failing,
    /// There was evidence, and it no longer counts.
    Expired,
    /// There is no evidence, or it decides nothing.
    Unknown,
    /// A part of what must be shown is shown.
    Partial,
    /// People decided to live with what is missing, for a while.
    Excepted,
    /// Someone else takes care of it, and said so.
    Inherited,
    /// All that must be shown is shown.
    Satisfied,
    /// There is nothing that it could be judged over.
    NotApplicable,
}

impl Status {
    /// All eight, worst first.
    pub const ALL: [Self; 8] = [
        Self::Failing,
        Self::Expired,
        Self::Unknown,
        Self::Partial,
        Self::Excepted,
        Self::Inherited,
        Self::Satisfied,
        Self::NotApplicable,
    ];

    /// The word.
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

    /// The worst of several; what is not applicable is left out, unless nothing else is there. `None` of nothing.
    pub fn worst(statuses: impl IntoIterator<Item = Self>) -> Option<Self> {
        statuses.into_iter().min()
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
    fn the_worst_is_taken_and_what_is_not_applicable_left_out() {
        use Status::{Failing, NotApplicable, Satisfied, Unknown};
        for (statuses, worst) in [
            (vec![], None),
            (vec![NotApplicable, Satisfied], Some(Satisfied)),
            (vec![NotApplicable], Some(NotApplicable)),
            (vec![Satisfied, Unknown, Failing], Some(Failing)),
        ] {
            assert_eq!(Status::worst(statuses), worst);
        }
        assert!(Status::ALL.is_sorted());
        for status in Status::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
    }
}
