//! What people read on each page.

use super::{
    html::read,
    sample::{get, html, report, sample},
};
use crate::{
    call::Answer,
    host::Failure,
    pages::{icon, problem},
    run::{Progress, RunState},
    snapshot::Snapshot,
};

fn text(address: &str) -> String {
    let (_, html) = html(get(&sample(5), Some(&Snapshot::new(report())), &RunState::default(), address));
    main(&html)
}

pub(super) fn main(html: &str) -> String {
    let read = read(html);
    assert_eq!(read.faults, Vec::<String>::new());
    let lines = read.lines();
    // The head and the menu are the same everywhere, and so is the help.
    let after = lines.split_once("\nAbout\n").map_or(lines.as_str(), |(_, after)| after);
    after.split("\nKeys\nj k\n").next().unwrap_or(after).to_owned()
}

fn file(address: &str) -> String {
    match get(&sample(5), Some(&Snapshot::new(report())), &RunState::default(), address) {
        Answer::Data { body, .. } => String::from_utf8(body).unwrap(),
        other => panic!("not a file: {other:?}"),
    }
}

#[test]
fn pages_read_well() {
    let fingerprint = &report().findings[0].fingerprint;
    let low = &report().findings[1].fingerprint;
    let excepted = &report().findings[3].fingerprint;
    for (name, address) in [
        ("overview", "/"),
        ("threats", "/threats"),
        ("threat", "/threats/THR001-aa"),
        ("risks", "/risks"),
        ("findings", "/findings"),
        ("finding", &format!("/findings/{fingerprint}")),
        ("ignore", &format!("/findings/ignore?f={fingerprint}&f={low}")),
        ("controls", "/controls"),
        ("control", "/controls/model-scan"),
        ("items", "/items"),
        ("item", "/items/PS.1.1.R1"),
        ("frameworks", "/frameworks"),
        ("framework", "/frameworks/owasp-llm%3A2026"),
        ("gates", "/gates"),
        ("gate", "/gates/deploy"),
        ("gate-broken", "/gates/release"),
        ("exceptions", "/exceptions"),
        ("exception", "/exceptions/a1b2c3d4e5f6"),
        ("exception-pending", "/exceptions/c1b2c3d4e5f6"),
        ("exception-loss", "/exceptions/d1b2c3d4e5f6"),
        ("finding-excepted", &format!("/findings/{excepted}")),
        ("reconciliation", "/reconciliation"),
        ("evidence", "/evidence"),
        ("statement", "/evidence/3"),
        ("log", "/log"),
        ("groups", "/groups"),
        ("group", "/groups/platform"),
        ("project", "/project"),
        ("rules", "/rules"),
        ("rule", "/rules/PKL001"),
        ("reports", "/reports"),
        ("about", "/about"),
    ] {
        insta::assert_snapshot!(name, text(address));
    }
}

