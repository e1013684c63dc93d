//! What is wrong with an exception, with who agrees to it, or with a break-glass.

use bartizan_assure::{Asked, ExceptionScope, OF_DECISION, Request};
use bartizan_attest::Envelope;
use bartizan_finding::{Digest, PredicateKind, Timestamp};
use serde_json::json;

use super::{
    Fault, Never,
    bundles::digest,
    scene::{Base, Copy, SECRET, Who},
};
use crate::run::Ran;

const SECRETS: Never = Never::Met("data-secrets");

/// Something that is recorded and does not hold, in the words of `exception list`.
const fn listed(name: &'static str, seed: fn(&Copy) -> Ran, says: &'static str) -> Fault {
    Fault { name, base: Base::Found, never: SECRETS, seed, code: 0, says }
}

/// Something that is not even recorded.
const fn refused(name: &'static str, seed: fn(&Copy) -> Ran, says: &'static str) -> Fault {
    Fault { name, base: Base::Found, never: SECRETS, seed, code: 2, says }
}

pub(super) const FAULTS: &[Fault] = &[
    listed(
        "exception: nobody has agreed",
        |copy| list(copy, |_| {}),
        "Somebody other than mira@example.com has yet to agree",
    ),
    listed(
        "exception: agreed to by who asked",
        |copy| list(copy, |id| drop(agree(copy, id, Who::Mira))),
        "Nobody but mira@example.com, who asked for it, has agreed",
    ),
    listed(
        "exception: agreed to by who asked, with another key",
        |copy| list(copy, |id| drop(agree(copy, id, Who::MiraToo))),
        "Nobody but mira@example.com, who asked for it, has agreed",
    ),
    listed(
        "exception: agreed to by a revoked key, which the log holds",
        |copy| {
            list(copy, |id| {
                let envelope = envelope_of(copy, id);
                approve(copy, envelope, Who::Left);
            })
        },
        "Somebody other than mira@example.com has yet to agree",
    ),
    listed(
        "exception: agreed to by a machine, which the log holds",
        |copy| {
            list(copy, |id| {
                let envelope = envelope_of(copy, id);
                approve(copy, envelope, Who::Ci);
            })
        },
        "Somebody other than mira@example.com has yet to agree",
    ),
    listed(
        "exception: taken back",
        |copy| {
            list(copy, |id| {
                agree(copy, id, Who::Tomas);
                copy.done(&["exception", "revoke", id, "--reason", "no longer", "--key", "../Tomas.key"]);
            })
        },
        "tomas@example.com took it back",
    ),
    listed(
        "exception: the bytes were changed",
        |copy| {
            list(copy, |id| {
                agree(copy, id, Who::Tomas);
                copy.write("project/notes.jsonl", format!("{SECRET}{SECRET}"));
                assert_eq!(copy.run(&["check", "--quiet"]).code, 1);
            })
        },
        "there are other bytes now",
    ),
    listed(
        "exception: for other bytes than its statement is about",
        |copy| {
            let about = request(copy.times.days_ago(-10));
            recorded(copy, &about, Some(digest()), copy.times.now());
            exceptions(copy)
        },
        "its statement is about other bytes than it names",
    ),
    listed(
        "exception: for longer than 400 days, which the log holds",
        |copy| {
            let mut about = request(copy.times.days_ago(-500));
            about.compensating = None;
            recorded(copy, &about, None, copy.times.now());
            exceptions(copy)
        },
        "an exception lasts at most 400 days",
    ),
    listed(
        "exception: from a control that nobody knows, which the log holds",
        |copy| {
            let mut about = request(copy.times.days_ago(-10));
            about.asked = Asked::Exception(ExceptionScope {
                control: Some("data-secretz".parse().unwrap()),
                subject: Some(Digest::of(SECRET.as_bytes())),
                ..ExceptionScope::default()
            });
            recorded(copy, &about, None, copy.times.now());
            exceptions(copy)
        },
        "there is no control `data-secretz`",
    ),
    listed(
        "exception: says something that is not understood",
        |copy| {
            let about = request(copy.times.days_ago(-10));
            let mut asked = asks(copy, &about, None, copy.times.now());
            asked.predicate.facts.insert("decision.forever".to_owned(), json!("yes"));
            let (_, envelope) = copy.append(&asked, Who::Mira, copy.times.now());
            approve(copy, envelope.digest(), Who::Tomas);
            exceptions(copy)
        },
        "The request cannot be understood",
    ),
    listed(
        "approval: of nothing",
        |copy| {
            approve(copy, digest(), Who::Tomas);
            exceptions(copy)
        },
        "It is about a request that is not recorded",
    ),
    listed(
        "approval: recorded before the request",
        |copy| {
            let asked = asks(copy, &request(copy.times.days_ago(-10)), None, copy.times.now());
            let envelope = Envelope::sign(&asked, &Who::Mira.key()).unwrap();
            approve(copy, envelope.digest(), Who::Tomas);
            copy.append(&asked, Who::Mira, copy.times.now());
            exceptions(copy)
        },
        "It was logged before the request that it is about",
    ),
    Fault {
        name: "exception: its time is over",
        base: Base::Bare,
        never: SECRETS,
        seed: |copy| {
            let about = request(copy.times.days_ago(5));
            recorded(copy, &about, None, copy.times.days_ago(20));
            copy.write("project/notes.jsonl", SECRET);
            assert_eq!(copy.run(&["check", "--quiet"]).code, 1);
            exceptions(copy)
        },
        code: 0,
        says: "It ended on",
    },
    refused(
        "exception: by a machine",
        |copy| ask(copy, &["--control", "data-secrets"], Who::Ci),
        "`ci` may not make exception statements",
    ),
    refused(
        "exception: by somebody whom nobody named",
        |copy| ask(copy, &["--control", "data-secrets"], Who::Foreign),
        "the trust file does not name it",
    ),
    refused(
        "exception: by a revoked key",
        |copy| ask(copy, &["--control", "data-secrets"], Who::Left),
        "the key of `left@example.com` is revoked",
    ),
    refused(
        "exception: for longer than 400 days",
        |copy| ask(copy, &["--control", "data-secrets", "--lasts", "401d"], Who::Mira),
        "an exception lasts at most 400 days",
    ),
    refused(
        "exception: from a control that nobody knows",
        |copy| ask(copy, &["--control", "data-secretz"], Who::Mira),
        "there is no control `data-secretz`",
    ),
    refused(
        "exception: from a finding that nobody made",
        |copy| ask(copy, &["--finding", "000000000000"], Who::Mira),
        "0 findings of the newest recorded check begin with",
    ),
    refused(
        "approval: by a machine",
        |copy| {
            let id = asked(copy, &["--control", "data-secrets"]);
            copy.run(&["exception", "approve", &id, "--key", "../Ci.key"])
        },
        "`ci` may not make approval statements",
    ),
    refused(
        "loss: of something that is not gone",
        |copy| ask(copy, &["--lost", "asset/weights"], Who::Mira),
        "`asset/weights` is not gone",
    ),
    refused(
        "break-glass: for longer than 24 hours",
        |copy| ask(copy, &["--break-glass", "deploy", "--lasts", "25h"], Who::Mira),
        "a break-glass lasts at most 24 hours",
    ),
    refused(
        "break-glass: for a gate that the project has not",
        |copy| ask(copy, &["--break-glass", "unseal"], Who::Mira),
        "the project declares no gate `unseal`",
    ),
    Fault {
        name: "break-glass: agreed to for another gate",
        base: Base::Found,
        never: SECRETS,
        seed: |copy| {
            agree(copy, &asked(copy, &["--break-glass", "share"]), Who::Tomas);
            copy.run(&["gate", "deploy", "--dry-run"])
        },
        code: 1,
        says: "deploy does not let local pass: data-secrets is failing",
    },
    Fault {
        name: "break-glass: agreed to by who asked",
        base: Base::Found,
        never: SECRETS,
        seed: |copy| {
            agree(copy, &asked(copy, &["--break-glass", "deploy"]), Who::Mira);
            copy.run(&["gate", "deploy", "--dry-run"])
        },
        code: 1,
        says: "deploy does not let local pass: data-secrets is failing",
    },
    listed(
        "break-glass: for longer than 24 hours, which the log holds",
        |copy| {
            let mut about = request(copy.times.hours_ago(-30));
            about.asked = Asked::BreakGlass { gate: "deploy".parse().unwrap(), asset: None };
            recorded(copy, &about, Some(copy.project().root()), copy.times.now());
            exceptions(copy)
        },
        "a break-glass lasts at most 24 hours",
    ),
    Fault {
        name: "break-glass: its time is over",
        base: Base::Bare,
        never: SECRETS,
        seed: |copy| {
            let mut about = request(copy.times.hours_ago(2));
            about.asked = Asked::BreakGlass { gate: "deploy".parse().unwrap(), asset: None };
            recorded(copy, &about, Some(copy.project().root()), copy.times.hours_ago(20));
            exceptions(copy)
        },
        code: 0,
        says: "It ended on",
    },
    listed(
        "claim: that a control does not apply, without another person",
        |copy| {
            asked(copy, &["--not-applicable", "data-secrets"]);
            exceptions(copy)
        },
        "has yet to agree",
    ),
];

