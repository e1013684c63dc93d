//! Anchors: heads of the log that somebody outside has seen.
//!
//! They lie in a folder beside the ledger, two kinds of files to each head:
//!
//! ```text
//! 1042-f80a31c27e55.checkpoint   the signed note, with the cosignature lines of witnesses
//! 1042-f80a31c27e55.tsr          a time stamp (RFC 3161, DER) over the text of that note; .2.tsr for a second one
//! ```
//!
//! The number is the size of the log, what follows it the beginning of its root. Names decide nothing: what counts is
//! what the log's key signed, what the log leads to, and who vouches for having seen it.

mod fault;
mod names;
mod stamp;
mod verify;
pub mod witness;

use std::{collections::BTreeSet, io, sync::Arc};

use bartizan_attest::Note;
use bartizan_finding::{Digest, Timestamp};

pub use fault::{AnchorFault, AnchorWrong};

use crate::{
    Head, LedgerError,
    fs::{Fs, ItemKind},
    head::MAX_CHECKPOINT,
    write::{self, Staged},
};
use names::{Name, Part};

/// The largest time stamp in bytes; one with the certificates of its authority has about six thousand.
pub const MAX_STAMP: u64 = 64 * 1024;

/// The most time stamps of one head.
pub const MAX_STAMPS: u8 = 16;

/// The most anchors that are looked at: one an hour for eleven years.
pub const MAX_ANCHORS: usize = 100_000;

/// That somebody outside has seen the log with so many entries.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Anchor {
    /// How many entries they have seen.
    pub size: u64,
    /// When, by their clock: of a time stamp with an accuracy, the latest moment that it leaves open.
    pub at: Timestamp,
    /// How they say so.
    pub kind: AnchorKind,
    /// The name in the trust file.
    pub by: String,
}

/// How somebody outside says that they have seen the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AnchorKind {
    /// A cosignature (<https://c2sp.org/tlog-cosignature>).
    Witness,
    /// A time stamp (RFC 3161).
    Timestamp,
}

/// The folder of anchors of one log, such as `.bartizan/anchors`. No ledger must lie there.
#[derive(Clone, Debug)]
pub struct Anchors {
    fs: Arc<dyn Fs>,
}

impl Anchors {
    /// The anchors in a folder, which may be empty.
    pub fn open(fs: Arc<dyn Fs>) -> Self {
        Self { fs }
    }

    /// Keeps a checkpoint with the cosignature lines that it brings. Lines of a key that has signed the kept one
    /// already are left out: the earlier says more.
    ///
    /// Nothing is verified here, only when it is read.
    pub fn keep_cosigned(&self, note: &[u8]) -> Result<(), LedgerError> {
        let (head, note) = Head::parse_note(note)?;
        let name = Name::of(&head, Part::Checkpoint);
        let _lock = write::lock(&*self.fs)?;
        self.add_checkpoint(&name, note)
    }

    /// Keeps a time stamp (the DER of an RFC 3161 token) over the text of a checkpoint ([`imprint`]), and the
    /// checkpoint.
    pub fn keep_stamp(&self, checkpoint: &[u8], token: &[u8]) -> Result<(), LedgerError> {
        let (head, note) = Head::parse_note(checkpoint)?;
        let _lock = write::lock(&*self.fs)?;
        self.add_checkpoint(&Name::of(&head, Part::Checkpoint), note)?;
        for number in 1..=MAX_STAMPS {
            let path = Name::of(&head, Part::Stamp(number)).to_string();
            match self.fs.read(&path, MAX_STAMP) {
                Ok(kept) if kept == token => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => return self.add(path, token),
                Err(error) => return Err(LedgerError::io("read", &path, error)),
            }
        }
        Err(LedgerError::BadCheckpoint("it has sixteen time stamps already"))
    }

