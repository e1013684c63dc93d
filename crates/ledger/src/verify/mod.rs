//! The audit of a whole ledger.
//!
//! It reads every file, believes none of them, and names each that is not what was recorded. What it rests on is the
//! log's key and, if there is one, a head that was seen earlier: without that it cannot tell whether the newest
//! entries were cut off.

mod blobs;
mod bundles;
mod fault;
mod files;
mod tree;

use std::{fmt, num::NonZero};

use bartizan_attest::NoteVerifier;
use bartizan_finding::Timestamp;

pub use fault::{Fault, Wrong};

use crate::{
    Head, HeadError,
    fs::Fs,
    head::MAX_CHECKPOINT,
    log::{CHECKPOINT, blob_path},
    merkle,
    tile::{Row, WIDTH, levels},
    write,
};
use bundles::BundleAudit;
use files::Tiles;

/// How an audit is done.
#[derive(Clone, Copy, Debug)]
pub struct Audit<'a> {
    /// A head of this log that was seen earlier.
    pub head: Option<&'a Head>,
    /// Whether the envelopes are read too, or only what the tree is made of.
    pub blobs: bool,
    /// How many threads read; as many as the machine has if absent.
    pub threads: Option<NonZero<usize>>,
    /// The most faults that are listed; the others are counted.
    pub most_faults: usize,
}

impl Default for Audit<'_> {
    fn default() -> Self {
        Self { head: None, blobs: true, threads: None, most_faults: 100 }
    }
}

/// What an audit found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verification {
    /// The checkpoint, if it is one of the log's key.
    pub head: Option<Head>,
    /// How many entries were read.
    pub entries: u64,
    /// The time of recording of the newest entry.
    pub newest_logged_at: Option<Timestamp>,
    /// How many envelopes were compared with what was recorded; `None` if the audit was not to.
    pub blobs: Option<u64>,
    /// How many envelopes were erased and have a tombstone.
    pub erased: u64,
    /// What is wrong, by path and index.
    pub faults: Vec<Fault>,
    /// How many faults are not listed.
    pub more_faults: u64,
    /// Files of batches that were never acknowledged, and envelopes that were to be erased. They do no harm, and
    /// nothing in them is believed.
    pub left_over: Vec<String>,
    /// Whether entries may be missing at the end.
    pub completeness: Completeness,
}

/// Whether the newest entries may have been cut off without a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// The log still holds what it held when it was last seen.
    Since {
        /// How many entries it had then.
        size: u64,
    },
    /// There is no earlier head to compare with.
    Unknown,
    /// There is an earlier head, and the comparison failed or could not be made.
    Refuted,
}

impl Verification {
    /// Whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.faults.is_empty() && self.more_faults == 0
    }
}

impl fmt::Display for Completeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Since { size } => {
                write!(f, "nothing was removed or changed since the log was seen with {size} entries")
            }
            Self::Unknown => {
                f.write_str("truncation cannot be excluded: no earlier head of this log is known")
            }
            Self::Refuted => f.write_str("the log is not a continuation of the one that was seen earlier"),
        }
    }
}

/// Audits the ledger in a folder with the public keys of its log.
///
/// Others may append meanwhile. If that could be why something seems wrong, such as a partial tile that gave way to
/// the full one, the audit is done again with the lock held.
pub fn verify(fs: &dyn Fs, keys: &[NoteVerifier], audit: &Audit<'_>) -> Verification {
    let checkpoint = || fs.read(CHECKPOINT, MAX_CHECKPOINT).ok();
    let before = checkpoint();
    let found = verify_once(fs, keys, audit);
    if found.is_whole() || checkpoint() == before {
        return found;
    }
    let _lock = write::lock(fs).ok();
    verify_once(fs, keys, audit)
}

