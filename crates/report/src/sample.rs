//! Reports for the tests of every format.

use bartizan_finding::{
    Digest, Finding as Found, FindingSet, LengthClass, Location, Occurrence, Redacted, Rule, RuleMeta,
    Severity, SuppressedBy, Suppression, Timestamp, Unexamined as Missed,
};

use crate::v1::{self, *};

mod decided;

/// A pickle calls a function when it is loaded.
///
/// ## What it finds
/// A `REDUCE` of a name that runs code, such as `os.system`, with {braces} and [brackets](x).
/// ## Why it matters
/// Loading the file is enough to run the call.
/// ## Example
/// `cos\nsystem\n(S'true'\ntR.`
/// ## Fix
/// Convert the file to safetensors.
/// ## References
/// - <https://docs.python.org/3/library/pickle.html>
#[derive(Rule)]
#[rule(code = "PKL901", severity = "critical", confidence = "high", controls = ["model-scan", "safe-serialization"])]
struct Call;

/// A secret stands in plain text.
///
/// ## What it finds
/// Keys of services.
/// ## Why it matters
/// Whoever reads the data has the key.
/// ## Example
/// None.
/// ## Fix
/// Revoke the key and take it out of the data.
/// ## References
/// - CWE-798
#[derive(Rule)]
#[rule(code = "SEC901", severity = "high", confidence = "medium", controls = ["data-secrets"])]
struct Secret;

/// An instruction can travel from stored text to a tool that writes.
///
/// ## What it finds
/// A path.
/// ## Why it matters
/// Whoever writes the text commands the tool.
/// ## Example
/// None.
/// ## Fix
/// Ask a person before the tool writes.
/// ## References
/// - <https://example.com/injection>
#[derive(Rule)]
#[rule(code = "THR901", severity = "medium", confidence = "high", controls = ["tool-authority"])]
struct Path;

pub(crate) fn rules() -> Vec<&'static RuleMeta> {
    vec![Call::META, Secret::META, Path::META]
}

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Nothing was found, nothing is recorded.
pub(crate) fn empty() -> Report {
    let as_of = time("2026-11-22T10:00:00Z");
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "bartizan".to_owned(), version: "0.1.0".to_owned() },
        project: Project {
            name: "notes".to_owned(),
            role: "system-producer".to_owned(),
            inferred: true,
            root: None,
        },
        run: Run {
            as_of,
            started: as_of,
            finished: time("2026-11-22T10:00:01Z"),
            recorded: Recorded::NotRecorded { reason: "the project is inferred.".to_owned() },
            self_attested: false,
            offline: true,
            baseline: None,
        },
        outcome: Outcome {
            exit_code: 0,
            fail_on: Severity::High.into(),
            findings: Part::new(Findings::None, "No finding."),
            gates: Part::new(Gates::NotAsked, "No gate was asked."),
            coverage: Part::new(Coverage::Complete, "All planned work was done."),
            verification: Part::new(Verification::NotAsked, "There was nothing to verify."),
        },
        summary: "notes: nothing at or over high was found in 3 files.".to_owned(),
        findings: Vec::new(),
        rules: Vec::new(),
        suppressed: 0,
        threats: Vec::new(),
        risks: Vec::new(),
        controls: Vec::new(),
        groups: Vec::new(),
        evidence: Vec::new(),
        unexamined: Vec::new(),
        assets: Vec::new(),
        next: Vec::new(),
        system: System::default(),
        teams: Vec::new(),
        history: Vec::new(),
        decisions: Vec::new(),
        gates: Vec::new(),
        reconciliation: Reconciliation::default(),
        anchors: Vec::new(),
    }
}

