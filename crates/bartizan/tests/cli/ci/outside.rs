//! What goes to GitHub and comes from elsewhere: outputs, alerts, the comment, the baseline, the download.

use std::fs;

use serde_json::Value;

use super::{Runner, SECRET, borrowed};

#[test]
fn outputs_count_what_stands_and_the_job_goes_on() {
    let runner = Runner::new();
    runner.place.write("p/a.txt", SECRET);
    let settings = runner.github(&[]);
    runner.ran("github", "p", &borrowed(&settings), 0);
    let outputs = runner.outputs();
    let value =
        |wanted: &str| outputs.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
    assert_eq!(value("exit-code"), Some("1"));
    let counts: Vec<_> =
        ["critical", "high", "medium", "low", "suppressed"].map(|name| value(name).unwrap()).into();
    assert_eq!(counts, ["0", "1", "0", "0", "0"]);
    assert_eq!(value("bundle"), None);
    assert!(value("report").unwrap().ends_with("/report.json"));
    assert!(runner.text("summary.md").starts_with("<!-- bartizan:summary:p -->\n"));
    // Where the check could not begin there is its exit code and nothing to hand on.
    fs::remove_file(runner.place.path("outputs")).unwrap();
    let settings = runner.github(&[("BARTIZAN_CI_FAIL_ON", "whatever"), ("BARTIZAN_CI_SUMMARY", "false")]);
    runner.ran("github", "p", &borrowed(&settings), 0);
    let names: Vec<_> = runner.outputs().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["exit-code", "folder"]);
    assert_eq!(runner.outputs()[0].1, "2");
}

#[test]
fn what_two_people_agreed_to_is_no_alert() {
    let runner = Runner::new().with_example();
    runner.place.write("home/data/kb/notes.md", SECRET);
    runner.place.write("home/data/kb/other.md", SECRET);
    for person in ["mira", "tomas"] {
        let (key, name) = (format!("{person}.key"), format!("{person}@example.com"));
        runner.bartizan(".", &["key", "make", &key], 0);
        runner.bartizan("home", &["trust", "add", &name, &format!("../{key}.pub")], 0);
    }
    let report: Value =
        serde_json::from_str(&runner.bartizan("home", &["check", "--format", "json"], 1).out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let one =
        findings.iter().find(|one| one["severity"] == "high" && one["place"] == "data/kb/notes.md").unwrap();
    let fingerprint = one["fingerprint"].as_str().unwrap();
    let asked = runner.bartizan(
        "home",
        &[
            "exception",
            "add",
            "--finding",
            fingerprint,
            "--reason",
            "made up",
            "--owner",
            "support",
            "--key",
            "../mira.key",
        ],
        0,
    );
    let id = asked.out.split_once("exception approve ").unwrap().1.split_whitespace().next().unwrap();
    runner.bartizan("home", &["exception", "approve", id, "--key", "../tomas.key"], 0);

    let settings = runner.github(&[]);
    runner.ran("github", "home", &borrowed(&settings), 0);
    let log =
        |name: &str| serde_json::from_str::<Value>(&runner.text(&format!("temp/report/{name}"))).unwrap();
    let places = |log: &Value| -> Vec<bool> {
        let results = log["runs"][0]["results"].as_array().unwrap();
        results.iter().map(|result| result.get("suppressions").is_some()).collect()
    };
    let (all, alerts) = (log("report.sarif"), log("alerts.sarif"));
    assert_eq!(places(&all).iter().filter(|suppressed| **suppressed).count(), 1);
    assert_eq!(places(&alerts).len(), places(&all).len() - 1);
    assert!(alerts.to_string().contains("data/kb/other.md"));
    assert!(!places(&alerts).contains(&true));
    // Nothing but results is left out.
    let without = |mut log: Value| {
        log["runs"][0].as_object_mut().unwrap().remove("results");
        log
    };
    assert_eq!(without(all), without(alerts));
    assert!(runner.outputs().contains(&("suppressed".to_owned(), "1".to_owned())));
}

#[test]
fn lines_that_a_github_runner_obeys_are_shielded() {
    let runner = Runner::new();
    let fake =
        runner.program("fake", "echo '::add-mask::x'; echo '::warning::y' >&2; echo '::guess::'; exit 4");
    let mut words = Vec::new();
    for _ in 0..2 {
        let settings = [("BARTIZAN_CI_BINARY", fake.as_str()), ("GITHUB_ACTIONS", "true")];
        let said = runner.ran("check", ".", &settings, 4);
        let lines: Vec<&str> = said.out.lines().filter(|line| !line.is_empty()).collect();
        let word = lines[0].strip_prefix("::stop-commands::").unwrap().to_owned();
        assert_eq!(word.len(), 32);
        assert!(word.bytes().all(|byte| byte.is_ascii_hexdigit()), "{word}");
        assert_eq!(lines[1..4], ["::add-mask::x", "::warning::y", "::guess::"]);
        assert_eq!(lines[4..], [format!("::{word}::")]);
        assert!(!said.err.contains("::warning"));
        words.push(word);
    }
    assert_ne!(words[0], words[1]);
    // Elsewhere nothing is added.
    let said = runner.ran("check", ".", &[("BARTIZAN_CI_BINARY", fake.as_str())], 4);
    assert_eq!(said.out, "::add-mask::x\n::guess::\n");
}

/// A `gh` that writes down what it is asked, and answers from files.
const GH: &str = r#"printf '%s\n' "$*" >>"$CALLS"
case "$*" in
*--paginate*) cat "$COMMENTS" ;;
*"run list"*) printf '31\n22\n13\n' ;;
*"run download 22"*)
    while [ "$1" != --dir ]; do shift; done
    mkdir -p "$2" && echo '{}' >"$2/report.json" ;;
