//! From what a check learned to the report that people and programs read, and the exit code.

mod decisions;
mod people;
mod rows;
mod system;

pub use decisions::anchors;
pub(crate) use rows::status;

use bartizan_assure::ControlAssessment;
use bartizan_finding::{Finding, Severity, Timestamp};
use bartizan_report::v1;
use bartizan_standards::ScopeKind;

use crate::{
    check::{Checked, Request},
    error::EngineError,
    gate,
};

/// Turns what a check learned into a report.
pub fn report(request: &Request, checked: &Checked, finished: Timestamp) -> Result<v1::Report, EngineError> {
    let gates = gate::rulings(checked, request)?;
    let gates: Vec<_> = gates.into_iter().map(|ruled| ruled.result).collect();
    let outcome = outcome(request, checked, &gates)?;
    Ok(v1::Report {
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
            baseline: request.baseline.as_ref().map(|baseline| baseline.name.clone()),
        },
        summary: summary(checked, &outcome),
        findings: checked.findings.iter().map(rows::finding).collect(),
        rules: rows::rules(&checked.findings),
        suppressed: checked.findings.iter().filter(|finding| finding.suppressed.is_some()).count() as u64,
        threats: checked.threats.threats.iter().map(rows::threat).collect(),
        risks: checked
            .threats
            .risks
            .iter()
            .zip(&checked.threats.threats)
            .map(|(risk, threat)| rows::risk(risk, threat))
            .collect(),
        controls: controls(checked).map(|control| rows::control(checked, control)).collect(),
        groups: rows::groups(checked),
        evidence: rows::evidence(checked),
        unexamined: checked
            .unexamined
            .iter()
            .map(|(asset, gap)| v1::Unexamined::new(asset.as_ref(), gap))
            .collect(),
        assets: checked.assets.iter().map(|(id, bytes)| rows::asset(checked, id, bytes)).collect(),
        next: next(request, checked, &outcome),
        system: if checked.source.is_inferred() {
            v1::System::default()
        } else {
            system::system(&checked.source.project, checked.today())
        },
        teams: people::teams(checked),
        history: people::history(checked),
        decisions: decisions::decisions(checked),
        gates,
        reconciliation: decisions::reconciliation(checked),
        anchors: anchors(&checked.anchors),
        outcome,
    })
}

/// The exit code for what applies, by the precedence 5, 1, 4, 3, 0. (2 never gets as far as a report.)
pub fn exit_code(
    verification: v1::Verification,
    findings: v1::Findings,
    gates: v1::Gates,
    coverage: v1::Coverage,
) -> u8 {
    if verification == v1::Verification::Failed {
        5
    } else if findings == v1::Findings::AtOrOver || gates == v1::Gates::Deny {
        1
    } else {
        match coverage {
            v1::Coverage::Incomplete => 4,
            v1::Coverage::Nothing => 3,
            v1::Coverage::Complete => 0,
        }
    }
}

fn outcome(
    request: &Request,
    checked: &Checked,
    gates: &[v1::GateResult],
) -> Result<v1::Outcome, EngineError> {
    let findings = judge_findings(request.fail_on, &checked.findings);
    let gates = judge_gates(request, checked, gates)?;
    let coverage = judge_coverage(checked);
    let verification = judge_verification(checked);
    Ok(v1::Outcome {
        exit_code: exit_code(verification.word, findings.word, gates.word, coverage.word),
        fail_on: request.fail_on.into(),
        findings,
        gates,
        coverage,
        verification,
    })
}

