//! Synthetic reports of any size.

use bartizan_finding::{Digest, Timestamp};
use bartizan_report::v1::{
    Actor, Anchor, AnchorKind, Asset, Confidence, Control, Coverage, Decision, DecisionKind, DecisionState,
    Duty, DutyKind, Element, Evidence, EvidenceRef, EvidenceState, Finding, Findings, Flow, GateRefusal,
    GateResult, GateVerdict, Gates, Item, Location, Loss, Outcome, Part, PastRun, Posture, PracticeGroup,
    Project, Reconciliation, Recorded, Redacted, Report, Risk, Run, SCHEMA, Sample, Severity, Status, Step,
    SubjectStatus, SuppressedBy, Suppression, System, Team, Threat, Tool, Unexamined, Verification, Zone,
};

/// How much a report holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Size {
    pub(crate) findings: usize,
    pub(crate) threats: usize,
    pub(crate) controls: usize,
    pub(crate) evidence: usize,
    pub(crate) decisions: usize,
    pub(crate) gates: usize,
}

/// A report with something of everything.
pub(crate) const SMALL: Size =
    Size { findings: 7, threats: 3, controls: 4, evidence: 5, decisions: 7, gates: 4 };

pub(crate) fn report(size: Size) -> Report {
    let as_of: Timestamp = "2026-11-22T10:00:00Z".parse().expect("the time is well formed");
    let findings: Vec<_> = (0..size.findings).map(finding).collect();
    Report {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "bartizan".to_owned(), version: "0.1.0".to_owned() },
        project: Project {
            name: "helpdesk".to_owned(),
            role: "system-producer".to_owned(),
            inferred: false,
            root: Some(Digest::of(b"root")),
        },
        run: Run {
            as_of,
            started: as_of,
            finished: as_of,
            recorded: Recorded::Ledger { size: 57, root: Digest::of(b"log"), added: 12, witnessed: false },
            self_attested: true,
            offline: true,
            baseline: None,
        },
        outcome: Outcome {
            exit_code: 1,
            fail_on: Severity::High,
            findings: Part::new(Findings::AtOrOver, "2 findings at or over high."),
            gates: Part::new(Gates::NotAsked, "No gate was asked."),
            coverage: Part::new(Coverage::Complete, "All planned work was done."),
            verification: Part::new(Verification::Verified, "The log holds."),
        },
        summary: "helpdesk: 2 findings at or over high.".to_owned(),
        rules: Vec::new(),
        suppressed: findings.iter().filter(|finding| finding.suppressed.is_some()).count() as u64,
        findings,
        threats: (0..size.threats).map(threat).collect(),
        risks: (0..size.threats).map(risk).collect(),
        controls: (0..size.controls).map(|at| control(at, as_of)).collect(),
        groups: groups(size.controls),
        evidence: (0..size.evidence).map(|at| evidence(at, as_of)).collect(),
        unexamined: vec![Unexamined {
            asset: Some("assistant".to_owned()),
            at: "model/extra.bin".to_owned(),
            location: Location::Bytes {
                path: "model/extra.bin".to_owned(),
                members: Vec::new(),
                start: 0,
                end: 0,
            },
            reason: "format not supported: gzip".to_owned(),
        }],
        assets: vec![Asset {
            id: "assistant".to_owned(),
            kind: "model".to_owned(),
            path: Some("model".to_owned()),
            files: 3,
            bytes: 1_234_567,
            digest: Some(Digest::of(b"assistant")),
        }],
        next: vec![Step::new("Convert the pickle.", "bartizan explain PKL001")],
        system: system(),
        teams: vec![Team {
            id: "data".to_owned(),
            role: "data-engineer".to_owned(),
            title: "Data engineers".to_owned(),
            members: 2,
            owns: vec!["assistant".to_owned()],
            knows: vec!["PO.1.1.R1".to_owned()],
            owes: vec![Duty {
                kind: DutyKind::Control,
                id: control_id(0),
                sentence: "Scan the model again.".to_owned(),
                status: Some(Status::Failing),
                severity: None,
            }],
        }],
        history: vec![PastRun { index: 56, at: as_of, findings: [(Severity::High, 2)].into() }],
        decisions: (0..size.decisions).map(|at| decision(at, as_of)).collect(),
        gates: (0..size.gates).map(gate).collect(),
        reconciliation: reconciliation(),
        anchors: vec![Anchor {
            kind: AnchorKind::Witness,
            by: "witness.example.com".to_owned(),
            at: as_of,
            size: 50,
        }],
    }
}

pub(crate) fn fingerprint(at: usize) -> String {
    Digest::of(format!("finding {at}").as_bytes()).hex()
}

pub(crate) fn threat_id(at: usize) -> String {
    format!("THR003-{at:04x}")
}

pub(crate) fn control_id(at: usize) -> String {
    format!("control-{at}")
}

pub(crate) fn decision_id(at: usize) -> String {
    format!("{at:012x}")
}

