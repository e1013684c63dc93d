//! `model scan` and `model convert`: files that code has just made, in every format, with every exit code.

use bartizan_corpus::{
    pickle::{Pickle, system},
    torch::State,
    zip::{Member, zip},
};
use serde_json::Value;

use crate::{
    interop::{fits_the_schema, python},
    run::{Place, safetensors},
};

/// A folder with a file of each class.
fn mixed() -> Place {
    let place = Place::new();
    place.write("m/evil.pkl", system().stop());
    place.write("m/inner.zip", zip(&[Member::deflated("data.pkl", &system().stop())]));
    place.write("m/unknown.pkl", Pickle::proto(2).global("my.model", "Net").raw(b")\x81").stop());
    place.write("m/opaque.bin", b"\0\x01\x02\x03");
    place.write("m/weights.safetensors", safetensors(64));
    place
}

fn classes(report: &Value) -> Vec<(&str, &str)> {
    let files = report["files"].as_array().unwrap();
    files.iter().map(|file| (file["path"].as_str().unwrap(), file["class"].as_str().unwrap())).collect()
}

#[test]
fn a_folder_of_hostile_and_benign_files_is_told_apart() {
    let place = mixed();
    let ran = place.run(&["model", "scan", "m", "--format", "json"]);
    assert_eq!(ran.code, 1);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        classes(&report),
        [
            ("m/evil.pkl", "finding"),
            ("m/inner.zip", "finding"),
            ("m/opaque.bin", "inconclusive"),
            ("m/unknown.pkl", "review"),
            ("m/weights.safetensors", "clean"),
        ]
    );
    let evil = &report["files"][0];
    let call = evil["findings"].as_array().unwrap().iter().find(|one| one["rule"] == "PKL001").unwrap();
    let place_of_call = &call["samples"][0]["location"];
    assert_eq!((&place_of_call["kind"], &place_of_call["start"]), (&"bytes".into(), &26.into()), "{call:#}");
    assert_eq!(evil["sha256"].as_str().map(str::len), Some(64));
    let validator: Value =
        serde_json::from_str(include_str!("../../../../docs/reference/scan-v1.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&validator).unwrap();
    let faults: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}");

    let text = place.run(&["model", "scan", "m"]);
    assert_eq!(text.code, 1);
    for said in [
        "5 files: 2 with findings, 1 inconclusive, 1 to review, 1 clean.",
        "■ m/evil.pkl",
        "data.pkl at byte 26",
        "loading the file calls posix.system, which starts programs",
        "◐ m/unknown.pkl",
        "○ m/opaque.bin",
        "not examined",
        "bartizan explain PKL001",
    ] {
        assert!(text.out.contains(said), "{said}\n{}", text.out);
    }
}

#[test]
fn the_exit_code_says_what_was_seen() {
    let place = mixed();
    std::fs::create_dir(place.path("nothing")).unwrap();
    for (arguments, code) in [
        (vec!["m/weights.safetensors"], 0),
        (vec!["m/weights.safetensors", "--structure"], 0),
        (vec!["m/evil.pkl"], 1),
        (vec!["m/unknown.pkl"], 0),
        (vec!["m/unknown.pkl", "--fail-on", "medium"], 1),
        (vec!["m/opaque.bin"], 4),
        (vec!["m/opaque.bin", "m/evil.pkl"], 1),
        (vec!["nothing"], 3),
        (vec!["not-there"], 2),
        (vec!["m", "--format", "html"], 2),
    ] {
        let all: Vec<_> = ["model", "scan"].into_iter().chain(arguments.iter().copied()).collect();
        let ran = place.run(&all);
        assert_eq!(ran.code, code, "{arguments:?}: {}{}", ran.out, ran.err);
    }
}

#[test]
fn links_out_of_the_folder_are_named() {
    let place = mixed();
    std::os::unix::fs::symlink("/etc/hostname", place.path("m/link.bin")).unwrap();
    let ran = place.run(&["model", "scan", "m", "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap();
    assert!(
        report["unexamined"][0]["at"].as_str().unwrap().contains("link.bin"),
        "{:#}",
        report["unexamined"]
    );
}

#[test]
fn interop_sarif_schema_accepts_a_scan() {
    let place = mixed();
    let ran = place.run(&["model", "scan", "m", "--format", "sarif"]);
    assert_eq!(ran.code, 1);
    fits_the_schema(&ran.out);
    let log: Value = serde_json::from_str(&ran.out).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["artifacts"].as_array().unwrap().len(), 5);
    assert!(run["results"].as_array().unwrap().iter().any(|one| one["ruleId"] == "PKL001/process"));
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
}

/// A checkpoint of training: a model of two tensors, a number, and a call.
fn checkpoint() -> Vec<u8> {
    let model = State::new().tensor("w", "FloatStorage", "0", 0, &[2, 3], &[3, 1]).tensor(
        "t",
        "FloatStorage",
        "0",
        0,
        &[3, 2],
        &[1, 3],
    );
    let pickle = Pickle::proto(2)
        .raw(b"}(")
        .text("model")
        .raw(&model.body())
        .text("hook")
        .raw(&system().0[2..])
        .text("epoch")
        .raw(b"K\x03u")
        .stop();
    let floats: Vec<u8> = (0..6_u8).flat_map(|value| f32::from(value).to_le_bytes()).collect();
    zip(&[Member::stored("a/data.pkl", &pickle), Member::stored("a/data/0", &floats)])
}

#[test]
fn interop_python_opens_what_was_converted() {
    let place = Place::new();
    place.write("epoch.ckpt", checkpoint());
    let ran = place.run(&["model", "convert", "--select", "model", "epoch.ckpt", "m.safetensors"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(ran.out.contains("2 tensors") && ran.out.contains("nothing of it was run"), "{}", ran.out);
    let script = "import sys\n\
                  from safetensors.numpy import load_file\n\
                  t = load_file(sys.argv[1])\n\
                  print(sorted(t), t['w'].tolist(), (t['w'].T == t['t']).all(), t['w'].dtype)";
    let said = python(script, &[&place.path("m.safetensors")]);
    assert_eq!(said.trim(), "['t', 'w'] [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] True float32");
}

#[test]
fn what_is_there_is_kept_and_what_is_left_behind_is_told() {
    let place = Place::new();
    place.write("epoch.ckpt", checkpoint());
    place.write("m.safetensors", b"mine");
    let ran = place.run(&["model", "convert", "epoch.ckpt", "m.safetensors"]);
    assert_eq!((ran.code, std::fs::read(place.path("m.safetensors")).unwrap()), (2, b"mine".to_vec()));
    let ran = place.run(&["model", "convert", "--force", "--format", "json", "epoch.ckpt", "m.safetensors"]);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let said: Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(said["dropped"][0]["what"], "an object of posix.system");
    assert_eq!(said["source"]["class"], "finding");
    assert_eq!(said["tensors"].as_array().unwrap().len(), 2);
    for (name, content) in [("text.pt", b"hello".to_vec()), ("cut.pt", checkpoint()[..80].to_vec())] {
        place.write(name, content);
        let ran = place.run(&["model", "convert", name, "out.safetensors"]);
        assert_eq!(ran.code, 2, "{name}: {}", ran.err);
        assert!(!place.path("out.safetensors").exists(), "{name}");
    }
    let left: Vec<_> = std::fs::read_dir(place.path("")).unwrap().collect();
    assert!(left.iter().all(|one| !one.as_ref().unwrap().file_name().to_string_lossy().contains(".part")));
}
