//! What is wrong with a bundle, or with a statement in one.

use std::fs;

use bartizan_attest::{Envelope, IN_TOTO_PAYLOAD, Statement};
use bartizan_finding::{Digest, PredicateKind};
use serde_json::{Value, json};

use super::{
    Fault, Never,
    scene::{Base, Copy, Who},
};
use crate::run::Ran;

const SCAN: Never = Never::Met("model-scan");
const SECRETS: Never = Never::Met("data-secrets");

/// A fault of a bundle that is handed to a project with nothing recorded.
const fn handed(name: &'static str, seed: fn(&Copy) -> Ran, says: &'static str) -> Fault {
    Fault { name, base: Base::Bare, never: SCAN, seed, code: 5, says }
}

/// A fault that is found when the gate asks.
const fn asked(name: &'static str, never: Never, seed: fn(&Copy) -> Ran, says: &'static str) -> Fault {
    Fault { name, base: Base::Bare, never, seed, code: 1, says }
}

pub(super) const FAULTS: &[Fault] = &[
    // Who signed.
    handed(
        "statement: unsigned",
        |copy| import_json(copy, |line| line["signatures"] = json!([])),
        "it is not signed",
    ),
    handed(
        "statement: signed by a key that nobody named",
        |copy| import(copy, Who::Foreign, |scan| scan.predicate.collector = "ci".into()),
        "that the trust file does not name",
    ),
    handed(
        "statement: signed by a foreign key under the hint of a known one",
        |copy| {
            let hint = Who::Ci.key().fingerprint().to_string();
            let line = with_json(&signed(&copy.scan(), Who::Foreign), |line| {
                line["signatures"][0]["keyid"] = json!(hint);
            });
            copy.import(&[line])
        },
        "its signature is not by the key of `ci` that it names",
    ),
    handed(
        "statement: changed after signing",
        |copy| {
            let mut scan = copy.scan();
            let old = Envelope::sign(&scan, &Who::Ci.key()).unwrap();
            scan.predicate.counts.insert("STS001".to_owned(), 0);
            let new = Envelope::sign(&scan, &Who::Ci.key()).unwrap();
            let theirs: Value = serde_json::from_slice(&old.to_bytes()).unwrap();
            let altered = String::from_utf8(new.to_bytes()).unwrap();
            copy.import(&[with_json(&altered, |line| line["signatures"] = theirs["signatures"].clone())])
        },
        "it was changed after signing, or forged",
    ),
    handed(
        "statement: by one collector in the name of another",
        |copy| import(copy, Who::Ci, |scan| scan.predicate.collector = "local".into()),
        "it says that it is by `local`, but the key is that of `ci`",
    ),
    handed(
        "statement: by a key that has run out",
        |copy| {
            let at = copy.times.days_ago(30);
            import(copy, Who::Old, |scan| {
                (scan.predicate.bytes_read_at, scan.predicate.collected) = (at, at);
            })
        },
        "the key of `old` is not valid at",
    ),
    handed(
        "statement: by a key that is not valid yet",
        |copy| import(copy, Who::Coming, |_| {}),
        "the key of `coming` is not valid at",
    ),
    handed(
        "statement: by a revoked key",
        |copy| {
            let at = copy.times.days_ago(20);
            import(copy, Who::Gone, |scan| {
                (scan.predicate.bytes_read_at, scan.predicate.collected) = (at, at);
            })
        },
        "the key of `gone` is revoked from",
    ),
    handed(
        "statement: of a kind that its collector may not make",
        |copy| import(copy, Who::Scanner, |_| {}),
        "`scanner` may not make model-scan statements",
    ),
    handed(
        "statement: of a measurement, by a person",
        |copy| import(copy, Who::Mira, |_| {}),
        "`mira@example.com` may not make model-scan statements",
    ),
    handed(
        "statement: an exception, by a machine",
        |copy| {
            let asked = copy.statement(PredicateKind::Exception, Who::Ci, ("weights.safetensors", digest()));
            copy.import(&[signed(&asked, Who::Ci)])
        },
        "`ci` may not make exception statements",
    ),
    // What it says it is.
    handed(
        "statement: of a predicate type that nobody knows",
        |copy| import_payload(copy, |payload| payload["predicateType"] = json!("urn:bartizan:blessing:v1")),
        "it cannot be read",
    ),
    handed(
        "statement: of another payload type",
        |copy| {
            let payload = copy.scan().to_bytes().unwrap();
            let envelope = Envelope::sign_bytes("application/json", payload, &Who::Ci.key());
            copy.import(&[String::from_utf8(envelope.to_bytes()).unwrap()])
        },
        "its payload type is `application/json`",
    ),
    handed(
        "statement: a field that stands twice",
        |copy| {
            let text = String::from_utf8(copy.scan().to_bytes().unwrap()).unwrap();
            let twice = text.replacen("\"complete\":true", "\"complete\":true,\"complete\":true", 1);
            assert_ne!(text, twice);
            let envelope = Envelope::sign_bytes(IN_TOTO_PAYLOAD, twice.into_bytes(), &Who::Ci.key());
            copy.import(&[String::from_utf8(envelope.to_bytes()).unwrap()])
        },
        "it cannot be read",
    ),
    handed(
        "statement: about another project",
        |copy| import(copy, Who::Ci, |scan| scan.predicate.project.name = "other".into()),
        "it is about the project `other` and not `small`",
    ),
    handed(
        "statement: about another revision of the project",
        |copy| {
            let (at, mut run) = copy.line(PredicateKind::CheckRun);
            run.subjects[0].digest = digest();
            let mut lines = copy.lines();
            lines[at] = signed(&run, Who::Ci);
            copy.import(&lines)
        },
        "it is about another revision of the project file",
    ),
    // What it is about.
    handed(
        "subject: another digest",
        |copy| import(copy, Who::Ci, |scan| scan.subjects[0].digest = digest()),
        "its subject `weights.safetensors` has other bytes here",
    ),
    handed(
        "subject: another file",
        |copy| import(copy, Who::Ci, |scan| scan.subjects[0].name = "elsewhere/weights.safetensors".into()),
        "its subject `elsewhere/weights.safetensors` belongs to no asset of this project",
    ),
    handed(
        "subject: an asset that the project has not",
        |copy| {
            let check = copy.statement(PredicateKind::IntegrityCheck, Who::Ci, ("adapter", digest()));
            copy.import(&[signed(&check, Who::Ci)])
        },
        "its subject `adapter` is no asset of this project",
    ),
    handed(
        "subject: a request that nobody made",
        |copy| {
            let mut agreed = copy.statement(PredicateKind::Approval, Who::Tomas, ("decision 0", digest()));
            agreed.predicate.facts.insert("approval.of".to_owned(), json!("decision"));
            copy.import(&[signed(&agreed, Who::Tomas)])
        },
        "its subject `decision 0` is nothing of this project",
    ),
    // When it was made.
    handed(
        "statement: dated in the future",
        |copy| {
            let at = copy.times.hours_ago(-2);
            import(copy, Who::Ci, |scan| {
                (scan.predicate.bytes_read_at, scan.predicate.collected) = (at, at);
            })
        },
        "when it was seen",
    ),
    asked(
        "statement: expired",
        SCAN,
        |copy| {
            let (at, until) = (copy.times.days_ago(8), copy.times.days_ago(5));
            import_and_ask(copy, Who::Ci, |scan| {
                (scan.predicate.bytes_read_at, scan.predicate.collected) = (at, at);
                scan.predicate.expires = until;
            })
        },
        "model-scan is expired",
    ),
    asked(
        "statement: of a run that was not complete",
        SCAN,
        |copy| {
            import_and_ask(copy, Who::Ci, |scan| {
                scan.predicate.complete = false;
                scan.predicate.unexamined.total = 1;
            })
        },
        "model-scan is unknown",
    ),
    asked(
        "run: stands by an envelope that is not recorded",
        SCAN,
        |copy| {
            let mut run = copy.statement(PredicateKind::CheckRun, Who::Ci, ("small", copy.project().root()));
            run.predicate.facts.insert("statements.made".to_owned(), json!([]));
            run.predicate.facts.insert("stands-by".to_owned(), json!([digest().hex()]));
            assert_eq!(copy.import(&[signed(&run, Who::Ci)]).code, 0);
            gate(copy)
        },
        "model-scan is unknown",
    ),
    asked(
        "run: stands by what another collector stated",
        SCAN,
        |copy| {
            let mut scan = copy.scan();
            let at = copy.times.days_ago(30);
            (scan.predicate.bytes_read_at, scan.predicate.collected) = (at, at);
            (scan.predicate.expires, scan.predicate.collector) = (copy.times.days_ago(25), "old".to_owned());
            let (_, envelope) = copy.append(&scan, Who::Old, at);
            let mut run = copy.statement(PredicateKind::CheckRun, Who::Ci, ("small", copy.project().root()));
            run.predicate.facts.insert("statements.made".to_owned(), json!([]));
            run.predicate.facts.insert("stands-by".to_owned(), json!([envelope.digest().hex()]));
            assert_eq!(copy.import(&[signed(&run, Who::Ci)]).code, 0);
            gate(copy)
        },
        "model-scan is expired",
    ),
    Fault {
        name: "bundle: replayed after the bytes were changed",
        base: Base::Bare,
        never: SCAN,
        seed: |copy| {
            assert_eq!(copy.import(&copy.lines()).code, 0);
            copy.write("project/weights.safetensors", crate::run::safetensors(65));
            copy.import(&copy.lines())
        },
        code: 0,
        says: "Nothing is new",
    },
    Fault {
        name: "bundle: an older one after a newer failure",
        base: Base::Bare,
        never: SECRETS,
        seed: |copy| {
            assert_eq!(copy.import(&[signed(&failing(copy), Who::Ci)]).code, 0);
            copy.import(&copy.lines())
        },
        code: 5,
        says: "says something newer about the same subject",
    },
    Fault {
        name: "log: a result dated before a failure that stands before it",
        base: Base::Bare,
        never: SECRETS,
        seed: |copy| {
            copy.append(&failing(copy), Who::Ci, copy.times.hours_ago(1));
            let (_, mut good) = copy.line(PredicateKind::DataScan);
            good.predicate.collector = "scanner".into();
            copy.append(&good, Who::Scanner, copy.times.now());
            copy.run(&["ledger", "verify"])
        },
        code: 0,
        says: "which says something newer about the same subject",
    },
    // The bundle as a whole.
    handed(
        "bundle: a line was taken out",
        |copy| {
            let mut lines = copy.lines();
            lines.remove(copy.line(PredicateKind::ModelScan).0);
            copy.import(&lines)
        },
        "its run made 1 statement that the bundle does not hold",
    ),
    handed(
        "bundle: cut in the middle of a line",
        |copy| {
            let text = copy.lines().join("\n");
            copy.import(&[text.get(..text.len() - 100).unwrap().to_owned()])
        },
        "cannot be read",
    ),
    handed(
        "bundle: a foreign line among good ones",
        |copy| {
            let mut lines = copy.lines();
            lines.push(signed(&copy.scan(), Who::Foreign));
            copy.import(&lines)
        },
        "nothing is taken in",
    ),
    handed(
        "bundle: a foreign line in place of a good one, and only a part asked for",
        |copy| {
            let mut lines = copy.lines();
            lines[copy.line(PredicateKind::ModelScan).0] = signed(&copy.scan(), Who::Foreign);
            copy.write("handed.intoto.jsonl", lines.join("\n"));
            copy.run(&["ledger", "import", "../handed.intoto.jsonl", "--part"])
        },
        "that the trust file does not name",
    ),
    handed(
        "bundle: a line longer than any envelope",
        |copy| copy.import(&[copy.lines(), vec!["x".repeat(2 << 20)]].concat()),
        "is longer than",
    ),
    Fault {
        name: "bundle: a run over other bytes, and only a part asked for",
        base: Base::Found,
        never: SECRETS,
        seed: |copy| {
            // The runner has just looked at the data from before the secret was in it, and found nothing.
            let at = copy.times.now();
            let (place, mut run) = copy.line(PredicateKind::CheckRun);
            (run.predicate.bytes_read_at, run.predicate.collected) = (at, at);
            let mut lines = copy.lines();
            lines[place] = signed(&run, Who::Ci);
            copy.write("handed.intoto.jsonl", lines.join("\n"));
            let imported = copy.run(&["ledger", "import", "../handed.intoto.jsonl", "--part"]);
            let shared = copy.run(&["gate", "share", "--dry-run"]);
            assert!(shared.code == 1 && shared.out.contains("nothing-critical"), "{imported:#?} {shared:#?}");
            imported
        },
        code: 5,
        says: "that do not count here",
    },
    Fault {
        name: "log: an older run that found nothing, recorded after one that found something",
        base: Base::Found,
        never: SECRETS,
        seed: |copy| {
            copy.append(&copy.line(PredicateKind::CheckRun).1, Who::Ci, copy.times.now());
            copy.run(&["gate", "share", "--dry-run"])
        },
        code: 1,
        says: "nothing-critical",
    },
    handed("bundle: empty", |copy| copy.import(&[]), "the bundle holds no statement"),
    handed(
        "bundle: of bytes that are no text",
        |copy| {
            copy.write("handed.intoto.jsonl", [0, 159, 146, 150, 255, 10]);
            copy.run(&["ledger", "import", "../handed.intoto.jsonl"])
        },
        "cannot be read",
    ),
    Fault {
        name: "bundle: not there",
        base: Base::Bare,
        never: SCAN,
        seed: |copy| {
            fs::remove_file(copy.path("ci.intoto.jsonl")).unwrap();
            copy.run(&["ledger", "import", "../ci.intoto.jsonl"])
        },
        code: 2,
        says: "cannot read ../ci.intoto.jsonl",
    },
];