fn decision(at: usize, as_of: Timestamp) -> Decision {
    let kinds = [DecisionKind::Exception, DecisionKind::Loss, DecisionKind::BreakGlass, DecisionKind::Claim];
    let states = [
        DecisionState::InForce,
        DecisionState::Expiring,
        DecisionState::Pending,
        DecisionState::Expired,
        DecisionState::Revoked,
        DecisionState::Void,
        DecisionState::Refused,
    ];
    Decision {
        id: decision_id(at),
        kind: kinds[at % 4],
        state: states[at % 7],
        why: "It is so for a reason that is told in a sentence.".to_owned(),
        about: format!("SEC001/cloud-key in data/part-{at:03}/tickets.jsonl"),
        rule: Some("SEC001/cloud-key".to_owned()),
        fingerprint: Some(fingerprint(at)),
        control: Some(control_id(at)),
        gate: (at % 4 == 2).then(|| "gate-1".to_owned()),
        subject: Some(Digest::of(b"part")),
        reason: "The key is revoked and stays in the data until the next export.".to_owned(),
        owner: "data".to_owned(),
        requester: "ana@example.com".to_owned(),
        approvers: vec!["ben@example.com".to_owned()],
        compensating: Some("Traffic with it is refused.".to_owned()),
        requested: as_of,
        expires: as_of,
        index: at as u64,
        findings: 1,
    }
}

fn reconciliation() -> Reconciliation {
    Reconciliation {
        posture: Posture::Unreconciled,
        sentence: "2 things are lost.".to_owned(),
        undeclared: 0,
        lost: vec![
            Loss { kind: "element".to_owned(), id: "orders-api".to_owned(), last_seen: 40, decision: None },
            Loss {
                kind: "threat".to_owned(),
                id: threat_id(99),
                last_seen: 40,
                decision: Some(decision_id(1)),
            },
        ],
    }
}

fn gate(at: usize) -> GateResult {
    let verdict =
        [GateVerdict::Allow, GateVerdict::Deny, GateVerdict::BreakGlass, GateVerdict::Unusable][at % 4];
    let refusal = |number: usize| GateRefusal {
        rule: format!("rule-{number}"),
        control: Some(control_id(number)),
        status: Some(Status::Failing),
        why: format!("control-{number} is failing."),
        fix: "Mend it, then run `bartizan check`.".to_owned(),
        organisation: number == 0,
    };
    GateResult {
        gate: format!("gate-{at}"),
        policy: format!("policies/gate-{at}.cedar"),
        verdict,
        sentence: format!("{} rules refuse.", at % 4),
        principal: "ana@example.com".to_owned(),
        resource: "assistant".to_owned(),
        refusals: (0..at % 4).map(refusal).collect(),
        break_glass: (verdict == GateVerdict::BreakGlass).then(|| decision_id(2)),
        index: Some(at as u64),
    }
}

fn finding(at: usize) -> Finding {
    let severity = Severity::WORST_FIRST[at % 5];
    let path = format!("data/part-{:03}/tickets.jsonl", at / 50);
    let sample = |row: u64| Sample {
        at: format!("{path}, row {row}, /body"),
        location: Location::Record { path: path.clone(), row, column: "/body".to_owned() },
        redacted: Some(Redacted {
            kind: "cloud-key".to_owned(),
            length: "up-to32".to_owned(),
            preview: None,
            same_value: None,
        }),
    };
    Finding {
        rule: ["PKL001", "SEC001", "PII003"][at % 3].to_owned(),
        variant: (at % 3 == 1).then(|| "cloud-key".to_owned()),
        title: format!("Something stands where it should not, case {at}."),
        severity,
        confidence: Confidence::High,
        asset: Some(format!("asset-{}", at % 20)),
        place: format!("{path} /body"),
        message: format!("An access key id stands in the text; it was seen {at} times before."),
        count: at as u64 + 1,
        samples: (1..=3).map(sample).collect(),
        fix: "Revoke the key and take it out of the data.".to_owned(),
        controls: vec!["data-secrets".to_owned()],
        fingerprint: fingerprint(at),
        suppressed: (at % 7 == 6).then(|| Suppression {
            by: SuppressedBy::Ignore,
            decision: None,
            reason: "Synthetic samples.".to_owned(),
            expires: Some("2027-03-01".to_owned()),
        }),
    }
}

fn threat(at: usize) -> Threat {
    Threat {
        id: threat_id(at),
        rule: "THR003".to_owned(),
        title: "An instruction can travel from stored text to a tool that writes.".to_owned(),
        severity: Severity::WORST_FIRST[at % 5],
        why: format!("Text from store-{at} reaches a tool which writes, with nobody asked."),
        path: ["gateway", "assistant-server"].map(str::to_owned).into(),
        more_paths: 1,
        actors: vec!["indirect-author".to_owned()],
        consideration: format!("RC{:02}", at % 10 + 1),
        references: vec!["LLM01".to_owned()],
        controls: vec![control_id(0)],
    }
}

