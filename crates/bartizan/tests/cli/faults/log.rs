//! What is wrong with the log, with the trust file, or with what the project pins.

use std::fs;

use bartizan_attest::{Note, SigningKey, Trust, TrustContent, cosign};
use bartizan_engine::state::TrustFiles;
use bartizan_finding::{PredicateKind, Timestamp};
use bartizan_ledger::{Draft, Identity, Ledger, RealFs, Subjects};

use super::{
    Fault, Never,
    scene::{Base, Copy, Who, copy_folder, log_key, root_key},
};
use crate::run::Ran;

const SCAN: Never = Never::Met("model-scan");
const LEDGER: &str = "project/.bartizan/ledger";

const fn log(name: &'static str, seed: fn(&Copy) -> Ran, says: &'static str) -> Fault {
    Fault { name, base: Base::Good, never: SCAN, seed, code: 5, says }
}

/// A statement that is in the log and counts for nothing. It is no fault of the log.
const fn recorded(name: &'static str, seed: fn(&Copy) -> Ran, says: &'static str) -> Fault {
    Fault { name, base: Base::Bare, never: SCAN, seed, code: 0, says }
}

pub(super) const FAULTS: &[Fault] = &[
    log(
        "log: an envelope is missing",
        |copy| {
            fs::remove_file(copy.path(&blob(copy, PredicateKind::ModelScan))).unwrap();
            verify(copy)
        },
        "its envelope is missing",
    ),
    log(
        "log: an envelope was altered",
        |copy| {
            flip(copy, &blob(copy, PredicateKind::ModelScan));
            verify(copy)
        },
        "its envelope was altered",
    ),
    log(
        "log: an entry bundle was altered",
        |copy| {
            flip(copy, &below(copy, "tile/entries"));
            verify(copy)
        },
        "tile/entries/",
    ),
    log(
        "log: an entry bundle is missing",
        |copy| {
            fs::remove_file(copy.path(&below(copy, "tile/entries"))).unwrap();
            verify(copy)
        },
        "the file is missing",
    ),
    log(
        "log: a tile was altered",
        |copy| {
            flip(copy, &below(copy, "tile/0"));
            verify(copy)
        },
        "tile/0/",
    ),
    log(
        "log: a tile is missing",
        |copy| {
            fs::remove_file(copy.path(&below(copy, "tile/0"))).unwrap();
            verify(copy)
        },
        "the file is missing",
    ),
    log(
        "log: a file that belongs to none",
        |copy| {
            copy.write(&format!("{LEDGER}/tile/entries/extra"), "x");
            verify(copy)
        },
        "nothing in a ledger has this name",
    ),
    log(
        "log: an old copy was put back",
        |copy| {
            // The runner found something since, which the old copy does not know of.
            copy_folder(&copy.path(LEDGER), &copy.path("old"));
            copy.write("project/notes.jsonl", super::scene::SECRET);
            assert_eq!(copy.run(&["check", "--quiet"]).code, 1);
            fs::remove_dir_all(copy.path(LEDGER)).unwrap();
            copy_folder(&copy.path("old"), &copy.path(LEDGER));
            verify(copy)
        },
        "entries were cut off, or an old copy put back",
    ),
    log(
        "log: another with the same key was put in its place",
        |copy| {
            let entries = copy.state().ledger.view().unwrap().len();
            other_log(copy, &log_key(), entries);
            verify(copy)
        },
        "some were changed, removed, added or reordered since they were seen",
    ),
    log(
        "log: an empty one was put in its place",
        |copy| {
            other_log(copy, &log_key(), 1);
            verify(copy)
        },
        "entries were cut off, or an old copy put back",
    ),
    log(
        "log: its checkpoint is signed by another key",
        |copy| {
            let (trust, path) = (copy.trust(), format!("{LEDGER}/checkpoint"));
            let mut note = Note::new(Note::parse(&copy.read(&path)).unwrap().text()).unwrap();
            note.sign(trust.log().name(), &Who::Foreign.key());
            copy.write(&path, note.to_string());
            verify(copy)
        },
        "checkpoint",
    ),
    log(
        "log: its checkpoint was altered",
        |copy| {
            flip(copy, &format!("{LEDGER}/checkpoint"));
            verify(copy)
        },
        "checkpoint",
    ),
    log(
        "log: its checkpoint is gone",
        |copy| {
            fs::remove_file(copy.path(&format!("{LEDGER}/checkpoint"))).unwrap();
            copy.run(&["gate", "deploy", "--dry-run"])
        },
        "its checkpoint is gone",
    ),
    // Statements that somebody with the log's key has recorded.
    recorded(
        "log: a statement by a key that nobody named",
        |copy| {
            copy.append(&copy.scan(), Who::Foreign, copy.times.now());
            verify(copy)
        },
        "that the trust file does not name",
    ),
    recorded(
        "log: a statement by a revoked key that nobody outside has seen",
        |copy| {
            by_gone(copy);
            verify(copy)
        },
        "the key of `gone` is revoked from",
    ),
    recorded(
        "log: a statement by a revoked key that a witness saw after the compromise",
        |copy| {
            by_gone(copy);
            cosigned(copy, copy.times.days_ago(5));
            verify(copy)
        },
        "and no witness saw this before",
    ),
    recorded(
        "log: a statement dated after it was recorded",
        |copy| {
            copy.append(&copy.scan(), Who::Ci, copy.times.days_ago(3));
            verify(copy)
        },
        "when it was seen",
    ),
    recorded(
        "log: an entry that names other subjects than its statement",
        |copy| {
            let mut scan = copy.scan();
            scan.predicate.collector = "ci".into();
            let envelope = bartizan_attest::Envelope::sign(&scan, &Who::Ci.key()).unwrap();
            let draft = Draft::Statement {
                envelope: envelope.to_bytes(),
                predicate: scan.kind.uri(),
                subjects: Subjects::of([super::bundles::digest()]),
                collected: scan.predicate.collected,
                expires: Some(scan.predicate.expires),
                key: Who::Ci.key().fingerprint(),
                actor: "local".to_owned(),
            };
            copy.state().ledger.append(&[draft], copy.times.now()).unwrap();
            verify(copy)
        },
        "subject",
    ),
    // The trust file.
    log(
        "trust: an older file was put back",
        |copy| {
            for name in ["trust.toml", "trust.toml.dsse"] {
                copy.write(&format!("project/.bartizan/{name}"), copy.read(&format!("first/{name}")));
            }
            gate(copy)
        },
        "trust file was rolled back: it has serial 1, and serial 2 has been seen",
    ),
    log(
        "trust: another file of the same serial",
        |copy| {
            let first = TrustFiles {
                root: root_key().verifying_key().to_pem(),
                toml: copy.text("first/trust.toml"),
                envelope: serde_json::from_slice(&copy.read("first/trust.toml.dsse")).unwrap(),
            };
            let root = root_key();
            let first = first.open(&root.verifying_key(), &root.fingerprint()).unwrap();
            sign_trust(copy, copy.trust().content().clone(), Some(&first), &root, |content| {
                content.collectors.retain(|one| one.name != "scanner");
            });
            gate(copy)
        },
        "trust file with serial 2 does not follow the one that has been seen",
    ),
    log(
        "trust: signed by another root key",
        |copy| {
            let before = copy.trust();
            sign_trust(copy, before.content().clone(), Some(&before), &Who::Foreign.key(), |_| {});
            gate(copy)
        },
        "trust file is not signed by the root key",
    ),
    log(
        "trust: another root key in the place of the pinned one",
        |copy| {
            let before = copy.trust();
            sign_trust(copy, before.content().clone(), Some(&before), &Who::Foreign.key(), |_| {});
            copy.write("project/.bartizan/keys/root.pub", Who::Foreign.key().verifying_key().to_pem());
            gate(copy)
        },
        "but the project pins",
    ),
    log(
        "trust: changed after it was signed",
        |copy| {
            copy.replace("project/.bartizan/trust.toml", "\"data-scan\"", "\"model-scan\"");
            gate(copy)
        },
        "trust file was changed after the root key signed it",
    ),
    Fault {
        name: "trust: without its signature",
        base: Base::Good,
        never: SCAN,
        seed: |copy| {
            fs::remove_file(copy.path("project/.bartizan/trust.toml.dsse")).unwrap();
            gate(copy)
        },
        code: 4,
        says: "trust.toml.dsse",
    },
    log(
        "project: pins another root key",
        |copy| {
            let other = Who::Foreign.key().fingerprint().to_string();
            copy.replace("project/bartizan.toml", &root_key().fingerprint().to_string(), &other);
            gate(copy)
        },
        "but the project pins",
    ),
    log(
        "project: pins another log key",
        |copy| {
            let log = log_key().fingerprint().to_string();
            copy.replace("project/bartizan.toml", &log, &Who::Foreign.key().fingerprint().to_string());
            gate(copy)
        },
        "but bartizan.toml names",
    ),
    log(
        "keys: another log key",
        |copy| {
            let pem = Who::Foreign.key().to_pem(None).unwrap();
            copy.write("project/.bartizan/keys/log.key", pem.as_bytes());
            gate(copy)
        },
        "but trust.toml names",
    ),
    // Who has seen it.
    Fault {
        name: "anchor: of another log",
        base: Base::Bare,
        never: Never::Believed,
        seed: |copy| {
            let checkpoint = copy.text("project/.bartizan/ledger/checkpoint");
            other_log(copy, &log_key(), 7);
            let other = copy.text("project/.bartizan/ledger/checkpoint");
            assert_ne!(checkpoint, other);
            copy.write("cosigned", witnessed(&checkpoint, copy.times.now()));
            copy.run(&["ledger", "witness", "--checkpoint", "../cosigned"])
        },
        code: 5,
        says: "it was forked, or rewritten since",
    },
    Fault {
        name: "anchor: by a witness that nobody named",
        base: Base::Bare,
        never: SCAN,
        seed: |copy| {
            let mut note = Note::parse(&copy.read("project/.bartizan/ledger/checkpoint")).unwrap();
            let name = "other.example/w".parse().unwrap();
            note.push(cosign(note.text(), &name, &Who::Foreign.key(), copy.times.now()).unwrap());
            copy.write("cosigned", note.to_string());
            copy.run(&["ledger", "witness", "--checkpoint", "../cosigned"])
        },
        code: 5,
        says: "the checkpoint does not count",
    },
];