*"run download"*) exit 1 ;;
esac"#;

#[test]
fn one_comment_is_kept_and_that_of_a_person_is_left_alone() {
    let runner = Runner::new();
    runner.program("gh", GH);
    let mark = "<!-- bartizan:summary:p -->";
    runner.place.write("out dir/report.md", format!("{mark}\n## Bartizan\n"));
    let (calls, comments) = (runner.place.path("calls"), runner.place.path("comments"));
    let settings = [
        ("CALLS", calls.to_str().unwrap()),
        ("COMMENTS", comments.to_str().unwrap()),
        ("GITHUB_REPOSITORY", "owner/name"),
        ("BARTIZAN_CI_PULL_REQUEST", "12"),
        ("BARTIZAN_CI_OUT", "out dir"),
    ];
    let comment =
        |id: u64, kind: &str, body: &str| serde_json::json!({"id": id, "user": {"type": kind}, "body": body});
    let page = |comments: &[Value]| Value::from(comments).to_string();
    let person = comment(5, "User", &format!("{mark}\nnot the program's"));
    let other = comment(6, "Bot", "<!-- bartizan:summary:other -->\n");
    let ours = comment(7, "Bot", &format!("{mark}\nearlier \\n \"text\""));
    let new = "api --method POST repos/owner/name/issues/12/comments --field body=@out dir/report.md";
    let replaced = "api --method PATCH repos/owner/name/issues/comments/7 --field body=@out dir/report.md";
    for (pages, wanted) in [
        ("[]".to_owned(), new),
        (page(&[person.clone(), other.clone()]), new),
        // Pages follow each other without anything between them.
        (format!("{}{}", page(&[person, other]), page(&[ours])), replaced),
    ] {
        runner.place.write("comments", pages);
        runner.place.write("calls", "");
        runner.ran("comment", ".", &settings, 0);
        let calls = runner.text("calls");
        let calls: Vec<&str> = calls.lines().collect();
        assert_eq!(calls, ["api --paginate repos/owner/name/issues/12/comments?per_page=100", wanted]);
    }
    // A fork's token may not write; that changes nothing about the check.
    runner.program("gh", "exit 1");
    let said = runner.ran("comment", ".", &settings, 0);
    assert!(said.err.contains("cannot be read"), "{said:#?}");
    for wrong in ["", "12/../3", "x"] {
        let mut settings = settings;
        settings[3].1 = wrong;
        runner.ran("comment", ".", &settings, 2);
    }
}

