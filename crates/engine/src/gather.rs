//! From the log to evidence: what was recorded, by whom, and whether it counts.

use std::collections::BTreeMap;

use bartizan_assure::Evidence;
use bartizan_attest::{Envelope, Expect, KeyFingerprint, Predicate, Refusal, Seen, Trust, Verified};
use bartizan_finding::{Digest, Location, Occurrence, PredicateKind, Timestamp};
use bartizan_ledger::{Content, Entry, Ledger, LedgerError, View};
use rayon::prelude::*;
use serde_json::Value;

/// The fact of a `check-run` statement that lists the envelopes it stands by.
pub const STANDS_BY: &str = "stands-by";

/// What the log holds about one project, as far as it has been read.
#[derive(Debug, Default)]
pub struct Gathered {
    /// How many entries were read.
    pub size: u64,
    /// Statements that count, by index.
    pub trusted: BTreeMap<u64, Trusted>,
    /// Statements that do not count, by index.
    pub refused: BTreeMap<u64, Refused>,
    /// Of each kind, key and subjects, the newest statement that counts.
    newest: BTreeMap<About, u64>,
}

type About = (PredicateKind, KeyFingerprint, Vec<(String, Digest)>);

/// A recorded statement whose signer was entitled to make it.
#[derive(Clone, Debug)]
pub struct Trusted {
    /// The digest of its envelope.
    pub envelope: Digest,
    /// What kind it is.
    pub kind: PredicateKind,
    /// What it is about: name and digest.
    pub subjects: Vec<(String, Digest)>,
    /// What it says.
    pub predicate: Predicate,
    /// The key that signed it.
    pub key: KeyFingerprint,
}

/// A recorded statement that counts for nothing.
#[derive(Clone, Debug)]
pub struct Refused {
    /// What kind it says it is; absent where it is none that is known.
    pub kind: Option<PredicateKind>,
    /// What it says it is about.
    pub subjects: Vec<Digest>,
    /// When it says it was collected.
    pub collected: Timestamp,
    /// Who recorded it.
    pub actor: String,
    /// Why it does not count, as a sentence.
    pub why: String,
    /// The finding that it is, where it is one.
    pub occurrence: Option<Occurrence>,
}

enum Read {
    Trusted(Box<Trusted>),
    Refused(Box<Refused>),
    Nothing,
}

impl Gathered {
    /// Reads the entries of `view` that were not read yet and judges each.
    pub fn read_on(
        &mut self,
        ledger: &Ledger,
        view: &View,
        trust: &Trust,
        as_of: Timestamp,
    ) -> Result<(), LedgerError> {
        let entries: Vec<Entry> = view.entries(self.size..view.len()).collect::<Result<_, _>>()?;
        let read: Vec<_> =
            entries.par_iter().map(|entry| (entry.index, read(ledger, trust, entry, as_of))).collect();
        for (index, read) in read {
            match read {
                Read::Trusted(trusted) => {
                    self.newest.insert((trusted.kind, trusted.key, trusted.subjects.clone()), index);
                    self.trusted.insert(index, *trusted);
                }
                Read::Refused(refused) => {
                    self.refused.insert(index, *refused);
                }
                Read::Nothing => {}
            }
        }
        self.size = view.len();
        Ok(())
    }

    /// The newest statement of this kind about exactly these subjects that the holder of `key` made.
    pub fn newest(
        &self,
        kind: PredicateKind,
        subjects: &[(String, Digest)],
        key: &KeyFingerprint,
    ) -> Option<(u64, &Trusted)> {
        let index = *self.newest.get(&(kind, *key, subjects.to_vec()))?;
        self.trusted.get(&index).map(|trusted| (index, trusted))
    }

    /// What decides status: each statement that counts, as young as the newest run of its own collector that stands
    /// by it, and each that was refused.
    pub fn evidence(&self) -> Vec<Evidence> {
        let renewed = self.renewals();
        let trusted = self.trusted.iter().map(|(index, trusted)| {
            let renewal = renewed.get(&(trusted.key, trusted.envelope)).filter(|(run, _)| run > index);
            trusted.evidence(*index, renewal.copied())
        });
        let refused = self.refused.iter().filter_map(|(index, refused)| refused.evidence(*index));
        let mut evidence: Vec<_> = trusted.chain(refused).collect();
        evidence.sort_by_key(|evidence| evidence.index);
        evidence
    }

