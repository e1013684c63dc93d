use std::{io::Read as _, process::Stdio};

use crate::run::{Place, safetensors};

#[test]
fn wrong_usage_ends_with_2_and_help_with_0() {
    let place = Place::new();
    assert_eq!(place.run(&["chek"]).code, 2);
    assert_eq!(place.run(&["check", "--format", "xml"]).code, 2);
    assert_eq!(place.run(&["check", "--format", "text", "--format", "json"]).code, 2);
    assert_eq!(place.run(&["--help"]).code, 0);
    assert_eq!(place.run(&["--version"]).code, 0);
    assert_eq!(place.run(&["explain", "XXX999"]).code, 2);
}

#[test]
fn several_formats_go_to_several_places() {
    let place = Place::new();
    place.write("m/model.safetensors", safetensors(64));
    let ran = place.run(&[
        "check",
        "m",
        "--format",
        "text",
        "--format",
        "sarif=out.sarif",
        "--format",
        "json=out.json",
    ]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.out.starts_with("m: "), "{}", ran.out);
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&std::fs::read_to_string(place.path(name)).unwrap()).unwrap()
    };
    assert_eq!(read("out.sarif")["version"], "2.1.0");
    assert_eq!(read("out.json")["schema"], "bartizan/report/v1");
}

#[test]
fn explain_knows_rules_variants_and_controls() {
    let place = Place::new();
    for (code, says) in [
        ("PKL001", "## Why it matters"),
        ("sec001/stripe-live", "Stripe"),
        ("model-scan", "## What must be shown"),
    ] {
        let ran = place.run(&["explain", code]);
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.out.contains(says), "{}", ran.out);
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let place = Place::new();
    let mut child = place
        .command(&["rules", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!((child.wait().unwrap().code(), said.as_str()), (Some(0), ""));
}

#[test]
fn a_required_control_that_is_not_satisfied_changes_the_exit() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);
    assert_eq!(place.run(&["check", "h", "--require", "model-scan"]).code, 0);
    let ran = place.run(&["check", "h", "--require", "red-team"]);
    assert_eq!(ran.code, 4);
    assert!(ran.err.contains("the required control `red-team` is unknown"), "{}", ran.err);
    assert_eq!(place.run(&["check", "h", "--require", "no-such-control"]).code, 2);
}

#[test]
fn doctor_says_what_stands_in_the_way() {
    let place = Place::new();
    let ran = place.run(&["doctor"]);
    assert_eq!(ran.code, 4);
    assert!(ran.out.contains("there is no bartizan.toml"), "{}", ran.out);
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);
    let ran = place.run(&["doctor", "--config", "h/bartizan.toml"]);
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[test]
fn the_root_key_can_have_a_passphrase() {
    let place = Place::new();
    place.write("p/bartizan.toml", "format = 1\n[project]\nname = \"x\"\nrole = \"acquirer\"\n");
    let made = place
        .command(&["key", "new", "--config", "p/bartizan.toml"])
        .env("BARTIZAN_ROOT_PASSPHRASE", "correct horse")
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    let key = std::fs::read_to_string(place.path("p/.bartizan/keys/root.key")).unwrap();
    assert!(
        key.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"),
        "the root key lies there in plain text"
    );
    assert_eq!(
        place.run(&["key", "new", "--config", "p/bartizan.toml"]).code,
        2,
        "keys are never overwritten"
    );
}
