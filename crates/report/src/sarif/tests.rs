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
    let mut compared = sample::busy();
    compared.run.baseline = Some("main.json".to_owned());
    let planted = sample::planted("<script> [a](http://x.invalid) \u{202e} {0} https://x.invalid/?a#b");
    for report in [sample::empty(), sample::busy(), sample::hostile(), planted, compared] {
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
    insta::assert_snapshot!(serde_json::to_string_pretty(&result).unwrap());
}

#[test]
fn every_kind_of_location_has_its_form() {
    let lines: Vec<_> = results(&sample::busy())
        .iter()
        .map(|result| format!("{} {}", result["ruleId"].as_str().unwrap(), result["locations"][0]))
        .collect();
    insta::assert_snapshot!(lines.join("\n"));
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
    assert_eq!(
        told(&busy),
        ["break-glass", "gate", "gate", "unreconciled", "not-witnessed", "self-attested"]
    );
    let words = busy["runs"][0]["invocations"][0]["toolConfigurationNotifications"].to_string();
    for said in [
        "A break-glass opens the gate train until 2026-11-22 14:00 UTC: The retraining",
        "deploy denies: 3 rules refuse.",
        "seen by witness.example at 2026-11-22 09:59 UTC, up to entry 51",
        "the newest 2 entries are not witnessed.",
    ] {
        assert!(words.contains(said), "{said} in {words}");
    }
    assert_eq!(told(&log(&sample::empty(), &sample::rules())), ["not-recorded"]);
    let mut seen = sample::busy();
    seen.run.self_attested = false;
    seen.anchors[0].size = 57;
    assert!(!told(&log(&seen, &sample::rules())).contains(&"not-witnessed".to_owned()));
    // A flag without anybody who has seen the log is no witness.
    seen.anchors.clear();
    if let Recorded::Ledger { witnessed, .. } = &mut seen.run.recorded {
        *witnessed = true;
    }
    assert!(told(&log(&seen, &sample::rules())).contains(&"not-witnessed".to_owned()));
}

#[test]
fn a_suppressed_result_says_why_and_one_for_information_has_no_level() {
    let results = results(&sample::busy());
    let suppressed: Vec<_> = results.iter().filter_map(|result| result.get("suppressions")).collect();
    assert_eq!(suppressed.len(), 3);
    let ignored = suppressed.iter().find(|one| one[0]["properties"]["by"] == "ignore").unwrap();
    assert_eq!(ignored[0]["justification"], "Synthetic samples.");
    let excepted = suppressed.iter().find(|one| one[0]["properties"]["by"] == "exception").unwrap();
    insta::assert_snapshot!(excepted[0]);
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

#[test]
fn what_stood_in_the_baseline_is_unchanged_and_the_rest_new() {
    let mut report = sample::busy();
    assert!(results(&report).iter().all(|result| result.get("baselineState").is_none()));
    report.findings[1].suppressed = Some(Suppression {
        by: SuppressedBy::Baseline,
        decision: None,
        reason: "It stood in the report of 2026-11-01.".to_owned(),
        expires: None,
    });
    let results = results(&report);
    assert_eq!(results[1]["baselineState"], "unchanged");
    assert_eq!(results[1].get("suppressions"), None);
    assert!(results.iter().enumerate().all(|(at, result)| at == 1 || result["baselineState"] == "new"));
    // A baseline in which nothing stood makes everything new.
    let mut report = sample::busy();
    report.run.baseline = Some("main.json".to_owned());
    assert!(self::results(&report).iter().all(|result| result["baselineState"] == "new"));
}

/// GitHub refuses a file in which one result has no file, and knows results again by one key alone.
#[test]
fn every_result_has_a_file_and_is_known_again() {
    let mut inferred = sample::busy();
    inferred.project.inferred = true;
    let mut bare = sample::busy();
    bare.findings.iter_mut().for_each(|finding| finding.samples.clear());
    for report in [sample::busy(), sample::hostile(), inferred, bare] {
        for result in results(&report) {
            let place = &result["locations"][0]["physicalLocation"];
            assert!(place["artifactLocation"]["uri"].as_str().is_some_and(|uri| !uri.is_empty()), "{result}");
            let hashed = result["partialFingerprints"].get("primaryLocationLineHash").is_some();
            assert_eq!(hashed, place["region"].get("startLine").is_none(), "{result}");
        }
    }
}

#[test]
fn a_guid_is_made_from_the_id_alone() {
    assert_eq!(guid("3f9a0c17b2de"), guid("3f9a0c17b2de"));
    assert_ne!(guid("3f9a0c17b2de"), guid("3f9a0c17b2df"));
    let parts: Vec<_> = guid("x").split('-').map(str::len).collect();
    assert_eq!(parts, [8, 4, 4, 4, 12]);
}

#[test]
fn projects_are_kept_apart() {
    let id = |report: &Report| log(report, &[])["runs"][0]["automationDetails"]["id"].clone();
    assert_eq!(id(&sample::busy()), "bartizan/check/helpdesk/");
    assert_eq!(id(&sample::empty()), "bartizan/check/notes/");
}

/// The size that GitHub takes, with texts that hardly compress.
#[test]
fn a_report_that_is_too_large_keeps_the_worst_and_says_what_is_missing() {
    let noise = |at: usize, n: usize| Digest::of(format!("{at}/{n}").as_bytes()).hex();
    let mut report = sample::large(5_000, 0);
    for (at, finding) in report.findings.iter_mut().enumerate() {
        finding.message = (0..15).map(|n| noise(at, n)).collect();
        finding.place = (15..20).map(|n| noise(at, n)).collect();
        if let Some(first) = finding.samples.first_mut() {
            finding.place.clone_into(&mut first.at);
            first.location =
                crate::v1::Location::Record { path: first.at.clone(), row: 1, column: "/a".to_owned() };
        }
    }
    let missed = report.unexamined[0].clone();
    report.unexamined = vec![missed; 1_200];
    let log = log(&report, &sample::rules());
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    assert!(results.len() > 2_000 && results.len() < 5_000, "{}", results.len());
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    assert_eq!(notes.len(), limits::MAX_NOTIFICATIONS + 2);
    let left_out = format!("{} of 5000 findings are left out", 5_000 - results.len());
    assert!(notes[0]["message"]["text"].as_str().unwrap().starts_with(&left_out));
    let levels = |of: &[Value]| of.iter().filter(|one| one["properties"]["severity"] == "critical").count();
    let critical = report.findings.iter().filter(|finding| finding.severity == Severity::Critical).count();
    assert_eq!(levels(results), critical.min(results.len()));
    let text = visible(&serde_json::to_string_pretty(&log).unwrap());
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
    let size = gzip.finish().unwrap().len();
    assert!(size < 10_000_000, "{size} of {}", text.len());
    let mut small = sample::large(25_500, 0);
    small.findings.iter_mut().for_each(|finding| finding.samples.clear());
    small.findings.iter_mut().for_each(|finding| finding.message.clear());
    assert_eq!(
        chosen(&small.findings.iter().collect::<Vec<_>>()).len(),
        limits::MAX_RESULTS,
        "short findings end at their number"
    );
}
