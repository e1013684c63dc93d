use std::fmt;

use bartizan_finding::Severity;
use serde::{Deserialize, Serialize};

/// What must hold of a statement's counts and facts. A control never reads a statement's own verdict.
///
/// A fact that is absent or of another type decides nothing: the edge is then `unknown`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Criterion {
    /// None of these rules was counted at `from` or above.
    ///
    /// The statement's counts hold every severity; its fact `counts.by-severity` says how many of them were
    /// below. What that fact does not account for is taken as the worst.
    NoFinding {
        /// Families (`PKL`) or codes (`SEC001`).
        rules: Vec<RulePrefix>,
        /// The least severity that counts.
        from: Severity,
    },
    /// The fact is a list and does not hold the id of the subject.
    NotListed {
        /// Name of the fact.
        fact: String,
    },
    /// The fact is an empty list, or the number 0.
    None {
        /// Name of the fact.
        fact: String,
    },
    /// The fact is a number, or a list with a length, of at least `value`.
    AtLeast {
        /// Name of the fact.
        fact: String,
        /// The least number.
        value: u64,
    },
    /// The fact is `true`.
    True {
        /// Name of the fact.
        fact: String,
    },
    /// The fact is `false`.
    False {
        /// Name of the fact.
        fact: String,
    },
}

impl Criterion {
    /// The fact that it reads, unless it reads counts.
    pub fn fact(&self) -> Option<&str> {
        match self {
            Self::NoFinding { .. } => None,
            Self::NotListed { fact }
            | Self::None { fact }
            | Self::AtLeast { fact, .. }
            | Self::True { fact }
            | Self::False { fact } => Some(fact),
        }
    }
}

impl fmt::Display for Criterion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFinding { rules, from } => {
                let rules: Vec<_> = rules.iter().map(RulePrefix::as_str).collect();
                write!(f, "no finding of {} at {from} or above", rules.join(", "))
            }
            Self::NotListed { fact } => write!(f, "the subject is not among `{fact}`"),
            Self::None { fact } => write!(f, "`{fact}` is empty"),
            Self::AtLeast { fact, value } => write!(f, "`{fact}` is at least {value}"),
            Self::True { fact } => write!(f, "`{fact}` is true"),
            Self::False { fact } => write!(f, "`{fact}` is false"),
        }
    }
}

/// A family of rules (`PKL`) or one rule (`PKL007`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RulePrefix(String);

/// The text is neither a family nor a code.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names no rules: expected a family such as PKL, or a code such as PKL007")]
pub struct BadRulePrefix(String);

impl RulePrefix {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a key of a statement's counts, `SEC001` or `SEC001/stripe-live`, belongs to these rules.
    pub fn covers(&self, key: &str) -> bool {
        let code = key.split_once('/').map_or(key, |(code, _)| code);
        let family = code.trim_end_matches(|c: char| c.is_ascii_digit());
        code == self.0 || family == self.0
    }
}

impl TryFrom<String> for RulePrefix {
    type Error = BadRulePrefix;

    fn try_from(text: String) -> Result<Self, BadRulePrefix> {
        let family = text.trim_end_matches(|c: char| c.is_ascii_digit());
        let letters = (2..=4).contains(&family.len()) && family.bytes().all(|b| b.is_ascii_uppercase());
        if letters && matches!(text.len() - family.len(), 0 | 3) {
            Ok(Self(text))
        } else {
            Err(BadRulePrefix(text))
        }
    }
}

impl From<RulePrefix> for String {
    fn from(prefix: RulePrefix) -> Self {
        prefix.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prefix(text: &str) -> Result<RulePrefix, BadRulePrefix> {
        RulePrefix::try_from(text.to_owned())
    }

    #[test]
    fn a_family_covers_its_codes_and_variants_and_nothing_longer() {
        let family = prefix("SEC").unwrap();
        let code = prefix("SEC001").unwrap();
        for (key, in_family, in_code) in [
            ("SEC001", true, true),
            ("SEC001/stripe-live", true, true),
            ("SEC002", true, false),
            ("SECX001", false, false),
            ("SE001", false, false),
            ("", false, false),
            ("/SEC001", false, false),
        ] {
            assert_eq!(family.covers(key), in_family, "{key}");
            assert_eq!(code.covers(key), in_code, "{key}");
        }
        for bad in ["", "S", "sec", "SEC01", "SECRET", "SEC0001", "001"] {
            assert!(prefix(bad).is_err(), "{bad}");
        }
    }
}
