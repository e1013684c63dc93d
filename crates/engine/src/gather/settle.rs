//! What of the statements that were read can still matter.
//!
//! Letting go early or late makes no difference: what is let go of all is what is let go of those that were left of
//! the first part and of all that follow. The index rests on this.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use bartizan_attest::KeyFingerprint;
use bartizan_finding::{Digest, PredicateKind};
use bartizan_report::v1::MAX_HISTORY;

use super::{Gathered, Trusted, weight::Weights};
use crate::record::RUN_FINDINGS;

/// How many of the newest complete statements of one collector about one thing are asked whether they replace an
/// older one. It is mostly one.
const ASKED: usize = 64;

impl Gathered {
    /// Lets go of what can no longer matter.
    pub(super) fn settle(&mut self, weights: &Weights) {
        let keep = self.kept(weights);
        let all = std::mem::take(&mut self.trusted);
        self.held.clear();
        for (index, trusted) in all {
            let which = (trusted.key, trusted.envelope);
            if keep.contains(&index) {
                self.held.insert(which, index);
                self.trusted.insert(index, trusted);
            } else {
                self.let_go.insert(short(&which), index);
            }
        }
        let held = &self.held;
        self.renewed.retain(|which, _| held.contains_key(which));
        self.settled = self.trusted.len();
    }

    fn kept(&self, weights: &Weights) -> BTreeSet<u64> {
        let mut keep: BTreeSet<u64> = self.newest.values().copied().collect();
        keep.extend(self.latest.values().map(|(_, index)| index));
        keep.extend(self.refused.values().filter_map(|refused| refused.before));
        keep.extend(
            self.trusted.values().filter(|trusted| always(trusted.kind)).map(|trusted| trusted.index),
        );
        keep.extend(self.told());
        let mut groups: BTreeMap<(PredicateKind, KeyFingerprint, Vec<Digest>), Vec<&Trusted>> =
            BTreeMap::new();
        for trusted in self.trusted.values().filter(|trusted| !always(trusted.kind)) {
            groups.entry((trusted.kind, trusted.key, trusted.digests())).or_default().push(trusted);
        }
        for group in groups.values_mut() {
            group.sort_by_key(|trusted| Reverse((self.run(trusted).unwrap_or(trusted.index), trusted.index)));
            let mut newer: Vec<&Trusted> = Vec::new();
            for trusted in group {
                let covers =
                    |newer: &&Trusted| weights.covers(trusted.kind, &newer.predicate, &trusted.predicate);
                if newer.iter().take(ASKED).any(covers) {
                    continue;
                }
                keep.insert(trusted.index);
                if trusted.predicate.complete {
                    newer.push(trusted);
                }
            }
        }
        // A run stays as long as something that it renews does; runs may be renewed by runs. Of a statement that was
        // recorded twice the later stays as long as the earlier, since it is the later that a run renews.
        let mut left: Vec<u64> = keep.iter().copied().collect();
        while let Some(trusted) = left.pop().and_then(|index| self.trusted.get(&index)) {
            let again = self.held.get(&(trusted.key, trusted.envelope)).copied();
            for needed in self.run(trusted).into_iter().chain(again) {
                if keep.insert(needed) {
                    left.push(needed);
                }
            }
        }
        keep
    }

    /// The newest runs of each collector that say how they ended.
    fn told(&self) -> Vec<u64> {
        let mut counts: BTreeMap<KeyFingerprint, usize> = BTreeMap::new();
        let runs = self.trusted.values().rev().filter(|trusted| {
            trusted.kind == PredicateKind::CheckRun && trusted.predicate.facts.contains_key(RUN_FINDINGS)
        });
        let newest = runs.filter(|run| {
            let count = counts.entry(run.key).or_insert(0);
            *count += 1;
            *count <= MAX_HISTORY
        });
        newest.map(|run| run.index).collect()
    }
}

/// Whether every statement of a kind matters, however many follow it: what people decided, what gates answered, and
/// what was declared.
const fn always(kind: PredicateKind) -> bool {
    use PredicateKind::{Approval, Assessment, Exception, GateDecision};
    matches!(kind, Approval | Assessment | Exception | GateDecision)
}

/// A part of key and envelope that is enough to look an entry up, which then says whether it is the one.
pub(super) fn short((key, envelope): &(KeyFingerprint, Digest)) -> u64 {
    let first = |bytes: &[u8; 32]| bytes.first_chunk().map_or(0, |first| u64::from_le_bytes(*first));
    first(key.as_bytes()) ^ first(envelope.as_bytes())
}