    /// By collector key and envelope: the newest `check-run` of that key that stands by it.
    fn renewals(&self) -> BTreeMap<(KeyFingerprint, Digest), (u64, &Predicate)> {
        let mut renewals = BTreeMap::new();
        for (index, run) in self.trusted.iter().filter(|(_, trusted)| trusted.kind == PredicateKind::CheckRun)
        {
            let listed = run.predicate.facts.get(STANDS_BY).and_then(Value::as_array);
            for envelope in listed.into_iter().flatten().filter_map(|hex| hex.as_str()?.parse().ok()) {
                renewals.insert((run.key, envelope), (*index, &run.predicate));
            }
        }
        renewals
    }

    /// What is wrong with what was recorded.
    pub fn occurrences(&self) -> impl Iterator<Item = &Occurrence> {
        self.refused.values().filter_map(|refused| refused.occurrence.as_ref())
    }
}

impl Trusted {
    fn evidence(&self, index: u64, renewal: Option<(u64, &Predicate)>) -> Evidence {
        let own = &self.predicate;
        let (index, confirms, collected, expires) = match renewal {
            Some((run, by)) => {
                (run, Some(index), by.bytes_read_at.max(own.collected), by.expires.max(own.expires))
            }
            None => (index, None, own.collected, own.expires),
        };
        Evidence {
            index,
            confirms,
            predicate: self.kind,
            subjects: self.subjects.iter().map(|(_, digest)| *digest).collect(),
            collected,
            expires: Some(expires),
            complete: own.complete,
            counts: own.counts.clone(),
            facts: own.facts.clone(),
            rule_sets: own.rule_sets.clone(),
            collector: own.collector.clone(),
            refused: None,
        }
    }
}

impl Refused {
    fn evidence(&self, index: u64) -> Option<Evidence> {
        Some(Evidence {
            index,
            confirms: None,
            predicate: self.kind?,
            subjects: self.subjects.clone(),
            collected: self.collected,
            expires: None,
            complete: false,
            counts: BTreeMap::new(),
            facts: BTreeMap::new(),
            rule_sets: BTreeMap::new(),
            collector: self.actor.clone(),
            refused: Some(self.why.clone()),
        })
    }
}

fn read(ledger: &Ledger, trust: &Trust, entry: &Entry, as_of: Timestamp) -> Read {
    let record = &entry.record;
    let Content::Statement(content) = &record.content else { return Read::Nothing };
    // A trust file is believed for the root's signature when it is opened, not for standing in the log.
    if content.predicate == PredicateKind::Trust.uri() {
        return Read::Nothing;
    }
    let refuse = |why: String, occurrence: Option<Occurrence>| {
        let subjects = match &content.subjects {
            bartizan_ledger::Subjects::Listed(digests) => digests.clone(),
            bartizan_ledger::Subjects::Root { .. } => Vec::new(),
        };
        let (collected, actor) = (content.collected, record.actor.clone());
        let kind = PredicateKind::from_uri(&content.predicate);
        Read::Refused(Box::new(Refused { kind, subjects, collected, actor, why, occurrence }))
    };
    let location = Location::file(format!("ledger entry {}", entry.index));
    let bytes = match ledger.blob(&content.envelope) {
        Ok(bytes) => bytes,
        // `ledger verify`, which every check runs, makes a finding of this; here it only must not count.
        Err(error) => return refuse(format!("Its envelope cannot be read: {error}."), None),
    };
    let judged = Envelope::parse(&bytes).map_err(Refusal::from).and_then(|envelope| {
        let expect =
            Expect { project: trust.project(), predicate: PredicateKind::from_uri(&content.predicate) };
        let seen = Seen { logged_at: Some(record.logged_at), witnessed: false, as_of };
        trust.judge(&envelope, &expect, &seen)
    });
    match judged {
        Ok(Verified { statement, key, .. }) => {
            let subjects: Vec<_> =
                statement.subjects.into_iter().map(|subject| (subject.name, subject.digest)).collect();
            if !content.subjects.are(subjects.iter().map(|(_, digest)| *digest)) {
                return refuse("Its entry names other subjects than its statement.".to_owned(), None);
            }
            let (envelope, kind, predicate) = (content.envelope, statement.kind, statement.predicate);
            Read::Trusted(Box::new(Trusted { envelope, kind, subjects, predicate, key }))
        }
        Err(refusal) => {
            let occurrence = refusal.occurrence(location);
            refuse(occurrence.message.clone(), Some(occurrence))
        }
    }
}
