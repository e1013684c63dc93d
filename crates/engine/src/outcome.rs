//! From what a check learned to the report that people and programs read, and the exit code.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_assure::{ControlAssessment, ItemAssessment};
use bartizan_finding::{AssetId, Digest, Finding, Severity, Timestamp};
use bartizan_report::v1;
use bartizan_standards::{Edition, ScopeKind};

use crate::{
    check::{Bytes, Checked, Request},
    gather::{Refused, Trusted},
    registry,
};

/// Turns what a check learned into a report.
pub fn report(request: &Request, checked: &Checked, finished: Timestamp) -> v1::Report {
    let outcome = outcome(request, checked);
    v1::Report {
        schema: v1::SCHEMA.to_owned(),
        tool: v1::Tool { name: "bartizan".to_owned(), version: request.version.to_owned() },
        project: project(checked),
        run: v1::Run {
            as_of: checked.as_of,
            started: request.now,
            finished,
            recorded: recorded(checked),
            self_attested: checked.self_attested,
            offline: true,
        },
        summary: summary(checked, &outcome),
        findings: checked.findings.iter().filter_map(finding).collect(),
        suppressed: checked.findings.iter().filter(|finding| finding.suppressed.is_some()).count() as u64,
        threats: checked.threats.threats.iter().map(threat).collect(),
        risks: checked.threats.risks.iter().zip(&checked.threats.threats).map(|(risk, threat)| self::risk(risk, threat)).collect(),
        controls: checked.assessment.controls.iter().map(|control| self::control(checked, control)).collect(),
        groups: groups(checked),
        evidence: evidence(checked),
        unexamined: checked.unexamined.iter().map(|(asset, gap)| v1::Unexamined::new(asset.as_ref(), gap)).collect(),
        assets: checked.assets.iter().map(|(id, bytes)| asset(checked, id, bytes)).collect(),
        next: next(request, checked, &outcome),
        outcome,
    }
}

/// The exit code for what applies, by the precedence 5, 1, 4, 3, 0. (2 never gets as far as a report.)
pub fn exit_code(verification: v1::Verification, findings: v1::Findings, coverage: v1::Coverage) -> u8 {
    if verification == v1::Verification::Failed {
        5
    } else if findings == v1::Findings::AtOrOver {
        1
    } else {
        match coverage {
            v1::Coverage::Incomplete => 4,
            v1::Coverage::Nothing => 3,
            v1::Coverage::Complete => 0,
        }
    }
}

fn outcome(request: &Request, checked: &Checked) -> v1::Outcome {
    let findings = judge_findings(request.fail_on, &checked.findings);
    let coverage = judge_coverage(checked);
    let verification = judge_verification(checked);
    v1::Outcome {
        exit_code: exit_code(verification.word, findings.word, coverage.word),
        fail_on: request.fail_on.into(),
        findings,
        gates: v1::Part::new(v1::Gates::NotAsked, "No gate was asked."),
        coverage,
        verification,
    }
}

fn judge_findings(fail_on: Severity, findings: &[Finding]) -> v1::Part<v1::Findings> {
    let counted: Vec<_> = findings.iter().filter(|finding| finding.suppressed.is_none()).collect();
    let over = counted.iter().filter(|finding| finding.severity >= fail_on).count();
    let noted = counted.iter().filter(|finding| finding.severity > Severity::Info).count();
    match (over, noted) {
        (0, 0) => v1::Part::new(v1::Findings::None, "Nothing is wrong in what was looked at."),
        (0, noted) => {
            let sentence = format!("{}, none at or over {fail_on}.", plural(noted, "finding"));
            v1::Part::new(v1::Findings::Below, sentence)
        }
        (over, _) => v1::Part::new(v1::Findings::AtOrOver, format!("{} at or over {fail_on}.", plural(over, "finding"))),
    }
}

fn judge_coverage(checked: &Checked) -> v1::Part<v1::Coverage> {
    match checked.unexamined.len() {
        0 => v1::Part::new(v1::Coverage::Complete, "Everything that was planned was looked at."),
        gaps => v1::Part::new(v1::Coverage::Incomplete, format!("{} not looked at.", plural_be(gaps, "thing"))),
    }
}

fn judge_verification(checked: &Checked) -> v1::Part<v1::Verification> {
    match &checked.audit {
        None => v1::Part::new(v1::Verification::NotAsked, "There is no log to verify."),
        Some(audit) if audit.is_whole() => {
            let sentence = format!("The log of {} holds; {}.", plural(audit.entries, "entry"), audit.completeness);
            v1::Part::new(v1::Verification::Verified, sentence)
        }
        Some(audit) => {
            let first = audit.faults.first().map(ToString::to_string).unwrap_or_default();
            let more = audit.faults.len() as u64 + audit.more_faults;
            let more = if more > 1 { format!(", and {} more", more - 1) } else { String::new() };
            v1::Part::new(v1::Verification::Failed, format!("The log does not hold: {first}{more}."))
        }
    }
}