pub(super) fn exceptions(copy: &Copy) -> Ran {
    copy.run(&["exception", "list"])
}

fn ask(copy: &Copy, about: &[&str], who: Who) -> Ran {
    let key = format!("../{}", who.file());
    let rest = ["--reason", "A made-up key.", "--owner", "data", "--key", &key];
    copy.run(&[&["exception", "add"], about, &rest].concat())
}

/// Mira asks; gives the id of the request.
pub(super) fn asked(copy: &Copy, about: &[&str]) -> String {
    let ran = ask(copy, about, Who::Mira);
    assert_eq!(ran.code, 0, "{ran:#?}");
    let id = ran.out.split_once("exception approve ").unwrap().1;
    id.split_whitespace().next().unwrap().to_owned()
}

pub(super) fn agree(copy: &Copy, id: &str, who: Who) -> Ran {
    copy.done(&["exception", "approve", id, "--key", &format!("../{}", who.file())])
}

/// Mira asks for an exception from the control, something is done about it, and it is listed.
fn list(copy: &Copy, then: impl FnOnce(&str)) -> Ran {
    let id = asked(copy, &["--control", "data-secrets"]);
    then(&id);
    exceptions(copy)
}

fn envelope_of(copy: &Copy, id: &str) -> Digest {
    let checked = copy.check(bartizan_engine::Mode::Assess, copy.times.now());
    checked.standing.decided.iter().find(|one| one.id == id).unwrap().envelope
}

