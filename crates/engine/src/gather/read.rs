//! One entry of the log, judged.

use bartizan_attest::{Envelope, Expect, Refusal, Seen, Trust, Verified};
use bartizan_finding::{Location, PredicateKind, Severity, Timestamp};
use bartizan_ledger::{
    Content, Entry, Ledger, LedgerError, Statement, Subjects, View, Witnessed, tile::WIDTH,
};
use rayon::prelude::*;

use super::{Refused, Trusted, weight::Weights};

/// What entries are judged by.
pub(super) struct Bench<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) view: &'a View,
    pub(super) trust: &'a Trust,
    pub(super) witnessed: Witnessed,
    pub(super) as_of: Timestamp,
    pub(super) weights: Weights,
}

/// What an entry turned out to be.
pub(super) enum Read {
    Trusted(Box<Trusted>),
    Refused(Box<Refused>),
    /// That an envelope was erased.
    Erased,
    /// Something that is no evidence.
    Nothing,
}

impl Bench<'_> {
    /// The entries of a range, in order, read and judged on all threads.
    pub(super) fn range(&self, from: u64, to: u64) -> Result<Vec<(u64, Read)>, LedgerError> {
        let bundles: Vec<u64> = (from / WIDTH..to.div_ceil(WIDTH)).collect();
        let judge = |number: &u64| {
            let entries = self.view.bundle_entries(*number)?;
            let wanted = entries.iter().filter(|entry| (from..to).contains(&entry.index));
            Ok(wanted.map(|entry| (entry.index, self.judge(entry))).collect::<Vec<_>>())
        };
        let judged: Vec<_> = bundles.par_iter().map(judge).collect::<Result<_, LedgerError>>()?;
        Ok(judged.into_iter().flatten().collect())
    }

    /// The entries with these indices, which go up, read and judged on all threads.
    pub(super) fn pick(&self, indices: &[u64]) -> Result<Vec<(u64, Read)>, LedgerError> {
        let groups: Vec<&[u64]> = indices.chunk_by(|a, b| a / WIDTH == b / WIDTH).collect();
        let judge = |group: &&[u64]| {
            let entries = self.view.pick(group)?;
            Ok(entries.iter().map(|entry| (entry.index, self.judge(entry))).collect::<Vec<_>>())
        };
        let judged: Vec<_> = groups.par_iter().map(judge).collect::<Result<_, LedgerError>>()?;
        Ok(judged.into_iter().flatten().collect())
    }

    fn judge(&self, entry: &Entry) -> Read {
        let record = &entry.record;
        let content = match &record.content {
            Content::Statement(content) => content,
            Content::Tombstone { .. } => return Read::Erased,
        };
        // A trust file is believed for the root's signature when it is opened, not for standing in the log.
        if content.predicate == PredicateKind::Trust.uri() {
            return Read::Nothing;
        }
        let bytes = match self.ledger.blob(&content.envelope) {
            Ok(bytes) => bytes,
            // `ledger verify`, which every check runs, makes a finding of this; here it only must not count.
            Err(error) => {
                let why = format!("Its envelope cannot be read: {error}.");
                let refused = refused(entry, content, why);
                return Read::Refused(Box::new(Refused { unreadable: true, ..refused }));
            }
        };
        let witnessed = self.witnessed.at(entry.index);
        let judged = Envelope::parse(&bytes).map_err(Refusal::from).and_then(|envelope| {
            let predicate = PredicateKind::from_uri(&content.predicate);
            let expect = Expect { project: self.trust.project(), predicate };
            let seen = Seen { logged_at: Some(record.logged_at), witnessed, as_of: self.as_of };
            self.trust.judge(&envelope, &expect, &seen)
        });
        match judged {
            Ok(Verified { statement, key, collector, .. }) => {
                let subjects: Vec<_> =
                    statement.subjects.into_iter().map(|subject| (subject.name, subject.digest)).collect();
                if !content.subjects.are(subjects.iter().map(|(_, digest)| *digest)) {
                    let why = "Its entry names other subjects than its statement.".to_owned();
                    return Read::Refused(Box::new(refused(entry, content, why)));
                }
                Read::Trusted(Box::new(Trusted {
                    index: entry.index,
                    envelope: content.envelope,
                    kind: statement.kind,
                    subjects,
                    predicate: statement.predicate,
                    collector,
                    key,
                    logged_at: record.logged_at,
                    witnessed,
                }))
            }
            Err(refusal) => {
                let mut occurrence =
                    refusal.occurrence(Location::file(format!("ledger entry {}", entry.index)));
                // What was recorded before a key came into other hands counts no longer, and nobody need do anything
                // about it; what was recorded after is somebody's use of the key.
                if matches!(&refusal, Refusal::Revoked { at, .. } if record.logged_at < *at) {
                    occurrence = occurrence.severity(Severity::Info);
                }
                let refused = refused(entry, content, occurrence.message.clone());
                Read::Refused(Box::new(Refused { occurrence: Some(occurrence), ..refused }))
            }
        }
    }
}

fn refused(entry: &Entry, content: &Statement, why: String) -> Refused {
    Refused {
        kind: PredicateKind::from_uri(&content.predicate),
        subjects: match &content.subjects {
            Subjects::Listed(digests) => digests.clone(),
            Subjects::Root { .. } => Vec::new(),
        },
        collected: content.collected,
        actor: entry.record.actor.clone(),
        why,
        occurrence: None,
        envelope: content.envelope,
        unreadable: false,
        before: None,
    }
}
