use std::{io, sync::Arc};

use bartizan_attest::AttestError;
use bartizan_finding::Digest;

use crate::{bundle::BundleError, merkle::ProofError, record::RecordError};

/// Why something could not be read from the ledger or written to it.
///
/// After any of them the ledger on disk is as it was before, or holds what the failed batch would have acknowledged;
/// it is never half written.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LedgerError {
    /// There is no ledger in the folder.
    #[error("there is no ledger here")]
    Absent,
    /// There are entries but no checkpoint: somebody removed it.
    #[error("the ledger has entries but its checkpoint is gone")]
    CheckpointGone,
    /// The folder or its file system does not allow writing.
    #[error("the ledger cannot be written at `{path}`: it is read-only")]
    ReadOnly {
        /// The path below the ledger's folder.
        path: String,
        /// What the system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// The disk, or the quota, is full.
    #[error("the ledger cannot be written at `{path}`: the disk is full")]
    Full {
        /// The path below the ledger's folder.
        path: String,
        /// What the system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// Any other failure of the file system.
    #[error("cannot {action} `{path}` in the ledger")]
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        /// The path below the ledger's folder.
        path: String,
        /// What the system said.
        #[source]
        source: Arc<io::Error>,
    },
    /// A sync failed before. What the system then holds in memory and what is on the disk may differ, and a later
    /// sync would not say so; only another process, after a look at the disk, may write again.
    #[error("a write to the disk failed before; this handle of the ledger only reads since")]
    Poisoned,
    /// Others held the lock for too long.
    #[error("the ledger is locked by another process")]
    Busy,
    /// The handle was opened without a key to sign checkpoints with.
    #[error("the ledger was opened for reading: there is no log key")]
    NoKey,
    /// What was to be appended is not fit to be.
    #[error("cannot record the entry")]
    Record(#[from] RecordError),
    /// The checkpoint is malformed or not signed by the log's key.
    #[error("the checkpoint is not to be believed")]
    Checkpoint(#[source] AttestError),
    /// The checkpoint is signed but not one of this log.
    #[error("the checkpoint is malformed: {0}")]
    BadCheckpoint(&'static str),
    /// A tile or bundle is not what the checkpoint was signed over.
    #[error("`{path}` is damaged: {why}; run `bartizan ledger verify`")]
    Damaged {
        /// The path below the ledger's folder.
        path: String,
        /// What is wrong with it.
        why: Damage,
    },
    /// There is no such entry or size.
    #[error("the log has {size} entries; there is no {index}")]
    OutOfRange {
        /// What was asked for.
        index: u64,
        /// The size of the log.
        size: u64,
    },
    /// An envelope is not among the blobs.
    #[error("the envelope {0} is missing")]
    BlobMissing(Digest),
    /// An envelope's bytes are not those that were recorded.
    #[error("the envelope {0} was altered")]
    BlobAltered(Digest),
}

/// What is wrong with a tile or bundle.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// It is not there.
    #[error("it is missing")]
    Missing,
    /// It has another length than its width demands.
    #[error("it has the wrong length")]
    Length,
    /// Its hash is not the one that the tiles above it, and the checkpoint, name.
    #[error("its hash is not the one the log was signed over")]
    Hash,
    /// It has fewer entries than it had a moment ago.
    #[error("it went back to fewer entries than it had")]
    RolledBack,
    /// It leads to other entries than it did a moment ago.
    #[error("it leads to other entries than it did")]
    Forked,
    /// It is no sequence of entries.
    #[error("{0}")]
    Bundle(#[from] BundleError),
    /// An entry is no record.
    #[error("entry {index} is no record: {why}")]
    Record {
        /// The index in the log.
        index: u64,
        /// What is wrong.
        why: RecordError,
    },
}

/// Why an offline proof does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProofFault {
    /// The text is not a proof in the form `c2sp.org/tlog-proof@v1`.
    #[error("the proof is malformed: {0}")]
    Malformed(&'static str),
    /// The checkpoint within is not signed by the log's key.
    #[error("the checkpoint of the proof is not to be believed")]
    Checkpoint(#[source] AttestError),
    /// The checkpoint within is of another log, or malformed.
    #[error("the checkpoint of the proof is malformed: {0}")]
    BadCheckpoint(&'static str),
    /// The hashes do not lead from the entry to the checkpoint.
    #[error(transparent)]
    Hashes(#[from] ProofError),
}

impl LedgerError {
    /// Sorts an error of the file system by what the user can do about it.
    pub(crate) fn io(action: &'static str, path: &str, source: io::Error) -> Self {
        let path = path.to_owned();
        let kind = source.kind();
        let source = Arc::new(source);
        match kind {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full { path, source },
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem if action != "read" => {
                Self::ReadOnly { path, source }
            }
            _ => Self::Io { action, path, source },
        }
    }

    pub(crate) fn damaged(path: impl std::fmt::Display, why: impl Into<Damage>) -> Self {
        Self::Damaged { path: path.to_string(), why: why.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_the_user_can_do_something_about() {
        let of = |action, kind: io::ErrorKind| LedgerError::io(action, "tmp/0", kind.into()).to_string();
        assert_eq!(
            of("write", io::ErrorKind::StorageFull),
            "the ledger cannot be written at `tmp/0`: the disk is full"
        );
        assert_eq!(
            of("sync", io::ErrorKind::QuotaExceeded),
            "the ledger cannot be written at `tmp/0`: the disk is full"
        );
        for kind in [io::ErrorKind::ReadOnlyFilesystem, io::ErrorKind::PermissionDenied] {
            assert_eq!(of("lock", kind), "the ledger cannot be written at `tmp/0`: it is read-only");
        }
        assert_eq!(of("read", io::ErrorKind::PermissionDenied), "cannot read `tmp/0` in the ledger");
        assert_eq!(of("sync", io::ErrorKind::Other), "cannot sync `tmp/0` in the ledger");
    }
}
