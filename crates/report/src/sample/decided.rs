//! What people decided, what the gates say, what was lost, and who has seen the log.

use bartizan_finding::Digest;

use super::{texts, time};
use crate::v1::*;

/// The exception that lets two findings of the busy report pass.
pub(super) const EXCEPTION: &str = "3f9a0c17b2de";

fn decision(id: &str, kind: DecisionKind, state: DecisionState, about: &str, expires: &str) -> Decision {
    Decision {
        id: id.to_owned(),
        kind,
        state,
        why: "Another person has agreed, and its time is not over.".to_owned(),
        about: about.to_owned(),
        rule: None,
        fingerprint: None,
        control: None,
        gate: None,
        subject: None,
        reason: "The archive is read by nobody.".to_owned(),
        owner: "product".to_owned(),
        requester: "mara@example.com".to_owned(),
        approvers: texts(&["jo@example.com"]),
        compensating: None,
        requested: time("2026-11-10T09:00:00Z"),
        expires: time(expires),
        index: 30,
        findings: 0,
    }
}

pub(super) fn decisions() -> Vec<Decision> {
    use DecisionKind::{BreakGlass, Claim, Exception, Loss};
    use DecisionState::{Expiring, InForce, Pending, Void};
    let mut held = decision(EXCEPTION, Exception, InForce, "SEC901 in data/archive", "2026-12-20T00:00:00Z");
    held.rule = Some("SEC901".to_owned());
    held.subject = Some(Digest::of(b"archive"));
    held.compensating = Some("The bucket is closed to all but two people.".to_owned());
    held.findings = 2;
    let mut ending = decision("77aa01c4e5b9", Claim, Expiring, "role-training", "2026-11-27T10:00:00Z");
    ending.control = Some("role-training".to_owned());
    ending.reason = "The supplier trains its own people.".to_owned();
    ending.index = 22;
    let mut asked = decision("0c5d9e8f7a61", Loss, Pending, "the element orders-api", "2026-12-01T00:00:00Z");
    asked.why = "Nobody but the person who asks has agreed.".to_owned();
    asked.approvers.clear();
    asked.reason = "The tool is switched off.".to_owned();
    asked.requested = time("2026-11-21T16:00:00Z");
    let mut void = decision("b2b2b2b2b2b2", Exception, Void, "PKL901 in model/a.pkl", "2026-12-11T00:00:00Z");
    void.why = "The file has other bytes now.".to_owned();
    void.rule = Some("PKL901".to_owned());
    let mut glass = decision("e4d1c0ffee00", BreakGlass, InForce, "the gate train", "2026-11-22T14:00:00Z");
    glass.gate = Some("train".to_owned());
    glass.reason = "The retraining after the incident cannot wait.".to_owned();
    glass.requested = time("2026-11-22T08:30:00Z");
    glass.index = 55;
    let agreed =
        decision("9d3b77aa10cf", Loss, InForce, "the flow gateway-orders-api", "2027-01-31T00:00:00Z");
    vec![glass, asked, held, void, agreed, ending]
}

pub(super) fn gates() -> Vec<GateResult> {
    let gate = |name: &str, verdict, sentence: &str| GateResult {
        gate: name.to_owned(),
        policy: format!("policies/{name}.cedar"),
        verdict,
        sentence: sentence.to_owned(),
        principal: "ci".to_owned(),
        resource: "project".to_owned(),
        refusals: Vec::new(),
        break_glass: None,
        index: None,
    };
    let refusal = |rule: &str, control: Option<(&str, Status)>, why: &str, fix: &str| GateRefusal {
        rule: rule.to_owned(),
        control: control.map(|(id, _)| id.to_owned()),
        status: control.map(|(_, status)| status),
        why: why.to_owned(),
        fix: fix.to_owned(),
        organisation: false,
    };
    let organisation = GateRefusal {
        organisation: true,
        ..refusal(
            "org-weights-scanned",
            Some(("model-scan", Status::Failing)),
            "Weights that run code do not leave the house.",
            "Convert the pickle, then run `bartizan check`.",
        )
    };
    let mut deploy = gate("deploy", GateVerdict::Deny, "3 rules refuse.");
    deploy.refusals = vec![
        organisation,
        refusal(
            "bartizan-reconciled",
            None,
            "Something that was declared is not declared now, and nobody has agreed.",
            "Declare it again, or ask for it: `bartizan exception add --loss orders-api`.",
        ),
        refusal(
            "drilled",
            Some(("stop-and-rollback", Status::Expired)),
            "The stop drill is too old.",
            "Run `bartizan drill stop`.",
        ),
    ];
    deploy.index = Some(56);
    let mut train =
        gate("train", GateVerdict::BreakGlass, "1 rule refuses, and a break-glass opens the gate.");
    train.break_glass = Some("e4d1c0ffee00".to_owned());
    train.refusals = vec![refusal(
        "data-known",
        Some(("role-training", Status::Unknown)),
        "Who trains has not finished the training of the role.",
        "Run `bartizan learn take`.",
    )];
    vec![
        deploy,
        gate("release", GateVerdict::Allow, "No rule refuses."),
        gate(
            "share",
            GateVerdict::Unusable,
            "The policy names an attribute that no fact has: `context.controls.foo`.",
        ),
        train,
    ]
}

pub(super) fn reconciliation() -> Reconciliation {
    let loss = |kind: &str, id: &str, decision: Option<&str>| Loss {
        kind: kind.to_owned(),
        id: id.to_owned(),
        last_seen: 31,
        decision: decision.map(str::to_owned),
    };
    Reconciliation {
        posture: Posture::Unreconciled,
        sentence: "3 things were seen that nobody declared, and 2 that were declared are not now.".to_owned(),
        undeclared: 3,
        lost: vec![
            loss("element", "orders-api", None),
            loss("flow", "gateway-orders-api", Some("9d3b77aa10cf")),
        ],
    }
}

pub(super) fn anchors() -> Vec<Anchor> {
    let anchor = |kind, by: &str, at: &str, size| Anchor { kind, by: by.to_owned(), at: time(at), size };
    vec![
        anchor(AnchorKind::Witness, "witness.example", "2026-11-22T09:59:00Z", 52),
        anchor(AnchorKind::Timestamp, "tsa.example", "2026-11-22T10:00:00Z", 55),
    ]
}
