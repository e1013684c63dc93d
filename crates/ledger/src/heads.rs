//! The heads that a client has seen, kept apart from the ledgers.

use std::{collections::BTreeSet, io, sync::Arc};

use bartizan_attest::{NoteName, NoteVerifier};
use bartizan_finding::Digest;

use crate::{
    Head, LedgerError,
    fs::Fs,
    head::MAX_CHECKPOINT,
    write::{self, Staged},
};

/// A folder with the last head that was seen of each log, one file for each origin.
///
/// It shows that a log was cut or replaced only as long as who can change the log cannot change it too.
#[derive(Clone, Debug)]
pub struct Heads {
    fs: Arc<dyn Fs>,
}

impl Heads {
    /// The heads in a folder, such as `$XDG_STATE_HOME/bartizan/heads`. Another ledger must not lie there.
    pub fn new(fs: Arc<dyn Fs>) -> Self {
        Self { fs }
    }

    /// The last head that was kept of a log. One that the log's keys have not signed is an error, not absent: it
    /// would otherwise be a way to make it forgotten.
    pub fn last(&self, origin: &NoteName, keys: &[NoteVerifier]) -> Result<Option<Head>, LedgerError> {
        let path = path(origin);
        match self.fs.read(&path, MAX_CHECKPOINT) {
            Ok(note) => Ok(Some(Head::parse(&note, keys)?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(LedgerError::io("read", &path, error)),
        }
    }

    /// Keeps a head, unless one of more entries is kept already. The caller has verified that the log is a
    /// continuation of what was kept.
    pub fn keep(&self, head: &Head, keys: &[NoteVerifier]) -> Result<(), LedgerError> {
        let _lock = write::lock(&*self.fs)?;
        if self.last(&head.origin, keys)?.is_some_and(|last| last.size >= head.size) {
            return Ok(());
        }
        let mut folders = BTreeSet::new();
        let mut staged = Staged::new(&*self.fs, &mut folders, 1);
        staged.add(path(&head.origin), head.note.as_bytes()).map_err(|failed| failed.error)?;
        staged.finish().map_err(|failed| failed.error)
    }
}

/// An origin may hold slashes and more, so its digest is the name.
fn path(origin: &NoteName) -> String {
    Digest::of(origin.as_str().as_bytes()).hex()
}
