//! Who asks, for what.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::facts::Facts;

/// What is put to a gate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What is to be done: the name of the gate.
    pub action: String,
    /// Who is to do it. The caller has proven the identity; this crate believes it.
    pub principal: Principal,
    /// What it is done with.
    pub resource: Resource,
    /// What is known.
    pub facts: Facts,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Principal {
    /// A person.
    Person {
        /// The name in the trust file: an e-mail address.
        name: String,
        /// The groups of the project that list the name.
        #[serde(default)]
        groups: BTreeSet<String>,
        /// The roles of these groups.
        #[serde(default)]
        roles: BTreeSet<String>,
    },
    /// A machine that makes evidence.
    Collector {
        /// The name in the trust file.
        name: String,
        /// The roles that it was given.
        #[serde(default)]
        roles: BTreeSet<String>,
    },
}

/// What something is done with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Resource {
    /// The whole project.
    Project {
        /// Its name.
        name: String,
    },
    /// One asset.
    Asset {
        /// Its id.
        id: String,
        /// Its kind: `model`, `dataset` …
        kind: String,
        /// Its classification.
        classification: String,
        /// The group that owns it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        owner: Option<String>,
        /// The digest of its bytes.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digest: Option<String>,
    },
}

impl Principal {
    /// The name in the trust file.
    pub fn name(&self) -> &str {
        match self {
            Self::Person { name, .. } | Self::Collector { name, .. } => name,
        }
    }

    pub(crate) const fn type_name(&self) -> &'static str {
        match self {
            Self::Person { .. } => "Person",
            Self::Collector { .. } => "Collector",
        }
    }

    pub(crate) const fn roles(&self) -> &BTreeSet<String> {
        match self {
            Self::Person { roles, .. } | Self::Collector { roles, .. } => roles,
        }
    }

    pub(crate) const fn groups(&self) -> Option<&BTreeSet<String>> {
        match self {
            Self::Person { groups, .. } => Some(groups),
            Self::Collector { .. } => None,
        }
    }
}

impl Resource {
    /// Its id, or the name of the project.
    pub fn id(&self) -> &str {
        match self {
            Self::Project { name } => name,
            Self::Asset { id, .. } => id,
        }
    }

    pub(crate) const fn type_name(&self) -> &'static str {
        match self {
            Self::Project { .. } => "Project",
            Self::Asset { .. } => "Asset",
        }
    }
}
