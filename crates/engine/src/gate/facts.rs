//! What a gate decides from.

use bartizan_assure::{GateFacts, break_glass, covers};
use bartizan_finding::{AssetId, Digest, GateId, Severity};
use bartizan_ledger::Completeness;
use bartizan_policy as policy;
use serde_json::Value;

use crate::{
    check::Checked,
    gather::Trusted,
    record::{Listed, RUN_FINDINGS},
    standing::newest_run,
};

/// The facts for one gate and resource.
pub(super) fn of(checked: &Checked, gate: &GateId, asset: Option<&AssetId>) -> policy::Facts {
    let standing = &checked.standing;
    let known = GateFacts::of(&checked.assessment);
    let statuses = checked.assessment.controls.iter().map(|control| (control.id.clone(), control.status));
    let run = newest_run(&checked.gathered, &checked.source.project);
    let run_fact = |name: &str| run.and_then(|run| run.predicate.facts.get(name));
    policy::Facts {
        statuses: statuses.collect(),
        findings: run.map(|run| counts(checked, run)).unwrap_or_default(),
        suppressed: checked.findings.iter().filter(|finding| finding.suppressed.is_some()).count() as u64,
        unexamined: run_fact("run.unexamined").and_then(Value::as_u64).unwrap_or(0),
        refused_evidence: checked.gathered.refused.len() as u64,
        undeclared: standing.unaccounted().count() as u64,
        lost: standing.missing().count() as u64,
        exceptions_in_force: standing.in_force().count() as u64,
        approvals: approvals(checked, asset),
        evidence_age_hours: known.evidence_age_hours,
        reconciled: standing.is_reconciled(),
        recorded: checked.not_recorded.is_none(),
        log_verified: checked
            .audit
            .as_ref()
            .is_some_and(|audit| audit.is_whole() && audit.completeness != Completeness::Refuted),
        witnessed: !checked.anchors.is_empty(),
        self_attested: checked.self_attested,
        checked: run.is_some(),
        break_glass: break_glass(&standing.decided, gate, asset, checked.as_of).is_some(),
    }
}

/// The findings of a run by severity, without those that an exception lets pass now.
fn counts(checked: &Checked, run: &Trusted) -> policy::FindingCounts {
    let facts = &run.predicate.facts;
    let listed = &checked.standing.listed;
    let of = |severity: Severity| {
        let all =
            facts.get(RUN_FINDINGS).and_then(|counts| counts.get(severity.as_str())?.as_u64()).unwrap_or(0);
        let excepted =
            listed.iter().filter(|one| one.severity == severity && is_excepted(checked, one)).count();
        all.saturating_sub(excepted as u64)
    };
    policy::FindingCounts {
        critical: of(Severity::Critical),
        high: of(Severity::High),
        medium: of(Severity::Medium),
        low: of(Severity::Low),
    }
}

fn is_excepted(checked: &Checked, listed: &Listed) -> bool {
    let finding = listed.finding();
    checked.standing.in_force().any(|one| covers(one, &finding, listed.subject))
}

/// How many people agreed to the release of these bytes.
fn approvals(checked: &Checked, asset: Option<&AssetId>) -> u64 {
    let digest: Option<Digest> = asset.and_then(|id| checked.assets.get(id)).and_then(|bytes| bytes.whole);
    let Some(digest) = digest else { return 0 };
    checked
        .standing
        .releases
        .iter()
        .filter(|one| one.subjects.contains(&digest))
        .map(|one| one.facts.get("approval.approvers").and_then(Value::as_u64).unwrap_or(0))
        .max()
        .unwrap_or(0)
}
