//! Checkpoints: what the log says of itself, signed; and the heads that clients keep of it.

use bartizan_attest::{AttestError, Note, NoteName, NoteVerifier, SigningKey};
use bartizan_finding::Digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::LedgerError;

/// The most bytes of a checkpoint that are read.
pub const MAX_CHECKPOINT: u64 = 64 * 1024;

/// No log has more entries than this; what says so is refused before anything is computed from it.
pub const MAX_SIZE: u64 = 1 << 48;

/// A checkpoint (<https://c2sp.org/tlog-checkpoint>): that a log has so many entries with this root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The log's name.
    pub origin: NoteName,
    /// How many entries it has.
    pub size: u64,
    /// The root hash over them.
    pub root: Digest,
    /// The signed note, byte for byte.
    pub note: String,
}

/// Why a checkpoint is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// It is not signed by the log's key, or no signed note.
    #[error(transparent)]
    Note(#[from] AttestError),
    /// It is no checkpoint, or one of another log.
    #[error("the checkpoint {0}")]
    Text(&'static str),
}

impl Head {
    /// Signs a checkpoint.
    pub(crate) fn sign(origin: &NoteName, size: u64, root: Digest, key: &SigningKey) -> Self {
        let text = format!("{origin}\n{size}\n{}\n", STANDARD.encode(root.as_bytes()));
        let mut note = Note::new(text).expect("three printable lines are the text of a note");
        note.sign(origin, key);
        Self { origin: origin.clone(), size, root, note: note.to_string() }
    }

    /// Reads a checkpoint that one of `keys` signed and that is of the log those keys are of.
    pub fn parse(note: &[u8], keys: &[NoteVerifier]) -> Result<Self, HeadError> {
        let (head, parsed) = Self::parse_note(note)?;
        let signers = parsed.verify(keys)?;
        if signers.iter().any(|signer| *signer.name() == head.origin) {
            Ok(head)
        } else {
            Err(HeadError::Text("is of another log"))
        }
    }

    /// Reads a checkpoint that nobody has verified.
    pub(crate) fn parse_note(note: &[u8]) -> Result<(Self, Note), HeadError> {
        let parsed = Note::parse(note)?;
        let mut lines = parsed.text().lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(HeadError::Text("has fewer than three lines"));
        };
        if lines.any(str::is_empty) {
            return Err(HeadError::Text("has an empty line"));
        }
        let number = size.parse().ok().filter(|number: &u64| number.to_string() == size);
        let size = number.ok_or(HeadError::Text("has a malformed size"))?;
        if size > MAX_SIZE {
            return Err(HeadError::Text("has a size that no log has"));
        }
        let root = STANDARD.decode(root).ok().and_then(|bytes| bytes.try_into().ok());
        let root = Digest::from_bytes(root.ok_or(HeadError::Text("has a malformed root"))?);
        let head =
            Self { origin: origin.parse()?, size, root, note: String::from_utf8_lossy(note).into_owned() };
        Ok((head, parsed))
    }
}

impl From<HeadError> for LedgerError {
    fn from(error: HeadError) -> Self {
        match error {
            HeadError::Note(error) => Self::Checkpoint(error),
            HeadError::Text(why) => Self::BadCheckpoint(why),
        }
    }
}
