//! What the inspection of a file says.

use std::fmt;

use bartizan_finding::{Digest, Occurrence, Severity, Unexamined};
use serde::Serialize;

use crate::{Format, Outline};

/// What was seen of one file.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// What the bytes are, whatever the file is called.
    pub format: Format,
    /// The verdict, derived from the fields below.
    pub class: FileClass,
    /// SHA-256 of the file; absent unless every byte was read and the file stayed as it was meanwhile.
    pub digest: Option<Digest>,
    /// The length that the file had when it was opened.
    pub size: u64,
    /// Bytes that were read. Equal to `size` after a complete pass over all bytes: no byte is read twice, except the directory of a
    /// ZIP archive, which stands at the end and is needed first; the pass makes sure that it is still the same.
    pub bytes_read: u64,
    /// Whether nothing is known of the bytes: they have no signature, and no program, archive or pickle was seen in them.
    /// Files of plain numbers are such, and [`crate::explain`] finds out whose they are.
    pub raw: bool,
    /// What the file holds.
    pub outline: Outline,
    /// What is wrong with it.
    pub problems: Vec<Occurrence>,
    /// What could not be looked at.
    pub unexamined: Vec<Unexamined>,
}

/// The verdict about a file. Each wins over those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileClass {
    /// A problem of severity high or critical.
    Finding,
    /// The file could not be read, or changed while it was read.
    Error,
    /// Something was not looked at, so that nothing follows from the absence of problems.
    Inconclusive,
    /// A person should look: the worst problem is of severity medium.
    Review,
    /// All of it was looked at, and no problem is worse than low.
    Clean,
}

impl FileClass {
    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Error => "error",
            Self::Inconclusive => "inconclusive",
            Self::Review => "review",
            Self::Clean => "clean",
        }
    }

    /// The verdict that follows from what was seen; `failed` says that the pass itself did not succeed.
    pub(crate) fn of(problems: &[Occurrence], unexamined: &[Unexamined], failed: bool) -> Self {
        let worst = problems.iter().map(|problem| problem.severity).max();
        match worst {
            Some(Severity::High | Severity::Critical) => Self::Finding,
            _ if failed => Self::Error,
            _ if !unexamined.is_empty() => Self::Inconclusive,
            Some(Severity::Medium) => Self::Review,
            Some(Severity::Low | Severity::Info) | None => Self::Clean,
        }
    }
}

impl fmt::Display for FileClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