/// The gates that were asked; the others are shown and decide nothing.
fn judge_gates(
    request: &Request,
    checked: &Checked,
    results: &[v1::GateResult],
) -> Result<v1::Part<v1::Gates>, EngineError> {
    let mut asked = Vec::new();
    for gate in &request.gates {
        let result = results.iter().find(|result| result.gate == gate.as_str());
        asked.push(result.ok_or_else(|| EngineError::no_such_gate(gate, &checked.source.project))?);
    }
    let denying: Vec<_> = asked.iter().filter(|result| !result.verdict.passes()).collect();
    Ok(match (asked.len(), denying.first()) {
        (0, _) => v1::Part::new(v1::Gates::NotAsked, "No gate was asked."),
        (_, Some(first)) => v1::Part::new(v1::Gates::Deny, first.sentence.clone()),
        (_, None) => v1::Part::new(v1::Gates::Allow, "Every gate that was asked allows."),
    })
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
        (over, _) => v1::Part::new(
            v1::Findings::AtOrOver,
            format!("{} at or over {fail_on}.", plural(over, "finding")),
        ),
    }
}

fn judge_coverage(checked: &Checked) -> v1::Part<v1::Coverage> {
    match checked.unexamined.len() {
        0 if checked.hashed_only => v1::Part::new(
            v1::Coverage::Complete,
            "Every file was hashed; what is in them is said by recorded evidence.",
        ),
        0 => v1::Part::new(v1::Coverage::Complete, "Everything that was planned was looked at."),
        gaps => {
            v1::Part::new(v1::Coverage::Incomplete, format!("{} not looked at.", plural_be(gaps, "thing")))
        }
    }
}

