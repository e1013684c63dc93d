use bartizan_finding::RuleMeta;
use serde_json::{Value, json};

use super::{Class, ScanReport};
use crate::{
    json::visible,
    sarif::{self, Origin},
    v1::{Finding, Unexamined},
};

/// The findings as SARIF 2.1.0, under the same rules as those of a check ([`crate::sarif`]). What was not examined is
/// a notification, and the class of each file stands with its artifact.
///
/// # Panics
/// Never: the log holds only JSON values.
pub fn render(report: &ScanReport, rules: &[&RuleMeta]) -> String {
    visible(&serde_json::to_string_pretty(&log(report, rules)).expect("a JSON value can be written"))
}

fn log(report: &ScanReport, rules: &[&RuleMeta]) -> Value {
    let findings: Vec<&Finding> = report.all_findings().collect();
    let chosen = sarif::chosen(&findings);
    let gaps: Vec<&Unexamined> =
        report.unexamined.iter().chain(report.files.iter().flat_map(|file| &file.unexamined)).collect();
    let artifacts: Vec<_> = report
        .files
        .iter()
        .map(|file| {
            let mut artifact = json!({
                "location": { "uri": sarif::uri(&file.path), "uriBaseId": "PROJECT" },
                "length": file.size,
                "properties": { "class": file.class, "format": file.format },
            });
            if let Some(digest) = &file.sha256 {
                artifact["hashes"] = json!({ "sha-256": digest });
            }
            artifact
        })
        .collect();
    let done = !report.classes.keys().any(|class| matches!(class, Class::Error | Class::Inconclusive))
        && report.unexamined.is_empty();
    sarif::file(&sarif::Run {
        tool: &report.tool,
        rules,
        category: "bartizan/scan/",
        base: "The folder that the scan was started in.",
        invocation: json!({
            "executionSuccessful": done,
            "exitCode": report.exit_code,
            "exitCodeDescription": report.summary,
            "toolExecutionNotifications":
                sarif::not_examined(&gaps, findings.len(), findings.len() - chosen.len(), Origin::Files),
        }),
        results: &|rules| chosen.iter().map(|finding| sarif::result(finding, rules, Origin::Files)).collect(),
        artifacts,
        properties: json!({
            "schema": report.schema,
            "summary": report.summary,
            "ruleSet": report.rule_set,
            "classes": report.classes,
        }),
    })
}
