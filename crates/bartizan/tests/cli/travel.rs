//! Evidence travels: a runner makes it, the project's log takes it in, a gate decides by it, a stranger verifies it.

use std::{fs, path::Path};

use serde_json::Value;

use crate::run::{Place, Ran};

/// The helpdesk with its keys, as `demo` writes it, in a folder of that name; a copy without keys for a runner; keys of
/// two people and a runner that the project knows, and of one that it does not.
struct Scene {
    place: Place,
}

impl Scene {
    fn new() -> Self {
        Self::of("helpdesk")
    }

    /// The same with another example in that folder.
    fn of(example: &str) -> Self {
        let place = Place::new();
        let scene = Self { place };
        scene.ran(&["demo", example, "helpdesk"], 0);
        copy(&scene.place.path("helpdesk"), &scene.place.path("runner"));
        fs::remove_dir_all(scene.place.path("runner/.bartizan")).expect("the copy has a state folder");
        for (name, key) in
            [("ci", "ci.key"), ("mira@example.com", "mira.key"), ("tomas@example.com", "tomas.key")]
        {
            scene.ran(&["key", "make", key], 0);
            scene.home(&["trust", "add", name, &format!("../{key}.pub")], 0);
        }
        scene.ran(&["key", "make", "foreign.key"], 0);
        scene
    }

    /// Runs in the folder that holds everything.
    fn ran(&self, arguments: &[&str], code: i32) -> Ran {
        expect(self.place.run(arguments), arguments, code)
    }

    /// Runs in the project.
    fn home(&self, arguments: &[&str], code: i32) -> Ran {
        self.within("helpdesk", arguments, code)
    }

    /// Runs in a folder.
    fn within(&self, folder: &str, arguments: &[&str], code: i32) -> Ran {
        let output = self.place.command(arguments).current_dir(self.place.path(folder)).output();
        let output = output.expect("the program starts");
        let ran = Ran {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).expect("output is UTF-8"),
            err: String::from_utf8(output.stderr).expect("talk is UTF-8"),
        };
        expect(ran, arguments, code)
    }

    /// A bundle of the runner's, signed as `collector` with `key`.
    fn bundle(&self, file: &str, collector: &str, key: &str) {
        let (file, key) = (format!("../{file}"), format!("../{key}"));
        self.within(
            "runner",
            &["check", "--bundle", &file, "--collector", collector, "--key", &key, "--quiet"],
            0,
        );
    }

    fn gate(&self, code: i32) -> Value {
        let ran = self.home(&["gate", "deploy", "--format", "json"], code);
        serde_json::from_str(&ran.out).expect("a ruling is JSON")
    }
}

