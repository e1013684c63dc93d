//! The findings as SARIF 2.1.0 (OASIS Standard with Errata 01), as code scanning services take it in.
//!
//! One result per finding: the first place is its location, the others are related locations, `occurrenceCount`
//! says how often. Paths are relative to the base `PROJECT`, which is not resolved, so that the file says nothing
//! about the machine. What was not examined is a notification of the invocation.

mod location;
mod rule;
mod text;

use bartizan_finding::RuleMeta;
use serde_json::{Value, json};

use crate::{
    json::visible,
    v1::{Coverage, Finding, Recorded, Report, Sample, Severity, Unexamined, Verification},
};

/// Where the schema is published.
pub const SCHEMA_URI: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The notifications that an invocation may have.
const DESCRIPTORS: [(&str, &str); 4] = [
    ("not-examined", "Something that should have been looked at was not."),
    ("not-recorded", "The run left no evidence."),
    ("not-witnessed", "Nobody on another host has seen the head of the log."),
    ("self-attested", "The key that says whom to believe lies on the machine that collects."),
];

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
    let mut rules = rules.to_vec();
    rules.sort_by_key(|rule| rule.code.as_str());
    rules.dedup_by_key(|rule| rule.code.as_str());
    let results: Vec<_> = report.findings.iter().map(|finding| result(report, finding, &rules)).collect();
    json!({
        "$schema": SCHEMA_URI,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": report.tool.name,
                "semanticVersion": report.tool.version,
                "rules": rules.iter().map(|rule| rule::descriptor(rule)).collect::<Vec<_>>(),
                "notifications": DESCRIPTORS.map(|(id, text)| json!({ "id": id, "shortDescription": { "text": text } })),
            } },
            "automationDetails": { "id": format!("bartizan/check/{}/", report.project.name) },
            "columnKind": "unicodeCodePoints",
            "originalUriBaseIds": { "PROJECT": { "description": {
                "text": "The folder that holds the project file.",
            } } },
            "invocations": [invocation(report)],
            "results": results,
            "properties": {
                "schema": report.schema,
                "summary": report.summary,
                "recorded": report.run.recorded,
                "selfAttested": report.run.self_attested,
                "offline": report.run.offline,
            },
        }],
    })
}

fn invocation(report: &Report) -> Value {
    let outcome = &report.outcome;
    let done =
        outcome.coverage.word != Coverage::Incomplete && outcome.verification.word != Verification::Failed;
    json!({
        "executionSuccessful": done,
        "exitCode": outcome.exit_code,
        "exitCodeDescription": report.summary,
        "startTimeUtc": report.run.started,
        "endTimeUtc": report.run.finished,
        "toolExecutionNotifications":
            report.unexamined.iter().map(|place| notification(report, place)).collect::<Vec<_>>(),
        "toolConfigurationNotifications": standing(report),
    })
}

/// What a reader must know of the evidence before believing the verdict: the same words as in the text.
fn standing(report: &Report) -> Vec<Value> {
    let mut notes: Vec<(usize, String)> = Vec::new();
    match &report.run.recorded {
        Recorded::NotRecorded { reason } => notes.push((1, format!("Not recorded: {reason}"))),
        Recorded::Ledger { size, root, witnessed: false, .. } => {
            notes.push((2, format!("The log holds {size} entries, root {}, not witnessed.", root.hex())));
        }
        Recorded::Ledger { witnessed: true, .. } | Recorded::Bundle { .. } => {}
    }
    if report.run.self_attested {
        let text = "Self-attested: the key that says whom to believe lies on the machine that collects.";
        notes.push((3, text.to_owned()));
    }
    let note = |(index, text): (usize, String)| {
        json!({
            "descriptor": { "id": DESCRIPTORS[index].0, "index": index },
            "level": "note",
            "message": { "text": text::message(&text) },
        })
    };
    notes.into_iter().map(note).collect()
}

fn notification(report: &Report, place: &Unexamined) -> Value {
    let mut notification = json!({
        "descriptor": { "id": "not-examined", "index": 0 },
        "level": "warning",
        "message": { "text": text::message(&format!("{} was not examined: {}", place.at, place.reason)) },
    });
    if let Some(location) = location::location(&place.location, report.project.inferred) {
        notification["locations"] = json!([location]);
    }
    notification
}

fn result(report: &Report, finding: &Finding, rules: &[&RuleMeta]) -> Value {
    let locate = |sample: &Sample| location::location(&sample.location, report.project.inferred);
    let mut places = finding.samples.iter().filter_map(locate);
    let first: Vec<_> = places.by_ref().take(1).collect();
    let others: Vec<_> = places.collect();
    let counts = finding.severity > Severity::Info;
    let mut result = json!({
        "ruleId": finding.name(),
        "kind": if counts { "fail" } else { "informational" },
        "level": if counts { rule::level(finding.severity) } else { "none" },
        "message": { "text": text::message(&finding.message) },
        "locations": first,
        "occurrenceCount": finding.count,
        "partialFingerprints": { "bartizan/v1": finding.fingerprint },
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
    if let Some(suppression) = &finding.suppressed {
        result["suppressions"] = json!([{
            "kind": "external",
            "status": "accepted",
            "justification": suppression.reason,
            "properties": { "expires": suppression.expires },
        }]);
    }
    result
}

#[cfg(test)]
mod tests;