pub(super) fn verify(copy: &Copy) -> Ran {
    copy.run(&["ledger", "verify"])
}

fn gate(copy: &Copy) -> Ran {
    copy.run(&["gate", "deploy", "--dry-run"])
}

/// The file of the envelope of the newest statement of this kind.
fn blob(copy: &Copy, kind: PredicateKind) -> String {
    let checked = copy.check(bartizan_engine::Mode::Assess, copy.times.now());
    let found = checked.gathered.trusted.values().rev().find(|one| one.kind == kind).unwrap();
    let hex = found.envelope.hex();
    let (folder, name) = hex.split_at(2);
    format!("{LEDGER}/blobs/sha256/{folder}/{name}")
}

/// The newest file of a part of the log: older ones of its place are no longer looked at.
fn below(copy: &Copy, folder: &str) -> String {
    let size = copy.ledger().view().unwrap().len();
    format!("{LEDGER}/{folder}/000.p/{size}")
}

/// Changes one bit in the middle of a file.
fn flip(copy: &Copy, name: &str) {
    let mut bytes = copy.read(name);
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    copy.write(name, bytes);
}

/// A log of as many entries that nobody made before, in the place of the log.
fn other_log(copy: &Copy, key: &SigningKey, entries: u64) {
    let name = copy.trust().log().name().clone();
    fs::remove_dir_all(copy.path(LEDGER)).unwrap();
    let folder = RealFs::create(&copy.path(LEDGER)).unwrap();
    let ledger = Ledger::create(std::sync::Arc::new(folder), Identity::writer(name, key.clone())).unwrap();
    let mut scan = copy.scan();
    let drafts: Vec<_> = (0..entries)
        .map(|number| {
            scan.predicate.facts.insert("number".to_owned(), number.into());
            let envelope = bartizan_attest::Envelope::sign(&scan, &Who::Ci.key()).unwrap();
            Draft::Statement {
                envelope: envelope.to_bytes(),
                predicate: scan.kind.uri(),
                subjects: Subjects::of(scan.subjects.iter().map(|subject| subject.digest)),
                collected: scan.predicate.collected,
                expires: Some(scan.predicate.expires),
                key: Who::Ci.key().fingerprint(),
                actor: "local".to_owned(),
            }
        })
        .collect();
    ledger.append(&drafts, copy.times.now()).unwrap();
}