fn summary(checked: &Checked, outcome: &v1::Outcome) -> String {
    let name = &checked.source.project.name;
    let counted = |severity: Severity| {
        let of = |finding: &&Finding| finding.severity == severity && finding.suppressed.is_none();
        (checked.findings.iter().filter(of).count(), severity)
    };
    let worst: Vec<_> = [Severity::Critical, Severity::High].map(counted).into_iter().filter(|(count, _)| *count > 0).collect();
    let verdict = match (outcome.verification.word, outcome.findings.word, outcome.coverage.word) {
        (v1::Verification::Failed, ..) => "its evidence log was changed or cut".to_owned(),
        (_, v1::Findings::AtOrOver, _) if worst.is_empty() => outcome.findings.sentence.trim_end_matches('.').to_owned(),
        (_, v1::Findings::AtOrOver, _) => {
            let parts: Vec<_> = worst.iter().map(|(count, severity)| format!("{count} {severity}")).collect();
            let all: usize = worst.iter().map(|(count, _)| count).sum();
            format!("{} {} mending", parts.join(" and "), if all == 1 { "finding needs" } else { "findings need" })
        }
        (_, _, v1::Coverage::Incomplete) => "nothing to stop on was found, but not everything was looked at".to_owned(),
        _ => format!("nothing at or over {} was found", outcome.fail_on.as_str()),
    };
    let failing = checked.assessment.tally.of(bartizan_assure::Status::Failing);
    let satisfied = checked.assessment.tally.of(bartizan_assure::Status::Satisfied);
    let total = checked.assessment.tally.total() - checked.assessment.tally.of(bartizan_assure::Status::NotApplicable);
    format!("{name}: {verdict}; of {}, {satisfied} satisfied and {failing} failing.", plural(total, "control"))
}

fn project(checked: &Checked) -> v1::Project {
    let project = &checked.source.project;
    v1::Project {
        name: project.name.clone(),
        role: project.role.as_str().to_owned(),
        inferred: checked.source.is_inferred(),
        root: Some(project.root()),
    }
}

fn recorded(checked: &Checked) -> v1::Recorded {
    match &checked.not_recorded {
        Some(reason) => v1::Recorded::NotRecorded { reason: reason.clone() },
        None => v1::Recorded::Ledger {
            size: checked.head.size,
            root: checked.head.root,
            added: checked.recorded.added.len() as u64,
            witnessed: false,
        },
    }
}

fn finding(finding: &Finding) -> Option<v1::Finding> {
    registry::rule(&finding.rule).map(|rule| v1::Finding::new(finding, rule))
}