fn risk(at: usize) -> Risk {
    let (likelihood, impact) = ((at % 5) as u8 + 1, (at / 5 % 5) as u8 + 1);
    Risk {
        threat: threat_id(at),
        likelihood,
        impact,
        score: likelihood * impact,
        why: "Anybody can write an article; a refund costs money.".to_owned(),
        consideration: format!("RC{:02}", at % 10 + 1),
        owner: Some("product".to_owned()),
        treatment: "untreated".to_owned(),
        reason: None,
    }
}

fn control(at: usize, as_of: Timestamp) -> Control {
    let status = Status::WORST_FIRST[at % 8];
    Control {
        id: control_id(at),
        title: format!("Model files are read before they are loaded, part {at}."),
        group: ["PO", "PS", "PW", "RV"][at % 4].to_owned(),
        baseline: "ssdf-218a".to_owned(),
        status,
        why: "The scan counts 1 finding of PKL001.".to_owned(),
        next: "Convert the file to safetensors.".to_owned(),
        owner: Some("data-engineer".to_owned()),
        considerations: vec!["RC02".to_owned()],
        items: vec!["ssdf-218a:2024/PS.1.1.R1".to_owned()],
        threats: vec![threat_id(0)],
        subjects: vec![SubjectStatus {
            label: "model/optimizer.pkl".to_owned(),
            digest: Some(Digest::of(b"pickle")),
            status,
            why: "1 finding of PKL001.".to_owned(),
        }],
        evidence: vec![EvidenceRef {
            index: Some(at as u64),
            predicate: "model-scan".to_owned(),
            strength: "sufficient".to_owned(),
            clause: "Every file of the model was read.".to_owned(),
            subject: "model/optimizer.pkl".to_owned(),
            obtain: "Run `bartizan check`.".to_owned(),
            status,
            why: "1 finding of PKL001.".to_owned(),
            expires: Some(as_of),
        }],
        expires: Some(as_of),
    }
}

fn groups(controls: usize) -> Vec<PracticeGroup> {
    let titles = [
        ("PO", "Prepare the organisation"),
        ("PS", "Protect the software"),
        ("PW", "Produce well-secured software"),
        ("RV", "Respond to vulnerabilities"),
    ];
    let group = |(at, (id, title)): (usize, (&str, &str))| PracticeGroup {
        id: id.to_owned(),
        title: title.to_owned(),
        status: Status::Failing,
        counts: [(Status::Failing, 1)].into(),
        items: vec![Item {
            id: format!("ssdf-218a:2024/{id}.1.1.R1"),
            title: "Decide who does what.".to_owned(),
            status: Status::Failing,
            why: "A control of it is failing.".to_owned(),
            controls: (at..controls).step_by(4).map(control_id).collect(),
        }],
    };
    titles.into_iter().enumerate().map(group).collect()
}

fn evidence(at: usize, as_of: Timestamp) -> Evidence {
    let state = [EvidenceState::New, EvidenceState::Unchanged, EvidenceState::Refused][at % 3];
    Evidence {
        index: Some(at as u64),
        predicate: "data-scan".to_owned(),
        subject: format!("data/part-{at}/tickets.jsonl"),
        digest: Some(Digest::of(format!("part {at}").as_bytes())),
        collector: "ci".to_owned(),
        collected: as_of,
        expires: Some(as_of),
        state,
        reason: (state == EvidenceState::Refused).then(|| "the key is not in trust.toml.".to_owned()),
    }
}

fn system() -> System {
    let element = |id: &str, zone: &str| Element {
        id: id.to_owned(),
        kind: "gateway".to_owned(),
        zone: zone.to_owned(),
        owner: Some("data".to_owned()),
        serves: Vec::new(),
        uses: Vec::new(),
        effects: Vec::new(),
        guards: vec!["logs".to_owned()],
    };
    System {
        purpose: "Answers customers' questions about their orders".to_owned(),
        baselines: vec!["ssdf-218a".to_owned()],
        zones: vec![
            Zone { id: "public".to_owned(), trust: "public".to_owned(), rank: 0 },
            Zone { id: "internal".to_owned(), trust: "internal".to_owned(), rank: 2 },
        ],
        elements: vec![element("gateway", "public"), element("assistant-server", "internal")],
        flows: vec![Flow {
            id: "gateway-assistant-server".to_owned(),
            from: "gateway".to_owned(),
            to: "assistant-server".to_owned(),
            carries: vec!["user-prompts".to_owned()],
            crosses: true,
            guards: vec!["encrypted".to_owned()],
        }],
        actors: vec![Actor {
            id: "indirect-author".to_owned(),
            kind: "outsider".to_owned(),
            capability: "OC2".to_owned(),
            access: Vec::new(),
        }],
        ..System::default()
    }
}
