use std::{borrow::Cow, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::shown::shown;

/// The code of a rule: a family of two to four capital letters and three digits, such as `PKL007`.
///
/// A code is never reused for another rule; a row of a rule's table is named beside it as a variant
/// (`SEC001/stripe-live`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RuleCode(Cow<'static, str>);

/// The text is not a family of two to four capital letters followed by three digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a rule code: expected two to four capital letters and three digits, such as PKL007")]
pub struct BadRuleCode(String);

impl RuleCode {
    /// Names a rule in a constant.
    ///
    /// # Panics
    /// At compile time, when `code` is not well formed.
    pub const fn new(code: &'static str) -> Self {
        assert!(is_code(code.as_bytes()), "a rule code is two to four capital letters and three digits");
        Self(Cow::Borrowed(code))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The letters of the code: `PKL` of `PKL007`.
    pub fn family(&self) -> &str {
        self.0.trim_end_matches(|c: char| c.is_ascii_digit())
    }
}

const fn is_code(bytes: &[u8]) -> bool {
    if bytes.len() < 5 || bytes.len() > 7 {
        return false;
    }
    let letters = bytes.len() - 3;
    let mut i = 0;
    while i < bytes.len() {
        let ok = if i < letters { bytes[i].is_ascii_uppercase() } else { bytes[i].is_ascii_digit() };
        if !ok {
            return false;
        }
        i += 1;
    }
    true
}

impl FromStr for RuleCode {
    type Err = BadRuleCode;

    fn from_str(text: &str) -> Result<Self, BadRuleCode> {
        if is_code(text.as_bytes()) {
            Ok(Self(Cow::Owned(text.to_owned())))
        } else {
            Err(BadRuleCode(shown(text)))
        }
    }
}

impl TryFrom<String> for RuleCode {
    type Error = BadRuleCode;

    fn try_from(text: String) -> Result<Self, BadRuleCode> {
        text.parse()
    }
}

impl From<RuleCode> for String {
    fn from(code: RuleCode) -> Self {
        code.0.into_owned()
    }
}

impl fmt::Display for RuleCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_letters_then_three_digits() {
        assert_eq!("PKL007".parse::<RuleCode>().unwrap().family(), "PKL");
        for bad in ["", "PKL", "PKL07", "pkl007", "PKLXX007", "P007", "PKL0077", "PKL00x", "ÄKL007"] {
            assert!(bad.parse::<RuleCode>().is_err(), "{bad}");
        }
    }
}
