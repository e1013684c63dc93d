//! What a gate decides from and does not have: a run that does not say what it found, a past that cannot be read, a
//! place where nobody could look.

use std::fs;

use bartizan_finding::{Digest, PredicateKind};
use serde_json::{Value, json};

use super::{
    Fault, Never,
    scene::{Base, Copy, Who},
};
use crate::run::Ran;

const fn open(name: &'static str, seed: fn(&Copy) -> Ran, code: i32, says: &'static str) -> Fault {
    Fault { name, base: Base::Good, never: Never::Open, seed, code, says }
}

pub(super) const FAULTS: &[Fault] = &[
    open(
        "facts: the newest run does not say what it found",
        |copy| {
            state(copy, PredicateKind::CheckRun, &[("run.unexamined", json!(0)), ("run.ignored", json!(0))]);
            gate(copy)
        },
        1,
        "no check of this revision is recorded",
    ),
    open(
        "facts: the newest run counts in words",
        |copy| {
            let facts = [
                ("run.findings", json!({"critical": "none"})),
                ("run.unexamined", json!(0)),
                ("run.ignored", json!(0)),
            ];
            state(copy, PredicateKind::CheckRun, &facts);
            gate(copy)
        },
        1,
        "no check of this revision is recorded",
    ),
    open(
        "facts: the newest run does not say what it left out",
        |copy| {
            let facts = [("run.findings", json!({})), ("run.ignored", json!(0))];
            state(copy, PredicateKind::CheckRun, &facts);
            gate(copy)
        },
        1,
        "no check of this revision is recorded",
    ),
    open(
        "facts: an earlier assessment cannot be read",
        |copy| {
            state(copy, PredicateKind::Assessment, &[("declared", json!("everything"))]);
            gate(copy)
        },
        1,
        "declared is not reconciled with observed",
    ),
    open(
        "facts: a list of tools cannot be read",
        |copy| {
            copy.write("project/.mcp.json", "{\"mcpServers\": ");
            copy.run(&["check", "--color", "never"])
        },
        4,
        "not valid JSON at line 1",
    ),
    open(
        "facts: the bytes that are asked about cannot be read",
        |copy| {
            fs::remove_file(copy.path("project/weights.safetensors")).unwrap();
            copy.run(&["gate", "deploy", "--asset", "weights"])
        },
        4,
        "the bytes of the asset `weights` cannot be read",
    ),
];

/// Records what the machine's collector states of the project as it is declared, after all else.
fn state(copy: &Copy, kind: PredicateKind, facts: &[(&str, Value)]) {
    let project = copy.project();
    let subject: (&str, Digest) = (&project.name, project.root());
    let mut statement = copy.statement(kind, Who::Local, subject);
    let now = copy.times.now();
    (statement.predicate.bytes_read_at, statement.predicate.collected) = (now, now);
    statement.predicate.facts =
        facts.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    copy.append(&statement, Who::Local, now);
}

fn gate(copy: &Copy) -> Ran {
    copy.run(&["gate", "deploy", "--dry-run"])
}
