//! The log shown to somebody outside, and what they answer: time stamps (RFC 3161) and cosignatures (C2SP). What they
//! answer is verified before it is kept; how it travels is for the caller.

use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt as _,
    path::Path,
    sync::Arc,
};

use bartizan_attest::{Note, Stamp, TimestampFault, TimestampToken, Trust, cosignatures, timestamp_request};
use bartizan_finding::Digest;
use bartizan_ledger::{
    Anchor, Anchors, Head, View,
    anchor::{imprint, witness},
    fs::{Fs, MemoryFs, RealFs},
};

use crate::{
    error::EngineError,
    state::{State, StateError},
};

/// The folder of anchors in the state folder.
const FOLDER: &str = "anchors";

/// The most bytes of a checkpoint or time stamp.
const MAX_ANCHOR: u64 = 1 << 20;

/// A time stamp may be of one of so many of the newest heads: the log goes on while the authority answers.
const HEADS: u64 = 10_000;

/// The anchors in a state folder; none where there is no such folder.
pub fn anchors(state: &Path) -> Result<Anchors, StateError> {
    let folder = state.join(FOLDER);
    let fs: Arc<dyn Fs> =
        if folder.exists() { Arc::new(RealFs::open_anywhere(&folder)?) } else { Arc::new(MemoryFs::new()) };
    Ok(Anchors::open(fs))
}

/// The files of the anchors in a state folder, by name.
pub(crate) fn files(state: &Path) -> Result<Vec<(String, Vec<u8>)>, StateError> {
    let folder = state.join(FOLDER);
    if !folder.exists() {
        return Ok(Vec::new());
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| StateError::Io { action: "read", path, source }
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(failed(&folder))? {
        let path = entry.map_err(failed(&folder))?.path();
        let is_anchor = path.extension().is_some_and(|kind| kind == "checkpoint" || kind == "tsr");
        if let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|_| is_anchor) {
            found.push((name.to_owned(), crate::files::read(&path, MAX_ANCHOR).map_err(failed(&path))?));
        }
    }
    found.sort();
    Ok(found)
}

/// A log that is shown to somebody outside.
#[derive(Debug)]
pub struct Outside {
    state: State,
    view: View,
    anchors: Anchors,
}

impl Outside {
    /// Opens the log of a project for it.
    pub fn open(folder: &Path, project: &bartizan_project::Project) -> Result<Self, EngineError> {
        let state = State::open(folder, project)?;
        let view = state.ledger.view()?;
        let path = folder.join(FOLDER);
        if !path.exists() {
            let made = DirBuilder::new().mode(0o700).create(&path);
            made.map_err(|source| StateError::Io { action: "make", path: path.clone(), source })?;
        }
        let anchors = Anchors::open(Arc::new(RealFs::open_anywhere(&path).map_err(StateError::from)?));
        Ok(Self { state, view, anchors })
    }

    /// The head that is shown.
    pub const fn head(&self) -> &Head {
        self.view.head()
    }

    /// Whose word counts.
    pub const fn trust(&self) -> &Trust {
        &self.state.trust
    }

    /// What an authority is to sign, in DER.
    pub fn stamp_request(&self, nonce: u64) -> Result<Vec<u8>, EngineError> {
        Ok(timestamp_request(&imprint(self.head().note.as_bytes())?, nonce))
    }

    /// Takes in the answer of an authority, about this head or one of the last ten thousand. With a `nonce` it answers
    /// a request that was made just now, which was over this head.
    pub fn take_stamp(&self, answer: &[u8], nonce: Option<u64>) -> Result<(Stamp, u64), EngineError> {
        let token = TimestampToken::from_response(answer).map_err(EngineError::Stamp)?;
        let newest = self.view.len();
        let oldest = if nonce.is_some() { newest } else { newest.saturating_sub(HEADS) };
        for size in (oldest..=newest).rev() {
            let head = self.head_at(size)?;
            let over: Digest = imprint(head.note.as_bytes())?;
            match token.verify(&over, nonce, self.state.trust.authorities()) {
                Err(TimestampFault::OtherImprint) => {}
                Err(fault) => return Err(EngineError::Stamp(fault)),
                Ok(stamp) => {
                    self.anchors.keep_stamp(head.note.as_bytes(), token.to_der())?;
                    return Ok((stamp, size));
                }
            }
        }
        Err(if nonce.is_some() {
            EngineError::Stamp(TimestampFault::OtherImprint)
        } else {
            EngineError::NotThisLog
        })
    }

    /// The head of the log when it had `size` entries: what was signed then, signed again.
    fn head_at(&self, size: u64) -> Result<Head, EngineError> {
        if size == self.view.len() {
            return Ok(self.head().clone());
        }
        Ok(self.state.ledger.head_at(size)?)
    }

    /// The body of the request to a witness that saw the log with `old` entries last.
    pub fn witness_request(&self, old: u64) -> Result<String, EngineError> {
        Ok(witness::add_checkpoint(&self.view, old)?)
    }

    /// The checkpoint with what a witness answered.
    pub fn cosigned(&self, answer: &[u8]) -> Result<Vec<u8>, EngineError> {
        Ok(witness::cosigned(self.head(), answer)?)
    }

    /// Takes in a checkpoint that witnesses have cosigned. Gives what is new of it and counts.
    pub fn take_cosigned(&self, note: &[u8]) -> Result<Vec<Anchor>, EngineError> {
        // What does not count is not kept, so that no wrong line makes the next verification fail.
        let trial = Anchors::open(Arc::new(MemoryFs::new()));
        trial.keep_cosigned(note)?;
        let (found, faults) = trial.verified(&self.view, &self.state.trust)?;
        if let Some(fault) = faults.first().filter(|_| found.is_empty()) {
            return Err(EngineError::Anchor(fault.what.to_string()));
        }
        if found.is_empty() {
            return Err(EngineError::Anchor(
                "no witness that the trust file names has cosigned it".to_owned(),
            ));
        }
        self.anchors.keep_cosigned(self.what_counts(note)?.to_string().as_bytes())?;
        Ok(found)
    }

    /// A checkpoint with the log's own signature and the cosignatures that count, each by itself.
    fn what_counts(&self, note: &[u8]) -> Result<Note, EngineError> {
        let brought = Note::parse(note)?;
        let mut kept = Note::new(brought.text())?;
        for line in brought.signatures() {
            let mut alone = Note::new(brought.text())?;
            alone.push(line.clone());
            let is_log = alone.verify(std::slice::from_ref(self.state.trust.log())).is_ok();
            if is_log || !cosignatures(&alone, self.state.trust.witnesses()).0.is_empty() {
                kept.push(line.clone());
            }
        }
        Ok(kept)
    }
}