fn expect(ran: Ran, arguments: &[&str], code: i32) -> Ran {
    // A report in full helps nobody who looks for the reason.
    let shown: String = ran.out.chars().take(4_000).collect();
    assert_eq!(ran.code, code, "{arguments:?}: {shown}\n{}", ran.err);
    ran
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("a folder can be listed") {
        let path = entry.expect("a folder can be listed").path();
        let target = to.join(path.file_name().expect("an entry has a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).map(drop).expect("a file can be copied");
        }
    }
}

fn refusals(ruling: &Value) -> Vec<&str> {
    let rows = ruling["refusals"].as_array().expect("refusals are a list");
    rows.iter().filter_map(|row| row["rule"].as_str()).collect()
}

#[test]
fn a_bundle_opens_the_gate_and_a_stranger_verifies_the_pack() {
    let scene = Scene::new();
    let before = scene.gate(1);
    assert_eq!(
        refusals(&before),
        ["bartizan.checked", "no-secrets-in-the-data", "weights-are-scanned", "weights-bring-no-code"]
    );

    // A bundle by a key that nobody named is refused, line by line, and nothing of it is taken in.
    scene.bundle("foreign.intoto.jsonl", "ci", "foreign.key");
    let refused = scene.home(&["ledger", "import", "../foreign.intoto.jsonl"], 5);
    assert!(refused.out.contains("that the trust file does not name"), "{refused:#?}");
    assert!(refused.out.contains("nothing is taken in"), "{refused:#?}");
    assert_eq!(scene.gate(1)["refusals"], before["refusals"]);

    // So is one that names another collector than its key.
    scene.bundle("posing.intoto.jsonl", "local", "ci.key");
    let posing = scene.home(&["ledger", "import", "../posing.intoto.jsonl"], 5);
    assert!(posing.out.contains("says that it is by `local`"), "{posing:#?}");

    // The runner's own bundle is taken in, with a proof for each statement.
    scene.bundle("ci.intoto.jsonl", "ci", "ci.key");
    let imported = scene
        .home(&["ledger", "import", "../ci.intoto.jsonl", "--proofs", "../proofs", "--format", "json"], 0);
    let imported: Value = serde_json::from_str(&imported.out).expect("a receipt is JSON");
    let taken = imported["taken"].as_array().expect("what was taken is a list");
    let lines = fs::read_to_string(scene.place.path("ci.intoto.jsonl")).expect("the bundle is text");
    assert_eq!(taken.len(), lines.lines().count());
    for one in taken {
        let proof = scene.place.path(&format!("proofs/{}.proof", one["index"]));
        assert_eq!(fs::read_to_string(proof).expect("a proof is text"), one["proof"].as_str().unwrap());
    }

    let after = scene.gate(0);
    assert_eq!(after["verdict"], "allow", "{after:#}");
    assert_eq!(refusals(&after), Vec::<&str>::new());

    // The same bundle again says nothing new.
    let again = scene.home(&["ledger", "import", "../ci.intoto.jsonl"], 0);
    assert!(again.out.contains("Nothing is new") && again.out.contains("recorded before"), "{again:#?}");

    // Everything is handed on as one file, which needs nothing beside it.
    let packed = scene.home(&["report", "pack", "../pack.tar.gz"], 0);
    let root = packed.out.split_once("--root ").expect("the root key is told").1;
    let root = root.split('`').next().expect("the command ends");
    let stranger = Place::new();
    fs::copy(scene.place.path("pack.tar.gz"), stranger.path("pack.tar.gz")).expect("a file can be copied");
    let verified = expect(stranger.run(&["ledger", "verify", "pack.tar.gz", "--root", root]), &["verify"], 0);
    assert!(verified.out.contains("● The pack holds: helpdesk, packed by local"), "{verified:#?}");
    assert!(verified.out.contains("Not witnessed"), "{verified:#?}");
    let other = expect(
        stranger.run(&[
            "ledger",
            "verify",
            "pack.tar.gz",
            "--root",
            "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        ]),
        &["verify"],
        5,
    );
    assert!(other.out.contains("cannot be believed"), "{other:#?}");
}

#[test]
fn a_decision_is_verified_by_whoever_deploys() {
    let scene = Scene::new();
    scene.home(&["check", "--quiet"], 0);
    let trust = scene.home(&["trust", "show"], 0).out;
    let root = trust.split_once("root ").expect("the root is shown").1;
    let root = root.split_whitespace().next().expect("the root has a fingerprint").to_owned();
    scene.home(&["gate", "deploy", "--key", "../tomas.key", "--export", "../deploy.decision"], 0);
    let verify = |subject: &str, root: &str, code: i32| {
        scene.ran(&["gate", "verify", "deploy.decision", "--root", root, "--subject", subject], code)
    };
    let allowed = verify("runner/model", &root, 0);
    assert!(allowed.out.contains("asked by tomas@example.com"), "{allowed:#?}");
    // Other bytes, another root, an altered decision.
    fs::write(scene.place.path("runner/model/config.json"), "{}").expect("a file can be written");
    assert!(verify("runner/model", &root, 1).out.contains("it is not about"));
    let other = verify("helpdesk/model", "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", 5);
    assert!(other.out.contains("cannot be believed"), "{other:#?}");
    let text = fs::read_to_string(scene.place.path("deploy.decision")).expect("a decision is text");
    let altered = text.replace("\"payload\": \"ey", "\"payload\": \"eX");
    assert_ne!(text, altered);
    fs::write(scene.place.path("deploy.decision"), altered).expect("a file can be written");
    verify("helpdesk/model", &root, 5);
}

#[test]
fn a_person_of_no_role_and_a_stranger_do_not_pass() {
    let scene = Scene::new();
    scene.home(&["check", "--quiet"], 0);
    let mira = scene.home(&["gate", "deploy", "--key", "../mira.key"], 1);
    assert!(mira.out.contains("mira@example.com"), "{mira:#?}");
    let foreign = scene.home(&["gate", "deploy", "--key", "../foreign.key"], 2);
    assert!(foreign.err.contains("the trust file does not name it"), "{foreign:#?}");
}

#[test]
fn what_is_deleted_from_the_project_file_keeps_the_gate_shut_until_somebody_else_agrees() {
    let scene = Scene::new();
    scene.home(&["check", "--quiet"], 0);
    scene.gate(0);
    let file = scene.place.path("helpdesk/bartizan.toml");
    let text = fs::read_to_string(&file).expect("the project file is text");
    fs::write(&file, without_orders_api(&text)).expect("a file can be written");
    for _ in 0..3 {
        // Checking again and again does not make it forgotten.
        scene.home(&["check", "--quiet"], 1);
        let ruling = scene.gate(1);
        assert!(refusals(&ruling).contains(&"bartizan.reconciled"), "{ruling:#}");
    }
    let shown = scene.home(&["check", "--format", "json"], 1);
    let report: Value = serde_json::from_str(&shown.out).expect("a report is JSON");
    let lost: Vec<_> = report["reconciliation"]["lost"]
        .as_array()
        .expect("losses are a list")
        .iter()
        .map(|loss| format!("{}/{}", loss["kind"].as_str().unwrap(), loss["id"].as_str().unwrap()))
        .collect();
    assert!(lost.contains(&"element/orders-api".to_owned()), "{lost:?}");

    let mut add = vec![
        "exception",
        "add",
        "--reason",
        "retired",
        "--owner",
        "product",
        "--key",
        "../mira.key",
        "--lost",
    ];
    add.extend(lost.iter().map(String::as_str));
    let asked = scene.home(&add, 0);
    let id = asked.out.split_once("exception approve ").expect("the next step is told").1;
    let id = id.split_whitespace().next().expect("a request has an id");
    // Who asked cannot agree.
    scene.home(&["exception", "approve", id, "--key", "../mira.key"], 0);
    assert!(refusals(&scene.gate(1)).contains(&"bartizan.reconciled"));
    scene.home(&["exception", "approve", id, "--key", "../tomas.key"], 0);
    scene.home(&["check", "--quiet"], 0);
    scene.gate(0);
}

#[test]
fn a_runner_without_a_log_compares_with_its_last_bundle() {
    let scene = Scene::new();
    scene.bundle("first.intoto.jsonl", "ci", "ci.key");
    let again = |previous: &str, code: i32| {
        scene.within("runner", &["check", "--previous", previous, "--format", "json"], code)
    };
    let same: Value = serde_json::from_str(&again("../first.intoto.jsonl", 0).out).expect("a report is JSON");
    assert_eq!(same["reconciliation"]["posture"], "reconciled");
    let file = scene.place.path("runner/bartizan.toml");
    let text = fs::read_to_string(&file).expect("the project file is text");
    fs::write(&file, without_orders_api(&text)).expect("a file can be written");
    let lost: Value = serde_json::from_str(&again("../first.intoto.jsonl", 1).out).expect("a report is JSON");
    assert_eq!(lost["reconciliation"]["posture"], "unreconciled");
    again("../ci.key.pub", 2);
}

#[test]
fn a_gate_that_is_edited_away_stays_shut() {
    let scene = Scene::new();
    scene.home(&["check", "--quiet"], 0);
    let policy = scene.place.path("helpdesk/policies/deploy.cedar");
    fs::write(&policy, "permit(principal, action, resource);").expect("a file can be written");
    let ruling = scene.gate(1);
    assert_eq!(ruling["verdict"], "unusable", "{ruling:#}");
    let weaker = "@id(\"anybody\")\npermit (principal, action == Action::\"deploy\", resource);\n@id(\"x\")\n@fix(\"y\")\nforbid (principal, action == Action::\"deploy\", resource) when { context.findings.critical > 1000 };\n";
    fs::write(&policy, weaker).expect("a file can be written");
    scene.home(&["check", "--quiet"], 1);
    assert!(refusals(&scene.gate(1)).contains(&"bartizan.reconciled"));
}

#[test]
fn an_organisation_is_not_overridden_by_a_break_glass() {
    let scene = Scene::new();
    fs::create_dir(scene.place.path("rules")).expect("a folder can be made");
    let rule = "@id(\"nothing-leaves\")\n@fix(\"Ask the security team.\")\nforbid (principal, action, resource) when { context.selfAttested };\n";
    fs::write(scene.place.path("rules/all.cedar"), rule).expect("a file can be written");
    // Not checked yet, so the gate denies; a break-glass of two people opens it.
    scene.gate(1);
    let asked = scene.home(
        &[
            "exception",
            "add",
            "--break-glass",
            "deploy",
            "--lasts",
            "2h",
            "--reason",
            "outage",
            "--owner",
            "oncall",
            "--key",
            "../mira.key",
        ],
        0,
    );
    let id = asked.out.split_once("exception approve ").expect("the next step is told").1;
    let id = id.split_whitespace().next().expect("a request has an id").to_owned();
    assert_eq!(scene.gate(1)["verdict"], "deny");
    scene.home(&["exception", "approve", &id, "--key", "../tomas.key"], 0);
    let open = scene.gate(0);
    assert_eq!(
        (open["verdict"].as_str(), open["break_glass"].as_str()),
        (Some("break-glass"), Some(id.as_str()))
    );
    let report = scene.home(&["check", "--quiet"], 0).out;
    let full = scene.home(&["check"], 0).out;
    assert!(full.contains("break-glass"), "{report}");
    let shut = scene.home(&["gate", "deploy", "--organisation", "../rules"], 1);
    assert!(shut.out.contains("nothing-leaves"), "{shut:#?}");
}

#[test]
fn an_exception_lets_one_finding_pass_and_shows_in_every_report() {
    let scene = Scene::new();
    let note = "key = \"AKIAQ3EGRV5NV5PLMWXA\"\nsecret = \"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\"\n";
    fs::write(scene.place.path("helpdesk/data/kb/notes.md"), note).expect("a file can be written");
    let failed = scene.home(&["check", "--format", "json"], 1);
    let report: Value = serde_json::from_str(&failed.out).expect("a report is JSON");
    let serious: Vec<_> = report["findings"]
        .as_array()
        .expect("findings are a list")
        .iter()
        .filter(|finding| finding["severity"] == "high" || finding["severity"] == "critical")
        .collect();
    assert_eq!(serious.len(), 1, "{serious:#?}");
    let fingerprint = serious[0]["fingerprint"].as_str().expect("a finding has a fingerprint");
    assert!(refusals(&scene.gate(1)).contains(&"no-secrets-in-the-data"));
    let asked = scene.home(
        &[
            "exception",
            "add",
            "--finding",
            &fingerprint.chars().take(12).collect::<String>(),
            "--reason",
            "A made-up key for training.",
            "--owner",
            "support",
            "--key",
            "../mira.key",
        ],
        0,
    );
    let id = asked.out.split_once("exception approve ").expect("the next step is told").1;
    let id = id.split_whitespace().next().expect("a request has an id").to_owned();
    scene.home(&["check", "--quiet"], 1);
    scene.home(&["exception", "approve", &id, "--key", "../tomas.key"], 0);
    for format in ["text", "json", "sarif", "markdown", "junit", "html"] {
        let shown = scene.home(&["check", "--format", format], 0).out;
        assert!(shown.contains(&id) || shown.contains("A made-up key for training"), "{format}: {shown}");
    }
    assert_eq!(scene.gate(0)["verdict"], "allow");
    // Other bytes void it.
    fs::write(scene.place.path("helpdesk/data/kb/notes.md"), format!("{note}x\n"))
        .expect("a file can be written");
    scene.home(&["check", "--quiet"], 1);
    scene.gate(1);
    let listed = scene.home(&["exception", "list"], 0).out;
    assert!(listed.contains("void"), "{listed}");
}

#[test]
fn a_risk_is_accepted_by_two_people() {
    let scene = Scene::of("compromised");
    // The tool that pays without asking anybody.
    let finding = || -> Value {
        let ran = scene.home(&["check", "--format", "json"], 1);
        let report: Value = serde_json::from_str(&ran.out).expect("a report is JSON");
        let all = report["findings"].as_array().expect("findings are a list");
        all.iter().find(|finding| finding["rule"] == "THR003").expect("the fault is planted").clone()
    };
    let open = finding();
    assert!(open["suppressed"].is_null());
    let listed = scene.home(&["threat", "list", "--format", "json"], 0).out;
    let threats: Value = serde_json::from_str(&listed).expect("threats are JSON");
    let mut threats = threats.as_array().expect("threats are a list").iter();
    let threat = threats.find(|threat| threat["rule"] == "THR003" && threat["severity"] == "high");
    let threat = threat.and_then(|threat| threat["id"].as_str()).expect("the finding is a threat");
    let terms = ["--reason", "A pilot.", "--owner", "product", "--key", "../mira.key"];
    let asked = scene.home(&[&["risk", "accept", threat][..], &terms].concat(), 0).out;
    let id = asked.split_once("exception approve ").expect("the next step is told").1;
    let id = id.split_whitespace().next().expect("a request has an id");
    assert!(finding()["suppressed"].is_null(), "one person is not enough");
    scene.home(&["exception", "approve", id, "--key", "../tomas.key"], 0);
    assert_eq!(finding()["suppressed"]["decision"], id);
    let none = scene.home(&[&["risk", "accept", "THR999-000000000000"][..], &terms].concat(), 2);
    assert!(none.err.contains("there is no threat"), "{none:#?}");
}

#[test]
fn only_new_findings_fail_against_a_baseline() {
    let place = Place::new();
    place.write("one.pkl", crate::run::pickle_with_a_call());
    expect(place.run(&["check", "--format", "json=base.json"]), &["check"], 1);
    // The report itself lies in the folder now; what matters is the pickle.
    let known = place.run(&["check", "one.pkl", "--baseline", "base.json"]);
    assert!(known.out.contains("not new"), "{known:#?}");
    place.write("two.pkl", crate::run::pickle_with_a_call());
    let ran = place.run(&["check", "--baseline", "base.json", "--format", "json"]);
    assert_eq!(ran.code, 1, "{ran:#?}");
    let report: Value = serde_json::from_str(&ran.out).expect("a report is JSON");
    let new: Vec<_> = report["findings"]
        .as_array()
        .expect("findings are a list")
        .iter()
        .filter(|finding| finding["suppressed"].is_null() && finding["severity"] == "critical")
        .filter_map(|finding| finding["place"].as_str())
        .collect();
    assert_eq!(new, ["two.pkl"]);
}

/// The project file without the element `orders-api` and its flows.
fn without_orders_api(text: &str) -> String {
    let mut kept = Vec::new();
    for block in text.split("\n\n") {
        let is_element = block.contains("[element.orders-api]");
        let is_flow = block.contains("[[flow]]") && block.contains("\"orders-api\"");
        if !is_element && !is_flow {
            kept.push(block);
        }
    }
    kept.join("\n\n")
}
