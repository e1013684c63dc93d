//! What was last seen of a log and of its trust file, kept outside the project: who can put an old copy of the
//! project back cannot also put back what is remembered here.

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

use bartizan_attest::{NoteName, NoteVerifier, TrustHead};
use bartizan_finding::Digest;
use bartizan_ledger::{
    Head, LedgerError,
    fs::{RealFs, RealFsError},
};

use crate::state::State;

/// A folder of heads, such as `$XDG_STATE_HOME/bartizan/heads`.
#[derive(Debug)]
pub struct Heads {
    folder: PathBuf,
    logs: bartizan_ledger::Heads,
}

/// Why what was seen cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum HeadsError {
    /// The folder or a file in it cannot be read or written.
    #[error("cannot {action} what is remembered in {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// The folder or file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The folder cannot be used.
    #[error(transparent)]
    Folder(#[from] RealFsError),
    /// What is kept is not a head of this log.
    #[error("the last known head of the log is not to be believed")]
    Log(#[source] LedgerError),
}

impl Heads {
    /// The heads in this folder, which is made where it does not exist.
    pub fn open(folder: &Path) -> Result<Self, HeadsError> {
        let failed = |source| HeadsError::Io { action: "make room for", path: folder.to_owned(), source };
        fs::create_dir_all(folder).map_err(failed)?;
        let logs = bartizan_ledger::Heads::new(Arc::new(RealFs::open_anywhere(folder)?));
        Ok(Self { folder: folder.to_owned(), logs })
    }

    /// The last head seen of a log.
    pub fn last(&self, origin: &NoteName, keys: &[NoteVerifier]) -> Result<Option<Head>, HeadsError> {
        self.logs.last(origin, keys).map_err(HeadsError::Log)
    }

    /// Keeps a head that was verified. Of two runs at once the one that saw more of the log wins.
    pub fn keep(&self, head: &Head, keys: &[NoteVerifier]) -> Result<(), HeadsError> {
        self.logs.keep(head, keys).map_err(HeadsError::Log)
    }

    /// Keeps the head of a project's log and what was seen of its trust file.
    pub fn keep_state(&self, state: &State, head: &Head) -> Result<(), HeadsError> {
        self.keep(head, state.ledger.identity().keys())?;
        self.keep_trust(&head.origin, &state.trust.head())
    }

    /// The last trust file seen with a log.
    pub fn last_trust(&self, origin: &NoteName) -> Result<Option<TrustHead>, HeadsError> {
        let path = self.trust_path(origin);
        let failed = |source| HeadsError::Io { action: "read", path: path.clone(), source };
        let text = match crate::files::read(&path, 1024) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(error)),
        };
        serde_json::from_slice(&text)
            .map(Some)
            .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidData, error)))
    }

    /// Keeps what was seen of a trust file.
    pub fn keep_trust(&self, origin: &NoteName, head: &TrustHead) -> Result<(), HeadsError> {
        let path = self.trust_path(origin);
        let text = serde_json::to_vec(head).expect("a number and a digest are always JSON");
        let unfinished = path.with_extension(format!("{}.tmp", std::process::id()));
        let written = fs::write(&unfinished, text).and_then(|()| fs::rename(&unfinished, &path));
        written.map_err(|source| HeadsError::Io { action: "keep", path, source })
    }

    fn trust_path(&self, origin: &NoteName) -> PathBuf {
        let name = Digest::of(origin.as_str().as_bytes()).hex();
        self.folder.join(format!("{name}.trust"))
    }
}
