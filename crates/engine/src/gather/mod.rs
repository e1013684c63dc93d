//! From the log to evidence: what was recorded, by whom, and whether it counts.
//!
//! Of a long log only little can still matter: of each thing that somebody says, what they said last, as far as the
//! catalogue asks. The rest is let go as the log is read ([`weight`] says when), so that a log of a million entries
//! takes the memory of what is said in it, and an [`index`] can name the few entries that have to be read again.

mod index;
mod read;
mod settle;
mod weight;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use bartizan_assure::Evidence;
use bartizan_attest::{KeyFingerprint, Predicate, TOLERANCE, Trust};
use bartizan_finding::{Digest, Occurrence, PredicateKind, Timestamp};
use bartizan_ledger::{Anchor, Ledger, LedgerError, View, Witnessed};
use serde_json::Value;

pub use index::{INDEX_FILE, MAX_INDEX, Resumed};

use read::{Bench, Read};
use weight::Weights;

/// The fact of a `check-run` statement that lists the envelopes it stands by.
pub const STANDS_BY: &str = "stands-by";

/// The most refused statements that are held; of more, the newest are, and the others are counted.
pub const MAX_REFUSED: usize = 1000;

/// Entries that are read before what does not matter is let go again: 64 bundles.
const STEP: u64 = 16_384;

/// What the log holds about one project, as far as it has been read.
#[derive(Debug, Default)]
pub struct Gathered {
    /// How many entries were read.
    pub size: u64,
    /// Statements that count and can still matter, by index. Every statement about decisions, gates and assessments
    /// is here; of the others the newest of each collector about each subject, and those before it that it does not
    /// replace.
    pub trusted: BTreeMap<u64, Trusted>,
    /// Statements that do not count, by index: the newest [`MAX_REFUSED`].
    pub refused: BTreeMap<u64, Refused>,
    /// How many statements count, with those that no longer matter.
    pub counted: u64,
    /// How many statements that do not count are not in `refused`.
    pub more_refused: u64,
    /// Of each kind, key and subjects, the newest statement that counts.
    newest: BTreeMap<About, u64>,
    /// Of each kind, subjects and what tells its edges apart: the time of collection that is latest, and its entry.
    latest: BTreeMap<Slot, (Timestamp, u64)>,
    /// By collector key and envelope: the newest `check-run` of that key that stands by it.
    renewed: BTreeMap<(KeyFingerprint, Digest), u64>,
    /// By collector key and envelope: the newest entry that is held.
    held: BTreeMap<(KeyFingerprint, Digest), u64>,
    /// Entries that were let go, by a part of key and envelope: a later run may stand by them after all.
    let_go: HashMap<u64, u64>,
    /// From which entry on `let_go` knows all: 0, or where the index ended.
    known_from: u64,
    /// How many statements were held when it was last asked which of them matter.
    settled: usize,
    /// Whether an earlier time than the log's own has decided, so that others would come to another result.
    early: bool,
}

type About = (PredicateKind, KeyFingerprint, Vec<(String, Digest)>);
type Slot = (PredicateKind, Vec<Digest>, Vec<Option<String>>);

/// A recorded statement whose signer was entitled to make it.
#[derive(Clone, Debug, PartialEq)]
pub struct Trusted {
    /// Its entry.
    pub index: u64,
    /// The digest of its envelope.
    pub envelope: Digest,
    /// What kind it is.
    pub kind: PredicateKind,
    /// What it is about: name and digest.
    pub subjects: Vec<(String, Digest)>,
    /// What it says.
    pub predicate: Predicate,
    /// Who made it: the name that the trust file gives to the key.
    pub collector: String,
    /// The key that signed it.
    pub key: KeyFingerprint,
    /// When it was recorded.
    pub logged_at: Timestamp,
    /// The earliest time at which somebody outside had seen its entry.
    pub witnessed: Option<Timestamp>,
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
    /// The digest of the envelope that was recorded.
    pub envelope: Digest,
    /// Whether that envelope could not be read.
    pub unreadable: bool,
    /// The entry that says something newer, where that is why.
    pub before: Option<u64>,
}