#[test]
fn the_baseline_is_the_newest_report_that_a_push_left() {
    let runner = Runner::new();
    runner.program("gh", GH);
    let (calls, outputs) = (runner.place.path("calls"), runner.place.path("outputs"));
    let settings = [
        ("CALLS", calls.to_str().unwrap()),
        ("GITHUB_OUTPUT", outputs.to_str().unwrap()),
        ("GITHUB_REPOSITORY", "owner/name"),
        ("GITHUB_WORKFLOW", "A \"workflow\" $(touch pwned)"),
        ("BARTIZAN_CI_BRANCH", "main"),
    ];
    runner.ran("baseline", ".", &settings, 0);
    let report = runner.place.path("temp/bartizan-baseline/report.json");
    assert_eq!(runner.outputs(), [("baseline".to_owned(), report.to_str().unwrap().to_owned())]);
    let calls = runner.text("calls");
    assert!(calls.contains("--workflow A \"workflow\" $(touch pwned) --branch main --event push"), "{calls}");
    assert_eq!(calls.matches("run download").count(), 2, "{calls}");
    // Without one, and without an answer, the check goes on, and everything is new.
    for program in ["case $2 in list) echo 5 ;; *) exit 1 ;; esac", "exit 1"] {
        runner.program("gh", program);
        let _ = fs::remove_file(&outputs);
        let said = runner.ran("baseline", ".", &settings, 0);
        assert!(said.err.contains("has left a report"), "{said:#?}");
        assert!(!outputs.exists());
    }
}

#[test]
fn what_is_downloaded_is_run_only_when_it_is_what_was_named() {
    let runner = Runner::new();
    runner.place.write("release", "#!/bin/sh\ntouch ran\necho bartizan 0.1.0\n");
    // A `curl` that only copies.
    runner.program(
        "curl",
        "printf '%s\\n' \"$*\" >called; while [ \"$1\" != --output ]; do shift; done; cp release \"$2\"",
    );
    let bytes = fs::read(runner.place.path("release")).unwrap();
    let digest = bartizan_finding::Digest::of(&bytes).hex();
    let url = "https://example.com/{version}/bartizan-{version}";
    let install = |url: &str, sum: &str, version: &str, code: i32| {
        for name in ["called", "ran"] {
            let _ = fs::remove_file(runner.place.path(name));
        }
        let settings =
            [("BARTIZAN_CI_URL", url), ("BARTIZAN_CI_SHA256", sum), ("BARTIZAN_CI_VERSION", version)];
        runner.ran("install", ".", &settings, code).out
    };
    let path = install(url, &digest.to_uppercase(), "0.1.0", 0);
    assert!(
        path.trim_end().ends_with("/bartizan") && std::path::Path::new(path.trim_end()).is_file(),
        "{path}"
    );
    let called = runner.text("called");
    assert!(
        called.contains("--proto =https")
            && called.ends_with("-- https://example.com/0.1.0/bartizan-0.1.0\n"),
        "{called}"
    );

    let is = |name: &str| runner.place.path(name).exists();
    install(url, &digest, "0.2.0", 2);
    assert!(is("ran"));
    let other = bartizan_finding::Digest::of(b"other").hex();
    install(url, &other, "0.1.0", 5);
    assert!(is("called") && !is("ran"), "what has another checksum was run");
    for (url, sum, version) in [
        (url, "", "0.1.0"),
        (url, "abc", "0.1.0"),
        (url, "$(touch ran)", "0.1.0"),
        (url, digest.as_str(), ""),
        ("http://example.com/bartizan", digest.as_str(), ""),
        ("file:///etc/passwd", digest.as_str(), ""),
        ("--output=x", digest.as_str(), ""),
    ] {
        install(url, sum, version, 2);
        assert!(!is("called") && !is("ran"), "{url} {sum}");
    }
    // Where nothing is to be downloaded it is the program that is there.
    assert_eq!(install("", "", env!("CARGO_PKG_VERSION"), 0).trim_end(), env!("CARGO_BIN_EXE_bartizan"));
}
