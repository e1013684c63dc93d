use std::{fmt, str::FromStr};

use bartizan_finding::{Finding, RuleCode};
use serde::{Deserialize, Serialize};

/// A rule (`SEC001`), or one row of its table (`SEC001/stripe-live`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleName {
    code: RuleCode,
    variant: Option<String>,
}

impl RuleName {
    /// The rule of a finding, with its variant.
    pub fn of(finding: &Finding) -> Self {
        Self { code: finding.rule.clone(), variant: finding.variant.clone() }
    }

    /// The code.
    pub const fn code(&self) -> &RuleCode {
        &self.code
    }

    /// The row of the rule's table, where it is about one.
    pub fn variant(&self) -> Option<&str> {
        self.variant.as_deref()
    }

    /// Whether a finding is of this rule; without a variant it has all of them.
    pub fn has(&self, finding: &Finding) -> bool {
        self.code == finding.rule && (self.variant.is_none() || self.variant == finding.variant)
    }

    /// Whether a key of a statement's counts, `SEC001` or `SEC001/stripe-live`, is of this rule.
    pub(crate) fn covers(&self, key: &str) -> bool {
        let (code, variant) = key.split_once('/').map_or((key, None), |(code, row)| (code, Some(row)));
        code == self.code.as_str() && (self.variant.is_none() || self.variant.as_deref() == variant)
    }
}

impl From<RuleCode> for RuleName {
    fn from(code: RuleCode) -> Self {
        Self { code, variant: None }
    }
}

impl FromStr for RuleName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (code, variant) = text.split_once('/').map_or((text, None), |(code, row)| (code, Some(row)));
        let code = code.parse().map_err(|error: bartizan_finding::BadRuleCode| error.to_string())?;
        let is_row = |row: &str| {
            (1..=64).contains(&row.len())
                && row.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_.".contains(&b))
        };
        match variant {
            Some(row) if !is_row(row) => {
                Err("the row after `/` is not 1 to 64 of a-z, 0-9, `-`, `_` and `.`".to_owned())
            }
            _ => Ok(Self { code, variant: variant.map(str::to_owned) }),
        }
    }
}

impl TryFrom<String> for RuleName {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<RuleName> for String {
    fn from(name: RuleName) -> Self {
        name.to_string()
    }
}

impl fmt::Display for RuleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.variant {
            Some(row) => f.pad(&format!("{}/{row}", self.code)),
            None => f.pad(self.code.as_str()),
        }
    }
}