impl Gathered {
    /// Reads the entries of `view` that were not read yet and judges each.
    pub fn read_on(
        &mut self,
        ledger: &Ledger,
        view: &View,
        trust: &Trust,
        anchors: &[Anchor],
        as_of: Timestamp,
    ) -> Result<(), LedgerError> {
        let weights = Weights::of(bartizan_standards::controls());
        let bench = Bench { ledger, view, trust, witnessed: Witnessed::by(anchors), as_of, weights };
        self.go_on(&bench)
    }

    fn go_on(&mut self, bench: &Bench<'_>) -> Result<(), LedgerError> {
        if bench.view.len() < self.size || !self.follow(bench)? {
            *self = Self::default();
            self.follow(bench)?;
        }
        Ok(())
    }

    /// Reads on to the end. Says no where what is new can only be judged with what was let go earlier.
    fn follow(&mut self, bench: &Bench<'_>) -> Result<bool, LedgerError> {
        let (start, end) = (self.size, bench.view.len());
        if start == end {
            return Ok(true);
        }
        self.early |= bench.view.newest_logged_at()?.is_some_and(|newest| newest > bench.as_of);
        let lost: BTreeSet<Digest> = self
            .refused
            .values()
            .filter(|refused| refused.unreadable)
            .map(|refused| refused.envelope)
            .collect();
        while self.size < end {
            let to = ((self.size / STEP + 1) * STEP).min(end);
            for (index, read) in bench.range(self.size, to)? {
                // What was read before its envelope was erased counts no longer, and what it had replaced may. An
                // envelope that is recorded again is there for the earlier entry too.
                let is_late = match &read {
                    Read::Erased => start > 0,
                    Read::Trusted(trusted) => lost.contains(&trusted.envelope),
                    Read::Refused(refused) => lost.contains(&refused.envelope),
                    Read::Nothing => false,
                };
                if is_late || !self.take(index, read, bench)? {
                    return Ok(false);
                }
            }
            self.size = to;
            if self.trusted.len() > self.settled * 2 + STEP as usize {
                self.settle(&bench.weights);
            }
        }
        self.settle(&bench.weights);
        Ok(true)
    }

    /// Adds one entry, the newest so far. Says no where it stands by something that may have been let go before
    /// there was a record of it.
    fn take(&mut self, index: u64, read: Read, bench: &Bench<'_>) -> Result<bool, LedgerError> {
        match read {
            Read::Erased | Read::Nothing => {}
            Read::Refused(refused) => self.refuse(index, *refused),
            Read::Trusted(trusted) => {
                if let Some(before) = self.newer(&trusted, &bench.weights) {
                    self.refuse(index, trusted.held_back(before));
                    return Ok(true);
                }
                self.counted += 1;
                let is_known = self.renew(&trusted, bench)?;
                self.newest.insert((trusted.kind, trusted.key, trusted.subjects.clone()), index);
                self.hold(*trusted);
                return Ok(is_known);
            }
        }
        Ok(true)
    }

    fn refuse(&mut self, index: u64, refused: Refused) {
        self.refused.insert(index, refused);
        if self.refused.len() > MAX_REFUSED {
            self.refused.pop_first();
            self.more_refused += 1;
        }
    }

    fn hold(&mut self, trusted: Trusted) {
        let held = self.held.entry((trusted.key, trusted.envelope)).or_insert(trusted.index);
        *held = (*held).max(trusted.index);
        self.trusted.insert(trusted.index, trusted);
    }

