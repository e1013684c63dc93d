//! `bartizan doctor` on projects that are sound and on such that something stands in the way of.

use std::{os::unix::fs::PermissionsExt as _, path::Path, process::Command};

use serde_json::Value;

use crate::run::Place;

const PROJECT: &str = "h/bartizan.toml";

/// An example project and what is remembered of it.
fn example() -> Place {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);
    place
}

/// Another place with the same content, which is quicker than another example.
fn copy_of(place: &Place) -> Place {
    let copy = Place::new();
    for name in ["h", "state-home"] {
        clone(&place.path(name), &copy.path(name));
    }
    copy
}

/// Copies a folder with the modes of its files.
fn clone(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").args([from, to]).status().expect("cp is there");
    assert!(copied.success(), "cannot copy {}", from.display());
}

fn diagnosis(place: &Place, more: &[&str]) -> (i32, Value) {
    let words: Vec<&str> = ["doctor", "--format", "json"].iter().chain(more).copied().collect();
    let ran = place.run(&words);
    (ran.code, serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}")))
}

/// How it stands with the thing of this id, and the sentence and remedy about it.
fn line<'a>(diagnosis: &'a Value, id: &str) -> (&'a str, &'a str, Option<&'a str>) {
    let lines = diagnosis["lines"].as_array().unwrap();
    let line = lines.iter().find(|line| line["id"] == id);
    let line = line.unwrap_or_else(|| panic!("nothing is said about `{id}`: {diagnosis:#}"));
    (line["state"].as_str().unwrap(), line["says"].as_str().unwrap(), line["remedy"].as_str())
}

#[test]
fn a_sound_project_is_ready() {
    let place = example();
    let (code, found) = diagnosis(&place, &["--config", PROJECT]);
    assert_eq!(code, 0, "{found:#}");
    assert_eq!((&found["schema"], &found["ready"]), (&"bartizan/doctor/v1".into(), &true.into()));
    let ids: Vec<_> =
        found["lines"].as_array().unwrap().iter().map(|line| line["id"].as_str().unwrap()).collect();
    for id in ["version", "terminal", "console", "heads", "project", "pins", "trust", "keys"] {
        assert!(ids.contains(&id), "{ids:?}");
    }
    // The port may be taken by another program and the disk may be full; neither is the project's fault.
    for id in ["project", "pins", "trust", "keys", "disk", "ledger", "clock"] {
        assert_eq!(line(&found, id).0, "good", "{found:#}");
    }
    let (state, _, remedy) = line(&found, "root");
    assert_eq!(state, "hint", "the root key of the example has no passphrase");
    assert!(remedy.unwrap().contains("BARTIZAN_ROOT_PASSPHRASE"), "{remedy:?}");
    let strays = std::fs::read_dir(place.path("h/.bartizan")).unwrap();
    let strays: Vec<_> = strays.map(|entry| entry.unwrap().file_name()).collect();
    assert!(!strays.iter().any(|name| name.to_string_lossy().starts_with(".doctor")), "{strays:?}");
}

#[test]
fn the_text_says_the_verdict_first_and_keeps_to_80_columns() {
    let place = example();
    let ran = place.run(&["doctor", "--config", PROJECT]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("A check can run and be recorded"), "{}", ran.out);
    for line in ran.out.lines().filter(|line| line.split_whitespace().all(|word| word.len() < 60)) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    let quiet = place.run(&["doctor", "--quiet", "--config", PROJECT]);
    assert_eq!(quiet.out.lines().count(), 1, "{}", quiet.out);
    let coloured = place.run(&["doctor", "--color", "always", "--config", PROJECT]);
    assert!(coloured.out.contains("\u{1b}[32m●\u{1b}[0m project"), "{}", coloured.out);
}

