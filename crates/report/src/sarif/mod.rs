//! The findings as SARIF 2.1.0 (OASIS Standard with Errata 01), as code scanning services take it in.
//!
//! One result per finding: the first place is its location, the others are related locations, `occurrenceCount`
//! says how often. Paths are relative to the base `PROJECT`, which is not resolved, so that the file says nothing
//! about the machine. What was not examined is a notification of the invocation, and so is what a reader must know
//! before believing the verdict: that a break-glass opens a gate, that something was lost, that nobody has seen the
//! log, that results are left out.
//!
//! A finding that an ignore or an exception lets pass has a suppression; one that stood in the baseline is
//! `unchanged`. GitHub shows neither by itself: it reads results, rules and fingerprints.

mod limits;
mod location;
mod rule;
mod text;

pub(crate) use self::{limits::chosen, location::Origin, text::uri};
use bartizan_finding::{Digest, RuleMeta};
use serde_json::{Value, json};

use crate::{
    json::visible,
    sentence,
    v1::{
        Coverage, Decision, Finding, Posture, Recorded, Report, Sample, Severity, SuppressedBy, Suppression,
        Tool, Unexamined, Verification,
    },
};

/// Where the schema is published.
pub const SCHEMA_URI: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The notifications that an invocation may have.
const DESCRIPTORS: [(&str, &str); 8] = [
    ("not-examined", "Something that should have been looked at was not."),
    ("not-recorded", "The run left no evidence."),
    ("not-witnessed", "Nobody on another host has seen the head of the log."),
    ("self-attested", "The key that says whom to believe lies on the machine that collects."),
    ("left-out", "Something stands in the JSON report and not in this file."),
    ("break-glass", "Two people have opened a gate for some hours."),
    ("gate", "A gate does not allow."),
    ("unreconciled", "Declared and observed differ."),
];

const NOT_EXAMINED: usize = 0;
const NOT_RECORDED: usize = 1;
const NOT_WITNESSED: usize = 2;
const SELF_ATTESTED: usize = 3;
const LEFT_OUT: usize = 4;
const BREAK_GLASS: usize = 5;
const GATE: usize = 6;
const UNRECONCILED: usize = 7;

/// The report as SARIF. `rules` are those of the run; findings of a rule that is not among them name it by its code
/// alone. Same report and rules, same bytes.
///
/// # Panics
/// Never: the log holds only JSON values.
pub fn render(report: &Report, rules: &[&RuleMeta]) -> String {
    visible(&serde_json::to_string_pretty(&log(report, rules)).expect("a JSON value can be written"))
}

/// The SARIF log as a value.
pub fn log(report: &Report, rules: &[&RuleMeta]) -> Value {
    let findings: Vec<&Finding> = report.findings.iter().collect();
    let chosen = chosen(&findings);
    let missing = report.findings.len() - chosen.len();
    // All results of a run say whether they are new, or none does (3.27.24).
    let compared = report.is_compared();
    file(&Run {
        tool: &report.tool,
        rules,
        category: &category(&report.project.name),
        base: "The folder that holds the project file.",
        invocation: invocation(report, missing),
        results: &|rules| chosen.iter().map(|finding| decided(report, finding, rules, compared)).collect(),
        artifacts: Vec::new(),
        properties: json!({
            "schema": report.schema,
            "summary": report.summary,
            "recorded": report.run.recorded,
            "selfAttested": report.run.self_attested,
            "offline": report.run.offline,
            "gates": gates(report),
            "decisions": report.decisions_in_order().into_iter().map(|(_, one)| one).filter(|one| one.state.holds()).take(200)
                .map(decision).collect::<Vec<_>>(),
            "reconciliation": report.reconciliation.posture,
            "anchors": report.anchors.iter().take(200).collect::<Vec<_>>(),
        }),
    })
}

/// The one run of a SARIF file.
pub(crate) struct Run<'r> {
    pub(crate) tool: &'r Tool,
    pub(crate) rules: &'r [&'r RuleMeta],
    pub(crate) category: &'r str,
    /// What paths are relative to.
    pub(crate) base: &'r str,
    pub(crate) invocation: Value,
    /// The results, given the rules in the order in which the file has them.
    pub(crate) results: &'r dyn Fn(&[&RuleMeta]) -> Vec<Value>,
    pub(crate) artifacts: Vec<Value>,
    pub(crate) properties: Value,
}

