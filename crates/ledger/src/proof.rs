//! Proofs that go on their own: that an entry is in the log, for who has only the log's key.

use bartizan_attest::NoteVerifier;
use bartizan_finding::Digest;
use base64::{Engine as _, engine::general_purpose::STANDARD};

use crate::{
    Head, HeadError, LedgerError, ProofFault, View,
    bundle::MAX_ENTRY,
    head::MAX_CHECKPOINT,
    merkle::{self, MAX_PROOF},
    record::Record,
};

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The most bytes of a proof that are read.
pub const MAX_PROOF_TEXT: usize = MAX_CHECKPOINT as usize + 16 * 1024;

/// What a proof has shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    /// The index of the entry.
    pub index: u64,
    /// The checkpoint that covers it.
    pub head: Head,
}

/// The proof that an entry is in the log, in the form of <https://c2sp.org/tlog-proof>. Its `extra` line holds the
/// bytes of the entry, so that the proof needs nothing beside it.
pub fn prove(view: &View, index: u64) -> Result<String, LedgerError> {
    let hashes = view.inclusion(index)?;
    let entry = view.entry_bytes(index)?;
    let mut text = format!("{FIRST_LINE}\nextra {}\nindex {index}\n", STANDARD.encode(entry));
    for hash in &hashes {
        text.push_str(&STANDARD.encode(hash.as_bytes()));
        text.push('\n');
    }
    text.push('\n');
    text.push_str(&view.head().note);
    Ok(text)
}

/// Checks a proof, and that it is of an entry with this content.
pub fn verify_proof(proof: &str, entry: &[u8], keys: &[NoteVerifier]) -> Result<Proven, ProofFault> {
    let parts = Parts::parse(proof)?;
    let head = Head::parse(parts.checkpoint.as_bytes(), keys).map_err(|error| match error {
        HeadError::Note(error) => ProofFault::Checkpoint(error),
        HeadError::Text(why) => ProofFault::BadCheckpoint(why),
    })?;
    let leaf = merkle::leaf_hash(entry);
    merkle::verify_inclusion(&leaf, parts.index, head.size, &head.root, &parts.hashes)?;
    Ok(Proven { index: parts.index, head })
}

/// Checks a proof that brings its entry with it, as those of [`prove`] do, and gives the entry.
pub fn verify_self_contained(proof: &str, keys: &[NoteVerifier]) -> Result<(Proven, Record), ProofFault> {
    // The extra line is authenticated by this check alone: its hash has to be the proven leaf.
    let entry = Parts::parse(proof)?.extra.ok_or(ProofFault::Malformed("it does not hold the entry"))?;
    let proven = verify_proof(proof, &entry, keys)?;
    let record =
        Record::parse_canonical(&entry).map_err(|_| ProofFault::Malformed("its entry is no record"))?;
    Ok((proven, record))
}

struct Parts<'a> {
    extra: Option<Vec<u8>>,
    index: u64,
    hashes: Vec<Digest>,
    checkpoint: &'a str,
}

impl<'a> Parts<'a> {
    fn parse(proof: &'a str) -> Result<Self, ProofFault> {
        let malformed = ProofFault::Malformed;
        if proof.len() > MAX_PROOF_TEXT {
            return Err(malformed("it is longer than any proof"));
        }
        let (top, checkpoint) = proof.split_once("\n\n").ok_or(malformed("it has no empty line"))?;
        let mut lines = top.split('\n').peekable();
        if lines.next() != Some(FIRST_LINE) {
            return Err(malformed("its first line is not `c2sp.org/tlog-proof@v1`"));
        }
        let extra =
            lines.next_if(|line| line.starts_with("extra ")).and_then(|line| line.strip_prefix("extra "));
        let extra = extra.map(|text| STANDARD.decode(text)).transpose();
        let extra = extra.map_err(|_| malformed("its extra line is not base64"))?;
        if extra.as_ref().is_some_and(|entry| entry.len() > MAX_ENTRY) {
            return Err(malformed("its entry is too long"));
        }
        let index =
            lines.next().and_then(|line| line.strip_prefix("index ")).ok_or(malformed("it has no index"))?;
        let number = index.parse().ok().filter(|number: &u64| number.to_string() == index);
        let index = number.ok_or(malformed("its index is no number"))?;
        let mut hashes = Vec::new();
        for line in lines {
            let hash = STANDARD.decode(line).ok().and_then(|bytes| bytes.try_into().ok());
            hashes.push(Digest::from_bytes(hash.ok_or(malformed("a line is no hash"))?));
            if hashes.len() > MAX_PROOF {
                return Err(malformed("it has more hashes than any proof"));
            }
        }
        Ok(Self { extra, index, hashes, checkpoint })
    }
}