fn threat(threat: &bartizan_threat::Threat) -> v1::Threat {
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

fn risk(risk: &bartizan_threat::Risk, threat: &bartizan_threat::Threat) -> v1::Risk {
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

fn control(checked: &Checked, control: &ControlAssessment) -> v1::Control {
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
        considerations: known.iter().flat_map(|known| &known.considerations).map(|one| one.id().to_owned()).collect(),
        items: known.iter().flat_map(|known| known.covers.iter().chain(&known.covers_part)).map(ToString::to_string).collect(),
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
    let text = |clause: &str| {
        let clauses = bartizan_standards::control(control).map(|control| control.clauses.as_slice()).unwrap_or_default();
        clauses.iter().find(|known| known.id == clause).map_or_else(|| clause.to_owned(), |known| known.text.clone())
    };
    let edge = |clause: &str, edge: &bartizan_assure::EdgeAssessment| v1::EvidenceRef {
        index: edge.index,
        predicate: edge.kind.as_str().to_owned(),
        strength: edge.strength.as_str().to_owned(),
        clause: text(clause),
        status: status(edge.status),
        why: edge.why.clone(),
        expires: edge.expires,
    };
    let of_clause = |clause: &bartizan_assure::ClauseAssessment| -> Vec<_> {
        clause.edges.iter().map(|one| edge(&clause.id, one)).collect()
    };
    subject.clauses.iter().flat_map(of_clause).collect()
}

fn groups(checked: &Checked) -> Vec<v1::PracticeGroup> {
    let group = |group: &bartizan_assure::GroupAssessment| {
        let tasks = checked.assessment.tasks.iter();
        let items = tasks.flat_map(|task| &task.items).filter(|item| {
            item.id.rsplit('/').next().is_some_and(|id| id.starts_with(group.id.as_str()))
        });
        let items: Vec<_> = items.map(item).collect();
        let mut counts = BTreeMap::new();
        for item in &items {
            *counts.entry(item.status).or_insert(0) += 1;
        }
        v1::PracticeGroup {
            id: group.id.as_str().to_owned(),
            title: group.title.clone(),
            status: status(group.status),
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
        controls: item.controls.iter().map(ToString::to_string).collect(),
    }
}

fn evidence(checked: &Checked) -> Vec<v1::Evidence> {
    let added: BTreeSet<_> = checked.recorded.added.iter().collect();
    let index = |index: u64| checked.not_recorded.is_none().then_some(index);
    let trusted = |(at, trusted): (&u64, &Trusted)| {
        let (name, digest) = trusted.subjects.first().cloned().unwrap_or_else(|| (String::new(), Digest::of(b"")));
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
    let foreign = |at: &u64, trusted: &Trusted| current.contains(at) || trusted.predicate.collector != crate::state::LOCAL_COLLECTOR;
    let shown = checked.gathered.trusted.iter().filter(|(at, one)| foreign(at, one)).map(trusted);
    let mut all: Vec<_> = shown.chain(checked.gathered.refused.iter().map(refused)).collect();
    all.sort_by_key(|evidence| evidence.index);
    all
}

fn asset(checked: &Checked, id: &AssetId, bytes: &Bytes) -> v1::Asset {
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

/// The three most useful things to do, most useful first.
fn next(request: &Request, checked: &Checked, outcome: &v1::Outcome) -> Vec<v1::Step> {
    let mut steps = Vec::new();
    if outcome.verification.word == v1::Verification::Failed {
        steps.push(v1::Step::new("See which file of the log was changed.", "bartizan ledger verify"));
    }
    if let Some(worst) = checked.findings.iter().find(|finding| finding.suppressed.is_none() && finding.severity > Severity::Info) {
        let name = worst.variant.as_ref().map_or_else(|| worst.rule.to_string(), |variant| format!("{}/{variant}", worst.rule));
        steps.push(v1::Step::new(format!("Read why {} matters and how to mend it.", worst.rule), format!("bartizan explain {name}")));
    }
    if checked.source.is_inferred() {
        let sentence = "See what a project file can declare: then threats and controls are derived too.";
        steps.push(v1::Step::new(sentence, "bartizan config schema"));
    } else if checked.not_recorded.is_some() && outcome.verification.word != v1::Verification::Failed {
        steps.push(v1::Step::new("Make keys, so that what a check finds is recorded as evidence.", "bartizan key new"));
    }
    let order = [bartizan_assure::Status::Failing, bartizan_assure::Status::Expired, bartizan_assure::Status::Unknown];
    for wanted in order {
        let people = |control: &&ControlAssessment| control.status == wanted && !is_file_scope(&control.id);
        steps.extend(checked.assessment.controls.iter().filter(people).map(|control| v1::Step {
            sentence: format!("{}: {}", control.title, control.next),
            command: None,
        }));
    }
    if request.fail_on > Severity::Medium && steps.len() < 3 {
        steps.push(v1::Step::new("Be stricter: let medium findings fail the run.", "bartizan check --fail-on medium"));
    }
    steps.truncate(3);
    steps
}

/// Whether a control is judged over files: then its findings say what to do.
fn is_file_scope(control: &bartizan_finding::ControlId) -> bool {
    let scope = bartizan_standards::control(control).map(|control| control.scope);
    matches!(scope, Some(ScopeKind::ModelFile | ScopeKind::DatasetFile | ScopeKind::PromptFile | ScopeKind::TextFile))
}

const fn status(status: bartizan_assure::Status) -> v1::Status {
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

/// `1 finding`, `2 findings`, `3 entries`.
fn plural(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    match (count, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{count} {stem}ies"),
        (_, None) => format!("{count} {noun}s"),
    }
}

fn plural_be(count: usize, noun: &str) -> String {
    format!("{} {}", plural(count, noun), if count == 1 { "was" } else { "were" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_follows_the_precedence() {
        use v1::{Coverage, Findings, Verification};
        for (verification, findings, coverage, code) in [
            (Verification::Verified, Findings::None, Coverage::Complete, 0),
            (Verification::NotAsked, Findings::Below, Coverage::Complete, 0),
            (Verification::Verified, Findings::None, Coverage::Nothing, 3),
            (Verification::Verified, Findings::Below, Coverage::Incomplete, 4),
            (Verification::Verified, Findings::AtOrOver, Coverage::Incomplete, 1),
            (Verification::Failed, Findings::AtOrOver, Coverage::Incomplete, 5),
            (Verification::Failed, Findings::None, Coverage::Complete, 5),
        ] {
            assert_eq!(exit_code(verification, findings, coverage), code);
        }
    }
}
