use std::path::Path;

use super::*;
use crate::sample;

fn results(report: &Report) -> Vec<Value> {
    let log = log(report, &sample::rules());
    log["runs"][0]["results"].as_array().unwrap().clone()
}

/// The schema is the one of the OASIS repository, which `cargo xtask test` installs.
#[test]
#[expect(clippy::disallowed_methods, reason = "the judge is named by the environment")]
fn interop_sarif_schema_accepts_every_report() {
    let path = std::env::var_os("BARTIZAN_TOOLS_SARIF_SCHEMA").expect("`cargo xtask test` says where it is");
    let text = std::fs::read_to_string(Path::new(&path)).unwrap();
    // The pattern of `run.language` holds a bracket without its partner, which strict engines refuse.
    let text = text.replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}\\\\]?$");
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for report in [sample::empty(), sample::busy(), sample::hostile()] {
        let log = log(&report, &sample::rules());
        let errors: Vec<_> =
            validator.iter_errors(&log).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    let mut broken = log(&sample::busy(), &sample::rules());
    broken["runs"][0]["results"][0]["level"] = json!("terrible");
    assert!(!validator.is_valid(&broken), "the schema accepts anything");
}

#[test]
fn a_result_says_what_where_and_how_often() {
    let result = results(&sample::busy()).remove(0);
    insta::assert_snapshot!(serde_json::to_string_pretty(&result).unwrap(), @r#"
    {
      "kind": "fail",
      "level": "error",
      "locations": [
        {
          "logicalLocations": [
            {
              "fullyQualifiedName": "archive/data.pkl",
              "kind": "member",
              "name": "archive/data.pkl"
            }
          ],
          "physicalLocation": {
            "artifactLocation": {
              "uri": "model/optimizer.pkl",
              "uriBaseId": "PROJECT"
            },
            "region": {
              "byteLength": 28,
              "byteOffset": 12
            }
          }
        }
      ],
      "message": {
        "text": "Loading the file calls os.system."
      },
      "occurrenceCount": 1,
      "partialFingerprints": {
        "bartizan/v1": "aa9a2d5d1362062425a01c42244336c2f36eb30d96fc19bbdd7e329f7f754aed"
      },
      "properties": {
        "asset": "assistant",
        "confidence": "high",
        "controls": [
          "model-scan",
          "safe-serialization"
        ],
        "place": "model/optimizer.pkl!archive/data.pkl",
        "severity": "critical"
      },
      "rule": {
        "id": "PKL901",
        "index": 0
      },
      "ruleId": "PKL901"
    }
    "#);
}

#[test]
fn every_kind_of_location_has_its_form() {
    let lines: Vec<_> = results(&sample::busy())
        .iter()
        .map(|result| format!("{} {}", result["ruleId"].as_str().unwrap(), result["locations"][0]))
        .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    PKL901 {"logicalLocations":[{"fullyQualifiedName":"archive/data.pkl","kind":"member","name":"archive/data.pkl"}],"physicalLocation":{"artifactLocation":{"uri":"model/optimizer.pkl","uriBaseId":"PROJECT"},"region":{"byteLength":28,"byteOffset":12}}}
    SEC901/cloud-key {"logicalLocations":[{"fullyQualifiedName":"row 17/body","kind":"property","name":"/body"}],"physicalLocation":{"artifactLocation":{"uri":"data/tickets.jsonl","uriBaseId":"PROJECT"}},"properties":{"column":"/body","row":17}}
    SEC901 {"physicalLocation":{"artifactLocation":{"uri":"data/samples/x.txt","uriBaseId":"PROJECT"}}}
    THR901 {"logicalLocations":[{"fullyQualifiedName":"gateway","kind":"element"},{"fullyQualifiedName":"refund-tool","kind":"element"}],"physicalLocation":{"artifactLocation":{"uri":"bartizan.toml","uriBaseId":"PROJECT"}}}
    THR901 {"logicalLocations":[{"fullyQualifiedName":"asset.tickets","kind":"property"}],"physicalLocation":{"artifactLocation":{"uri":"bartizan.toml","uriBaseId":"PROJECT"},"region":{"byteLength":15,"byteOffset":90,"startColumn":1,"startLine":9}}}
    THR901 {"logicalLocations":[{"fullyQualifiedName":"probe-3/2","kind":"turn"}]}
    SEC901/contact {"physicalLocation":{"artifactLocation":{"uri":"prompts/a%20b.md","uriBaseId":"PROJECT"},"region":{"byteLength":20,"byteOffset":7,"startColumn":3,"startLine":2}}}
    "#);
}

#[test]
fn an_inferred_project_has_no_project_file_to_point_at() {
    let mut report = sample::busy();
    report.project.inferred = true;
    assert!(render(&report, &sample::rules()).contains("\"fullyQualifiedName\": \"gateway\""));
    assert!(!render(&report, &sample::rules()).contains("bartizan.toml"));
}

#[test]
fn what_was_not_examined_is_a_notification_and_the_run_no_success() {
    let log = log(&sample::busy(), &sample::rules());
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["exitCode"], 1);
    assert_eq!(
        invocation["toolExecutionNotifications"][0]["message"]["text"],
        "model/extra.bin was not examined: format not supported: gzip"
    );
}

#[test]
fn the_run_says_where_it_is_recorded_and_who_vouches_for_it() {
    let busy = log(&sample::busy(), &sample::rules());
    let run = &busy["runs"][0];
    assert_eq!(run["properties"]["recorded"]["size"], 57);
    assert_eq!(run["properties"]["recorded"]["witnessed"], false);
    assert_eq!(run["properties"]["selfAttested"], true);
    let told = |log: &Value| -> Vec<String> {
        let run = &log["runs"][0];
        let notes = run["invocations"][0]["toolConfigurationNotifications"].as_array().unwrap();
        for note in notes {
            let index = usize::try_from(note["descriptor"]["index"].as_u64().unwrap()).unwrap();
            assert_eq!(run["tool"]["driver"]["notifications"][index]["id"], note["descriptor"]["id"]);
        }
        notes.iter().map(|note| note["descriptor"]["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(told(&busy), ["not-witnessed", "self-attested"]);
    assert_eq!(told(&log(&sample::empty(), &sample::rules())), ["not-recorded"]);
    let mut witnessed = sample::busy();
    witnessed.run.self_attested = false;
    if let Recorded::Ledger { witnessed, .. } = &mut witnessed.run.recorded {
        *witnessed = true;
    }
    assert_eq!(told(&log(&witnessed, &sample::rules())), Vec::<String>::new());
}

#[test]
fn a_suppressed_result_says_why_and_one_for_information_has_no_level() {
    let results = results(&sample::busy());
    let suppressed = results.iter().find(|result| result.get("suppressions").is_some()).unwrap();
    assert_eq!(suppressed["suppressions"][0]["justification"], "Synthetic samples.");
    let info = results.iter().find(|result| result["kind"] == "informational").unwrap();
    assert_eq!(info["level"], "none");
}

#[test]
fn same_report_same_bytes_whatever_the_order_of_the_rules() {
    let mut rules = sample::rules();
    let one = render(&sample::busy(), &rules);
    rules.reverse();
    assert_eq!(render(&sample::busy(), &rules), one);
}