/// Something of everything.
pub(crate) fn busy() -> Report {
    let mut report = empty();
    "helpdesk".clone_into(&mut report.project.name);
    report.project.inferred = false;
    report.project.root = Some(Digest::of(b"root"));
    report.run.self_attested = true;
    report.run.recorded =
        Recorded::Ledger { size: 57, root: Digest::of(b"log"), added: 12, witnessed: false };
    report.outcome.exit_code = 1;
    report.outcome.findings = Part::new(Findings::AtOrOver, "2 findings at or over high.");
    report.outcome.coverage =
        Part::new(Coverage::Incomplete, "1 place was not examined, so the run is incomplete.");
    report.outcome.verification = Part::new(Verification::Verified, "The log holds.");
    "helpdesk: 2 findings at or over high; 2 controls failing, 1 expired.".clone_into(&mut report.summary);
    report.findings = findings();
    report.rules = rules().into_iter().map(RuleText::from).collect();
    report.suppressed = 3;
    report.outcome.gates = Part::new(Gates::Deny, "The gate deploy denies.");
    report.threats = vec![Threat {
        id: "THR901-5f2a".to_owned(),
        rule: "THR901".to_owned(),
        title: "An instruction can travel from stored text to a tool that writes.".to_owned(),
        severity: Severity::Medium.into(),
        why: "Text from vector-store reaches refund-tool, which writes, with nobody asked.".to_owned(),
        path: ["vector-store", "retriever", "gateway", "refund-tool"].map(str::to_owned).into(),
        more_paths: 1,
        actors: vec!["indirect-author".to_owned()],
        consideration: "RC03".to_owned(),
        references: vec!["LLM01".to_owned()],
        controls: vec!["tool-authority".to_owned()],
    }];
    report.risks = vec![Risk {
        threat: "THR901-5f2a".to_owned(),
        likelihood: 4,
        impact: 4,
        score: 16,
        why: "Anybody can write an article; a refund costs money.".to_owned(),
        consideration: "RC03".to_owned(),
        owner: Some("product".to_owned()),
        treatment: "untreated".to_owned(),
        reason: None,
    }];
    report.controls = controls();
    report.groups = groups();
    report.evidence = evidence();
    let missed = Missed::new(Location::file("model/extra.bin"), "format not supported: gzip");
    report.unexamined = vec![Unexamined::new(Some(&"assistant".parse().unwrap()), &missed)];
    report.assets = vec![Asset {
        id: "tickets".to_owned(),
        kind: "dataset".to_owned(),
        path: Some("data/tickets.jsonl".to_owned()),
        files: 1,
        bytes: 1_234_567,
        digest: Some(Digest::of(b"tickets")),
    }];
    report.next = vec![
        Step::new("Remove the pickle or convert it.", "bartizan explain PKL901"),
        Step::new("Run the stop drill again: the last one is too old.", "bartizan drill stop"),
        Step { sentence: "Name an owner for the tickets.".to_owned(), command: None },
    ];
    report.system = system();
    report.teams = teams();
    report.history = history();
    report.decisions = decided::decisions();
    report.gates = decided::gates();
    report.reconciliation = decided::reconciliation();
    report.anchors = decided::anchors();
    report
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}

fn system() -> System {
    let element = |id: &str, kind: &str, zone: &str| Element {
        id: id.to_owned(),
        kind: kind.to_owned(),
        zone: zone.to_owned(),
        owner: Some("product".to_owned()),
        serves: Vec::new(),
        uses: Vec::new(),
        effects: Vec::new(),
        guards: texts(&["authenticates", "logs"]),
    };
    let flow = |from: &str, to: &str, crosses| Flow {
        id: format!("{from}-{to}"),
        from: from.to_owned(),
        to: to.to_owned(),
        carries: texts(&["documents"]),
        crosses,
        guards: texts(&["encrypted"]),
    };
    let mut tool = element("refund-tool", "tool", "shop");
    tool.effects = texts(&["write:refunds"]);
    let mut store = element("vector-store", "vector-store", "internet");
    store.uses = texts(&["tickets"]);
    System {
        purpose: "Answers questions about orders.".to_owned(),
        baselines: texts(&["ssdf-218a"]),
        zones: vec![
            Zone { id: "internet".to_owned(), trust: "public".to_owned(), rank: 0 },
            Zone { id: "shop".to_owned(), trust: "internal".to_owned(), rank: 2 },
        ],
        assets: vec![DeclaredAsset {
            id: "tickets".to_owned(),
            kind: "dataset".to_owned(),
            path: Some("data/tickets.jsonl".to_owned()),
            classification: "personal".to_owned(),
            owner: Some("product".to_owned()),
            pinned: Some(Digest::of(b"tickets")),
            licence: Some("LicenseRef-proprietary".to_owned()),
            source: Some("https://example.com/export".to_owned()),
            derived_from: texts(&["base"]),
            model: None,
        }],
        elements: vec![
            store,
            element("retriever", "retriever", "shop"),
            element("gateway", "gateway", "shop"),
            tool,
        ],
        flows: vec![
            flow("vector-store", "retriever", true),
            flow("retriever", "gateway", false),
            flow("gateway", "refund-tool", false),
        ],
        actors: vec![Actor {
            id: "indirect-author".to_owned(),
            kind: "outsider".to_owned(),
            capability: "OC2".to_owned(),
            access: texts(&["vector-store"]),
        }],
        treatments: vec![Treatment {
            threat: "THR901".to_owned(),
            decision: "accept".to_owned(),
            owner: "product".to_owned(),
            reason: "Refunds are small.".to_owned(),
            expires: "2026-01-01".to_owned(),
            holds: false,
        }],
        ignores: vec![Ignore {
            rule: "SEC901".to_owned(),
            path: "data/samples/*".to_owned(),
            reason: "Synthetic samples.".to_owned(),
            expires: "2027-03-01".to_owned(),
            holds: true,
        }],
        gates: vec![Gate { id: "deploy".to_owned(), policy: "policies/deploy.cedar".to_owned() }],
    }
}

