use std::{fmt, str::FromStr};

use bartizan_finding::RuleMeta;
use serde::{Deserialize, Serialize};

/// What a project declares about who may see an asset. Ordered from the least to the most protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Classification {
    /// Anyone.
    Public,
    /// The organisation.
    Internal,
    /// Those who need it.
    Confidential,
    /// It holds personal data, and is handled so.
    Personal,
    /// It holds special categories of personal data, or what the law protects as much.
    Sensitive,
}

/// The text names no classification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadClassification(String);

impl Classification {
    /// All of them, the least protected first.
    pub const ALL: [Self; 5] =
        [Self::Public, Self::Internal, Self::Confidential, Self::Personal, Self::Sensitive];

    /// The word in the project file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Internal => "internal",
            Self::Confidential => "confidential",
            Self::Personal => "personal",
            Self::Sensitive => "sensitive",
        }
    }

    /// Whether an asset that is declared so is expected to hold what `rule` finds. Personal data is covered where it
    /// is declared; secrets, hidden text and broken structure never are.
    pub fn covers(self, rule: &RuleMeta) -> bool {
        matches!(self, Self::Personal | Self::Sensitive) && rule.code.family() == "PII"
    }
}

impl FromStr for Classification {
    type Err = BadClassification;

    fn from_str(text: &str) -> Result<Self, BadClassification> {
        Self::ALL
            .into_iter()
            .find(|one| one.as_str() == text)
            .ok_or_else(|| BadClassification(text.to_owned()))
    }
}

impl fmt::Display for Classification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Display for BadClassification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is not a classification: expected public, internal, confidential, personal or sensitive",
            self.0
        )
    }
}

impl std::error::Error for BadClassification {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn personal_data_is_covered_where_it_is_declared_and_secrets_never() {
        for rule in bartizan_detect::rules() {
            for one in Classification::ALL {
                let expected = one >= Classification::Personal && rule.code.as_str().starts_with("PII");
                assert_eq!(one.covers(rule), expected, "{one} {}", rule.code);
            }
        }
    }

    #[test]
    fn words_are_those_of_the_project_file() {
        for one in Classification::ALL {
            assert_eq!(one.as_str().parse(), Ok(one));
            assert_eq!(serde_json::to_value(one).unwrap(), one.as_str());
        }
        assert!("secret".parse::<Classification>().is_err());
    }
}
