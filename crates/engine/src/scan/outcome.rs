//! What a scan saw, as the report that people and programs read.

use std::collections::BTreeMap;

use bartizan_artifact::{FileClass, Inspection, RULE_SET};
use bartizan_finding::{FindingSet, Location, Occurrence, Severity};
use bartizan_report::{
    scan::{Class, Outline, SCHEMA, ScanReport, ScannedFile as Row},
    v1::{Finding, RuleText, Tool, Unexamined},
};

use super::{Depth, ScanRequest, Scanned, ScannedFile};
use crate::registry;

/// The report, and what follows for the caller.
pub fn report(
    request: &ScanRequest,
    scanned: &Scanned,
    fail_on: Severity,
    version: &'static str,
) -> ScanReport {
    let files: Vec<_> = scanned.files.iter().map(row).collect();
    let mut classes = BTreeMap::new();
    for file in &files {
        *classes.entry(file.class).or_insert(0) += 1;
    }
    let unexamined: Vec<_> = scanned.unexamined.iter().map(|gap| Unexamined::new(None, gap)).collect();
    let mut report = ScanReport {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "bartizan".to_owned(), version: version.to_owned() },
        rule_set: RULE_SET,
        exit_code: 0,
        fail_on: fail_on.into(),
        summary: String::new(),
        structure_only: request.depth == Depth::Structure,
        classes,
        files,
        findings: findings(&scanned.between),
        unexamined,
        rules: Vec::new(),
    };
    report.rules = rules(&report);
    report.exit_code = exit_code(&report);
    report.summary = summary(&report);
    report
}

fn row(file: &ScannedFile) -> Row {
    match &file.seen {
        Ok(seen) => Row {
            path: file.name.clone(),
            class: class(seen.class),
            format: Some(seen.format.to_string()),
            size: seen.size,
            bytes_read: seen.bytes_read,
            sha256: seen.digest.map(|digest| digest.hex()),
            carries_code: seen.format.carries_code(),
            outline: outline(seen),
            findings: findings(&seen.problems),
            unexamined: seen.unexamined.iter().map(|gap| Unexamined::new(None, gap)).collect(),
        },
        Err(why) => {
            let gap = bartizan_finding::Unexamined::new(
                Location::file(&file.name),
                format!("it cannot be read: {why}"),
            );
            Row {
                path: file.name.clone(),
                class: Class::Error,
                format: None,
                size: 0,
                bytes_read: 0,
                sha256: None,
                carries_code: None,
                outline: Outline::default(),
                findings: Vec::new(),
                unexamined: vec![Unexamined::new(None, &gap)],
            }
        }
    }
}

const fn class(class: FileClass) -> Class {
    match class {
        FileClass::Finding => Class::Finding,
        FileClass::Error => Class::Error,
        FileClass::Inconclusive => Class::Inconclusive,
        FileClass::Review => Class::Review,
        FileClass::Clean => Class::Clean,
    }
}

fn outline(seen: &Inspection) -> Outline {
    let outline = &seen.outline;
    Outline {
        tensors: outline.tensors,
        parameters: outline.parameters,
        dtypes: outline.dtypes.clone(),
        pickles: outline.pickles,
        globals: outline.globals.clone(),
        facts: outline.facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
    }
}

/// One finding for each rule and place, worst first.
fn findings(problems: &[Occurrence]) -> Vec<Finding> {
    let mut set = FindingSet::new();
    for problem in problems {
        set.push(None, problem.clone());
    }
    let rules = registry::rules();
    let found = set.finish();
    let mut findings: Vec<_> = found
        .iter()
        .filter_map(|finding| {
            let rule = rules.iter().find(|rule| rule.code == finding.rule)?;
            Some(Finding::new(finding, rule))
        })
        .collect();
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    findings
}

fn rules(report: &ScanReport) -> Vec<RuleText> {
    let mut codes: Vec<&str> = report.all_findings().map(|finding| finding.rule.as_str()).collect();
    codes.sort_unstable();
    codes.dedup();
    let all = registry::rules();
    let known = |code: &&str| all.iter().find(|rule| rule.code.as_str() == *code).copied();
    codes.iter().filter_map(known).map(RuleText::from).collect()
}

/// By the table of exit codes: findings before what could not be done, and that before nothing to do.
fn exit_code(report: &ScanReport) -> u8 {
    let has = |class: Class| report.classes.contains_key(&class);
    if report.all_findings().any(|finding| finding.severity >= report.fail_on) {
        1
    } else if has(Class::Error) || has(Class::Inconclusive) || !report.unexamined.is_empty() {
        4
    } else if report.files.is_empty() {
        3
    } else if report.files.iter().any(|file| !file.unexamined.is_empty()) {
        4
    } else {
        0
    }
}

fn tally(class: Class, count: u64) -> String {
    match class {
        Class::Finding => format!("{count} with findings"),
        Class::Error => format!("{count} with errors"),
        Class::Inconclusive => format!("{count} inconclusive"),
        Class::Review => format!("{count} to review"),
        Class::Clean => format!("{count} clean"),
    }
}

fn summary(report: &ScanReport) -> String {
    if report.files.is_empty() && report.unexamined.is_empty() {
        return "There is nothing to scan.".to_owned();
    }
    let total = report.files.len();
    let parts: Vec<_> = Class::WORST_FIRST
        .into_iter()
        .filter_map(|class| Some(tally(class, *report.classes.get(&class)?)))
        .collect();
    let noun = if total == 1 { "file" } else { "files" };
    let mut text = format!("{total} {noun}: {}.", parts.join(", "));
    if !report.findings.is_empty() {
        text.push_str(&format!(" Findings between files: {}.", report.findings.len()));
    }
    if !report.unexamined.is_empty() {
        text.push_str(&format!(" Places that were not opened: {}.", report.unexamined.len()));
    }
    if report.structure_only {
        text.push_str(
            " Only the structure of safetensors and GGUF was read, not the values of their tensors.",
        );
    }
    text
}