/// A file with one run.
pub(crate) fn file(run: &Run<'_>) -> Value {
    let mut rules = run.rules.to_vec();
    rules.sort_by_key(|rule| rule.code.as_str());
    rules.dedup_by_key(|rule| rule.code.as_str());
    let mut value = json!({
        "tool": { "driver": {
            "name": run.tool.name,
            "semanticVersion": run.tool.version,
            "rules": rules.iter().map(|rule| rule::descriptor(rule)).collect::<Vec<_>>(),
            "notifications": DESCRIPTORS.map(|(id, text)| json!({ "id": id, "shortDescription": { "text": text } })),
        } },
        "automationDetails": { "id": run.category },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": { "PROJECT": { "description": { "text": run.base } } },
        "invocations": [run.invocation],
        "results": (run.results)(&rules),
        "properties": run.properties,
    });
    if !run.artifacts.is_empty() {
        value["artifacts"] = json!(run.artifacts);
    }
    json!({ "$schema": SCHEMA_URI, "version": "2.1.0", "runs": [value] })
}

/// By this code scanning keeps the projects of a repository apart: what stands before the last `/` is the category.
fn category(project: &str) -> String {
    format!("bartizan/check/{}/", crate::printable::printable_path(project, 200))
}

fn gates(report: &Report) -> Vec<Value> {
    report.gates.iter().take(200).map(|gate| json!({ "gate": gate.gate, "verdict": gate.verdict })).collect()
}

/// A decision that holds, short: who answers for what until when.
fn decision(decision: &Decision) -> Value {
    json!({
        "id": decision.id,
        "kind": decision.kind,
        "about": decision.about,
        "reason": decision.reason,
        "owner": decision.owner,
        "requester": decision.requester,
        "approvers": decision.approvers,
        "expires": decision.expires,
    })
}

fn invocation(report: &Report, missing: usize) -> Value {
    let outcome = &report.outcome;
    let done =
        outcome.coverage.word != Coverage::Incomplete && outcome.verification.word != Verification::Failed;
    json!({
        "executionSuccessful": done,
        "exitCode": outcome.exit_code,
        "exitCodeDescription": report.summary,
        "startTimeUtc": report.run.started,
        "endTimeUtc": report.run.finished,
        "toolExecutionNotifications": execution(report, missing),
        "toolConfigurationNotifications": standing(report),
    })
}

/// What was not looked at, and what is not told.
fn execution(report: &Report, missing: usize) -> Vec<Value> {
    let gaps: Vec<&Unexamined> = report.unexamined.iter().collect();
    not_examined(&gaps, report.findings.len(), missing, Origin::of(report))
}

/// The places that were not examined, and how many findings of all are left out.
pub(crate) fn not_examined(
    gaps: &[&Unexamined],
    findings: usize,
    missing: usize,
    origin: Origin,
) -> Vec<Value> {
    let mut notes = Vec::new();
    if missing > 0 {
        let text = format!(
            "{missing} of {findings} findings are left out of this file, the worst are in it; the JSON report holds all."
        );
        notes.push(note(LEFT_OUT, "warning", &text));
    }
    let places = gaps.iter().take(limits::MAX_NOTIFICATIONS);
    notes.extend(places.map(|place| notification(place, origin)));
    let more = gaps.len().saturating_sub(limits::MAX_NOTIFICATIONS);
    if more > 0 {
        let text = format!("{more} more places were not examined; the JSON report holds all.");
        notes.push(note(LEFT_OUT, "warning", &text));
    }
    notes
}

/// What a reader must know before believing the verdict: the same words as in the text.
fn standing(report: &Report) -> Vec<Value> {
    let mut notes = Vec::new();
    for decision in report.break_glass().take(50) {
        notes.push(note(BREAK_GLASS, "warning", &sentence::break_glass(decision)));
    }
    for gate in report.gates.iter().filter(|gate| !gate.verdict.passes()).take(50) {
        let text = format!("{} {}: {}", gate.gate, gate.verdict.verb(), gate.sentence);
        notes.push(note(GATE, "warning", &text));
    }
    if report.reconciliation.posture == Posture::Unreconciled {
        notes.push(note(UNRECONCILED, "warning", &report.reconciliation.sentence));
    }
    match &report.run.recorded {
        Recorded::NotRecorded { reason } => {
            notes.push(note(NOT_RECORDED, "note", &format!("Not recorded: {reason}")));
        }
        Recorded::Ledger { size, root, .. } if sentence::unwitnessed(report) > 0 => {
            let witnessed = sentence::witnessed(report);
            let text = format!("The log holds {size} entries, root {}, {witnessed}.", root.hex());
            notes.push(note(NOT_WITNESSED, "note", &text));
        }
        Recorded::Ledger { .. } | Recorded::Bundle { .. } => {}
    }
    if report.run.self_attested {
        let text = "Self-attested: the key that says whom to believe lies on the machine that collects.";
        notes.push(note(SELF_ATTESTED, "note", text));
    }
    notes
}

