use bartizan_finding::{ControlId, Digest, PredicateKind, Timestamp};
use bartizan_standards::{Baseline, GroupId, ItemKind, Priority, Strength};
use serde::{Deserialize, Serialize};

use crate::{Status, Tally};

/// Where the project stands, control by control, with the evidence for and against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The time for which it holds.
    pub as_of: Timestamp,
    /// The root digest of the project.
    pub project: Digest,
    /// Every control of the catalogue, in its order.
    pub controls: Vec<ControlAssessment>,
    /// The controls by practice group.
    pub groups: Vec<GroupAssessment>,
    /// The controls by baseline.
    pub baselines: Vec<BaselineAssessment>,
    /// The tasks of SSDF 1.1 with the profile SP 800-218A, with their items.
    pub tasks: Vec<TaskAssessment>,
    /// The controls by status.
    pub tally: Tally,
    /// Evidence that was refused, by index. None of it counted.
    pub refused: Vec<Refused>,
    /// The earliest time at which evidence that now counts stops counting.
    pub expires: Option<Timestamp>,
}

/// Where a control stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlAssessment {
    /// The control.
    pub id: ControlId,
    /// Its title.
    pub title: String,
    /// The practice group under which it is shown.
    pub group: GroupId,
    /// The baseline that it belongs to.
    pub baseline: Baseline,
    /// The lifecycle role that owns it.
    pub owner: String,
    /// The worst of its subjects.
    pub status: Status,
    /// Why, in one sentence.
    pub why: String,
    /// What to do, in one sentence.
    pub next: String,
    /// Its subjects, in the order of the scope.
    pub subjects: Vec<SubjectAssessment>,
    /// Its subjects by status.
    pub tally: Tally,
    /// Indexes of the evidence that decided, ascending.
    pub evidence: Vec<u64>,
    /// Indexes of the evidence that speaks against it, ascending.
    pub contrary: Vec<u64>,
    /// Evidence that would have been looked at, had it not been refused.
    pub refused: Vec<Refused>,
    /// The earliest time at which evidence that now counts stops counting.
    pub expires: Option<Timestamp>,
    /// Decisions that count, and those that were ignored and why.
    pub notes: Vec<String>,
}

/// Where a control stands for one subject.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectAssessment {
    /// Id of the asset, element or group; `project` for the project.
    pub id: String,
    /// What people call it: a path or a name.
    pub label: String,
    /// Its digest; absent where it could not be read.
    pub digest: Option<Digest>,
    /// Where it stands.
    pub status: Status,
    /// Why, in one sentence.
    pub why: String,
    /// What must be shown.
    pub clauses: Vec<ClauseAssessment>,
}

/// Where one of the things that must be shown stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClauseAssessment {
    /// The clause.
    pub id: String,
    /// Where it stands.
    pub status: Status,
    /// The edges, in the order of the catalogue.
    pub edges: Vec<EdgeAssessment>,
}

/// What evidence of one kind says about a clause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EdgeAssessment {
    /// The kind of statement.
    pub kind: PredicateKind,
    /// How far it goes.
    pub strength: Strength,
    /// What it says.
    pub status: Status,
    /// The statement that decided; absent where there is none.
    pub index: Option<u64>,
    /// When that statement was collected, or last confirmed.
    #[serde(default)]
    pub collected: Option<Timestamp>,
    /// Why, in one sentence.
    pub why: String,
    /// When it stops counting.
    pub expires: Option<Timestamp>,
}

/// Evidence that does not count.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Refused {
    /// Its place in the log.
    pub index: u64,
    /// Its kind.
    pub kind: PredicateKind,
    /// Why it was refused.
    pub why: String,
}

/// The controls of a practice group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupAssessment {
    /// The group.
    pub id: GroupId,
    /// Its name.
    pub title: String,
    /// The worst of its controls.
    pub status: Status,
    /// Its controls, in the order of the catalogue.
    pub controls: Vec<ControlId>,
    /// Its controls by status.
    pub tally: Tally,
    /// The recommendations of its tasks by status.
    pub recommendations: Tally,
}

/// The controls of a baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaselineAssessment {
    /// The baseline.
    pub id: Baseline,
    /// Whether the project says that it follows it.
    pub declared: bool,
    /// The worst of its controls.
    pub status: Status,
    /// Its controls by status.
    pub tally: Tally,
}

/// Where a task of SSDF 1.1 with the profile stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskAssessment {
    /// The id, such as `ssdf-218a:2024/PW.4.4`.
    pub id: String,
    /// How much it matters for generative AI.
    pub priority: Option<Priority>,
    /// The worst of its recommendations and of the controls that name the task itself.
    pub status: Status,
    /// What the profile adds to it.
    pub items: Vec<ItemAssessment>,
}

/// Where an item of the profile stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ItemAssessment {
    /// The id, such as `ssdf-218a:2024/PW.4.4.R2`.
    pub id: String,
    /// How it binds.
    pub kind: ItemKind,
    /// Where it stands.
    pub status: Status,
    /// Why, in one sentence.
    pub why: String,
    /// The controls whose evidence shows it, or a part of it.
    pub controls: Vec<ControlId>,
}
