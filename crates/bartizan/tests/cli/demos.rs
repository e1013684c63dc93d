use std::collections::BTreeMap;

use bartizan_demo::{Shown, planted};
use serde_json::Value;

use crate::run::Place;

fn by_rule(report: &Value) -> BTreeMap<String, Vec<(String, String)>> {
    let mut rules: BTreeMap<String, Vec<_>> = BTreeMap::new();
    for finding in report["findings"].as_array().unwrap() {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        rules.entry(text("rule")).or_default().push((text("severity"), text("place")));
        if !text("variant").is_empty() {
            let name = format!("{}/{}", text("rule"), text("variant"));
            rules.entry(name).or_default().push((text("severity"), text("place")));
        }
    }
    rules
}

fn status(report: &Value, control: &str) -> String {
    let controls = report["controls"].as_array().unwrap();
    let found =
        controls.iter().find(|one| one["id"] == control).unwrap_or_else(|| panic!("no control {control}"));
    found["status"].as_str().unwrap().to_owned()
}

#[test]
fn the_helpdesk_is_checked_recorded_and_unchanged_the_second_time() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);

    let (code, first) = place.check("h");
    assert_eq!(code, 0, "{}", first["outcome"]);
    assert_eq!(first["outcome"]["verification"]["word"], "verified");
    assert_eq!(first["outcome"]["coverage"]["word"], "complete");
    assert_eq!(first["run"]["recorded"]["kind"], "ledger");
    assert_eq!(status(&first, "model-scan"), "satisfied");
    assert_eq!(status(&first, "threat-model"), "satisfied");
    assert_eq!(status(&first, "data-scan"), "satisfied");
    assert_eq!(status(&first, "stop-and-rollback"), "satisfied");
    assert_eq!(status(&first, "red-team"), "unknown");

    let (code, second) = place.check("h");
    assert_eq!(code, 0);
    assert_eq!(second["run"]["recorded"]["added"], 1, "an unchanged result is not appended again");
    assert_eq!(status(&second, "model-scan"), "satisfied");
    let size = |report: &Value| report["run"]["recorded"]["size"].as_u64().unwrap();
    assert_eq!(size(&second), size(&first) + 1);
}

#[test]
fn every_planted_fault_of_the_compromised_project_is_shown() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "compromised", "c"]).code, 0);
    let (code, report) = place.check("c");
    assert_eq!(code, 1);
    let rules = by_rule(&report);
    let order = ["info", "low", "medium", "high", "critical"];
    for fault in planted() {
        match fault.shown {
            Shown::Finding { rule, variant, severity } => {
                let name = variant.map_or_else(|| rule.to_owned(), |variant| format!("{rule}/{variant}"));
                let found =
                    rules.get(&name).unwrap_or_else(|| panic!("{}: no {name} in {rules:#?}", fault.id));
                let least = order.iter().position(|word| *word == severity.as_str());
                let in_place = |place: &str| {
                    fault.file.starts_with(".bartizan")
                        || fault.file == "bartizan.toml"
                        || place.starts_with(fault.file)
                };
                let fits = |(word, place): &(String, String)| {
                    order.iter().position(|one| one == word) >= least && in_place(place)
                };
                assert!(found.iter().any(fits), "{}: {name} at {found:?}", fault.id);
            }
            Shown::Control { id, status: wanted } => assert_eq!(status(&report, id), wanted, "{}", fault.id),
        }
    }
    let readme = std::fs::read_to_string(place.path("c/README.md")).unwrap();
    for fault in planted() {
        assert!(readme.contains(fault.what), "the README does not list {}", fault.id);
    }
}

#[test]
fn an_untrusted_statement_counts_for_nothing() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "compromised", "c"]).code, 0);
    let (_, report) = place.check("c");
    assert_ne!(status(&report, "red-team"), "satisfied");
    let evidence = report["evidence"].as_array().unwrap();
    let refused: Vec<_> = evidence.iter().filter(|one| one["state"] == "refused").collect();
    assert_eq!(refused.len(), 1);
    assert!(
        refused[0]["reason"].as_str().unwrap().contains("that the trust file does not name"),
        "{}",
        refused[0]
    );
}

/// Whoever gets the report, and may try every value of a dictionary, learns none of the values that it is about.
#[test]
fn no_report_gives_away_what_was_found() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "compromised", "c"]).code, 0);
    let tickets = std::fs::read_to_string(place.path("c/data/tickets.jsonl")).unwrap();
    let dictionary: Vec<&str> = tickets
        .split(|c: char| c.is_whitespace() || "\"\\,;()".contains(c))
        .map(|word| word.trim_matches('.'))
        .filter(|word| {
            word.contains('@')
                || word.starts_with("AKIA")
                || (word.len() >= 9 && word.bytes().filter(u8::is_ascii_digit).count() >= 9)
        })
        .filter(|word| !word.starts_with("20"))
        .collect();
    assert!(dictionary.len() > 5_000, "{}", dictionary.len());
    for format in ["text", "json", "sarif"] {
        let ran = place.run(&["check", "c", "--format", format, "--verbose"]);
        let digest_of = |word: &str| bartizan_finding::Digest::of(word.as_bytes()).hex();
        for word in &dictionary {
            assert!(!ran.out.contains(word), "{format} holds `{word}`");
        }
        for word in dictionary.iter().step_by(50) {
            assert!(!ran.out.contains(&digest_of(word)), "{format} holds the digest of `{word}`");
        }
    }
}

#[test]
fn an_example_is_never_written_over_something() {
    let place = Place::new();
    place.write("full/a.txt", "mine");
    let ran = place.run(&["demo", "helpdesk", "full"]);
    assert_eq!(ran.code, 2);
    assert!(ran.err.contains("is not an empty folder"), "{}", ran.err);
    assert_eq!(std::fs::read_to_string(place.path("full/a.txt")).unwrap(), "mine");
}

#[test]
fn up_writes_the_example_once_and_shows_it() {
    let place = Place::new();
    let first = place.run(&["up", "--once"]);
    assert_eq!(first.code, 0, "{first:?}");
    assert!(first.out.contains("This is an example"), "{}", first.out);
    assert!(place.path("bartizan-demo/bartizan.toml").is_file());
    assert_eq!(place.run(&["up", "--once"]).code, 0);

    place.write("model/weights.safetensors", crate::run::safetensors(64));
    let own = place.run(&["up", "--once"]);
    assert_eq!(own.code, 0, "{own:?}");
    assert!(
        !own.out.contains("This is an example"),
        "a folder with a model is looked at itself: {}",
        own.out
    );
    assert!(place.run(&["up", "--demo", "--once"]).out.contains("This is an example"));
}