fn verify_once(fs: &dyn Fs, keys: &[NoteVerifier], audit: &Audit<'_>) -> Verification {
    let mut faults = Vec::new();
    let threads = audit.threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZero::get);
    let head = read_head(fs, keys, &mut faults);
    let tiles = Tiles::find(fs, &mut faults);
    // A checkpoint that is not to be believed says nothing; then the files are held against each other.
    let size = head.as_ref().map_or_else(|| tiles.size(), |head| head.size);
    find_gaps(&tiles, size, &mut faults);

    let cut = audit.head.map(|known| known.size / WIDTH);
    let keep = |index| index == size / WIDTH || Some(index) == cut;
    let mut audits = bundles::audit(fs, &tiles, size, &keep, threads);
    faults.extend(audits.iter_mut().flat_map(|audit| std::mem::take(&mut audit.faults)));
    let newest_logged_at = check_times(&audits, &mut faults);
    let root = head.as_ref().map(|head| head.root);
    let truth = tree::judge(fs, &tiles, size, root, &audits, &mut faults);
    let completeness = match audit.head {
        None => Completeness::Unknown,
        Some(known) => compare(known, head.as_ref(), size, keys, &truth, &mut faults),
    };

    let entries: u64 = audits.iter().map(|audit| audit.mentions.len() as u64).sum();
    let mentions = blobs::last_mentions(audits.into_iter().flat_map(|audit| audit.mentions).collect());
    let erased = mentions.iter().filter(|mention| mention.size.is_none()).count() as u64;
    let mut left_over: Vec<_> = tiles.beyond(size).map(|tile| tile.path()).collect();
    let mut checked = None;
    if audit.blobs {
        let present = files::blobs(fs, &mut faults);
        let mut found = blobs::audit(fs, &mentions, &present, threads, &mut faults);
        let all_read = entries == size;
        for missing in &found.missing {
            let what = if all_read { Wrong::BlobMissing } else { Wrong::BlobMissingOrErased };
            faults.push(Fault::at(blob_path(&missing.envelope), missing.index, what));
        }
        left_over.append(&mut found.left_over);
        checked = Some(found.checked - found.missing.len() as u64);
    }
    faults.sort_by(|a, b| (&a.path, a.index).cmp(&(&b.path, b.index)));
    faults.dedup();
    let more_faults = faults.len().saturating_sub(audit.most_faults) as u64;
    faults.truncate(audit.most_faults);
    Verification {
        head,
        entries,
        newest_logged_at,
        blobs: checked,
        erased,
        faults,
        more_faults,
        left_over,
        completeness,
    }
}

fn read_head(fs: &dyn Fs, keys: &[NoteVerifier], faults: &mut Vec<Fault>) -> Option<Head> {
    let note = bundles::read(fs, CHECKPOINT, MAX_CHECKPOINT, faults)?;
    match Head::parse(&note, keys) {
        Ok(head) => Some(head),
        Err(error) => {
            faults.push(Fault::new(CHECKPOINT, Wrong::Checkpoint(error)));
            None
        }
    }
}

fn find_gaps(tiles: &Tiles, size: u64, faults: &mut Vec<Fault>) {
    for row in std::iter::once(Row::Entries).chain((0..levels(size)).map(Row::Hashes)) {
        for (first, more) in tiles.gaps(row, size) {
            faults.push(Fault::new(first.path(), Wrong::Missing { more }));
        }
    }
}

/// Times of recording go up from one bundle to the next. Gives the newest.
fn check_times(audits: &[BundleAudit], faults: &mut Vec<Fault>) -> Option<Timestamp> {
    let mut newest = None;
    for audit in audits {
        let Some((first, last)) = audit.times else { continue };
        if newest.is_some_and(|newest| first < newest) {
            faults.push(Fault::at(&*audit.path, audit.index * WIDTH, Wrong::TimeWentBack));
        }
        newest = newest.max(Some(last));
    }
    newest
}

fn compare(
    known: &Head,
    head: Option<&Head>,
    size: u64,
    keys: &[NoteVerifier],
    truth: &tree::Truth,
    faults: &mut Vec<Fault>,
) -> Completeness {
    // The head was stored by the caller, perhaps where others can write.
    let signed = match Head::parse(known.note.as_bytes(), keys) {
        Ok(parsed) if parsed == *known => Ok(()),
        Ok(_) => Err(HeadError::Text("says something else than was signed")),
        Err(error) => Err(error),
    };
    if let Err(error) = signed {
        faults.push(Fault::new("head", Wrong::Head(error)));
        return Completeness::Refuted;
    }
    if known.size > size {
        faults.push(Fault::new(CHECKPOINT, Wrong::RolledBack { seen: known.size, now: size }));
        return Completeness::Refuted;
    }
    match merkle::root_at(truth, known.size) {
        Ok(root) if root == known.root => match head {
            Some(_) => Completeness::Since { size: known.size },
            None => Completeness::Refuted,
        },
        Ok(_) => {
            faults.push(Fault::new(CHECKPOINT, Wrong::Rewritten { seen: known.size }));
            Completeness::Refuted
        }
        // What is missing or damaged so much that its hash is not even known has been named.
        Err(tree::NotKnown) => Completeness::Refuted,
    }
}
