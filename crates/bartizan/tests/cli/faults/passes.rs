//! What is wrong with a decision that is handed on to whoever deploys.

use bartizan_attest::Statement;
use bartizan_engine::{digest_of, gate::pass::Pass};
use bartizan_finding::PredicateKind;
use serde_json::{Value, json};

use super::{
    Fault, Never,
    scene::{Base, Copy, Who, root_key},
};
use crate::run::Ran;

/// A decision that can be believed and does not allow this.
const fn denied(name: &'static str, seed: fn(&Copy) -> Ran, says: &'static str) -> Fault {
    Fault { name, base: Base::Good, never: Never::Believed, seed, code: 1, says }
}

/// A decision that cannot be believed.
const fn forged(name: &'static str, seed: fn(&Copy) -> Ran, says: &'static str) -> Fault {
    Fault { name, base: Base::Good, never: Never::Believed, seed, code: 5, says }
}

pub(super) const FAULTS: &[Fault] = &[
    denied(
        "decision: about other bytes",
        |copy| {
            copy.write("project/weights.safetensors", crate::run::safetensors(65));
            verify(copy, &[])
        },
        "it is not about sha256:",
    ),
    denied(
        "decision: of another gate",
        |copy| verify(copy, &["--gate", "share"]),
        "it is a decision of the gate deploy",
    ),
    denied(
        "decision: its time is over",
        |copy| {
            let (at, until) = (copy.times.hours_ago(30), copy.times.hours_ago(6));
            made(copy, Who::Local, |decision| {
                (decision.predicate.bytes_read_at, decision.predicate.collected) = (at, at);
                decision.predicate.expires = until;
            })
        },
        "it held until",
    ),
    denied(
        "decision: the gate did not allow",
        |copy| {
            made(copy, Who::Local, |decision| {
                decision.predicate.facts.insert("gate.allowed".to_owned(), json!(false));
            })
        },
        "the gate did not allow it",
    ),
    denied(
        "decision: says that it allows in words of its own",
        |copy| {
            made(copy, Who::Local, |decision| {
                decision.predicate.facts.insert("gate.allowed".to_owned(), json!("true"));
            })
        },
        "the gate did not allow it",
    ),
    denied(
        "decision: without the organisation's rules",
        |copy| {
            copy.write(
                "rules/a.cedar",
                "@id(\"a\")\n@fix(\"b\")\nforbid (principal, action, resource) when { context.lost > 9 };\n",
            );
            verify(copy, &["--organisation", "../rules"])
        },
        "took no part in it",
    ),
    forged(
        "decision: of another project",
        |copy| verify(copy, &["--project", "other"]),
        "it is about the project `small` and not `other`",
    ),
    forged(
        "decision: rests on another root key",
        |copy| verify_at(copy, &Who::Foreign.key().fingerprint().to_string(), &[]),
        "root key is",
    ),
    forged("decision: rests on no fingerprint", |copy| verify_at(copy, "SHA256:x", &[]), "is no fingerprint"),
    forged(
        "decision: changed after it was signed",
        |copy| {
            change(copy, |pass| {
                let payload = pass["decision"]["payload"].as_str().unwrap();
                pass["decision"]["payload"] = json!(payload.replacen("ey", "eX", 1));
            })
        },
        "of the log is about another statement",
    ),
    forged(
        "decision: by a collector that may not decide",
        |copy| made(copy, Who::Ci, |decision| decision.predicate.collector = "ci".into()),
        "`ci` may not make gate-decision statements",
    ),
    forged(
        "decision: by a key that nobody named",
        |copy| made(copy, Who::Foreign, |_| {}),
        "that the trust file does not name",
    ),
    forged(
        "decision: is a statement of another kind",
        |copy| {
            let scan = copy.scan();
            let pass = copy.pass(&scan, Who::Ci);
            handed(copy, &pass)
        },
        "it is a model-scan statement where gate-decision is called for",
    ),
    forged(
        "decision: dated after it was recorded",
        |copy| {
            let at = copy.times.hours_ago(-3);
            made(copy, Who::Local, |decision| {
                (decision.predicate.bytes_read_at, decision.predicate.collected) = (at, at);
            })
        },
        "when it was seen",
    ),
    forged(
        "proof: of another entry",
        |copy| proof_of(copy, |_, other| other),
        "of the log is about another statement",
    ),
    forged(
        "proof: another index",
        |copy| lines(copy, |line| line.strip_prefix("index ").map(|_| "index 2".to_owned())),
        "proof",
    ),
    forged(
        "proof: another root",
        |copy| {
            // The line of the checkpoint that holds its root, which only the log's key can sign anew.
            proof_of(copy, |proof, _| {
                let (top, checkpoint) = proof.split_once("\n\n").unwrap();
                let mut rows: Vec<_> = checkpoint.split('\n').map(str::to_owned).collect();
                rows[2] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=".into();
                format!("{top}\n\n{}", rows.join("\n"))
            })
        },
        "checkpoint",
    ),
    forged(
        "proof: a hash was left out",
        |copy| {
            proof_of(copy, |proof, _| {
                let mut rows: Vec<_> = proof.split('\n').collect();
                rows.remove(3);
                rows.join("\n")
            })
        },
        "proof",
    ),
    forged(
        "proof: cut",
        |copy| proof_of(copy, |proof, _| proof.get(..proof.len() / 2).unwrap().to_owned()),
        "proof",
    ),
    forged(
        "decision: by a key that was revoked since, with the trust file from before",
        |copy| {
            revoke(copy, Who::Local);
            verify(copy, &["--trust", "../newer.trust"])
        },
        "the key of `local` is revoked from",
    ),
    forged(
        "decision: brings a trust file that is newer than the one that is known",
        |copy| {
            copy.done(&["trust", "export", "../older.trust"]);
            revoke(copy, Who::Scanner);
            copy.done(&["gate", "deploy", "--export", "../deploy.decision"]);
            verify(copy, &["--trust", "../older.trust"])
        },
        "it brings a trust file with serial 3, and 2 is the newest that is known here",
    ),
    forged(
        "decision: held against the trust file of another root",
        |copy| {
            copy.done(&["trust", "export", "../other.trust"]);
            let pem = Who::Foreign.key().verifying_key().to_pem();
            copy.replace(
                "other.trust",
                &json!(root_key().verifying_key().to_pem()).to_string(),
                &json!(pem).to_string(),
            );
            verify(copy, &["--trust", "../other.trust"])
        },
        "but the project pins",
    ),
    forged(
        "decision: no JSON",
        |copy| {
            copy.write("deploy.decision", "allow: true\n");
            verify(copy, &[])
        },
        "it is no decision",
    ),
    forged(
        "decision: of a form that nobody knows",
        |copy| change(copy, |pass| pass["schema"] = json!("bartizan/gate-pass/v9")),
        "its schema is not",
    ),
    forged(
        "decision: with a field that nobody knows",
        |copy| change(copy, |pass| pass["allowed"] = json!(true)),
        "it is no decision",
    ),
];