fn teams() -> Vec<Team> {
    let duty = |kind, id: &str, sentence: &str, status, severity| Duty {
        kind,
        id: id.to_owned(),
        sentence: sentence.to_owned(),
        status,
        severity,
    };
    vec![
        Team {
            id: "product".to_owned(),
            role: "product-owner".to_owned(),
            title: "Product owner".to_owned(),
            members: 2,
            owns: texts(&["tickets", "refund-tool"]),
            knows: texts(&["ssdf-218a:2024/PO.2.2.R1"]),
            owes: vec![
                duty(
                    DutyKind::Finding,
                    "SEC901",
                    "A secret stands in plain text.",
                    None,
                    Some(v1::Severity::High),
                ),
                duty(DutyKind::Control, "role-training", "Train them.", Some(Status::Unknown), None),
                duty(
                    DutyKind::Risk,
                    "THR901-5f2a",
                    "Decide about this risk.",
                    None,
                    Some(v1::Severity::Medium),
                ),
            ],
        },
        Team {
            id: "oncall".to_owned(),
            role: "incident-responder".to_owned(),
            title: "Incident responder".to_owned(),
            members: 1,
            owns: Vec::new(),
            knows: Vec::new(),
            owes: Vec::new(),
        },
    ]
}

fn history() -> Vec<PastRun> {
    let run = |index, at: &str, high| PastRun {
        index,
        at: time(at),
        findings: [(v1::Severity::High, high), (v1::Severity::Low, 3)].into(),
    };
    vec![
        run(12, "2026-11-20T10:00:00Z", 4),
        run(31, "2026-11-21T10:00:00Z", 1),
        run(56, "2026-11-22T10:00:00Z", 2),
    ]
}

/// As [`busy`], with so many findings and controls.
pub(crate) fn large(findings: usize, controls: usize) -> Report {
    let mut report = busy();
    let some = report.findings.clone();
    report.findings = (0..findings)
        .map(|at| {
            let mut finding = some[at % some.len()].clone();
            finding.place = format!("data/part-{at:05}.jsonl#/body");
            finding.fingerprint = Digest::of(finding.place.as_bytes()).hex();
            finding
        })
        .collect();
    report.suppressed = report.findings.iter().filter(|finding| finding.suppressed.is_some()).count() as u64;
    let some = report.controls.clone();
    report.controls = (0..controls)
        .map(|at| {
            let mut control = some[at % some.len()].clone();
            control.id = format!("{}-{at}", control.id);
            control
        })
        .collect();
    report
}

