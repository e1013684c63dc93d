//! Statements, envelopes, keys and trust: what makes a claim evidence.
//!
//! A [`Statement`] says in the in-toto form what was seen of which bytes, when and by whom; an [`Envelope`] (DSSE)
//! carries it with its signatures; [`Trust`] holds which collector's key may make which statement and when, and
//! [`Trust::judge`] is the only way from an envelope to a [`Verified`] statement. Envelopes travel in bundles, which
//! [`BundleReader`] reads. A [`Note`] is the signed text that log checkpoints use; that somebody outside has seen one is
//! said by a [cosignature](cosignatures) or by a [`TimestampToken`]. This crate knows no file, no clock, no randomness and no network: bytes, times and
//! random values are parameters.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use std::collections::{BTreeMap, BTreeSet};
//! use bartizan_attest::*;
//! use bartizan_finding::{Digest, PredicateKind, Timestamp};
//!
//! let [root, log, ci] = [1, 2, 3].map(|seed| SigningKey::from_seed([seed; 32]));
//! let now: Timestamp = "2026-05-01T12:00:00Z".parse()?;
//!
//! // The root key says whose evidence counts.
//! let content = TrustContent {
//!     project: "helpdesk".to_owned(),
//!     self_attested: true,
//!     log: NoteVerifier::new("example.com/helpdesk".parse()?, log.verifying_key()),
//!     collectors: vec![Collector {
//!         name: "ci".to_owned(),
//!         key: ci.verifying_key(),
//!         may: BTreeSet::from([PredicateKind::ModelScan]),
//!         from: "2026-01-01T00:00:00Z".parse()?,
//!         until: "2026-07-01T00:00:00Z".parse()?,
//!         revoked: None,
//!     }],
//!     witnesses: Vec::new(),
//!     authorities: Vec::new(),
//! };
//! let signed = content.sign(None, &root)?;
//!
//! // A collector states what it saw.
//! let statement = Statement {
//!     subjects: vec![Subject { name: "model.safetensors".to_owned(), digest: Digest::of(b"weights") }],
//!     kind: PredicateKind::ModelScan,
//!     predicate: Predicate {
//!         tool: Tool { name: "bartizan".to_owned(), version: "0.1.0".to_owned() },
//!         project: ProjectRef { name: "helpdesk".to_owned(), root: Digest::of(b"project") },
//!         collector: "ci".to_owned(),
//!         rule_sets: BTreeMap::from([("artifact".to_owned(), 1)]),
//!         parameters: BTreeMap::new(),
//!         counts: BTreeMap::new(),
//!         facts: BTreeMap::new(),
//!         complete: true,
//!         unexamined: NotExamined::default(),
//!         bytes_read_at: now,
//!         collected: now,
//!         expires: "2026-06-01T00:00:00Z".parse()?,
//!     },
//! };
//! let envelope = Envelope::sign(&statement, &ci)?;
//!
//! // Whoever holds the project file, with the root's fingerprint, judges it.
//! let pinned = root.fingerprint();
//! let trust = Trust::open(signed.toml.as_bytes(), &signed.envelope, Some(&pinned), &root.verifying_key())?;
//! let expect = Expect { project: "helpdesk", predicate: Some(PredicateKind::ModelScan) };
//! let seen = Seen { logged_at: None, witnessed: None, as_of: now };
//! assert_eq!(trust.judge(&envelope, &expect, &seen)?.statement, statement);
//!
//! let forged = Envelope::sign(&statement, &log)?;
//! assert!(matches!(trust.judge(&forged, &expect, &seen), Err(Refusal::UnknownKey { .. })));
//! # Ok(())
//! # }
//! ```

mod bundle;
mod canonical;
mod cosignature;
mod envelope;
mod error;
mod judge;
mod key_file;
mod keys;
mod note;
mod registry;
pub mod rules;
mod shown;
mod statement;
mod strict;
mod subject;
mod time;
mod timestamp;
mod trust;

pub use bundle::{
    BundleFault, BundleFaultKind, BundleLine, BundleReader, MAX_BUNDLE, MAX_BUNDLE_LINES, write_bundle,
};
pub use canonical::{canonical_digest, canonical_json};
pub use cosignature::{CosignatureFault, Cosigned, Witness, cosign, cosignatures};
pub use envelope::{Envelope, IN_TOTO_PAYLOAD, MAX_ENVELOPE, Signature, TRUST_PAYLOAD, pae};
pub use error::AttestError;
pub use judge::{Expect, Refusal, Seen, Verified};
pub use key_file::{Sealing, refuse_exposed};
pub use keys::{KeyFingerprint, KeyRole, SigningKey, VerifyingKey};
pub use note::{MAX_NOTE, Note, NoteName, NoteSignature, NoteVerifier};
pub use registry::{RULE_SET, rules};
pub use statement::{
    MAX_STATEMENT, MAX_UNEXAMINED, NotExamined, Predicate, ProjectRef, Statement, Subject, Tool,
};
pub use subject::{DirectoryEntry, directory_digest};
pub use time::{AsOf, TOLERANCE, as_of};
pub use timestamp::{
    MAX_TOKEN, Stamp, TimestampAuthority, TimestampFault, TimestampToken, timestamp_request,
};
pub use trust::{
    Collector, EditFault, MAX_TRUST, Revocation, SignedTrust, Trust, TrustContent, TrustFault, TrustHead,
};
