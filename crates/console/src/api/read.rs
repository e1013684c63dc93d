use std::collections::BTreeMap;

use axum::http::{StatusCode, header};
use bartizan_report::v1::{Finding, Outcome, PracticeGroup, Project, Run, Severity, Status};
use schemars::JsonSchema;
use serde::Serialize;

use super::{json, list::List};
use crate::{call::Call, refusal::Refusal, snapshot::Snapshot};

type Body = Result<Vec<u8>, Refusal>;

pub(super) const SEVERITIES: &[&str] = &["critical", "high", "medium", "low", "info"];

pub(super) const STATUSES: &[&str] =
    &["failing", "expired", "unknown", "partial", "excepted", "inherited", "satisfied", "not-applicable"];

pub(super) const VERDICTS: &[&str] = &["allow", "break-glass", "deny", "unusable"];

pub(super) const DECISION_STATES: &[&str] =
    &["pending", "in-force", "expiring", "expired", "revoked", "void", "refused"];

pub(super) const DECISION_KINDS: &[&str] = &["exception", "loss", "break-glass", "claim"];

/// How the newest run ended, counted.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Summary<'a> {
    /// Counts the runs that ended since the console was started.
    generation: u64,
    /// What was checked.
    project: &'a Project,
    /// When and how.
    run: &'a Run,
    /// What follows.
    outcome: &'a Outcome,
    /// The verdict in one sentence.
    #[serde(rename = "summary")]
    sentence: &'a str,
    /// How many findings of each severity count. Severities without findings are left out.
    findings: BTreeMap<Severity, u64>,
    /// How many findings are suppressed.
    suppressed: u64,
    /// How many places were not examined.
    unexamined: u64,
    /// How many threats were derived.
    threats: u64,
    /// How many controls stand how. Statuses that no control has are left out.
    controls: BTreeMap<Status, u64>,
    /// How the practice areas stand.
    groups: Vec<Area<'a>>,
}

/// How a practice area stands.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "PracticeArea")]
struct Area<'a> {
    /// `PO`, `PS`, `PW` or `RV`.
    id: &'a str,
    /// Its name.
    title: &'a str,
    /// The worst of its items.
    status: Status,
    /// How many items stand how.
    counts: &'a BTreeMap<Status, u64>,
}

impl<'a> From<&'a PracticeGroup> for Area<'a> {
    fn from(group: &'a PracticeGroup) -> Self {
        Self { id: &group.id, title: &group.title, status: group.status, counts: &group.counts }
    }
}

pub(super) fn report(call: &Call<'_>) -> Body {
    Ok(bartizan_report::to_json(&newest(call)?.report).into_bytes())
}

pub(super) fn summary(call: &Call<'_>) -> Body {
    let report = &newest(call)?.report;
    let counting = report.findings.iter().filter(|finding| finding.suppressed.is_none());
    Ok(json(&Summary {
        generation: call.run.generation,
        project: &report.project,
        run: &report.run,
        outcome: &report.outcome,
        sentence: &report.summary,
        findings: counted(counting.map(|finding| finding.severity)),
        suppressed: report.suppressed,
        unexamined: report.unexamined.len() as u64,
        threats: report.threats.len() as u64,
        controls: counted(report.controls.iter().map(|control| control.status)),
        groups: report.groups.iter().map(Area::from).collect(),
    }))
}

pub(super) fn findings(call: &Call<'_>) -> Body {
    let wanted = |name| call.query.get(name);
    let (severity, rule, asset) = (wanted("severity"), wanted("rule"), wanted("asset"));
    let suppressed = wanted("suppressed").map(|word| word == "true");
    let text = wanted("q").map(str::to_lowercase);
    let fits = |finding: &&Finding| {
        severity.is_none_or(|severity| finding.severity.as_str() == severity)
            && rule.is_none_or(|rule| finding.rule == rule || finding.name() == rule)
            && asset.is_none_or(|asset| finding.asset.as_deref() == Some(asset))
            && suppressed.is_none_or(|suppressed| finding.suppressed.is_some() == suppressed)
            && text.as_ref().is_none_or(|text| {
                let texts = [&finding.title, &finding.place, &finding.message];
                texts.iter().any(|one| one.to_lowercase().contains(text))
            })
    };
    Ok(List::part(call, newest(call)?.report.findings.iter().filter(fits)))
}

