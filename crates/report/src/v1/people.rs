//! Groups of people and what each owes, and how earlier runs ended.

use std::collections::BTreeMap;

use bartizan_finding::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Severity, Status};

/// A group of people with a role in the lifecycle. It names nobody: a report is mailed around.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Team {
    /// Its id in the project.
    pub id: String,
    /// The slug of its role.
    pub role: String,
    /// Its role, as people say it.
    pub title: String,
    /// How many people are in it.
    pub members: u64,
    /// Ids of the assets and elements that it answers for.
    pub owns: Vec<String>,
    /// Ids of the items of SP 800-218A that its people must know.
    pub knows: Vec<String>,
    /// What it has to do, most pressing first.
    pub owes: Vec<Duty>,
}

/// Something that a group has to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Duty {
    /// What sort of thing `id` names.
    pub kind: DutyKind,
    /// Id of the control, code of the rule, or id of the threat.
    pub id: String,
    /// What to do, in one sentence.
    pub sentence: String,
    /// How the control stands, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// How bad the risk or finding is, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
}

/// What sort of duty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DutyKind {
    /// A finding in something that the group owns.
    Finding,
    /// A control that the group's role owns, or that is judged over the group.
    Control,
    /// A risk that the group owns and about which nothing that holds was decided.
    Risk,
}

impl DutyKind {
    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Control => "control",
            Self::Risk => "risk",
        }
    }
}

/// How an earlier run ended, as it recorded of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PastRun {
    /// Where its statement stands in the log.
    pub index: u64,
    /// When it ran.
    pub at: Timestamp,
    /// How many findings of each severity it had. Severities without findings are left out.
    pub findings: BTreeMap<Severity, u64>,
}
