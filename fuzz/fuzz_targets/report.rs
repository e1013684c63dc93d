//! Whatever files are called and hold: no output carries a character that hides, and none loses what was said.

#![no_main]

use arbitrary::Arbitrary;
use bartizan_finding::{AssetId, Digest, FindingSet, Location, Occurrence, RuleMeta, Unexamined as Missed};
use bartizan_fuzz::assert_visible;
use bartizan_report::{sarif, text, to_json, v1};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

#[derive(Arbitrary, Debug)]
struct Seen<'b> {
    places: Vec<(u8, &'b str, u32, &'b str)>,
    name: &'b str,
    words: &'b str,
    width: u8,
}

fuzz_target!(|seen: Seen<'_>| {
    let rules = bartizan_dataset::rules();
    let report = report(&seen, &rules);
    for detail in [text::Detail::Quiet, text::Detail::Normal, text::Detail::Verbose] {
        let options = text::Options { width: seen.width.into(), style: text::Style::Plain, detail };
        let page = text::render(&report, &options);
        page.split('\n').for_each(assert_visible);
    }
    let json = to_json(&report);
    json.lines().for_each(assert_visible);
    assert_eq!(serde_json::from_str::<v1::Report>(&json).expect("it was just written"), report);

    let log = sarif::render(&report, &rules);
    log.lines().for_each(assert_visible);
    let log: Value = serde_json::from_str(&log).expect("SARIF is JSON");
    let results = log["runs"][0]["results"].as_array().expect("a run has results");
    assert_eq!(results.len(), report.findings.len());
    for uri in
        results.iter().filter_map(|one| one.pointer("/locations/0/physicalLocation/artifactLocation/uri"))
    {
        let uri = uri.as_str().expect("a reference is text");
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._~/%".contains(c);
        assert!(uri.chars().all(plain) && !uri.starts_with('/'), "{uri} is no relative reference");
    }
});

fn report(seen: &Seen<'_>, rules: &[&'static RuleMeta]) -> v1::Report {
    let mut set = FindingSet::new();
    let mut missed = Vec::new();
    for (kind, path, number, words) in &seen.places {
        let (path, column, n) = ((*path).to_owned(), (*words).to_owned(), u64::from(*number));
        let location = match kind % 4 {
            0 => Location::Text { path, start: n, end: n + 1, line: n, column: n },
            1 => Location::Bytes { path, members: vec![column], start: n, end: n / 2 },
            2 => Location::Record { path, row: n, column },
            _ => Location::Project { key: path, start: n, end: n, line: 1, column: 1 },
        };
        missed.push(v1::Unexamined::new(None, &Missed::new(location.clone(), *words)));
        let rule = rules[usize::from(*kind) % rules.len()];
        set.push(Some(&AssetId::new("data")), Occurrence::new(rule, location, *words));
    }
    let meta = |code: &str| rules.iter().find(|rule| rule.code.as_str() == code).expect("of these rules");
    let found = set.finish();
    let found = found.iter().map(|finding| v1::Finding::new(finding, meta(finding.rule.as_str())));
    let part = |word: &str| json!({ "word": word, "sentence": seen.words });
    let time = "2026-05-01T12:00:00Z";
    let report = json!({
        "schema": v1::SCHEMA,
        "tool": { "name": "bartizan", "version": "0.1.0" },
        "project": { "name": seen.name, "role": "acquirer", "inferred": seen.width.is_multiple_of(2) },
        "run": { "as_of": time, "started": time, "finished": time, "self_attested": true, "offline": true,
            "recorded": { "kind": "not-recorded", "reason": seen.words } },
        "outcome": { "exit_code": 4, "fail_on": "high", "findings": part("below"), "gates": part("not-asked"),
            "coverage": part("incomplete"), "verification": part("failed") },
        "summary": seen.words,
        "findings": found.collect::<Vec<_>>(),
        "suppressed": 0, "threats": [], "risks": [], "groups": [],
        "controls": [{ "id": "data-scan", "title": seen.name, "group": "PW", "baseline": "ssdf-218a",
            "status": "failing", "why": seen.words, "next": seen.words, "considerations": [], "items": [],
            "threats": [], "evidence": [],
            "subjects": [{ "label": seen.name, "status": "unknown", "why": seen.words }] }],
        "evidence": [{ "predicate": seen.name, "subject": seen.name, "digest": Digest::of(b"x"),
            "collector": seen.name, "collected": time, "state": "refused", "reason": seen.words }],
        "unexamined": missed,
        "assets": [{ "id": "data", "kind": "dataset", "path": seen.name, "files": 1, "bytes": 1 }],
        "next": [{ "sentence": seen.words, "command": seen.name }],
    });
    serde_json::from_value(report).expect("the shape of a report")
}