/// A change to a sound project, what is then looked at, and words of the sentence about it.
type Case = (&'static str, fn(&Place), &'static str, &'static str);

#[test]
fn what_stands_in_the_way_is_named_with_its_remedy() {
    let cases: [Case; 8] = [
        (
            "a key that others can read",
            |place| {
                let key = place.path("h/.bartizan/keys/collector.key");
                std::fs::set_permissions(key, std::fs::Permissions::from_mode(0o644)).unwrap();
            },
            "keys",
            "644",
        ),
        (
            "a key that is gone",
            |place| std::fs::remove_file(place.path("h/.bartizan/keys/log.key")).unwrap(),
            "keys",
            "log.key",
        ),
        (
            "a trust file that somebody changed",
            |place| {
                let path = place.path("h/.bartizan/trust.toml");
                let text = std::fs::read_to_string(&path).unwrap();
                std::fs::write(path, format!("{text}\n# changed\n")).unwrap();
            },
            "trust",
            "trust file",
        ),
        (
            "a log without its checkpoint",
            |place| std::fs::remove_file(place.path("h/.bartizan/ledger/checkpoint")).unwrap(),
            "ledger",
            "fault",
        ),
        (
            "a ledger that is gone",
            |place| std::fs::remove_dir_all(place.path("h/.bartizan/ledger")).unwrap(),
            "ledger",
            "cannot open the folder",
        ),
        (
            "no keys at all",
            |place| std::fs::remove_dir_all(place.path("h/.bartizan")).unwrap(),
            "keys",
            "there are no keys",
        ),
        (
            "a project file with a fault",
            |place| {
                let path = place.path(PROJECT);
                let text = std::fs::read_to_string(&path).unwrap();
                std::fs::write(path, format!("{text}\n[asset.x]\nkind = \"modle\"\n")).unwrap();
            },
            "project",
            "1 fault; the first is ",
        ),
        (
            "no project file",
            |place| std::fs::remove_file(place.path(PROJECT)).unwrap(),
            "project",
            "h/bartizan.toml",
        ),
    ];
    let sound = example();
    for (what, change, id, words) in cases {
        let place = copy_of(&sound);
        change(&place);
        let (code, found) = diagnosis(&place, &["--config", PROJECT]);
        let (state, says, remedy) = line(&found, id);
        assert_eq!((code, state), (4, "wrong"), "{what}: {found:#}");
        assert!(says.contains(words), "{what}: {says}");
        assert!(remedy.is_some_and(|remedy| remedy.len() > 8), "{what}: {found:#}");
        assert_eq!(found["ready"], false);
    }
}

#[test]
fn a_log_that_was_rolled_back_is_noticed() {
    let place = example();
    let ledger = place.path("h/.bartizan/ledger");
    let copy = place.path("copy");
    clone(&ledger, &copy);
    assert_eq!(place.check("h").0, 0);
    std::fs::remove_dir_all(&ledger).unwrap();
    std::fs::rename(&copy, &ledger).unwrap();
    let (code, found) = diagnosis(&place, &["--config", PROJECT]);
    assert_eq!((code, line(&found, "ledger").0), (4, "wrong"), "{found:#}");
}

#[test]
fn a_log_that_nobody_has_seen_is_a_hint() {
    let place = example();
    std::fs::remove_dir_all(place.path("state-home")).unwrap();
    let (code, found) = diagnosis(&place, &["--config", PROJECT]);
    let (state, says, _) = line(&found, "ledger");
    assert_eq!((code, state), (0, "hint"), "{found:#}");
    assert!(says.contains("truncation cannot be excluded"), "{says}");
    assert!(!place.path("state-home").exists(), "doctor made a folder");
}

#[test]
fn a_collector_key_that_was_renewed_is_the_one_that_counts() {
    let place = example();
    let renewed = place.run(&["key", "renew", "--config", PROJECT]);
    assert_eq!(renewed.code, 0, "{renewed:?}");
    let (code, found) = diagnosis(&place, &["--config", PROJECT]);
    assert_eq!((code, line(&found, "keys").0), (0, "good"), "{found:#}");
    assert!(line(&found, "trust").1.starts_with("trust file 2"), "{found:#}");
}
