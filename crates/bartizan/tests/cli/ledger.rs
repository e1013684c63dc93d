use std::fs;

use crate::run::{Place, files};

fn helpdesk() -> Place {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);
    assert_eq!(place.check("h").0, 0);
    place
}

const CONFIG: [&str; 2] = ["--config", "h/bartizan.toml"];

fn with_config<'a>(arguments: &[&'a str]) -> Vec<&'a str> {
    [arguments, &CONFIG].concat()
}

#[test]
fn verify_holds_and_one_flipped_byte_in_any_file_is_named() {
    let place = helpdesk();
    let ran = place.run(&with_config(&["ledger", "verify"]));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("nothing was removed or changed since the log was seen"), "{}", ran.out);
    assert!(ran.out.contains("not witnessed"), "{}", ran.out);

    let folder = place.path("h/.bartizan/ledger");
    let all = files(&folder);
    assert!(all.len() > 20, "{all:?}");
    for file in all {
        let content = fs::read(&file).unwrap();
        let Some(middle) = content.len().checked_sub(1).map(|last| last / 2) else { continue };
        let mut flipped = content.clone();
        flipped[middle] ^= 0x01;
        fs::write(&file, &flipped).unwrap();
        let ran = place.run(&with_config(&["ledger", "verify"]));
        let name = file.strip_prefix(&folder).unwrap().to_str().unwrap();
        assert_eq!(ran.code, 5, "{name}: {ran:?}");
        assert!(ran.out.contains(name), "{name} is not named in: {}", ran.out);
        fs::write(&file, content).unwrap();
    }
    assert_eq!(place.run(&with_config(&["ledger", "verify"])).code, 0);
}

#[test]
fn a_log_that_was_rolled_back_is_noticed_by_verify_and_by_check() {
    let place = helpdesk();
    let (ledger, copy) = (place.path("h/.bartizan/ledger"), place.path("copy"));
    copy_folder(&ledger, &copy);
    place.write("h/prompts/system.md", "You answer questions about orders.\n");
    assert_eq!(place.check("h").0, 0);
    fs::remove_dir_all(&ledger).unwrap();
    copy_folder(&copy, &ledger);

    let ran = place.run(&with_config(&["ledger", "verify"]));
    assert_eq!(ran.code, 5);
    assert!(ran.out.contains("entries were cut off, or an old copy put back"), "{}", ran.out);
    let (code, report) = place.check("h");
    assert_eq!(code, 5);
    assert_eq!(report["outcome"]["verification"]["word"], "failed");
    assert_eq!(report["run"]["recorded"]["kind"], "not-recorded");

    fs::remove_dir_all(place.path("state-home")).unwrap();
    let ran = place.run(&with_config(&["ledger", "verify"]));
    assert_eq!(ran.code, 0);
    assert!(ran.out.contains("truncation cannot be excluded"), "{}", ran.out);
}

#[test]
fn a_changed_trust_file_is_refused() {
    let place = helpdesk();
    let path = place.path("h/.bartizan/trust.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace("\"oncall\"", "\"anyone\"")).unwrap();
    let ran = place.run(&["check", "h"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.err.contains("trust file"), "{}", ran.err);
}

#[test]
fn other_keys_than_the_pinned_ones_are_refused() {
    let place = helpdesk();
    let project = fs::read_to_string(place.path("h/bartizan.toml")).unwrap();
    fs::remove_dir_all(place.path("h/.bartizan")).unwrap();
    assert_eq!(place.run(&with_config(&["key", "new"])).code, 0);
    let ran = place.run(&["check", "h"]);
    assert_eq!(ran.code, 5, "{ran:?}");
    assert!(ran.err.contains("but the project pins"), "{}", ran.err);
    assert_eq!(fs::read_to_string(place.path("h/bartizan.toml")).unwrap(), project);
}

#[test]
fn a_proof_says_where_the_entry_stands() {
    let place = helpdesk();
    let ran = place.run(&with_config(&["ledger", "prove", "3"]));
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("c2sp.org/tlog-proof@v1\n"), "{}", ran.out);
    assert!(ran.out.contains("index 3\n"), "{}", ran.out);
    assert_eq!(place.run(&with_config(&["ledger", "prove", "100000"])).code, 2);
}

#[test]
fn two_checks_at_once_both_succeed() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);
    let start = || place.command(&["check", "h", "--quiet"]).spawn().unwrap();
    let mut running = [start(), start(), start()];
    for child in &mut running {
        assert_eq!(child.wait().unwrap().code(), Some(0));
    }
    assert_eq!(place.run(&with_config(&["ledger", "verify"])).code, 0);
}

#[test]
fn where_the_log_cannot_be_written_the_run_says_so_and_harms_nothing() {
    use std::os::unix::fs::PermissionsExt as _;

    let place = helpdesk();
    let ledger = place.path("h/.bartizan/ledger");
    // The superuser may write anywhere, so for it the test would show nothing.
    let probe = place.path("probe");
    fs::create_dir(&probe).unwrap();
    fs::set_permissions(&probe, fs::Permissions::from_mode(0o500)).unwrap();
    if fs::write(probe.join("x"), "x").is_ok() {
        return read_only_as_superuser(&place);
    }
    fs::set_permissions(&ledger, fs::Permissions::from_mode(0o500)).unwrap();
    place.write("h/prompts/system.md", "Changed.\n");
    let ran = place.run(&["check", "h"]);
    fs::set_permissions(&ledger, fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.contains("Not recorded") && ran.out.contains("read-only"), "{}", ran.out);
    assert_eq!(place.run(&with_config(&["ledger", "verify"])).code, 0);
}

/// What the superuser cannot write either: a name that is taken by something else.
fn read_only_as_superuser(place: &Place) {
    let blobs = place.path("h/.bartizan/ledger/blobs");
    let aside = place.path("h/.bartizan/ledger-blobs");
    fs::rename(&blobs, &aside).unwrap();
    fs::write(&blobs, "in the way").unwrap();
    let ran = place.run(&["check", "h"]);
    assert!(matches!(ran.code, 4 | 5), "{ran:?}");
    fs::remove_file(&blobs).unwrap();
    fs::rename(&aside, &blobs).unwrap();
    assert_eq!(place.run(&with_config(&["ledger", "verify"])).code, 0);
}

#[test]
fn findings_are_shown_even_where_the_log_cannot_be_used() {
    let place = helpdesk();
    let lock = place.path("h/.bartizan/ledger/lock");
    fs::remove_file(&lock).unwrap();
    fs::create_dir(&lock).unwrap();
    place.write("h/prompts/system.md", "Changed.\n");
    let (code, report) = place.check("h");
    assert_eq!(code, 4, "{report:#}");
    assert_eq!(report["run"]["recorded"]["kind"], "not-recorded");
    assert!(report["unexamined"].to_string().contains("could not be recorded"), "{}", report["unexamined"]);
    assert_eq!(report["findings"][0]["rule"], "PII001");
    fs::remove_dir(&lock).unwrap();
    assert_eq!(place.run(&with_config(&["ledger", "verify"])).code, 0);
    assert_eq!(place.check("h").0, 0);
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    for file in files(from) {
        let target = to.join(file.strip_prefix(from).unwrap());
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::copy(&file, target).unwrap();
    }
}
