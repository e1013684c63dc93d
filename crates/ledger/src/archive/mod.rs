//! Archives: a folder of files as one `.tar.gz`, the same bytes for the same files, and a reader that trusts none.
//!
//! The form is a small part of ustar (POSIX.1-1988) in one gzip member (RFC 1952): regular files alone, sorted by
//! path, without owners or times. Every `tar` unpacks it. Whatever else a tar file or a gzip file can hold is refused
//! by the reader, because a file that can be read in two ways can show two people two things.

mod files;
mod gunzip;
mod log;
mod tar;
mod writer;

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Read},
    sync::Arc,
};

pub use log::log_files;
pub use writer::ArchiveWriter;

use crate::fs::Fs;
use files::ArchiveFs;
use gunzip::Gunzip;

/// The paths and contents of an archive.
type Files = BTreeMap<String, Vec<u8>>;

/// How much of an archive is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArchiveLimits {
    /// The most files.
    pub members: u64,
    /// The most bytes of one file.
    pub member_bytes: u64,
    /// The most bytes that the archive is inflated to, all of it together. They are kept in memory.
    pub inflated_bytes: u64,
}

impl Default for ArchiveLimits {
    fn default() -> Self {
        Self { members: 3_000_000, member_bytes: 64 << 20, inflated_bytes: 4 << 30 }
    }
}

/// Why an archive is refused. Nothing of it counts then.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// It cannot be read.
    #[error("cannot be read")]
    Io(#[from] io::Error),
    /// It is not one gzip member and nothing else.
    #[error("{0}")]
    Gzip(&'static str),
    /// It is not in the form that archives have here.
    #[error("{0}")]
    Tar(&'static str),
    /// A member of it is not one that archives have here.
    #[error("its member {} {why}", Shown(path))]
    Member {
        /// The path, as the archive says.
        path: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// It holds more than is read.
    #[error("it holds more than {limit} {what}")]
    TooMuch {
        /// How much is read.
        limit: u64,
        /// Of what.
        what: &'static str,
    },
}

/// A path out of an archive, which may hold anything.
struct Shown<'a>(&'a str);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut: String = self.0.chars().take(120).collect();
        let shown = cut.chars().map(|c| if bartizan_finding::hides(c) { '\u{fffd}' } else { c });
        write!(f, "`{}`", shown.collect::<String>())
    }
}

/// An archive that was read to its end and is in order. Its files are in memory.
#[derive(Clone, Debug)]
pub struct Archive {
    files: Arc<Files>,
}

impl Archive {
    /// Reads an archive to its end.
    ///
    /// Refused are: what is no gzip file, a wrong checksum, bytes after its end, a second gzip member; members that
    /// are not regular files, with paths that are not plain and relative, or that stand twice; and what exceeds the
    /// limits.
    pub fn open(reader: impl Read, limits: &ArchiveLimits) -> Result<Self, ArchiveError> {
        let mut bytes = Gunzip::new(reader, limits.inflated_bytes)?;
        let mut files = Files::new();
        while let Some((path, size)) = tar::next(&mut bytes)? {
            if files.len() as u64 >= limits.members {
                return Err(ArchiveError::TooMuch { limit: limits.members, what: "files" });
            }
            if size > limits.member_bytes {
                return Err(ArchiveError::TooMuch { limit: limits.member_bytes, what: "bytes in one file" });
            }
            let content = tar::content(&mut bytes, size)?;
            if files.contains_key(&path) {
                return Err(ArchiveError::Member { path, why: "stands twice" });
            }
            files.insert(path, content);
        }
        tar::end(&mut bytes)?;
        bytes.finish()?;
        if let Some(path) = files.keys().find(|path| has_file_above(&files, path)) {
            return Err(ArchiveError::Member { path: path.clone(), why: "lies in another file" });
        }
        Ok(Self { files: Arc::new(files) })
    }

    /// The paths of its files, sorted.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The content of a file.
    pub fn file(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// What lies in a folder of it, to be read as a ledger or a folder of anchors. The empty path is all of it.
    pub fn folder(&self, path: &str) -> Arc<dyn Fs> {
        Arc::new(ArchiveFs::new(Arc::clone(&self.files), path))
    }
}

fn has_file_above(files: &Files, path: &str) -> bool {
    let mut above = crate::fs::parent(path);
    while !above.is_empty() {
        if files.contains_key(above) {
            return true;
        }
        above = crate::fs::parent(above);
    }
    false
}