fn findings() -> Vec<Finding> {
    let asset = "assistant".parse().unwrap();
    let redacted = |kind: &'static str| Redacted {
        kind: kind.into(),
        length: LengthClass::UpTo32,
        preview: None,
        same_value: None,
    };
    let mut set = FindingSet::new();
    let bytes = Location::Bytes {
        path: "model/optimizer.pkl".to_owned(),
        members: vec!["archive/data.pkl".to_owned()],
        start: 12,
        end: 40,
    };
    set.push(Some(&asset), Occurrence::new(Call::META, bytes, "Loading the file calls os.system."));
    for row in [17, 40, 41] {
        let location =
            Location::Record { path: "data/tickets.jsonl".to_owned(), row, column: "/body".to_owned() };
        let secret = Occurrence::new(Secret::META, location, "An access key id stands in the text.");
        set.push(None, secret.variant("cloud-key").redacted(redacted("cloud-key")));
    }
    let text = Location::Text { path: "prompts/a b.md".to_owned(), start: 7, end: 27, line: 2, column: 3 };
    let covered = Occurrence::new(Secret::META, text, "A contact address stands in the text.");
    set.push(None, covered.variant("contact").severity(Severity::Info));
    let path = Location::Model { elements: vec!["gateway".to_owned(), "refund-tool".to_owned()] };
    set.push(None, Occurrence::new(Path::META, path, "gateway leads to refund-tool, and nobody is asked."));
    let key = Location::Project { key: "asset.tickets".to_owned(), start: 90, end: 105, line: 9, column: 1 };
    set.push(None, Occurrence::new(Path::META, key, "Nobody owns the tickets.").severity(Severity::Low));
    let turn = Location::Turn { run: "probe-3".to_owned(), turn: 2 };
    set.push(None, Occurrence::new(Path::META, turn, "The model followed the text.").severity(Severity::Low));
    let file = Location::file("data/samples/x.txt");
    set.push(
        None,
        Occurrence::new(Secret::META, file, "A key stands in a sample.").severity(Severity::Medium),
    );
    for name in ["a", "b"] {
        let file = Location::file(format!("data/archive/{name}.txt"));
        set.push(None, Occurrence::new(Secret::META, file, "A key stands in the archive."));
    }
    let mut found: Vec<Found> = set.finish();
    for finding in &mut found {
        if finding.place == "data/samples/x.txt" {
            finding.suppressed = Some(Suppression {
                by: SuppressedBy::Ignore,
                reason: "Synthetic samples.".to_owned(),
                expires: Some("2027-03-01".to_owned()),
            });
        }
        if finding.place.starts_with("data/archive/") {
            finding.suppressed = Some(Suppression {
                by: SuppressedBy::Exception(decided::EXCEPTION.to_owned()),
                reason: "The archive is read by nobody.".to_owned(),
                expires: Some("2026-12-20".to_owned()),
            });
        }
    }
    let rules = rules();
    let meta = |finding: &Found| *rules.iter().find(|rule| rule.code == finding.rule).unwrap();
    found.iter().map(|finding| Finding::new(finding, meta(finding))).collect()
}

fn controls() -> Vec<Control> {
    let control = |id: &str, title: &str, group: &str, status, why: &str, next: &str| Control {
        id: id.to_owned(),
        title: title.to_owned(),
        group: group.to_owned(),
        baseline: "ssdf-218a".to_owned(),
        status,
        why: why.to_owned(),
        next: next.to_owned(),
        owner: None,
        considerations: vec!["RC02".to_owned()],
        items: vec!["ssdf-218a:2024/PS.1.1.R1".to_owned()],
        threats: Vec::new(),
        subjects: Vec::new(),
        evidence: Vec::new(),
        expires: None,
    };
    let mut scan = control(
        "model-scan",
        "Model files are read for code before they are loaded.",
        "PS",
        Status::Failing,
        "The scan of model/optimizer.pkl counts 1 finding of PKL901.",
        "Convert model/optimizer.pkl to safetensors.",
    );
    scan.subjects = vec![SubjectStatus {
        label: "model/optimizer.pkl".to_owned(),
        digest: Some(Digest::of(b"pickle")),
        status: Status::Failing,
        why: "1 finding of PKL901.".to_owned(),
    }];
    scan.evidence = vec![EvidenceRef {
        index: Some(41),
        predicate: "model-scan".to_owned(),
        strength: "sufficient".to_owned(),
        clause: "Every file of the model was read.".to_owned(),
        subject: "model/optimizer.pkl".to_owned(),
        obtain: "Run `bartizan check`.".to_owned(),
        status: Status::Failing,
        why: "1 finding of PKL901.".to_owned(),
        expires: Some(time("2026-12-22T10:00:00Z")),
    }];
    vec![
        control(
            "threat-model",
            "Threats are derived from the declared system.",
            "PO",
            Status::Satisfied,
            "An assessment of this project is recorded.",
            "",
        ),
        control(
            "role-training",
            "People have finished the training of their role.",
            "PO",
            Status::Unknown,
            "No training record was found for 2 of 2 groups.",
            "",
        ),
        scan,
        control(
            "model-integrity",
            "The weights are the pinned ones.",
            "PS",
            Status::Partial,
            "1 of 2 models has a pinned digest.",
            "",
        ),
        control(
            "stop-and-rollback",
            "The assistant can be stopped and rolled back.",
            "RV",
            Status::Expired,
            "The last drill is 200 days old; it counts for 90 days.",
            "",
        ),
    ]
}

