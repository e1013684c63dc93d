//! The Merkle log: entry bundles, tiles, checkpoints, proofs; synchronous.
//!
//! A ledger is a folder in the layout of [C2SP tlog-tiles](https://c2sp.org/tlog-tiles), which clients written by
//! others can audit:
//!
//! ```text
//! checkpoint                 signed note: origin, size, root          the one file that changes
//! tile/entries/000.p/12      entry bundle: 12 of 256 entries          never changed, replaced by tile/entries/000
//! tile/0/000.p/12            hash tile: their leaf hashes             likewise
//! blobs/sha256/ab/cdef…      envelopes, each recorded by an entry     removed only with a tombstone entry
//! tmp/, lock                 unfinished files; the lock of one batch
//! ```
//!
//! A batch is written in this order: envelopes, bundles, tiles and the new checkpoint under temporary names, synced;
//! all but the checkpoint renamed, their folders synced; the checkpoint renamed, its folder synced; then it is
//! acknowledged. So whatever the checkpoint speaks of is on disk, and what lies beyond it is a batch that was never
//! acknowledged and is not believed.
//!
//! ```
//! use std::sync::Arc;
//! use bartizan_attest::SigningKey;
//! use bartizan_ledger::{Audit, Draft, Identity, Ledger, MemoryFs, Subjects, verify};
//!
//! let key = SigningKey::from_seed([7; 32]);
//! let ledger = Ledger::create(Arc::new(MemoryFs::new()), Identity::writer("example.com/log".parse()?, key.clone()))?;
//! let now = "2026-03-01T10:00:00Z".parse()?;
//! let receipts = ledger.append(
//!     &[Draft::Statement {
//!         envelope: b"the bytes of a DSSE envelope".to_vec(),
//!         predicate: "urn:bartizan:model-scan:v1".to_owned(),
//!         subjects: Subjects::of([bartizan_finding::Digest::of(b"the model")]),
//!         collected: now,
//!         expires: None,
//!         key: key.fingerprint(),
//!         actor: "ci".to_owned(),
//!     }],
//!     now,
//! )?;
//! assert_eq!(receipts[0].index, 0);
//! let verification = verify(&**ledger.fs(), ledger.identity().keys(), &Audit::default());
//! assert!(verification.is_whole());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! This crate knows no clock and no key file, and cannot say whether a statement is to be trusted: it says that it
//! was recorded, when, and that nothing was changed since.

pub mod anchor;
pub mod archive;
pub mod bundle;
mod commit;
mod error;
pub mod fs;
mod head;
mod heads;
mod log;
pub mod merkle;
mod proof;
mod record;
mod tail;
pub mod tile;
mod verify;
mod view;
mod write;

pub use anchor::{Anchor, AnchorFault, AnchorKind, AnchorWrong, Anchors, Witnessed, witnessed_at};
pub use archive::{Archive, ArchiveError, ArchiveLimits, ArchiveWriter, log_files};
pub use commit::{Batching, Committer, Pending};
pub use error::{Damage, LedgerError, ProofFault};
pub use fs::{MemoryFs, RealFs};
pub use head::{Head, HeadError, MAX_CHECKPOINT, MAX_SIZE};
pub use heads::Heads;
pub use log::{Draft, Identity, Ledger, Receipt};
pub use proof::{MAX_PROOF_TEXT, Proven, prove, verify_proof, verify_self_contained};
pub use record::{Content, MAX_ENVELOPE, MAX_SUBJECTS, MAX_TEXT, Record, RecordError, Statement, Subjects};
pub use verify::{Audit, Completeness, Fault, Verification, Wrong, verify};
pub use view::{Entries, Entry, View};
