//! The report as data: `bartizan/report/v1`.
//!
//! Additive only. Words in kebab case are closed lists; everything named `why`, `next`, `sentence` or `message` is
//! a sentence for people and may change between versions.

mod assurance;
mod decision;
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
pub use decision::{
    Anchor, AnchorKind, Decision, DecisionKind, DecisionState, GateRefusal, GateResult, GateVerdict, Loss,
    Posture, Reconciliation,
};
pub use finding::{
    Confidence, Finding, Location, Redacted, RuleText, SameValue, Sample, Severity, SuppressedBy,
    Suppression, Unexamined,
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
    /// What people have decided, newest first. What no longer holds is among it.
    #[serde(default)]
    pub decisions: Vec<Decision>,
    /// What each declared gate says to this run. Only those that were asked change the outcome.
    #[serde(default)]
    pub gates: Vec<GateResult>,
    /// Declared held against observed.
    #[serde(default)]
    pub reconciliation: Reconciliation,
    /// Who outside has seen the log; while there is nobody, it is not witnessed.
    #[serde(default)]
    pub anchors: Vec<Anchor>,
}

impl Report {
    /// The summary without the project's name, for pages that have the name as their title.
    pub fn verdict(&self) -> String {
        let rest = self.summary.strip_prefix(&self.project.name).and_then(|rest| rest.strip_prefix(": "));
        let mut chars = rest.unwrap_or(&self.summary).chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
    }

    /// The break-glass decisions that open a gate now.
    pub fn break_glass(&self) -> impl Iterator<Item = &Decision> {
        self.decisions.iter().filter(|decision| decision.opens())
    }

    /// Whether the findings were held against a baseline, so that those that are not suppressed are new.
    pub fn is_compared(&self) -> bool {
        let stood = |finding: &Finding| {
            finding.suppressed.as_ref().is_some_and(|why| why.by == SuppressedBy::Baseline)
        };
        self.run.baseline.is_some() || self.findings.iter().any(stood)
    }

    /// The decisions by where they stand: what holds first, and of that what ends first; the others newest first. Each
    /// comes with its place in [`Report::decisions`].
    pub fn decisions_in_order(&self) -> Vec<(usize, &Decision)> {
        in_order(&self.decisions)
    }
}

/// See [`Report::decisions_in_order`].
pub(crate) fn in_order(decisions: &[Decision]) -> Vec<(usize, &Decision)> {
    let mut all: Vec<(usize, &Decision)> = decisions.iter().enumerate().collect();
    let place = |state: DecisionState| {
        if state.holds() { None } else { DecisionState::ALL.iter().position(|one| *one == state) }
    };
    all.sort_by(|(_, one), (_, other)| {
        let by_time = if one.state.holds() {
            one.expires.cmp(&other.expires)
        } else {
            other.requested.cmp(&one.requested)
        };
        place(one.state).cmp(&place(other.state)).then(by_time).then_with(|| one.id.cmp(&other.id))
    });
    all
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
