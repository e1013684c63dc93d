//! Rows of a report: each type of the program as the published document shows it.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_assure::{ControlAssessment, ItemAssessment};
use bartizan_finding::{AssetId, Digest, Finding};
use bartizan_report::v1;
use bartizan_standards::Edition;

use crate::{
    bytes::Bytes,
    check::Checked,
    gather::{Refused, Trusted},
    registry,
};

pub(super) fn finding(finding: &Finding) -> v1::Finding {
    let rule = registry::rule(&finding.rule).expect("every finding comes from a rule of the registry");
    v1::Finding::new(finding, rule)
}

pub(super) fn rules(findings: &[Finding]) -> Vec<v1::RuleText> {
    let codes: BTreeSet<_> = findings.iter().map(|finding| &finding.rule).collect();
    codes.into_iter().filter_map(registry::rule).map(v1::RuleText::from).collect()
}

pub(super) fn threat(threat: &bartizan_threat::Threat) -> v1::Threat {
    v1::Threat {
        id: threat.id.to_string(),
        rule: threat.rule.to_string(),
        title: threat.title.to_owned(),
        severity: threat.severity.into(),
        why: threat.why.clone(),
        path: threat.path.iter().map(|node| node.as_str().to_owned()).collect(),
        more_paths: threat.more,
        actors: threat.actors.iter().map(ToString::to_string).collect(),
        consideration: threat.consideration.id().to_owned(),
        references: threat.references.iter().map(|reference| (*reference).to_owned()).collect(),
        controls: threat.controls.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn risk(risk: &bartizan_threat::Risk, threat: &bartizan_threat::Threat) -> v1::Risk {
    let reasons = threat.likelihood.reasons.iter().chain(&threat.impact.reasons);
    v1::Risk {
        threat: risk.threat.to_string(),
        likelihood: risk.likelihood,
        impact: risk.impact,
        score: risk.score,
        why: reasons.map(ToString::to_string).collect::<Vec<_>>().join("; "),
        consideration: risk.consideration.id().to_owned(),
        owner: risk.owner.as_ref().map(ToString::to_string),
        treatment: risk.treatment.as_str().to_owned(),
        reason: match &risk.treatment {
            bartizan_threat::Treated::Decided { reason, .. } => Some(reason.clone()),
            _ => None,
        },
    }
}

pub(super) fn control(checked: &Checked, control: &ControlAssessment) -> v1::Control {
    let known = bartizan_standards::control(&control.id);
    let threats = checked.threats.controls.get(&control.id);
    v1::Control {
        id: control.id.to_string(),
        title: control.title.clone(),
        group: control.group.as_str().to_owned(),
        baseline: control.baseline.as_str().to_owned(),
        status: status(control.status),
        why: control.why.clone(),
        next: control.next.clone(),
        owner: Some(control.owner.clone()),
        considerations: known
            .iter()
            .flat_map(|known| &known.considerations)
            .map(|one| one.id().to_owned())
            .collect(),
        items: known
            .iter()
            .flat_map(|known| known.covers.iter().chain(&known.covers_part))
            .map(ToString::to_string)
            .collect(),
        threats: threats.into_iter().flatten().map(ToString::to_string).collect(),
        subjects: control.subjects.iter().map(subject).collect(),
        evidence: control.subjects.iter().flat_map(|subject| edges(&control.id, subject)).collect(),
        expires: control.expires,
    }
}

fn subject(subject: &bartizan_assure::SubjectAssessment) -> v1::SubjectStatus {
    v1::SubjectStatus {
        label: subject.label.clone(),
        digest: subject.digest,
        status: status(subject.status),
        why: subject.why.clone(),
    }
}

fn edges(
    control: &bartizan_finding::ControlId,
    subject: &bartizan_assure::SubjectAssessment,
) -> Vec<v1::EvidenceRef> {
    let known = bartizan_standards::control(control);
    let known = |clause: &str| known?.clauses.iter().find(|known| known.id == clause);
    let edge = |clause: &str, edge: &bartizan_assure::EdgeAssessment| {
        let known = known(clause);
        let means = known.and_then(|known| {
            known.edges.iter().find(|one| one.kind == edge.kind && one.strength == edge.strength)
        });
        let settled = edge.status == bartizan_assure::Status::Satisfied;
        v1::EvidenceRef {
            index: edge.index,
            predicate: edge.kind.as_str().to_owned(),
            strength: edge.strength.as_str().to_owned(),
            clause: known.map_or_else(|| clause.to_owned(), |known| known.text.clone()),
            subject: subject.label.clone(),
            obtain: means.filter(|_| !settled).map_or_else(String::new, |means| means.obtain.clone()),
            status: status(edge.status),
            why: edge.why.clone(),
            expires: edge.expires,
        }
    };
    let of_clause = |clause: &bartizan_assure::ClauseAssessment| -> Vec<_> {
        clause.edges.iter().map(|one| edge(&clause.id, one)).collect()
    };
    subject.clauses.iter().flat_map(of_clause).collect()
}

pub(super) fn groups(checked: &Checked) -> Vec<v1::PracticeGroup> {
    let group = |group: &bartizan_assure::GroupAssessment| {
        // Nobody who has declared nothing is measured against a standard.
        let tasks = checked.assessment.tasks.iter().filter(|_| !checked.source.is_inferred());
        let items = tasks
            .flat_map(|task| &task.items)
            .filter(|item| item.id.rsplit('/').next().is_some_and(|id| id.starts_with(group.id.as_str())));
        let items: Vec<_> = items.map(item).collect();
        let mut counts = BTreeMap::new();
        for item in &items {
            *counts.entry(item.status).or_insert(0) += 1;
        }
        let shown = super::controls(checked).filter(|control| control.group == group.id);
        v1::PracticeGroup {
            id: group.id.as_str().to_owned(),
            title: group.title.clone(),
            status: v1::Status::worst(shown.map(|control| status(control.status))),
            counts,
            items,
        }
    };
    checked.assessment.groups.iter().map(group).collect()
}

fn item(item: &ItemAssessment) -> v1::Item {
    let bare = item.id.rsplit('/').next().unwrap_or(&item.id);
    let known = bartizan_standards::item(&Edition::Ssdf218a.entry(bare));
    v1::Item {
        id: item.id.clone(),
        title: known.map_or_else(String::new, |known| known.text.clone()),
        status: status(item.status),
        why: item.why.clone(),
        controls: item.controls.iter().map(ToString::to_string).collect(),
    }
}

pub(super) fn evidence(checked: &Checked) -> Vec<v1::Evidence> {
    let added: BTreeSet<_> = checked.recorded.added.iter().collect();
    let index = |index: u64| checked.not_recorded.is_none().then_some(index);
    let trusted = |(at, trusted): (&u64, &Trusted)| {
        let (name, digest) =
            trusted.subjects.first().cloned().unwrap_or_else(|| (String::new(), Digest::of(b"")));
        v1::Evidence {
            index: index(*at),
            predicate: trusted.kind.as_str().to_owned(),
            subject: name,
            digest: Some(digest),
            collector: trusted.predicate.collector.clone(),
            collected: trusted.predicate.collected,
            expires: Some(trusted.predicate.expires),
            state: if added.contains(at) { v1::EvidenceState::New } else { v1::EvidenceState::Unchanged },
            reason: None,
        }
    };
    let refused = |(at, refused): (&u64, &Refused)| v1::Evidence {
        index: index(*at),
        predicate: refused.kind.map_or("unknown", bartizan_finding::PredicateKind::as_str).to_owned(),
        subject: String::new(),
        digest: refused.subjects.first().copied(),
        collector: refused.actor.clone(),
        collected: refused.collected,
        expires: None,
        state: v1::EvidenceState::Refused,
        reason: Some(refused.why.clone()),
    };
    let current: BTreeSet<_> = added.iter().copied().chain(&checked.recorded.unchanged).collect();
    let foreign = |at: &u64, trusted: &Trusted| {
        current.contains(at) || trusted.predicate.collector != crate::state::LOCAL_COLLECTOR
    };
    let shown = checked.gathered.trusted.iter().filter(|(at, one)| foreign(at, one)).map(trusted);
    let mut all: Vec<_> = shown.chain(checked.gathered.refused.iter().map(refused)).collect();
    all.sort_by_key(|evidence| evidence.index);
    all
}

pub(super) fn asset(checked: &Checked, id: &AssetId, bytes: &Bytes) -> v1::Asset {
    let declared = checked.source.project.assets.get(id);
    v1::Asset {
        id: id.to_string(),
        kind: declared.map_or("", |asset| asset.kind.as_str()).to_owned(),
        path: declared.and_then(|asset| asset.path.as_ref()).map(|path| path.as_str().to_owned()),
        files: bytes.files.len() as u64,
        bytes: bytes.files.iter().map(|(_, size, _)| size).sum(),
        digest: bytes.whole,
    }
}

pub(crate) const fn status(status: bartizan_assure::Status) -> v1::Status {
    use bartizan_assure::Status as From;
    match status {
        From::Failing => v1::Status::Failing,
        From::Expired => v1::Status::Expired,
        From::Unknown => v1::Status::Unknown,
        From::Partial => v1::Status::Partial,
        From::Excepted => v1::Status::Excepted,
        From::Inherited => v1::Status::Inherited,
        From::Satisfied => v1::Status::Satisfied,
        From::NotApplicable => v1::Status::NotApplicable,
    }
}