#[test]
fn filters_leave_what_they_name() {
    for (address, has, lacks) in [
        ("/findings?severity=medium", "tickets", "optimizer"),
        ("/findings?rule=PKL001", "optimizer", "tickets"),
        ("/findings?state=ignored", "samples", "optimizer"),
        ("/findings?state=open", "optimizer", "samples"),
        ("/findings?state=excepted", "old.pkl", "optimizer"),
        ("/findings?state=not-new", "known", "optimizer"),
        ("/findings?decision=a1b2c3d4e5f6", "old.pkl", "optimizer"),
        ("/frameworks/owasp-llm%3A2026?q=LLM01", "LLM01:2026", "LLM02:2026"),
        ("/frameworks/owasp-llm%3A2023?named=some&status=satisfied", "No entry is left", "LLM01"),
        ("/frameworks/owasp-llm%3A2025?status=failing", "by way of owasp-llm:2026/LLM04", "LLM01:2025"),
        ("/frameworks/atlas%3A5.6?kind=mitigation", "AML.M0", "AML.TA0"),
        ("/exceptions?state=pending", "c1b2c3d4e5f6", "old-tool"),
        ("/exceptions?state=in-force&kind=break-glass", "b1b2c3d4e5f6", "model/old.pkl"),
        ("/exceptions?q=OLD-TOOL", "old-tool", "c1b2c3d4e5f6"),
        ("/exceptions?owner=nobody", "No decision is left", "c1b2c3d4e5f6"),
        ("/gates?verdict=deny", "3 rules refuse", "Every rule holds"),
        ("/gates?verdict=allow", "Every rule holds", "3 rules refuse"),
        ("/reconciliation?kind=asset", "Nothing is left", "orders-api"),
        ("/findings?q=OPTIM", "optimizer", "tickets"),
        ("/findings?asset=nobody", "No finding is left", "optimizer"),
        ("/controls?status=satisfied", "threat-model", "model-scan"),
        ("/controls?item=XX.1", "No control is left", "model-scan"),
        ("/items?group=PO", "Prepare", "Protect"),
        ("/items?group=PS&status=satisfied", "No item is left", "PS.1.1.R1"),
        ("/risks?likelihood=3&impact=4", "Users can talk", "No risk"),
        ("/risks?likelihood=1", "No risk is left", "Users can talk"),
        ("/threats?element=server", "Users can talk", "No threat"),
        ("/threats?severity=critical", "No threat is left", "Users can talk"),
        ("/evidence?state=refused", "oncall", "weights"),
        ("/rules?family=PII", "PII001", "PKL001"),
    ] {
        let (_, html) = html(get(&sample(5), Some(&Snapshot::new(report())), &RunState::default(), address));
        // What can be chosen is not what is shown.
        let read = read(&html);
        let lines = main(&html);
        assert!(lines.contains(has), "{address} lacks {has}: {lines}");
        assert!(!lines.contains(lacks), "{address} has {lacks}: {lines}");
        assert!(
            read.links.iter().any(|link| link == address.split('?').next().unwrap()),
            "a filter can be cleared"
        );
    }
}