fn note(index: usize, level: &str, text: &str) -> Value {
    json!({
        "descriptor": { "id": DESCRIPTORS[index].0, "index": index },
        "level": level,
        "message": { "text": text::message(text) },
    })
}

fn notification(place: &Unexamined, origin: Origin) -> Value {
    let text = format!("{} was not examined: {}", place.at, place.reason);
    let mut notification = note(NOT_EXAMINED, "warning", &text);
    if let Some(location) = location::location(&place.location, origin) {
        notification["locations"] = json!([location]);
    }
    notification
}

/// A result with what people have decided about it, and whether it is new.
fn decided(report: &Report, finding: &Finding, rules: &[&RuleMeta], compared: bool) -> Value {
    let mut result = result(finding, rules, Origin::of(report));
    if compared {
        result["baselineState"] = json!(if stood(finding) { "unchanged" } else { "new" });
    }
    if let Some(why) = finding.suppressed.as_ref().filter(|why| why.by != SuppressedBy::Baseline) {
        result["suppressions"] = json!([suppression(report, why)]);
    }
    result
}

/// A finding.
pub(crate) fn result(finding: &Finding, rules: &[&RuleMeta], origin: Origin) -> Value {
    let locate = |sample: &Sample| location::location(&sample.location, origin);
    let mut places = finding.samples.iter().filter_map(locate);
    // One result without a file makes code scanning refuse them all.
    let first = location::with_file(places.next(), origin);
    let others: Vec<_> = places.collect();
    let mut fingerprints = json!({ "bartizan/v1": finding.fingerprint });
    if !location::has_line(&first) {
        // GitHub knows results again by this key alone, and computes it where there is a line to hash.
        fingerprints["primaryLocationLineHash"] = json!(finding.fingerprint);
    }
    let counts = finding.severity > Severity::Info;
    let mut result = json!({
        "ruleId": finding.name(),
        "kind": if counts { "fail" } else { "informational" },
        "level": if counts { rule::level(finding.severity) } else { "none" },
        "message": { "text": text::message(&finding.message) },
        "locations": [first],
        "occurrenceCount": finding.count,
        "partialFingerprints": fingerprints,
        "properties": {
            "severity": finding.severity,
            "confidence": finding.confidence,
            "place": finding.place,
            "controls": finding.controls,
        },
    });
    // A rule id with a variant is hierarchical: the descriptor is the one of its first part (3.27.5).
    if let Ok(index) = rules.binary_search_by_key(&finding.rule.as_str(), |rule| rule.code.as_str()) {
        result["rule"] = json!({ "id": finding.name(), "index": index });
    }
    if !others.is_empty() {
        result["relatedLocations"] = json!(others);
    }
    if let Some(asset) = &finding.asset {
        result["properties"]["asset"] = json!(asset);
    }
    result
}

fn suppression(report: &Report, why: &Suppression) -> Value {
    let mut suppression = json!({
        "kind": "external",
        "status": "accepted",
        "justification": text::plain(&why.reason),
        "properties": { "by": why.by, "expires": why.expires },
    });
    if let Some(id) = &why.decision {
        suppression["guid"] = json!(guid(id));
        suppression["properties"]["id"] = json!(id);
        if let Some(decision) = report.decisions.iter().find(|decision| decision.id == *id) {
            suppression["properties"]["owner"] = json!(decision.owner);
            suppression["properties"]["approvers"] = json!(decision.approvers);
        }
    }
    suppression
}

fn stood(finding: &Finding) -> bool {
    finding.suppressed.as_ref().is_some_and(|why| why.by == SuppressedBy::Baseline)
}

/// A GUID made from an id: the first 16 bytes of its SHA-256 in the form of a name-based UUID (RFC 9562, 5.5), since
/// the schema knows no later form.
fn guid(id: &str) -> String {
    let hex = Digest::of(id.as_bytes()).hex();
    let digit = |at: usize| hex.chars().nth(at).unwrap_or('0');
    let mut out = String::new();
    for at in 0..32 {
        if matches!(at, 8 | 12 | 16 | 20) {
            out.push('-');
        }
        out.push(match at {
            12 => '5',
            16 => 'a',
            at => digit(at),
        });
    }
    out
}

#[cfg(test)]
mod tests;
