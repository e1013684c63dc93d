use bartizan_finding::Severity as Level;

use super::*;
use crate::{sample, text::Options, v1::Tool};

/// Files of three classes; the findings are those of the busy sample.
fn scan() -> ScanReport {
    let busy = sample::busy();
    let file = |path: &str, class, findings: &[Finding]| ScannedFile {
        path: path.to_owned(),
        class,
        format: Some("pickle".to_owned()),
        size: 1_300_000,
        bytes_read: 1_300_000,
        sha256: Some("ab".repeat(32)),
        carries_code: Some(true),
        outline: Outline { pickles: 2, ..Outline::default() },
        findings: findings.to_vec(),
        unexamined: Vec::new(),
    };
    ScanReport {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "bartizan".to_owned(), version: "0.1.0".to_owned() },
        rule_set: 1,
        exit_code: 1,
        fail_on: Level::High.into(),
        summary: "3 files: 1 with findings, 1 inconclusive, 1 clean.".to_owned(),
        structure_only: false,
        classes: [(Class::Finding, 1), (Class::Inconclusive, 1), (Class::Clean, 1)].into(),
        files: vec![
            file("a/evil.pkl", Class::Finding, busy.findings.get(..2).unwrap_or_default()),
            file("b/odd.pkl", Class::Inconclusive, &[]),
            file("c/good.pkl", Class::Clean, &[]),
        ],
        findings: Vec::new(),
        unexamined: busy.unexamined.clone(),
        rules: Vec::new(),
    }
}

#[test]
fn a_scan_reads_back_as_it_was_written_and_fits_its_schema() {
    let scan = scan();
    let text = scan.to_json();
    assert_eq!(serde_json::from_str::<ScanReport>(&text).unwrap(), scan);
    let schema: serde_json::Value = serde_json::from_str(&schema_text()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&serde_json::from_str(&text).unwrap()));
}

#[test]
fn text_says_the_worst_first_and_keeps_to_the_page() {
    for width in [40, 80, 120] {
        let said = text(&scan(), &Options { width, ..Options::default() });
        assert!(
            said.lines().all(|line| line.starts_with("  bartizan") || crate::printable::width(line) <= width)
        );
        let at = |word: &str| said.find(word).unwrap_or_else(|| panic!("{word} in\n{said}"));
        assert!(
            at("finding: 1 file") < at("inconclusive: 1 file") && at("inconclusive") < at("clean: 1 file")
        );
    }
}

#[test]
fn sarif_names_each_file_and_what_was_not_opened() {
    let log: serde_json::Value = serde_json::from_str(&sarif(&scan(), &[])).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["artifacts"].as_array().unwrap().len(), 3);
    assert_eq!(run["artifacts"][0]["properties"]["class"], "finding");
    assert_eq!(run["results"].as_array().unwrap().len(), 2);
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(notes.len(), sample::busy().unexamined.len());
}