#[test]
fn tables_are_files_too() {
    insta::assert_snapshot!(file("/findings?format=csv&severity=medium"), @r#"
    severity,rule,asset,place,count,title,message,confidence,state,fingerprint
    medium,PII001,assistant,data/tickets.jsonl,3,Something of PII001 is there.,`data/tickets.jsonl` calls os.system.,high,open,205be5a70b1ae990fa7cad60c47d9e7cf08a083f85be6afb63f002386599a0cf
    "#);
    let rows: Vec<bartizan_report::v1::Finding> =
        serde_json::from_str(&file("/findings?format=json&state=open")).unwrap();
    let mut open: Vec<_> = report().findings.into_iter().filter(|one| one.suppressed.is_none()).collect();
    open.sort_by_key(|one| std::cmp::Reverse(one.severity));
    assert_eq!(rows, open);
    for table in
        ["assets", "elements", "flows", "actors", "treatments", "ignores", "gates", "unexamined", "read"]
    {
        let csv = file(&format!("/project?show={table}&format=csv"));
        let rows: Vec<serde_json::Value> =
            serde_json::from_str(&file(&format!("/project?show={table}&format=json"))).unwrap();
        assert_eq!(csv.lines().count(), rows.len() + 1, "{table}");
    }
    for path in [
        "/threats",
        "/risks",
        "/controls",
        "/items",
        "/frameworks",
        "/frameworks/owasp-llm%3A2026",
        "/frameworks/aisvs%3A1.0",
        "/gates",
        "/gates/deploy",
        "/exceptions",
        "/reconciliation",
        "/evidence",
        "/log",
        "/groups",
        "/groups/platform",
        "/rules",
    ] {
        let rows: Vec<serde_json::Value> =
            serde_json::from_str(&file(&format!("{path}?format=json"))).unwrap();
        assert_eq!(file(&format!("{path}?format=csv")).lines().count(), rows.len() + 1, "{path}");
    }
    let csv = file("/reconciliation?show=undeclared&format=csv");
    assert!(csv.contains("REC001") && !csv.contains("PKL001"), "{csv}");
    assert_eq!(file("/evidence/3?format=proof"), "c2sp.org/tlog-proof@v1\nindex 3\n");
    assert_eq!(file("/reports/sarif"), "helpdesk as sarif");
    assert!(file("/reports/json").starts_with("{\n  \"schema\""));
}

#[test]
fn what_is_not_there_is_said_to_be_missing() {
    let snapshot = Snapshot::new(report());
    for address in [
        "/threats/x",
        "/findings/x",
        "/controls/x",
        "/items/x",
        "/frameworks/x",
        "/gates/x",
        "/exceptions/x",
        "/evidence/x",
        "/evidence/99",
        "/groups/x",
        "/rules/x",
        "/reports/x",
        "/evidence/18446744073709551615",
    ] {
        let (status, html) = html(get(&sample(5), Some(&snapshot), &RunState::default(), address));
        assert_eq!(status, 404, "{address}");
        assert_eq!(read(&html).faults, Vec::<String>::new());
    }
    let (status, html) = html(get(&sample(5), Some(&snapshot), &RunState::default(), "/controls/red-team"));
    assert_eq!(status, 200, "the catalogue knows it");
    assert!(main(&html).contains("This project does not ask for it."));
}

#[test]
fn before_the_first_run_pages_wait_or_say_why_it_failed() {
    let page = |run: &RunState| main(&html(get(&sample(5), None, run, "/")).1);
    insta::assert_snapshot!(page(&RunState::default()), @r"
    Nothing has been checked yet
    Start a check with the button at the top. It reads the project's files, derives threats and controls, and says how they stand.
    ");
    let progress = Progress {
        started: super::sample::time("2026-11-22T10:00:00Z"),
        stage: "inspect",
        files: 40,
        bytes: 1_000,
        files_done: 12,
        bytes_done: 300,
        cancelling: false,
    };
    let running = RunState { running: Some(progress), ..RunState::default() };
    insta::assert_snapshot!(page(&running), @r"
    The first check is running
    Reading files: 12 of 40 files. The overview appears here as soon as it has finished; without script, load the page again.
    Load again
    ");
    let failure = Failure {
        message: "cannot read the project file".to_owned(),
        details: vec!["line 3: no `kind`".to_owned()],
    };
    let failed = RunState { failure: Some(failure), ..RunState::default() };
    insta::assert_snapshot!(page(&failed), @r"
    The check could not be finished
    Cannot read the project file
    Where
    line 3: no `kind`
    What next
    Mend what is named above, then check again with the button at the top or with this command.
    bartizan check
    If it is not clear what is wrong, this looks at everything that a check needs.
    bartizan doctor
    ");
    let (_, overview) = html(get(&sample(5), Some(&Snapshot::new(report())), &failed, "/"));
    assert!(main(&overview).contains("The newest check could not be finished\nCannot read the project file"));
}

#[test]
fn pages_without_a_run_still_tell_rules_and_log() {
    for address in ["/rules", "/rules/PKL001", "/log", "/evidence/2", "/about"] {
        let (status, html) = html(get(&sample(5), None, &RunState::default(), address));
        assert_eq!(status, 200);
        assert_eq!(read(&html).faults, Vec::<String>::new(), "{address}");
    }
    assert!(main(&html(get(&sample(0), None, &RunState::default(), "/log")).1).contains("no log"));
}

#[test]
fn refusals_and_icons_are_whole() {
    let page = problem(421, "This <b> is not the address of the console.", "Use `http://127.0.0.1:8686`.");
    let read = read(&page);
    assert_eq!(read.faults, Vec::<String>::new());
    assert!(read.lines().contains("This <b> is not the address"));
    for status in bartizan_report::v1::Status::WORST_FIRST {
        assert!(icon(status).starts_with("<svg xmlns="));
    }
}