    fn add_checkpoint(&self, name: &Name, mut note: Note) -> Result<(), LedgerError> {
        let path = name.to_string();
        let kept = match self.fs.read(&path, MAX_CHECKPOINT) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(LedgerError::io("read", &path, error)),
        };
        if let Some(bytes) = kept {
            let mut merged = Note::parse(&bytes).map_err(LedgerError::Checkpoint)?;
            if merged.text() != note.text() {
                return Err(LedgerError::BadCheckpoint("another one of this size and root is kept"));
            }
            let known = merged.signatures().len();
            for line in note.signatures() {
                let same_key = |other: &bartizan_attest::NoteSignature| {
                    other.name == line.name && other.key_id == line.key_id
                };
                if !merged.signatures().iter().any(same_key) {
                    merged.push(line.clone());
                }
            }
            if merged.signatures().len() == known {
                return Ok(());
            }
            note = merged;
        }
        let bytes = note.to_string().into_bytes();
        // What could not be read again is not written.
        Note::parse(&bytes).map_err(LedgerError::Checkpoint)?;
        if bytes.len() as u64 > MAX_CHECKPOINT {
            return Err(LedgerError::BadCheckpoint("it has too many signatures"));
        }
        self.add(path, &bytes)
    }

    fn add(&self, path: String, bytes: &[u8]) -> Result<(), LedgerError> {
        let mut folders = BTreeSet::new();
        let mut staged = Staged::new(&*self.fs, &mut folders, 1);
        staged.add(path, bytes).map_err(|failed| failed.error)?;
        staged.finish().map_err(|failed| failed.error)
    }

    /// The names in the folder that are those of anchors, and the paths that are not.
    fn names(&self) -> Result<(BTreeSet<Name>, Vec<String>), LedgerError> {
        let items = match self.fs.list("") {
            Ok(items) => items,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(LedgerError::io("read", "", error)),
        };
        let (mut names, mut strays) = (BTreeSet::new(), Vec::new());
        for item in items {
            match (item.kind, item.name.parse()) {
                (ItemKind::File, Ok(name)) => {
                    names.insert(name);
                }
                _ if item.name == "lock" || item.name == write::UNFINISHED => {}
                _ => strays.push(item.name),
            }
        }
        Ok((names, strays))
    }
}

/// What a time stamp of a checkpoint is over: the SHA-256 of its text, up to and with the newline before the empty
/// line, without any signature.
pub fn imprint(checkpoint: &[u8]) -> Result<Digest, LedgerError> {
    Ok(Digest::of(Head::parse_note(checkpoint)?.1.text().as_bytes()))
}

/// When each entry was first seen from outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Witnessed(
    /// Sizes, ascending, each with the earliest time at which the log was seen with at least so many entries.
    Vec<(u64, Timestamp)>,
);

impl Witnessed {
    /// What these anchors say.
    pub fn by(anchors: &[Anchor]) -> Self {
        let mut seen: Vec<_> = anchors.iter().map(|anchor| (anchor.size, anchor.at)).collect();
        seen.sort_unstable();
        let mut earliest = None;
        for (_, at) in seen.iter_mut().rev() {
            *at = earliest.map_or(*at, |earliest| (*at).min(earliest));
            earliest = Some(*at);
        }
        Self(seen)
    }

    /// The earliest time at which somebody outside had seen the entry with this index.
    pub fn at(&self, index: u64) -> Option<Timestamp> {
        let first = self.0.partition_point(|(size, _)| *size <= index);
        self.0.get(first).map(|(_, at)| *at)
    }

    /// How many entries had been seen before a moment.
    pub fn before(&self, moment: Timestamp) -> u64 {
        // Later ones have seen at least as much, and the times go up with the sizes.
        let seen = self.0.partition_point(|(_, at)| *at < moment);
        seen.checked_sub(1).and_then(|last| self.0.get(last)).map_or(0, |(size, _)| *size)
    }
}

/// The earliest time at which somebody outside had seen the entry with this index. [`Witnessed`] answers for many.
pub fn witnessed_at(anchors: &[Anchor], index: u64) -> Option<Timestamp> {
    anchors.iter().filter(|anchor| anchor.size > index).map(|anchor| anchor.at).min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_table_says_what_the_anchors_say(
            anchors in prop::collection::vec((0_u64..30, 0_i64..50), 0..12),
            index in 0_u64..32,
            moment in 0_i64..55,
        ) {
            let anchor = |(size, at): (u64, i64)| Anchor {
                size,
                at: Timestamp::from_second(at).unwrap(),
                kind: AnchorKind::Witness,
                by: "w".to_owned(),
            };
            let anchors: Vec<_> = anchors.into_iter().map(anchor).collect();
            let table = Witnessed::by(&anchors);
            prop_assert_eq!(table.at(index), witnessed_at(&anchors, index));
            let moment = Timestamp::from_second(moment).unwrap();
            let early = witnessed_at(&anchors, index).is_some_and(|at| at < moment);
            prop_assert_eq!(index < table.before(moment), early);
        }
    }
}