pub(super) fn finding(call: &Call<'_>) -> Body {
    found(call, Snapshot::finding)
}

pub(super) fn threats(call: &Call<'_>) -> Body {
    Ok(List::part(call, &newest(call)?.report.threats))
}

pub(super) fn threat(call: &Call<'_>) -> Body {
    found(call, Snapshot::threat)
}

pub(super) fn risks(call: &Call<'_>) -> Body {
    Ok(List::part(call, &newest(call)?.report.risks))
}

pub(super) fn controls(call: &Call<'_>) -> Body {
    let status = call.query.get("status");
    let controls = newest(call)?.report.controls.iter();
    Ok(List::part(
        call,
        controls.filter(|control| status.is_none_or(|status| control.status.as_str() == status)),
    ))
}

pub(super) fn control(call: &Call<'_>) -> Body {
    found(call, Snapshot::control)
}

pub(super) fn groups(call: &Call<'_>) -> Body {
    Ok(List::part(call, &newest(call)?.report.groups))
}

pub(super) fn teams(call: &Call<'_>) -> Body {
    Ok(List::part(call, &newest(call)?.report.teams))
}

pub(super) fn evidence(call: &Call<'_>) -> Body {
    Ok(List::part(call, &newest(call)?.report.evidence))
}

pub(super) fn gates(call: &Call<'_>) -> Body {
    let verdict = call.query.get("verdict");
    let gates = newest(call)?.report.gates.iter();
    Ok(List::part(call, gates.filter(|gate| verdict.is_none_or(|verdict| gate.verdict.as_str() == verdict))))
}

pub(super) fn gate(call: &Call<'_>) -> Body {
    found(call, Snapshot::gate)
}

pub(super) fn decisions(call: &Call<'_>) -> Body {
    let (state, kind) = (call.query.get("state"), call.query.get("kind"));
    let decisions = newest(call)?.report.decisions.iter();
    Ok(List::part(
        call,
        decisions.filter(|one| {
            // The words of addresses have no spaces.
            state.is_none_or(|state| one.state.as_str().replace(' ', "-") == state)
                && kind.is_none_or(|kind| one.kind.as_str() == kind)
        }),
    ))
}

pub(super) fn decision(call: &Call<'_>) -> Body {
    found(call, Snapshot::decision)
}

pub(super) fn reconciliation(call: &Call<'_>) -> Body {
    Ok(json(&newest(call)?.report.reconciliation))
}

pub(super) fn anchors(call: &Call<'_>) -> Body {
    Ok(List::part(call, &newest(call)?.report.anchors))
}

pub(super) fn system(call: &Call<'_>) -> Body {
    Ok(json(&newest(call)?.report.system))
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in the table beside those that can fail")]
pub(super) fn run(call: &Call<'_>) -> Body {
    Ok(json(call.run))
}

fn newest<'a>(call: &Call<'a>) -> Result<&'a Snapshot, Refusal> {
    call.snapshot.ok_or_else(|| {
        Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "No run has finished yet.", "See /api/v1/runs.")
            .with(header::RETRY_AFTER, "5")
    })
}

/// What the last segment of the path names.
fn found<T: Serialize>(call: &Call<'_>, look: for<'a> fn(&'a Snapshot, &str) -> Option<&'a T>) -> Body {
    let snapshot = newest(call)?;
    let found = call.argument.and_then(|argument| look(snapshot, argument));
    found.map(json).ok_or_else(Refusal::not_found)
}

fn counted<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, u64> {
    let mut counts = BTreeMap::new();
    for key in keys {
        *counts.entry(key).or_default() += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use bartizan_report::v1::{DecisionKind, DecisionState, GateVerdict};

    use super::*;

    fn are<T: serde::de::DeserializeOwned + Serialize>(words: &[&str]) {
        for word in words {
            let read: T = serde_json::from_value((*word).into()).unwrap();
            assert_eq!(serde_json::to_value(read).unwrap(), *word);
        }
    }

    #[test]
    fn the_words_of_filters_are_those_of_the_report() {
        assert_eq!(SEVERITIES, Severity::WORST_FIRST.map(Severity::as_str));
        assert_eq!(STATUSES, Status::WORST_FIRST.map(Status::as_str));
        are::<GateVerdict>(VERDICTS);
        are::<DecisionState>(DECISION_STATES);
        are::<DecisionKind>(DECISION_KINDS);
    }
}