/// A digest of nothing that is there.
pub(super) fn digest() -> Digest {
    Digest::of(b"nothing of the project")
}

pub(super) fn signed(statement: &Statement, who: Who) -> String {
    String::from_utf8(Envelope::sign(statement, &who.key()).unwrap().to_bytes()).unwrap()
}

/// Imports the scan of the weights after a change, signed by `who`, by whom it says it is.
fn import(copy: &Copy, who: Who, change: impl FnOnce(&mut Statement)) -> Ran {
    let mut scan = copy.scan();
    who.name().clone_into(&mut scan.predicate.collector);
    change(&mut scan);
    copy.import(&[signed(&scan, who)])
}

fn import_and_ask(copy: &Copy, who: Who, change: impl FnOnce(&mut Statement)) -> Ran {
    let imported = import(copy, who, change);
    assert_eq!(imported.code, 0, "{imported:#?}");
    gate(copy)
}

fn gate(copy: &Copy) -> Ran {
    copy.run(&["gate", "deploy", "--dry-run"])
}

fn import_json(copy: &Copy, change: impl FnOnce(&mut Value)) -> Ran {
    copy.import(&[with_json(&signed(&copy.scan(), Who::Ci), change)])
}

fn import_payload(copy: &Copy, change: impl FnOnce(&mut Value)) -> Ran {
    let mut payload: Value = serde_json::from_slice(&copy.scan().to_bytes().unwrap()).unwrap();
    change(&mut payload);
    let envelope =
        Envelope::sign_bytes(IN_TOTO_PAYLOAD, serde_json::to_vec(&payload).unwrap(), &Who::Ci.key());
    copy.import(&[String::from_utf8(envelope.to_bytes()).unwrap()])
}

fn with_json(line: &str, change: impl FnOnce(&mut Value)) -> String {
    let mut value: Value = serde_json::from_str(line).unwrap();
    change(&mut value);
    value.to_string()
}

/// What the runner found in the data an hour ago, after the bundle was made.
fn failing(copy: &Copy) -> Statement {
    let (_, mut scan) = copy.line(PredicateKind::DataScan);
    let at = copy.times.hours_ago(1);
    (scan.predicate.bytes_read_at, scan.predicate.collected) = (at, at);
    scan.predicate.counts.insert("SEC001".to_owned(), 1);
    scan
}