fn judge_verification(checked: &Checked) -> v1::Part<v1::Verification> {
    match &checked.audit {
        None => v1::Part::new(v1::Verification::NotAsked, "There is no log to verify."),
        Some(audit) if audit.is_whole() => {
            let sentence =
                format!("The log of {} holds; {}.", plural(audit.entries, "entry"), audit.completeness);
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
    let worst: Vec<_> = [Severity::Critical, Severity::High]
        .map(counted)
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .collect();
    let verdict = match (outcome.verification.word, outcome.findings.word, outcome.coverage.word) {
        (v1::Verification::Failed, ..) => "its evidence log was changed or cut".to_owned(),
        (_, v1::Findings::AtOrOver, _) if worst.is_empty() => {
            outcome.findings.sentence.trim_end_matches('.').to_owned()
        }
        (_, v1::Findings::AtOrOver, _) => {
            let parts: Vec<_> = worst.iter().map(|(count, severity)| format!("{count} {severity}")).collect();
            let all: usize = worst.iter().map(|(count, _)| count).sum();
            format!(
                "{} {} mending",
                parts.join(" and "),
                if all == 1 { "finding needs" } else { "findings need" }
            )
        }
        (_, _, v1::Coverage::Incomplete) => {
            "nothing to stop on was found, but not everything was looked at".to_owned()
        }
        _ => format!("nothing at or over {} was found", outcome.fail_on.as_str()),
    };
    if checked.source.is_inferred() {
        let files = checked.assets.values().map(|bytes| bytes.files.len()).sum::<usize>();
        return format!("{name}: {verdict} in {}.", plural(files, "file"));
    }
    let failing = checked.assessment.tally.of(bartizan_assure::Status::Failing);
    let satisfied = checked.assessment.tally.of(bartizan_assure::Status::Satisfied);
    let total = checked.assessment.tally.total()
        - checked.assessment.tally.of(bartizan_assure::Status::NotApplicable);
    format!(
        "{name}: {verdict}; of {}, {satisfied} satisfied and {failing} failing.",
        plural(total, "control")
    )
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
    if checked.bundle.is_some() {
        return v1::Recorded::Bundle { statements: checked.recorded.added.len() as u64 };
    }
    match &checked.not_recorded {
        Some(reason) => v1::Recorded::NotRecorded { reason: reason.clone() },
        None => v1::Recorded::Ledger {
            size: checked.head.size,
            root: checked.head.root,
            added: checked.recorded.added.len() as u64,
            witnessed: !checked.anchors.is_empty(),
        },
    }
}

/// The controls that say something: of a project that nobody declared only those that are judged over files.
fn controls(checked: &Checked) -> impl Iterator<Item = &ControlAssessment> {
    let inferred = checked.source.is_inferred();
    let of_files = |control: &&ControlAssessment| {
        control.status != bartizan_assure::Status::NotApplicable && is_file_scope(&control.id)
    };
    checked.assessment.controls.iter().filter(move |control| !inferred || of_files(control))
}

/// The three most useful things to do, most useful first.
fn next(request: &Request, checked: &Checked, outcome: &v1::Outcome) -> Vec<v1::Step> {
    let mut steps = Vec::new();
    if outcome.verification.word == v1::Verification::Failed {
        steps.push(v1::Step::new("See which file of the log was changed.", "bartizan ledger verify"));
    }
    if let Some(worst) = checked
        .findings
        .iter()
        .find(|finding| finding.suppressed.is_none() && finding.severity > Severity::Info)
    {
        let name = worst
            .variant
            .as_ref()
            .map_or_else(|| worst.rule.to_string(), |variant| format!("{}/{variant}", worst.rule));
        steps.push(v1::Step::new(
            format!("Read why {} matters and how to mend it.", worst.rule),
            format!("bartizan explain {name}"),
        ));
    }
    if checked.key_until.is_none_or(|until| until <= checked.as_of) {
        let sentence =
            "The key that signs what a check states has run out or is not trusted, so none of it counts.";
        steps.insert(0, v1::Step::new(sentence, "bartizan key renew"));
    }
    if checked.source.is_inferred() {
        let sentence = "See what a project file can declare: then threats and controls are derived too.";
        steps.push(v1::Step::new(sentence, "bartizan config schema"));
    } else if checked.not_recorded.is_some() && outcome.verification.word != v1::Verification::Failed {
        steps.push(v1::Step::new(
            "Make keys, so that what a check finds is recorded as evidence.",
            "bartizan key new",
        ));
    }
    let order = [
        bartizan_assure::Status::Failing,
        bartizan_assure::Status::Expired,
        bartizan_assure::Status::Unknown,
    ];
    for wanted in order {
        let people = |control: &&ControlAssessment| control.status == wanted && !is_file_scope(&control.id);
        steps.extend(controls(checked).filter(people).map(|control| v1::Step {
            sentence: format!("{}: {}", control.title, control.next),
            command: None,
        }));
    }
    if request.fail_on > Severity::Medium && steps.len() < 3 {
        steps.push(v1::Step::new(
            "Be stricter: let medium findings fail the run.",
            "bartizan check --fail-on medium",
        ));
    }
    steps.truncate(3);
    steps
}

/// Whether a control is judged over files: then its findings say what to do.
fn is_file_scope(control: &bartizan_finding::ControlId) -> bool {
    let scope = bartizan_standards::control(control).map(|control| control.scope);
    matches!(
        scope,
        Some(
            ScopeKind::ModelFile
                | ScopeKind::CodeFile
                | ScopeKind::DatasetFile
                | ScopeKind::PromptFile
                | ScopeKind::TextFile
        )
    )
}

/// `1 finding`, `2 findings`, `3 entries`.
pub(crate) fn plural(count: impl TryInto<u64>, noun: &str) -> String {
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
        use v1::Gates::{Allow, Deny, NotAsked};
        use v1::{Coverage, Findings, Verification};
        for (verification, findings, gates, coverage, code) in [
            (Verification::Verified, Findings::None, Allow, Coverage::Complete, 0),
            (Verification::NotAsked, Findings::Below, NotAsked, Coverage::Complete, 0),
            (Verification::Verified, Findings::None, NotAsked, Coverage::Nothing, 3),
            (Verification::Verified, Findings::Below, Allow, Coverage::Incomplete, 4),
            (Verification::Verified, Findings::None, Deny, Coverage::Incomplete, 1),
            (Verification::Verified, Findings::AtOrOver, NotAsked, Coverage::Incomplete, 1),
            (Verification::Failed, Findings::AtOrOver, Allow, Coverage::Incomplete, 5),
            (Verification::Failed, Findings::None, Deny, Coverage::Complete, 5),
        ] {
            assert_eq!(exit_code(verification, findings, gates, coverage), code);
        }
    }
}