fn groups() -> Vec<PracticeGroup> {
    let titles = [
        ("PO", "Prepare the organisation", Status::Unknown),
        ("PS", "Protect the software", Status::Failing),
        ("RV", "Respond to vulnerabilities", Status::Expired),
    ];
    let group = |(id, title, status): (&str, &str, Status)| PracticeGroup {
        id: id.to_owned(),
        title: title.to_owned(),
        status,
        counts: [(status, 1), (Status::Satisfied, 2)].into(),
        items: vec![Item {
            id: format!("ssdf-218a:2024/{id}.1.1.R1"),
            title: "Decide who does what.".to_owned(),
            status,
            why: "The groups are declared.".to_owned(),
            controls: vec!["threat-model".to_owned()],
        }],
    };
    titles.map(group).into()
}

fn evidence() -> Vec<Evidence> {
    let statement = |index, predicate: &str, subject: &str, state, reason: Option<&str>| Evidence {
        index,
        predicate: predicate.to_owned(),
        subject: subject.to_owned(),
        digest: Some(Digest::of(subject.as_bytes())),
        collector: "ci".to_owned(),
        collected: time("2026-11-22T10:00:00Z"),
        expires: Some(time("2026-12-22T10:00:00Z")),
        state,
        reason: reason.map(str::to_owned),
    };
    let refusal = "the key is not in trust.toml.";
    vec![
        statement(Some(41), "model-scan", "model/optimizer.pkl", EvidenceState::New, None),
        statement(Some(12), "data-scan", "data/tickets.jsonl", EvidenceState::Unchanged, None),
        statement(Some(3), "redteam-run", "assistant", EvidenceState::Refused, Some(refusal)),
    ]
}

/// What a hostile file can put into names and messages.
pub(crate) fn hostile() -> Report {
    let nasty = "\u{1b}[2J\u{1b}]8;;http://x\u{7}click\r\nFAKE: all well \u{202e}gpj.\u{200b}\u{e0041} [a](http://x) {0}";
    let long = "A".repeat(1 << 20);
    let mut set = FindingSet::new();
    for text in [nasty, &long] {
        let location = Location::Text { path: text.to_owned(), start: 0, end: 4, line: 1, column: 1 };
        set.push(None, Occurrence::new(Secret::META, location, text));
        let location =
            Location::Bytes { path: "a".to_owned(), members: vec![text.to_owned()], start: 0, end: 0 };
        set.push(None, Occurrence::new(Call::META, location, text));
        let location = Location::Record { path: text.to_owned(), row: u64::MAX, column: text.to_owned() };
        set.push(None, Occurrence::new(Path::META, location, text));
    }
    let rules = rules();
    let meta = |finding: &Found| *rules.iter().find(|rule| rule.code == finding.rule).unwrap();
    let mut report = busy();
    report.findings = set.finish().iter().map(|finding| Finding::new(finding, meta(finding))).collect();
    let missed = Missed::new(Location::file(nasty), nasty);
    report.unexamined = vec![Unexamined::new(None, &missed)];
    nasty.clone_into(&mut report.project.name);
    nasty.clone_into(&mut report.assets[0].id);
    nasty.clone_into(&mut report.evidence[2].subject);
    report
}

/// What could start markup, a mention, a link or a script in any of the formats, in every field that holds a text:
/// closed words, times and digests stay.
pub(crate) fn planted(nasty: &str) -> Report {
    /// Fields that programs read as one of a closed list or as a number.
    const KEPT: [&str; 25] = [
        "schema",
        "as_of",
        "started",
        "finished",
        "collected",
        "at",
        "expires",
        "status",
        "severity",
        "confidence",
        "word",
        "kind",
        "fail_on",
        "state",
        "digest",
        "root",
        "pinned",
        "fingerprint",
        "exit_code",
        "verdict",
        "posture",
        "requested",
        "counts",
        "findings",
        "length",
    ];
    /// Of two fields there are two sorts: a closed word or a name, a digest or a name.
    fn is_closed(key: &str, text: &str) -> bool {
        match key {
            "by" => matches!(text, "ignore" | "exception" | "baseline"),
            "subject" => text.parse::<Digest>().is_ok(),
            _ => false,
        }
    }
    fn plant(value: &mut serde_json::Value, key: &str, nasty: &str) {
        use serde_json::Value;
        match value {
            Value::String(text)
                if (!KEPT.contains(&key) && !is_closed(key, text))
                    || (key == "at" && text.parse::<Timestamp>().is_err()) =>
            {
                *text = format!("{nasty} {text}");
            }
            Value::Array(values) => values.iter_mut().for_each(|value| plant(value, key, nasty)),
            Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| plant(value, key, nasty)),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(busy()).unwrap();
    plant(&mut value, "", nasty);
    serde_json::from_value(value).unwrap()
}
