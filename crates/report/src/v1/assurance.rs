use std::collections::BTreeMap;

use bartizan_finding::{Digest, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Severity, Status};

/// Something that could go wrong: a rule that holds for an element, a flow or a path of the system model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Threat {
    /// Stable across runs: rule code and a digest of the path.
    pub id: String,
    /// The rule's code.
    pub rule: String,
    /// The rule's title.
    pub title: String,
    /// How bad it is if nothing treats it.
    pub severity: Severity,
    /// Why it holds here.
    pub why: String,
    /// Elements, in the order of the flows.
    pub path: Vec<String>,
    /// How many further paths lead to the same.
    pub more_paths: u64,
    /// Ids of the actors who are able to.
    pub actors: Vec<String>,
    /// `RC01` to `RC10`.
    pub consideration: String,
    /// Ids of public catalogues, such as `LLM01` or `AML.T0051`.
    pub references: Vec<String>,
    /// Ids of the controls that treat it.
    pub controls: Vec<String>,
}

/// A threat, weighed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Risk {
    /// The threat's id.
    pub threat: String,
    /// 1 (rare) to 5 (expected).
    #[schemars(range(min = 1, max = 5))]
    pub likelihood: u8,
    /// 1 (nuisance) to 5 (severe).
    #[schemars(range(min = 1, max = 5))]
    pub impact: u8,
    /// Likelihood times impact.
    #[schemars(range(min = 1, max = 25))]
    pub score: u8,
    /// The reasons for both.
    pub why: String,
    /// `RC01` to `RC10`.
    pub consideration: String,
    /// Id of the group that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// `mitigate`, `accept`, `transfer` or `avoid`; `expired` where that was decided for a time that is over, and
    /// `untreated` where nothing was.
    pub treatment: String,
    /// The reason given for the treatment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What treats risks, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Control {
    /// Its id in the catalogue.
    pub id: String,
    /// What it does, in a few words.
    pub title: String,
    /// Id of the practice area it is listed under: `PO`, `PS`, `PW` or `RV`.
    pub group: String,
    /// The baseline it stands under, such as `ssdf-218a`.
    pub baseline: String,
    /// How it stands.
    pub status: Status,
    /// Why it stands so, in one sentence.
    pub why: String,
    /// What to do about it, in one sentence; empty where there is nothing to do.
    pub next: String,
    /// Slug of the role that owns it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Ids of the considerations it treats.
    pub considerations: Vec<String>,
    /// Ids of the items of the baseline it serves.
    pub items: Vec<String>,
    /// Ids of the threats that ask for it.
    pub threats: Vec<String>,
    /// How it stands for each thing it applies to.
    pub subjects: Vec<SubjectStatus>,
    /// The statements that were looked at.
    pub evidence: Vec<EvidenceRef>,
    /// When the first piece of the evidence that it rests on expires.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

/// How a control stands for one of the things it applies to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SubjectStatus {
    /// What people call it.
    pub label: String,
    /// What the evidence is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub digest: Option<Digest>,
    /// How the control stands for it.
    pub status: Status,
    /// Why, in one sentence.
    pub why: String,
}

/// What a statement says about a control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceRef {
    /// Where the statement stands in the log; see [`Evidence::index`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// What kind of statement it is, such as `model-scan`.
    pub predicate: String,
    /// `sufficient`, `partial` or `context`.
    pub strength: String,
    /// The clause of the control that it covers.
    pub clause: String,
    /// The thing that it was judged for, as [`SubjectStatus::label`] says it.
    #[serde(default)]
    pub subject: String,
    /// How to come by such a statement, in one sentence; empty where it is there and counts.
    #[serde(default)]
    pub obtain: String,
    /// What follows from it.
    pub status: Status,
    /// Why, in one sentence.
    pub why: String,
    /// When it stops counting.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
}

/// One of the practice areas, rolled up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PracticeGroup {
    /// `PO`, `PS`, `PW` or `RV`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// The worst of its items.
    pub status: Status,
    /// How many items stand how. Statuses that no item has are left out.
    pub counts: BTreeMap<Status, u64>,
    /// Its items.
    pub items: Vec<Item>,
}

/// A task or recommendation of the baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    /// Its id with the edition, such as `ssdf-218a:2024/PO.1.1.R1`.
    pub id: String,
    /// What it asks for, paraphrased.
    pub title: String,
    /// How it stands.
    pub status: Status,
    /// Why, in one sentence.
    #[serde(default)]
    pub why: String,
    /// Ids of the controls that serve it.
    pub controls: Vec<String>,
}

/// A statement in the log, or one that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Where it stands in the log; absent where nothing is recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
    /// What kind of statement it is, such as `model-scan`.
    pub predicate: String,
    /// What it is about, as people call it.
    pub subject: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub digest: Option<Digest>,
    /// Who made it.
    pub collector: String,
    /// When it was made.
    pub collected: Timestamp,
    /// When it stops counting by its own word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<Timestamp>,
    /// Whether this run added it, found it unchanged, or refused it.
    pub state: EvidenceState,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// What a run did with a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceState {
    /// Added it.
    New,
    /// Found it in the log, with the same result.
    Unchanged,
    /// Did not believe it; it counts for nothing.
    Refused,
}

impl EvidenceState {
    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Unchanged => "unchanged",
            Self::Refused => "refused",
        }
    }
}
