//! What a gate decides from.

use std::collections::BTreeMap;

use bartizan_assure::{break_glass, covers, evidence_age_hours};
use bartizan_finding::{AssetId, Digest, GateId, Severity};
use bartizan_ledger::Completeness;
use bartizan_policy as policy;
use serde_json::Value;

use crate::{
    check::Checked,
    gather::Trusted,
    record::{Listed, RUN_FINDINGS, RUN_IGNORED, RUN_UNEXAMINED},
    standing::newest_run,
};

/// The facts for one gate and resource.
pub(super) fn of(checked: &Checked, gate: &GateId, asset: Option<&AssetId>) -> policy::Facts {
    let standing = &checked.standing;
    let statuses = checked.assessment.controls.iter().map(|control| (control.id.clone(), control.status));
    let run = newest_run(&checked.gathered, &checked.source.project).and_then(RunSaid::of);
    let excepted: Vec<_> = standing.listed.iter().filter(|one| is_excepted(checked, one)).collect();
    let ignored = run.as_ref().map_or(0, |run| run.ignored);
    let unexamined = run.as_ref().map_or(0, |run| run.unexamined);
    policy::Facts {
        statuses: statuses.collect(),
        findings: run.as_ref().map(|run| counts(run, &excepted)).unwrap_or_default(),
        suppressed: ignored.saturating_add(excepted.len() as u64),
        // What the run did not look at, or what cannot be looked at now.
        unexamined: unexamined.max(checked.unexamined.len() as u64),
        refused_evidence: checked.gathered.refused.len() as u64,
        undeclared: standing.unaccounted().count() as u64,
        lost: standing.missing().count() as u64,
        exceptions_in_force: standing.in_force().count() as u64,
        approvals: approvals(checked, asset),
        evidence_age_hours: evidence_age_hours(&checked.assessment),
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

/// What a run says of its findings. A run that leaves a part of it out has not said that there are none.
struct RunSaid {
    findings: BTreeMap<Severity, u64>,
    ignored: u64,
    unexamined: u64,
}

impl RunSaid {
    fn of(run: &Trusted) -> Option<Self> {
        let facts = &run.predicate.facts;
        Some(Self {
            findings: serde_json::from_value(facts.get(RUN_FINDINGS)?.clone()).ok()?,
            ignored: facts.get(RUN_IGNORED)?.as_u64()?,
            unexamined: facts.get(RUN_UNEXAMINED)?.as_u64()?,
        })
    }
}

/// The findings of a run by severity, without those that an exception lets pass now.
fn counts(run: &RunSaid, excepted: &[&Listed]) -> policy::FindingCounts {
    let of = |severity: Severity| {
        let all = run.findings.get(&severity).copied().unwrap_or(0);
        let excepted = excepted.iter().filter(|one| one.severity == severity).count();
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
