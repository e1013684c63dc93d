use std::fmt;

use bartizan_attest::CosignatureFault;

use crate::HeadError;

/// Something among the anchors that is not as it was kept, or that the log contradicts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnchorFault {
    /// The file in the folder of anchors.
    pub path: String,
    /// What is wrong.
    pub what: AnchorWrong,
}

/// What is wrong with an anchor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AnchorWrong {
    /// The checkpoint is malformed, or not signed by the log's key.
    Checkpoint(HeadError),
    /// The file is named after another checkpoint than it holds.
    Misnamed,
    /// The log was seen with more entries than it has.
    RolledBack {
        /// How many it was seen with.
        seen: u64,
        /// How many it has.
        now: u64,
    },
    /// The log was seen with another root over its first entries: there are two histories.
    Forked {
        /// Over how many entries.
        seen: u64,
    },
    /// What the log leads to at that size cannot be told.
    Unreadable(String),
    /// A cosignature under the name of a witness is not by it.
    Cosignature(CosignatureFault),
    /// A time stamp does not hold.
    Stamp(String),
    /// There is a time stamp, and not the checkpoint that it is over.
    NoCheckpoint,
    /// Nobody whom the trust file names has vouched for it.
    NobodyKnown,
    /// It is by somebody whom the trust file does not name, or of a kind that is not understood.
    NotUnderstood(String),
    /// Nothing among anchors has this name.
    Stray,
    /// More anchors are there than are looked at.
    TooMany {
        /// How many were not looked at.
        more: u64,
    },
}

impl AnchorFault {
    pub(super) fn new(path: &impl ToString, what: AnchorWrong) -> Self {
        Self { path: path.to_string(), what }
    }

    /// Whether it counts against verification. The others only say that something does not count.
    pub const fn counts(&self) -> bool {
        !matches!(self.what, AnchorWrong::NobodyKnown | AnchorWrong::NotUnderstood(_) | AnchorWrong::Stray)
    }
}

impl fmt::Display for AnchorFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names of strays come from the disk and may hold anything.
        write!(f, "{}: {}", self.path.escape_debug(), self.what)
    }
}

impl fmt::Display for AnchorWrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint(why) => write!(f, "{why}"),
            Self::Misnamed => f.write_str("the file is named after another checkpoint than it holds"),
            Self::RolledBack { seen, now } => write!(
                f,
                "the log was seen with {seen} entries and has {now}: entries were cut off, or an old copy put back"
            ),
            Self::Forked { seen } => write!(
                f,
                "the log was seen with another history of its first {seen} entries: it was forked, or rewritten since"
            ),
            Self::Unreadable(why) => write!(f, "it cannot be compared with the log: {why}"),
            Self::Cosignature(why) => write!(f, "the {why}"),
            Self::Stamp(why) => write!(f, "the time stamp does not hold: {why}"),
            Self::NoCheckpoint => f.write_str("the checkpoint that the time stamp is over is not here"),
            Self::NobodyKnown => f.write_str("nobody whom the trust file names has vouched for it"),
            Self::NotUnderstood(why) => write!(f, "it does not count: {why}"),
            Self::Stray => f.write_str("nothing among anchors has this name"),
            Self::TooMany { more } => write!(f, "{more} anchors beyond this one were not looked at"),
        }
    }
}
