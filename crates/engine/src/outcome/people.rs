//! What each group of people owes, and how earlier runs ended.

use std::collections::BTreeMap;

use bartizan_assure::Status;
use bartizan_finding::{Finding, GroupId, PredicateKind, Severity};
use bartizan_project::{Group, Project};
use bartizan_report::v1;
use bartizan_standards::ScopeKind;

use super::rows;
use crate::{check::Checked, record::RUN_FINDINGS};

/// The groups, each with what it owns, must know and has to do.
pub(super) fn teams(checked: &Checked) -> Vec<v1::Team> {
    checked.source.project.groups.iter().map(|(id, group)| team(checked, id, group)).collect()
}

fn team(checked: &Checked, id: &GroupId, group: &Group) -> v1::Team {
    let role = bartizan_standards::role(group.role.as_str());
    let mut owes = findings(checked, id);
    owes.extend(controls(checked, id, group));
    owes.extend(risks(checked, id));
    v1::Team {
        id: id.to_string(),
        role: group.role.to_string(),
        title: role.map_or_else(|| group.role.to_string(), |role| role.title.clone()),
        members: group.members.len() as u64,
        owns: owned(&checked.source.project, id),
        knows: role.iter().flat_map(|role| &role.knows).map(ToString::to_string).collect(),
        owes,
    }
}

fn owned(project: &Project, id: &GroupId) -> Vec<String> {
    let assets =
        project.assets.iter().filter(|(_, one)| one.owner.as_ref() == Some(id)).map(|(id, _)| id.to_string());
    let elements = project
        .elements
        .iter()
        .filter(|(_, one)| one.owner.as_ref() == Some(id))
        .map(|(id, _)| id.to_string());
    assets.chain(elements).collect()
}

/// One duty for each rule that found something in what the group owns.
fn findings(checked: &Checked, id: &GroupId) -> Vec<v1::Duty> {
    let assets = &checked.source.project.assets;
    let of_group = |finding: &&Finding| {
        let owner =
            finding.asset.as_ref().and_then(|asset| assets.get(asset)).and_then(|one| one.owner.as_ref());
        owner == Some(id) && finding.suppressed.is_none() && finding.severity > Severity::Info
    };
    let mut rules: BTreeMap<_, (Severity, u64)> = BTreeMap::new();
    for finding in checked.findings.iter().filter(of_group) {
        let (severity, count) = rules.entry(finding.rule.clone()).or_insert((finding.severity, 0));
        *severity = (*severity).max(finding.severity);
        *count += 1;
    }
    let mut duties: Vec<_> = rules
        .into_iter()
        .map(|(rule, (severity, count))| {
            let title = crate::registry::rule(&rule).map_or("", |meta| meta.title);
            v1::Duty {
                kind: v1::DutyKind::Finding,
                id: rule.to_string(),
                sentence: format!("{title} It is found in {}.", super::plural(count, "place")),
                status: None,
                severity: Some(severity.into()),
            }
        })
        .collect();
    duties.sort_by(|one, other| other.severity.cmp(&one.severity).then_with(|| one.id.cmp(&other.id)));
    duties
}

/// The controls that the group's role owns and that are not satisfied, and those judged over the group itself.
fn controls(checked: &Checked, id: &GroupId, group: &Group) -> Vec<v1::Duty> {
    let open = |status: Status| {
        !matches!(status, Status::Satisfied | Status::NotApplicable | Status::Inherited | Status::Excepted)
    };
    let mut duties = Vec::new();
    for control in super::controls(checked) {
        let known = bartizan_standards::control(&control.id);
        let over_groups = known.is_some_and(|known| known.scope == ScopeKind::Group);
        let status = if over_groups {
            control.subjects.iter().find(|subject| subject.id == id.as_str()).map(|subject| subject.status)
        } else {
            (control.owner == group.role.as_str()).then_some(control.status)
        };
        if let Some(status) = status.filter(|status| open(*status)) {
            duties.push(v1::Duty {
                kind: v1::DutyKind::Control,
                id: control.id.to_string(),
                sentence: format!("{}: {}", control.title, control.next),
                status: Some(rows::status(status)),
                severity: None,
            });
        }
    }
    duties.sort_by_key(|duty| duty.status);
    duties
}

fn risks(checked: &Checked, id: &GroupId) -> Vec<v1::Duty> {
    let model = &checked.threats;
    let mut duties: Vec<_> = model
        .risks
        .iter()
        .zip(&model.threats)
        .filter(|(risk, _)| risk.owner.as_ref() == Some(id) && risk.treatment.is_open())
        .map(|(risk, threat)| v1::Duty {
            kind: v1::DutyKind::Risk,
            id: threat.id.to_string(),
            sentence: format!("Decide about this risk: {}", threat.why),
            status: None,
            severity: Some(risk.severity.into()),
        })
        .collect();
    duties.sort_by(|one, other| other.severity.cmp(&one.severity).then_with(|| one.id.cmp(&other.id)));
    duties
}

/// The runs that the log tells of, oldest first.
pub(super) fn history(checked: &Checked) -> Vec<v1::PastRun> {
    if checked.not_recorded.is_some() {
        return Vec::new();
    }
    let run = |(index, trusted): (&u64, &crate::gather::Trusted)| {
        if trusted.kind != PredicateKind::CheckRun
            || trusted.predicate.collector != crate::state::LOCAL_COLLECTOR
        {
            return None;
        }
        let findings = trusted.predicate.facts.get(RUN_FINDINGS)?;
        let findings: BTreeMap<Severity, u64> = serde_json::from_value(findings.clone()).ok()?;
        Some(v1::PastRun {
            index: *index,
            at: trusted.predicate.collected,
            findings: findings.into_iter().map(|(severity, count)| (severity.into(), count)).collect(),
        })
    };
    let mut runs: Vec<_> =
        checked.gathered.trusted.iter().rev().filter_map(run).take(v1::MAX_HISTORY).collect();
    runs.reverse();
    runs
}