    /// The entry that says something newer about the same subjects than `trusted`, which comes later. Where there is
    /// none, `trusted` may be the latest itself.
    ///
    /// Without this, a good result that was held back would clear a failure that was found since. Runs and what
    /// people decide are no measurements that replace each other, and are exempt.
    fn newer(&mut self, trusted: &Trusted, weights: &Weights) -> Option<u64> {
        use PredicateKind::{Approval, CheckRun, Exception, GateDecision};
        if matches!(trusted.kind, CheckRun | Approval | Exception | GateDecision) {
            return None;
        }
        let tells = weights.tells(trusted.kind, &trusted.predicate);
        let collected = trusted.predicate.collected;
        let latest =
            self.latest.entry((trusted.kind, trusted.digests(), tells)).or_insert((collected, trusted.index));
        if latest.0.duration_since(collected) > TOLERANCE {
            return Some(latest.1);
        }
        if collected >= latest.0 {
            *latest = (collected, trusted.index);
        }
        None
    }

    /// Notes what a `check-run` stands by.
    fn renew(&mut self, run: &Trusted, bench: &Bench<'_>) -> Result<bool, LedgerError> {
        for envelope in run.stands_by() {
            let which = (run.key, envelope);
            if self.held.contains_key(&which) {
                self.renewed.insert(which, run.index);
            } else if let Some(index) = self.let_go.get(&settle::short(&which)).copied() {
                for (_, read) in bench.pick(&[index])? {
                    if let Read::Trusted(again) = read
                        && (again.key, again.envelope) == which
                    {
                        self.hold(*again);
                        self.renewed.insert(which, run.index);
                    }
                }
            } else if self.known_from > 0 {
                return Ok(false);
            }
        }
        Ok(true)
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
        let trusted = self.trusted.values().map(|trusted| {
            let run = self.run(trusted).and_then(|run| self.trusted.get(&run));
            trusted.evidence(run.map(|run| (run.index, &run.predicate)))
        });
        let refused = self.refused.iter().filter_map(|(index, refused)| refused.evidence(*index));
        let mut evidence: Vec<_> = trusted.chain(refused).collect();
        evidence.sort_by_key(|evidence| evidence.index);
        evidence
    }

    /// The newest `check-run` of its own collector that came after a statement and stands by it.
    fn run(&self, trusted: &Trusted) -> Option<u64> {
        let run = self.renewed.get(&(trusted.key, trusted.envelope)).copied();
        run.filter(|run| *run > trusted.index)
    }

    /// What is wrong with what was recorded.
    pub fn occurrences(&self) -> impl Iterator<Item = &Occurrence> {
        self.refused.values().filter_map(|refused| refused.occurrence.as_ref())
    }
}

impl Trusted {
    /// The digests of what it is about, sorted, each once.
    fn digests(&self) -> Vec<Digest> {
        let mut digests: Vec<_> = self.subjects.iter().map(|(_, digest)| *digest).collect();
        digests.sort_unstable();
        digests.dedup();
        digests
    }

    /// The envelopes that a `check-run` stands by.
    fn stands_by(&self) -> Vec<Digest> {
        if self.kind != PredicateKind::CheckRun {
            return Vec::new();
        }
        let listed = self.predicate.facts.get(STANDS_BY).and_then(Value::as_array);
        listed.into_iter().flatten().filter_map(|hex| hex.as_str()?.parse().ok()).collect()
    }

    fn held_back(&self, before: u64) -> Refused {
        Refused {
            kind: Some(self.kind),
            subjects: self.digests(),
            collected: self.predicate.collected,
            actor: self.collector.clone(),
            why: format!(
                "This evidence does not count: it was collected before entry {before}, which says something newer \
                 about the same subject."
            ),
            occurrence: None,
            envelope: self.envelope,
            unreadable: false,
            before: Some(before),
        }
    }

    fn evidence(&self, renewal: Option<(u64, &Predicate)>) -> Evidence {
        let own = &self.predicate;
        let (index, confirms, collected, expires) = match renewal {
            Some((run, by)) => {
                (run, Some(self.index), by.bytes_read_at.max(own.collected), by.expires.max(own.expires))
            }
            None => (self.index, None, own.collected, own.expires),
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

#[cfg(test)]
mod tests;
