//! Keys, a trust file and a small log.

use std::sync::Arc;

use bartizan_attest::{Collector, NoteVerifier, SigningKey, Trust, TrustContent};
use bartizan_finding::{Digest, PredicateKind, Timestamp};
use bartizan_ledger::{Draft, Head, Identity, Ledger, LedgerError, MemoryFs, Subjects};

/// The key that signs the trust file.
pub fn root() -> SigningKey {
    SigningKey::from_seed([1; 32])
}

/// The key of the log.
pub fn log() -> SigningKey {
    SigningKey::from_seed([2; 32])
}

/// The key of the collector `ci`.
pub fn collector() -> SigningKey {
    SigningKey::from_seed([3; 32])
}

/// The name and key of the log, as checkpoints are verified with.
pub fn log_verifier() -> NoteVerifier {
    NoteVerifier::new("example.com/helpdesk".parse().expect("a name without spaces"), log().verifying_key())
}

/// The moment at which everything happens.
pub fn now() -> Timestamp {
    "2026-05-01T12:00:00Z".parse().expect("a time")
}

/// A trust file that lets `ci` state what it saw of files.
pub fn trust_content() -> TrustContent {
    TrustContent {
        project: "helpdesk".to_owned(),
        self_attested: false,
        log: log_verifier(),
        collectors: vec![Collector {
            name: "ci".to_owned(),
            key: collector().verifying_key(),
            may: [PredicateKind::ModelScan, PredicateKind::DataScan].into(),
            from: "2026-01-01T00:00:00Z".parse().expect("a time"),
            until: "2026-07-01T00:00:00Z".parse().expect("a time"),
            revoked: None,
        }],
        witnesses: Vec::new(),
        authorities: Vec::new(),
    }
}

/// [`trust_content`], signed and opened.
pub fn trust() -> Trust {
    let signed = trust_content().sign(None, &root()).expect("the content is valid");
    Trust::open(signed.toml.as_bytes(), &signed.envelope, None, &root().verifying_key()).expect("just signed")
}

/// A log of so many statements in memory, and its head when it held the first three.
pub fn ledger(entries: u8) -> Result<(MemoryFs, Ledger, Head), LedgerError> {
    let fs = MemoryFs::new();
    let name = log_verifier().name().clone();
    let ledger = Ledger::create(Arc::new(fs.clone()), Identity::writer(name, log()))?;
    let drafts: Vec<_> = (0..entries)
        .map(|n| Draft::Statement {
            envelope: vec![n; 8],
            predicate: "urn:bartizan:model-scan:v1".to_owned(),
            subjects: Subjects::of([Digest::of(&[n])]),
            collected: now(),
            expires: None,
            key: collector().fingerprint(),
            actor: "ci".to_owned(),
        })
        .collect();
    let (first, rest) = drafts.split_at(drafts.len().min(3));
    ledger.append(first, now())?;
    let head = ledger.head()?;
    if !rest.is_empty() {
        ledger.append(rest, now())?;
    }
    Ok((fs, ledger, head))
}
