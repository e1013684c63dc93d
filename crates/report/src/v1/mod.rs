//! The report as data: `bartizan/report/v1`.
//!
//! Additive only. Words in kebab case are closed lists; everything named `why`, `next`, `sentence` or `message` is
//! a sentence for people and may change between versions.

mod assurance;
mod finding;
mod people;
mod run;
mod status;
mod system;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use assurance::{
    Control, Evidence, EvidenceRef, EvidenceState, Item, PracticeGroup, Risk, SubjectStatus, Threat,
};
pub use finding::{
    Confidence, Finding, Location, Redacted, RuleText, SameValue, Sample, Severity, Suppression, Unexamined,
};
pub use people::{Duty, DutyKind, PastRun, Team};
pub use run::{
    Asset, Coverage, Findings, Gates, Outcome, Part, Project, Recorded, Run, Step, Tool, Verification,
};
pub use status::Status;
pub use system::{Actor, DeclaredAsset, Element, Flow, Gate, Ignore, System, Treatment, Zone};

/// The value of [`Report::schema`].
pub const SCHEMA: &str = "bartizan/report/v1";

/// A report tells of at most this many runs.
pub const MAX_HISTORY: usize = 60;

/// One pass over one project: what was looked at, what was found, what is evidenced and what to do next.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "Bartizan report, version 1")]
pub struct Report {
    /// Always `bartizan/report/v1`.
    #[schemars(extend("const" = SCHEMA))]
    pub schema: String,
    /// The program that wrote the report.
    pub tool: Tool,
    /// What was checked.
    pub project: Project,
    /// When and how it was checked.
    pub run: Run,
    /// What follows for the caller.
    pub outcome: Outcome,
    /// The verdict in one sentence.
    pub summary: String,
    /// What is wrong, worst first.
    pub findings: Vec<Finding>,
    /// The rules that found something, by code.
    #[serde(default)]
    pub rules: Vec<RuleText>,
    /// How many of the findings are suppressed. They are in `findings` all the same.
    pub suppressed: u64,
    /// What could go wrong, as derived from the system model.
    pub threats: Vec<Threat>,
    /// The threats, weighed.
    pub risks: Vec<Risk>,
    /// What treats the risks, and how each stands.
    pub controls: Vec<Control>,
    /// The practice areas, rolled up from their items.
    pub groups: Vec<PracticeGroup>,
    /// The statements that the statuses rest on, and those that were refused.
    pub evidence: Vec<Evidence>,
    /// What should have been looked at and was not.
    pub unexamined: Vec<Unexamined>,
    /// What was looked at.
    pub assets: Vec<Asset>,
    /// What to do next, most useful first.
    pub next: Vec<Step>,
    /// What the project file declares; empty where nobody declared anything.
    #[serde(default)]
    pub system: System,
    /// The groups of people, and what each owes.
    #[serde(default)]
    pub teams: Vec<Team>,
    /// Earlier runs that recorded how they ended, and this one, oldest first: at most [`MAX_HISTORY`].
    #[serde(default)]
    pub history: Vec<PastRun>,
}

impl Report {
    /// The summary without the project's name, for pages that have the name as their title.
    pub fn verdict(&self) -> String {
        let rest = self.summary.strip_prefix(&self.project.name).and_then(|rest| rest.strip_prefix(": "));
        let mut chars = rest.unwrap_or(&self.summary).chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_verdict_does_not_repeat_the_name() {
        let mut report = crate::sample::empty();
        assert_eq!(report.verdict(), "Nothing at or over high was found in 3 files.");
        "another sentence.".clone_into(&mut report.summary);
        assert_eq!(report.verdict(), "Another sentence.");
        report.summary.clear();
        assert_eq!(report.verdict(), "");
    }
}