/// A key is revoked, and the trust file that says so is known.
fn revoke(copy: &Copy, who: Who) {
    let key = who.key().fingerprint().to_string();
    copy.done(&["trust", "revoke", &key, "--reason", "stolen"]);
    copy.done(&["trust", "export", "../newer.trust"]);
}

pub(super) fn verify(copy: &Copy, more: &[&str]) -> Ran {
    verify_at(copy, &root_key().fingerprint().to_string(), more)
}

fn verify_at(copy: &Copy, root: &str, more: &[&str]) -> Ran {
    let all = ["gate", "verify", "../deploy.decision", "--root", root, "--subject", "weights.safetensors"];
    copy.run(&[&all, more].concat())
}

fn change(copy: &Copy, change: impl FnOnce(&mut Value)) -> Ran {
    let mut pass: Value = serde_json::from_slice(&copy.read("deploy.decision")).unwrap();
    change(&mut pass);
    copy.write("deploy.decision", pass.to_string());
    verify(copy, &[])
}

fn handed(copy: &Copy, pass: &Pass) -> Ran {
    copy.write("deploy.decision", serde_json::to_vec(pass).unwrap());
    verify(copy, &[])
}

/// A decision that allows, after a change, signed by `who` and recorded.
fn made(copy: &Copy, who: Who, change: impl FnOnce(&mut Statement)) -> Ran {
    let mut decision = decision(copy);
    change(&mut decision);
    handed(copy, &copy.pass(&decision, who))
}

pub(super) fn decision(copy: &Copy) -> Statement {
    let weights = digest_of(&copy.path("project/weights.safetensors")).unwrap();
    let mut decision = copy.statement(PredicateKind::GateDecision, Who::Local, ("weights", weights));
    let facts =
        [("gate.id", json!("deploy")), ("gate.allowed", json!(true)), ("gate.principal", json!("local"))];
    decision.predicate.facts.extend(facts.map(|(name, value)| (name.to_owned(), value)));
    decision
}

/// The decision with another proof, made of its own and of that of the first entry.
fn proof_of(copy: &Copy, make: impl FnOnce(String, String) -> String) -> Ran {
    let other = bartizan_ledger::prove(&copy.ledger().view().unwrap(), 2).unwrap();
    change(copy, |pass| {
        let own = pass["proof"].as_str().unwrap().to_owned();
        pass["proof"] = json!(make(own, other));
    })
}

fn lines(copy: &Copy, other: impl Fn(&str) -> Option<String>) -> Ran {
    proof_of(copy, |proof, _| {
        let rows: Vec<_> =
            proof.split('\n').map(|row| other(row).unwrap_or_else(|| row.to_owned())).collect();
        rows.join("\n")
    })
}
