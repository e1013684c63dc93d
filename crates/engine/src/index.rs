//! The index of the evidence, kept in the state folder: which entries of the log still matter. What they say is read
//! and judged anew each time, so whoever changes the file changes how long a run takes and nothing else.

use std::{
    fs,
    path::{Path, PathBuf},
};

use bartizan_finding::Timestamp;
use bartizan_ledger::{Anchor, View};

use crate::{
    error::EngineError,
    files,
    gather::{Gathered, INDEX_FILE, MAX_INDEX},
    state::State,
};

/// A log is read from its first entry as long as that takes no longer than reading the index.
const WORTH_IT: u64 = 2_000;

/// The file of an index.
#[derive(Debug)]
pub(crate) struct Index {
    path: PathBuf,
}

impl Index {
    pub(crate) fn new(state: &Path) -> Self {
        Self { path: state.join(INDEX_FILE) }
    }

    /// Reads the log with the help of the index, or without it where there is none.
    pub(crate) fn gather(
        index: Option<&Self>,
        state: &State,
        view: &View,
        anchors: &[Anchor],
        as_of: Timestamp,
    ) -> Result<Gathered, EngineError> {
        let bytes = index.and_then(|index| files::read(&index.path, MAX_INDEX).ok());
        let secret = &state.index_secret;
        let (gathered, _) =
            Gathered::resume(bytes.as_deref(), secret, &state.ledger, view, &state.trust, anchors, as_of)?;
        if let Some(index) = index {
            index.keep(&gathered, state, view, anchors)?;
        }
        Ok(gathered)
    }

    /// Keeps the index of what was read, where another run gains by it. That it cannot be written is no fault: it is
    /// made anew.
    pub(crate) fn keep(
        &self,
        gathered: &Gathered,
        state: &State,
        view: &View,
        anchors: &[Anchor],
    ) -> Result<(), EngineError> {
        if view.len() < WORTH_IT {
            return Ok(());
        }
        if let Some(bytes) = gathered.index(&state.index_secret, view, &state.trust, anchors)? {
            let unfinished = self.path.with_extension(format!("{}.tmp", std::process::id()));
            let folder = self.path.parent().map_or(Ok(()), fs::create_dir_all);
            let written = folder.and_then(|()| fs::write(&unfinished, bytes));
            if written.and_then(|()| fs::rename(&unfinished, &self.path)).is_err() {
                let _ = fs::remove_file(&unfinished);
            }
        }
        Ok(())
    }
}
