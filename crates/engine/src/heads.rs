//! What was last seen of a log and of its trust file, kept outside the project: who can put an old copy of the
//! project back cannot also put back what is remembered here.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bartizan_attest::{NoteName, NoteVerifier, TrustHead};
use bartizan_finding::Digest;
use bartizan_ledger::{Head, HeadError, MAX_CHECKPOINT};

/// A folder of heads, such as `$XDG_STATE_HOME/bartizan/heads`.
#[derive(Clone, Debug)]
pub struct Heads(PathBuf);

/// Why what was seen cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    /// The file cannot be read or written.
    #[error("cannot {action} the last known head at {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The file does not hold a head of this log.
    #[error("the last known head at {} is not one of this log", path.display())]
    NotOurs {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: HeadError,
    },
}

impl Heads {
    /// The heads in this folder, which need not exist yet.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The last head seen of a log.
    pub fn last(&self, origin: &NoteName, keys: &[NoteVerifier]) -> Result<Option<Head>, HeadsError> {
        let path = self.path(origin, "checkpoint");
        let Some(note) = read(&path, MAX_CHECKPOINT)? else { return Ok(None) };
        Head::parse(&note, keys).map(Some).map_err(|source| HeadsError::NotOurs { path, source })
    }

    /// Keeps a head that was verified. Of two runs at once the one that saw more of the log wins.
    pub fn keep(&self, head: &Head, keys: &[NoteVerifier]) -> Result<(), HeadsError> {
        if self.last(&head.origin, keys)?.is_some_and(|known| known.size >= head.size) {
            return Ok(());
        }
        self.write(&self.path(&head.origin, "checkpoint"), head.note.as_bytes())
    }

    /// The last trust file seen with a log.
    pub fn last_trust(&self, origin: &NoteName) -> Result<Option<TrustHead>, HeadsError> {
        let path = self.path(origin, "trust");
        let Some(text) = read(&path, 1024)? else { return Ok(None) };
        let head = serde_json::from_slice(&text).map_err(|error| HeadsError::Io {
            action: "read",
            path,
            source: io::Error::new(io::ErrorKind::InvalidData, error),
        })?;
        Ok(Some(head))
    }

    /// Keeps what was seen of a trust file.
    pub fn keep_trust(&self, origin: &NoteName, head: &TrustHead) -> Result<(), HeadsError> {
        let text = serde_json::to_vec(head).expect("a number and a digest are always JSON");
        self.write(&self.path(origin, "trust"), &text)
    }

    fn path(&self, origin: &NoteName, kind: &str) -> PathBuf {
        let name = Digest::of(origin.to_string().as_bytes()).hex();
        self.0.join(format!("{name}.{kind}"))
    }

    fn write(&self, path: &Path, content: &[u8]) -> Result<(), HeadsError> {
        let failed = |source| HeadsError::Io { action: "keep", path: path.to_owned(), source };
        fs::create_dir_all(&self.0).map_err(failed)?;
        let unfinished = path.with_extension(format!("{}.tmp", std::process::id()));
        fs::write(&unfinished, content).and_then(|()| fs::rename(&unfinished, path)).map_err(failed)
    }
}

/// The content of a file of at most `limit` bytes, or nothing where there is none.
fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, HeadsError> {
    let failed = |source| HeadsError::Io { action: "read", path: path.to_owned(), source };
    match crate::files::read(path, limit) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(error)),
    }
}
