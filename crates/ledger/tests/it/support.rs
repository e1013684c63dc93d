//! Ledgers to try things on.

use std::sync::Arc;

use bartizan_attest::{NoteVerifier, SigningKey};
use bartizan_finding::{Digest, Timestamp};
use bartizan_ledger::{
    Audit, Draft, Head, Identity, Ledger, Subjects, Verification,
    fs::{Fs, MemoryFs},
    verify,
};

pub(crate) const ORIGIN: &str = "bartizan.example/helpdesk";

pub(crate) fn key() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

pub(crate) fn identity() -> Identity {
    Identity::writer(ORIGIN.parse().expect("the name is well formed"), key())
}

pub(crate) fn keys() -> Vec<NoteVerifier> {
    identity().keys().to_vec()
}

/// The time `seconds` after an arbitrary start.
pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).expect("the time is in range")
}

/// The bytes that stand for the envelope of draft `number`.
pub(crate) fn envelope(number: u64) -> Vec<u8> {
    format!("envelope {number}").into_bytes()
}

pub(crate) fn draft(number: u64) -> Draft {
    with_envelope(number, envelope(number))
}

pub(crate) fn with_envelope(number: u64, envelope: Vec<u8>) -> Draft {
    Draft::Statement {
        envelope,
        predicate: "urn:bartizan:model-scan:v1".to_owned(),
        subjects: Subjects::of([Digest::of(&number.to_be_bytes())]),
        collected: at(0),
        expires: Some(at(86_400)),
        key: SigningKey::from_seed([2; 32]).fingerprint(),
        actor: "ci".to_owned(),
    }
}

pub(crate) fn drafts(numbers: std::ops::Range<u64>) -> Vec<Draft> {
    numbers.map(draft).collect()
}

pub(crate) fn erasure(number: u64) -> Draft {
    let envelope = Digest::of(&envelope(number));
    Draft::Erase { envelope, reason: "asked for".to_owned(), actor: "dpo".to_owned() }
}

/// A ledger in memory with entries `0..count`, appended a hundred at a time.
pub(crate) fn filled(count: u64) -> (MemoryFs, Ledger) {
    let fs = MemoryFs::new();
    let ledger = Ledger::create(Arc::new(fs.clone()), identity()).expect("memory does not fail");
    for (batch, start) in (0..).zip((0..count).step_by(100)) {
        ledger.append(&drafts(start..count.min(start + 100)), at(batch * 100)).expect("memory does not fail");
    }
    (fs, ledger)
}

/// A copy that can be changed apart from its original.
pub(crate) fn copy(fs: &MemoryFs) -> MemoryFs {
    let copy = MemoryFs::new();
    for path in fs.files() {
        copy.put(&path, fs.read(&path, u64::MAX).expect("a listed file is there"));
    }
    copy
}

pub(crate) fn audit(fs: &MemoryFs, head: Option<&Head>) -> Verification {
    verify(fs, &keys(), &Audit { head, ..Audit::default() })
}

/// The faults as people read them.
pub(crate) fn faults(verification: &Verification) -> Vec<String> {
    verification.faults.iter().map(ToString::to_string).collect()
}