/// A scan of the weights by the key that was revoked later, recorded before.
pub(super) fn by_gone(copy: &Copy) {
    let mut scan = copy.scan();
    let at = copy.times.days_ago(20);
    (scan.predicate.bytes_read_at, scan.predicate.collected) = (at, at);
    (scan.predicate.expires, scan.predicate.collector) = (copy.times.days_ago(-20), "gone".to_owned());
    copy.append(&scan, Who::Gone, at);
}

/// The witness says that it saw the log at this time.
pub(super) fn cosigned(copy: &Copy, at: Timestamp) {
    let checkpoint = copy.text(&format!("{LEDGER}/checkpoint"));
    copy.write("cosigned", witnessed(&checkpoint, at));
    copy.done(&["ledger", "witness", "--checkpoint", "../cosigned"]);
}

fn witnessed(checkpoint: &str, at: Timestamp) -> String {
    let mut note = Note::parse(checkpoint.as_bytes()).unwrap();
    let name = Who::Witness.name().parse().unwrap();
    note.push(cosign(note.text(), &name, &Who::Witness.key(), at).unwrap());
    note.to_string()
}

/// Another trust file, signed by `root`, in the place of the one that is there.
fn sign_trust(
    copy: &Copy,
    mut content: TrustContent,
    predecessor: Option<&Trust>,
    root: &SigningKey,
    change: impl FnOnce(&mut TrustContent),
) {
    change(&mut content);
    let signed = content.sign(predecessor, root).unwrap();
    copy.write("project/.bartizan/trust.toml", signed.toml);
    copy.write("project/.bartizan/trust.toml.dsse", signed.envelope.to_bytes());
}
