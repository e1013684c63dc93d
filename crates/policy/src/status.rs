//! Where controls stand, as gates see it.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::fault::shown;

/// Where a control stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// A full set of sufficient evidence counts.
    Satisfied,
    /// Part of it does.
    Partial,
    /// The newest complete evidence says that the criterion is not met.
    Failing,
    /// The evidence is too old.
    Expired,
    /// There is no evidence, or the newest is incomplete.
    Unknown,
    /// People decided to live with what it misses.
    Excepted,
    /// Somebody else answers for it.
    Inherited,
    /// Nothing is in its scope.
    NotApplicable,
}

/// The word is not a status.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a status of a control")]
pub struct BadStatus(String);

impl Status {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Satisfied,
        Self::Partial,
        Self::Failing,
        Self::Expired,
        Self::Unknown,
        Self::Excepted,
        Self::Inherited,
        Self::NotApplicable,
    ];

    /// The word that people read: `satisfied`, `not-applicable`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::Partial => "partial",
            Self::Failing => "failing",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
            Self::Excepted => "excepted",
            Self::Inherited => "inherited",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// The set of the context that holds the controls of this status.
    pub(crate) const fn set(self) -> &'static str {
        match self {
            Self::NotApplicable => "notApplicable",
            other => other.as_str(),
        }
    }

    pub(crate) fn of_set(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.set() == name)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Status {
    type Err = BadStatus;

    fn from_str(word: &str) -> Result<Self, BadStatus> {
        let known = Self::ALL.into_iter().find(|status| status.as_str() == word);
        known.ok_or_else(|| BadStatus(shown(word)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_its_word() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert_eq!(
            "Satisfied\u{202e}".parse::<Status>().unwrap_err().to_string(),
            "`Satisfied\\u{202e}` is not a status of a control"
        );
    }
}
