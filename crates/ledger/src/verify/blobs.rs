//! The envelopes: each that an entry recorded is there with its bytes, unless a later entry erased it.

use std::{
    collections::BTreeSet,
    sync::atomic::{AtomicUsize, Ordering},
};

use bartizan_finding::Digest;

use super::{
    bundles::Mention,
    fault::{Fault, Wrong},
};
use crate::{
    LedgerError,
    fs::Fs,
    log::{blob_path, read_blob},
};

#[derive(Debug, Default)]
pub(super) struct BlobAudit {
    pub(super) checked: u64,
    pub(super) erased: u64,
    /// Envelopes that no entry needs.
    pub(super) left_over: Vec<String>,
    /// Entries whose envelope is missing.
    pub(super) missing: Vec<Mention>,
}

/// What the log says last of each envelope.
pub(super) fn last_mentions(mut mentions: Vec<Mention>) -> Vec<Mention> {
    mentions.sort_unstable();
    mentions.chunk_by(|a, b| a.envelope == b.envelope).filter_map(|chunk| chunk.last().copied()).collect()
}

pub(super) fn audit(
    fs: &dyn Fs,
    mentions: &[Mention],
    present: &BTreeSet<Digest>,
    threads: usize,
    faults: &mut Vec<Fault>,
) -> BlobAudit {
    let mut audit = BlobAudit::default();
    let mut needed = BTreeSet::new();
    let mut work = Vec::new();
    for mention in mentions {
        if mention.size.is_none() {
            audit.erased += 1;
            continue;
        }
        needed.insert(mention.envelope);
        if present.contains(&mention.envelope) {
            work.push(*mention);
        } else {
            audit.missing.push(*mention);
        }
    }
    audit.checked = needed.len() as u64;
    audit.left_over = present.difference(&needed).map(blob_path).collect();
    let next = AtomicUsize::new(0);
    let run = || {
        let mut faults = Vec::new();
        while let Some(mention) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            faults.extend(check(fs, mention));
        }
        faults
    };
    if threads < 2 {
        faults.extend(run());
    } else {
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
            for worker in workers {
                faults.extend(worker.join().expect("the check of an envelope does not panic"));
            }
        });
    }
    audit
}

fn check(fs: &dyn Fs, mention: &Mention) -> Option<Fault> {
    let what = match read_blob(fs, &mention.envelope) {
        Ok(bytes) if Some(bytes.len() as u64) == mention.size => return None,
        Ok(_) | Err(LedgerError::BlobAltered(_)) => Wrong::BlobAltered,
        Err(LedgerError::BlobMissing(_)) => Wrong::BlobMissing,
        Err(LedgerError::Io { source, .. }) => Wrong::Unreadable(source.to_string()),
        Err(error) => Wrong::Unreadable(error.to_string()),
    };
    Some(Fault::at(blob_path(&mention.envelope), mention.index, what))
}
