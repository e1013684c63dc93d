use std::{collections::BTreeMap, fmt, str::FromStr, sync::LazyLock};

use serde::{Deserialize, Serialize};

use crate::Reference;

/// One of the ten risk considerations that run through the whole lifecycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "&'static str", try_from = "String")]
pub enum Consideration {
    /// Data privacy and confidentiality.
    Rc01,
    /// Model integrity and security.
    Rc02,
    /// Adversarial attacks.
    Rc03,
    /// Misuse, dual use and frontier capability.
    Rc04,
    /// Regulatory compliance.
    Rc05,
    /// Dependency on external data.
    Rc06,
    /// Scalability and performance security.
    Rc07,
    /// Insider threats.
    Rc08,
    /// Intellectual property.
    Rc09,
    /// Disinformation and information integrity.
    Rc10,
}

/// The text names no consideration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a consideration: expected RC01 to RC10")]
pub struct BadConsideration(String);

impl Consideration {
    /// All ten, in order.
    pub const ALL: [Self; 10] = [
        Self::Rc01,
        Self::Rc02,
        Self::Rc03,
        Self::Rc04,
        Self::Rc05,
        Self::Rc06,
        Self::Rc07,
        Self::Rc08,
        Self::Rc09,
        Self::Rc10,
    ];

    /// The id, `RC01` to `RC10`.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Rc01 => "RC01",
            Self::Rc02 => "RC02",
            Self::Rc03 => "RC03",
            Self::Rc04 => "RC04",
            Self::Rc05 => "RC05",
            Self::Rc06 => "RC06",
            Self::Rc07 => "RC07",
            Self::Rc08 => "RC08",
            Self::Rc09 => "RC09",
            Self::Rc10 => "RC10",
        }
    }

    /// The name that people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Rc01 => "Data privacy and confidentiality",
            Self::Rc02 => "Model integrity and security",
            Self::Rc03 => "Adversarial attacks",
            Self::Rc04 => "Misuse",
            Self::Rc05 => "Regulatory compliance",
            Self::Rc06 => "Dependency on external data",
            Self::Rc07 => "Scalability and performance security",
            Self::Rc08 => "Insider threats",
            Self::Rc09 => "Intellectual property",
            Self::Rc10 => "Disinformation and information integrity",
        }
    }

    /// Entries of public lists that speak of it. The map is our judgement.
    pub fn references(self) -> &'static [Reference] {
        static MAP: LazyLock<BTreeMap<Consideration, Vec<Reference>>> = LazyLock::new(|| {
            toml::from_str(include_str!("../data/considerations.toml"))
                .expect("the map of the considerations is read by a test")
        });
        MAP.get(&self).map_or(&[], Vec::as_slice)
    }

    /// The question that it asks of a project.
    pub const fn question(self) -> &'static str {
        match self {
            Self::Rc01 => {
                "Can personal or confidential data leave through training, retrieval, prompts or logs?"
            }
            Self::Rc02 => {
                "Are the weights in service the ones that were examined, and do they carry nothing else?"
            }
            Self::Rc03 => "What can hostile input make the model, or the system around it, do?",
            Self::Rc04 => "What harm can someone do with the model while it works exactly as built?",
            Self::Rc05 => "Which laws and contracts apply, and what shows that their demands are met?",
            Self::Rc06 => "What happens when data from outside is wrong, changed or planted?",
            Self::Rc07 => "Who can exhaust capacity or budget, and what stops them?",
            Self::Rc08 => "What can one person with access do alone and unseen?",
            Self::Rc09 => "Whose work is in the data and the model, and can it be taken?",
            Self::Rc10 => "Who relies on what the model says, and what catches it when it is false?",
        }
    }
}

impl FromStr for Consideration {
    type Err = BadConsideration;

    fn from_str(text: &str) -> Result<Self, BadConsideration> {
        let known = Self::ALL.into_iter().find(|consideration| consideration.id() == text);
        known.ok_or_else(|| BadConsideration(text.to_owned()))
    }
}

impl TryFrom<String> for Consideration {
    type Error = BadConsideration;

    fn try_from(text: String) -> Result<Self, BadConsideration> {
        text.parse()
    }
}

impl From<Consideration> for &'static str {
    fn from(consideration: Consideration) -> Self {
        consideration.id()
    }
}

impl fmt::Display for Consideration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_back() {
        for (number, consideration) in (1..).zip(Consideration::ALL) {
            assert_eq!(consideration.id(), format!("RC{number:02}"));
            assert_eq!(consideration.id().parse(), Ok(consideration));
            let json = serde_json::to_string(&consideration).unwrap();
            assert_eq!(serde_json::from_str::<Consideration>(&json).unwrap(), consideration);
        }
        assert!("RC11".parse::<Consideration>().is_err());
    }

    #[test]
    fn every_consideration_is_known_to_public_lists() {
        for consideration in Consideration::ALL {
            let references = consideration.references();
            assert!(references.len() >= 3, "{consideration}");
            assert!(references.iter().all(|reference| reference.resolve().is_some()), "{consideration}");
        }
    }
}