/// An exception from the control for the data that holds the secret.
fn request(expires: Timestamp) -> Request {
    Request {
        asked: Asked::Exception(ExceptionScope {
            control: Some("data-secrets".parse().unwrap()),
            subject: Some(Digest::of(SECRET.as_bytes())),
            ..ExceptionScope::default()
        }),
        reason: "A made-up key.".to_owned(),
        owner: "data".parse().unwrap(),
        compensating: Some("Nobody reads it.".to_owned()),
        expires,
    }
}

/// The statement by which Mira asks, about what the request names unless told otherwise.
fn asks(
    copy: &Copy,
    request: &Request,
    subject: Option<Digest>,
    at: Timestamp,
) -> bartizan_attest::Statement {
    let subject = subject.or_else(|| request.subject()).unwrap();
    let mut statement = copy.statement(PredicateKind::Exception, Who::Mira, ("asked", subject));
    statement.predicate.facts = request.to_facts();
    (statement.predicate.bytes_read_at, statement.predicate.collected) = (at, at);
    statement.predicate.expires = request.expires;
    statement
}

/// Records a request of Mira's, and that Tomas agrees.
fn recorded(copy: &Copy, request: &Request, subject: Option<Digest>, at: Timestamp) {
    let (_, envelope) = copy.append(&asks(copy, request, subject, at), Who::Mira, at);
    approve_at(copy, envelope.digest(), Who::Tomas, at);
}

fn approve(copy: &Copy, request: Digest, who: Who) {
    approve_at(copy, request, who, copy.times.now());
}

fn approve_at(copy: &Copy, request: Digest, who: Who, at: Timestamp) {
    let mut agreed = copy.statement(PredicateKind::Approval, who, ("decision", request));
    agreed.predicate.facts.insert("approval.of".to_owned(), json!(OF_DECISION));
    (agreed.predicate.bytes_read_at, agreed.predicate.collected) = (at, at);
    copy.append(&agreed, who, at);
}
