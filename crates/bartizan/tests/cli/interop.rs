//! What tools and data of others say about what the program writes and reads.

use std::{ffi::OsString, path::Path, process::Command};

use serde_json::Value;

use crate::run::Place;

/// Where `cargo xtask test` has put a judge. It runs these tests only where the judge is there.
pub(crate) fn judge(variable: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| panic!("{variable} is not set; run `cargo xtask test`"))
}

pub(crate) fn python(script: &str, arguments: &[&Path]) -> String {
    let output = Command::new(judge("BARTIZAN_TOOLS_PYTHON"))
        .args(["-I", "-c", script])
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn interop_python_safetensors_loads_the_model_of_the_example() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);
    let script = "import sys, math, safetensors\n\
                  tensors = safetensors.deserialize(open(sys.argv[1], 'rb').read())\n\
                  print(len(tensors), sum(math.prod(t['shape']) for _, t in tensors))";
    let said = python(script, &[&place.path("h/model/model.safetensors")]);
    let numbers: Vec<u64> = said.split_whitespace().map(|number| number.parse().unwrap()).collect();
    assert!(numbers[0] > 10 && numbers[1] > 100_000, "{said}");
}

#[test]
fn interop_python_aics_tlog_audits_the_log_of_the_example() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "helpdesk", "h"]).code, 0);
    assert_eq!(place.check("h").0, 0);
    let (_, report) = place.check("h");
    let script = "import sys, json, aics_tlog as t\n\
                  from pathlib import Path\n\
                  d = Path(sys.argv[1])\n\
                  lines = (d / 'checkpoint').read_text().split('\\n')\n\
                  size = int(lines[1])\n\
                  import base64\n\
                  root = base64.b64decode(lines[2])\n\
                  t.audit_tiles(t.FileSystemTileReader(d), size, root)\n\
                  print(json.dumps({'size': size, 'root': root.hex()}))";
    let said: Value = serde_json::from_str(&python(script, &[&place.path("h/.bartizan/ledger")])).unwrap();
    let recorded = &report["run"]["recorded"];
    assert_eq!(said["size"], recorded["size"]);
    assert_eq!(format!("sha256:{}", said["root"].as_str().unwrap()), recorded["root"].as_str().unwrap());
}

#[test]
fn interop_sarif_schema_accepts_the_report_of_the_compromised_example() {
    let place = Place::new();
    assert_eq!(place.run(&["demo", "compromised", "c"]).code, 0);
    let ran = place.run(&["check", "c", "--format", "sarif"]);
    assert_eq!(ran.code, 1);
    fits_the_schema(&ran.out);
}

/// Holds a SARIF file against the schema of OASIS.
pub(crate) fn fits_the_schema(sarif: &str) {
    let schema = std::fs::read_to_string(judge("BARTIZAN_TOOLS_SARIF_SCHEMA")).unwrap();
    // The pattern of `run.language` has a bracket too many, on which engines of regular expressions disagree.
    let mut schema: Value = serde_json::from_str(&schema).unwrap();
    schema["definitions"]["run"]["properties"]["language"].as_object_mut().unwrap().remove("pattern");
    let log: Value = serde_json::from_str(sarif).unwrap();
    let faults: Vec<_> = jsonschema::options()
        .should_validate_formats(false)
        .build(&schema)
        .unwrap()
        .iter_errors(&log)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(faults, Vec::<String>::new());
}

/// Weights, tokenizer and configuration of a published model, a requirements file and news articles.
#[test]
fn interop_real_model_gives_no_false_alarm() {
    let place = Place::new();
    let folder = judge("BARTIZAN_TOOLS_REAL_MODEL");
    let (code, report) = place.check(folder.to_str().unwrap());
    let findings: Vec<_> =
        report["findings"].as_array().unwrap().iter().map(|one| (&one["rule"], &one["place"])).collect();
    assert!(findings.is_empty(), "{findings:?}");
    assert_eq!(report["unexamined"], serde_json::json!([]));
    assert_eq!(code, 0);
    let files: u64 =
        report["assets"].as_array().unwrap().iter().map(|asset| asset["files"].as_u64().unwrap()).sum();
    assert!(files >= 18, "{files} files");
}
