use std::fmt;

use crate::{Damage, HeadError, RecordError};

/// Something in the ledger that is not as it was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file below the ledger's folder.
    pub path: String,
    /// The entry, where the fault is one of an entry.
    pub index: Option<u64>,
    /// What is wrong.
    pub what: Wrong,
}

/// What is wrong with a file or an entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The file is missing, and so are `more` that follow it in its row.
    Missing {
        /// How many follow.
        more: u64,
    },
    /// The file cannot be read.
    Unreadable(String),
    /// The file does not have the form of its kind.
    Malformed(Damage),
    /// The file, or the entry in it, is not what the log was signed over.
    Altered,
    /// The file and the one named here contradict each other; which of them is right cannot be told.
    Contradicts(String),
    /// The entry is no record in canonical form.
    Record(RecordError),
    /// The entry was recorded earlier than the one before it.
    TimeWentBack,
    /// The entry's envelope is not among the blobs.
    BlobMissing,
    /// The entry's envelope is not among the blobs, and not every entry could be read that may have erased it.
    BlobMissingOrErased,
    /// The entry's envelope has other bytes than were recorded.
    BlobAltered,
    /// Nothing in a ledger has this name.
    Stray,
    /// The checkpoint is malformed, or not signed by the log's key.
    Checkpoint(HeadError),
    /// The entries lead to another root than the one that was signed.
    OtherRoot,
    /// The known head is not one that the log's key signed, or is of another log.
    Head(HeadError),
    /// The log was seen with more entries than it has.
    RolledBack {
        /// How many it was seen with.
        seen: u64,
        /// How many it has.
        now: u64,
    },
    /// Among the first entries, as many as the known head covers, some were changed, removed, added or reordered
    /// since. A head does not tell which.
    Rewritten {
        /// How many entries the head covers.
        seen: u64,
    },
}

impl Fault {
    pub(super) fn new(path: impl Into<String>, what: Wrong) -> Self {
        Self { path: path.into(), index: None, what }
    }

    pub(super) fn at(path: impl Into<String>, index: u64, what: Wrong) -> Self {
        Self { path: path.into(), index: Some(index), what }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names of strays come from the disk and may hold anything.
        write!(f, "{}", self.path.escape_debug())?;
        if let Some(index) = self.index {
            write!(f, ", entry {index}")?;
        }
        write!(f, ": {}", self.what)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { more: 0 } => f.write_str("the file is missing"),
            Self::Missing { more } => write!(f, "the file and {more} after it are missing"),
            Self::Unreadable(why) => write!(f, "the file cannot be read: {why}"),
            Self::Malformed(why) => write!(f, "{why}"),
            Self::Altered => f.write_str("it is not what the log was signed over"),
            Self::Contradicts(other) => write!(f, "it contradicts {other}"),
            Self::Record(why) => write!(f, "it is no record: {why}"),
            Self::TimeWentBack => f.write_str("it was recorded earlier than the entry before it"),
            Self::BlobMissing => f.write_str("its envelope is missing"),
            Self::BlobMissingOrErased => {
                f.write_str("its envelope is missing, unless an entry that cannot be read has erased it")
            }
            Self::BlobAltered => f.write_str("its envelope was altered"),
            Self::Stray => f.write_str("nothing in a ledger has this name"),
            Self::Checkpoint(why) => write!(f, "{why}"),
            Self::OtherRoot => f.write_str("the entries lead to another root than the one that was signed"),
            Self::Head(why) => write!(f, "the known head is not one of this log: {why}"),
            Self::RolledBack { seen, now } => {
                write!(
                    f,
                    "the log was seen with {seen} entries and has {now}: entries were cut off, or an old copy put back"
                )
            }
            Self::Rewritten { seen } => {
                write!(
                    f,
                    "among the first {seen} entries some were changed, removed, added or reordered since they were seen"
                )
            }
        }
    }
}
