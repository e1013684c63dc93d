use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use crate::{
    AssetId, Confidence, Digest, Hasher, Location, Occurrence, Redacted, RuleCode, RuleMeta, Severity,
};

/// A finding keeps at most this many places; its count goes on.
pub const MAX_SAMPLES: usize = 20;

/// One thing wrong: everything one rule saw of one asset in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule.
    pub rule: RuleCode,
    /// The row of the rule's table, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// How bad it is: the worst of its occurrences.
    pub severity: Severity,
    /// How sure the rule is: the surest of its occurrences.
    pub confidence: Confidence,
    /// The asset, where it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<AssetId>,
    /// File and member, file and column, key, or elements; see [`Location::place`].
    pub place: String,
    /// What was seen first.
    pub message: String,
    /// How often.
    pub count: u64,
    /// The first places, at most [`MAX_SAMPLES`].
    pub samples: Vec<Sample>,
    /// Names the finding across runs and machines.
    pub fingerprint: Fingerprint,
    /// Why it does not count against the outcome, where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppression>,
}

/// One of a finding's places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Where.
    pub location: Location,
    /// What may be said about the value there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<Redacted>,
}

/// Why a finding is shown and counted but does not decide the outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suppression {
    /// What lets it pass.
    pub by: SuppressedBy,
    /// The reason that was given.
    pub reason: String,
    /// The day it ends, `YYYY-MM-DD`; absent for a baseline, which ends when it is replaced.
    pub expires: Option<String>,
}

/// What lets a finding pass.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressedBy {
    /// An `[[ignore]]` entry of the project file.
    Ignore,
    /// A recorded exception, by its id.
    Exception(String),
    /// It stood in the baseline that the caller named, so it is not new.
    Baseline,
}

/// Names a finding: SHA-256 over rule, variant, asset and place, which no two findings of a run share. It holds
/// no datum and no line number, so it is the same on every machine and survives edits elsewhere in the file.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Fingerprint(Digest);

impl Fingerprint {
    fn new(rule: &RuleCode, variant: Option<&str>, asset: Option<&AssetId>, place: &str) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(b"bartizan/fingerprint/v1\0");
        for part in [rule.as_str(), variant.unwrap_or(""), asset.map_or("", AssetId::as_str), place] {
            hasher.update(&(part.len() as u64).to_be_bytes());
            hasher.update(part.as_bytes());
        }
        Self(hasher.finish())
    }

    /// The 64 hexadecimal digits.
    pub fn hex(&self) -> String {
        self.0.hex()
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0.hex())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Folds occurrences into findings: one per rule, variant, asset and place. Memory grows with the number of
/// findings, never with the number of occurrences.
#[derive(Clone, Debug, Default)]
pub struct FindingSet {
    groups: BTreeMap<Key, Group>,
}

type Key = (RuleCode, Option<&'static str>, Option<AssetId>, String);

#[derive(Clone, Debug)]
struct Group {
    severity: Severity,
    confidence: Confidence,
    message: String,
    counts: BTreeMap<Severity, u64>,
    samples: Vec<Sample>,
}

impl FindingSet {
    /// An empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one occurrence that belongs to `asset`.
    pub fn push(&mut self, asset: Option<&AssetId>, occurrence: Occurrence) {
        let Occurrence { rule, variant, severity, confidence, location, message, redacted } = occurrence;
        let key = (rule.code.clone(), variant, asset.cloned(), location.place());
        let group = self.groups.entry(key).or_insert_with(|| Group {
            severity,
            confidence,
            message,
            counts: BTreeMap::new(),
            samples: Vec::new(),
        });
        group.severity = group.severity.max(severity);
        group.confidence = group.confidence.max(confidence);
        *group.counts.entry(severity).or_insert(0) += 1;
        if group.samples.len() < MAX_SAMPLES {
            group.samples.push(Sample { location, redacted });
        }
    }

    /// How often each rule, with its variant (`SEC001/stripe-live`), was seen.
    pub fn counts(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for (name, count) in self.counts_by_severity().into_values().flatten() {
            *counts.entry(name).or_insert(0) += count;
        }
        counts
    }

    /// How often each rule, with its variant, was seen at each severity.
    pub fn counts_by_severity(&self) -> BTreeMap<Severity, BTreeMap<String, u64>> {
        let mut counts: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for ((rule, variant, ..), group) in &self.groups {
            let name = variant.map_or_else(|| rule.to_string(), |variant| format!("{rule}/{variant}"));
            for (severity, count) in &group.counts {
                *counts.entry(*severity).or_default().entry(name.clone()).or_insert(0) += count;
            }
        }
        counts
    }

    /// How many findings there are of each severity.
    pub fn findings_by_severity(&self) -> BTreeMap<Severity, u64> {
        let mut findings = BTreeMap::new();
        for group in self.groups.values() {
            *findings.entry(group.severity).or_insert(0) += 1;
        }
        findings
    }

    /// Whether `rule` was seen at all.
    pub fn has(&self, rule: &RuleMeta) -> bool {
        self.groups.keys().any(|(code, ..)| *code == rule.code)
    }

    /// Whether nothing was seen.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty()
    }

    /// Takes in the findings of another set.
    pub fn merge(&mut self, other: Self) {
        for (key, group) in other.groups {
            match self.groups.entry(key) {
                std::collections::btree_map::Entry::Vacant(entry) => {
                    entry.insert(group);
                }
                std::collections::btree_map::Entry::Occupied(mut entry) => entry.get_mut().merge(group),
            }
        }
    }

    /// The findings, worst first, then by rule, asset and place.
    pub fn finish(self) -> Vec<Finding> {
        let mut findings: Vec<_> = self.groups.into_iter().map(|(key, group)| group.finish(key)).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        findings
    }
}

impl Group {
    fn merge(&mut self, other: Self) {
        self.severity = self.severity.max(other.severity);
        self.confidence = self.confidence.max(other.confidence);
        for (severity, count) in other.counts {
            *self.counts.entry(severity).or_insert(0) += count;
        }
        let room = MAX_SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(other.samples.into_iter().take(room));
    }

    fn finish(self, (rule, variant, asset, place): Key) -> Finding {
        let fingerprint = Fingerprint::new(&rule, variant, asset.as_ref(), &place);
        Finding {
            rule,
            variant: variant.map(str::to_owned),
            severity: self.severity,
            confidence: self.confidence,
            asset,
            place,
            message: self.message,
            count: self.counts.values().sum(),
            samples: self.samples,
            fingerprint,
            suppressed: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Rule;

    /// A test rule.
    ///
    /// ## What it finds
    /// Nothing real.
    /// ## Why it matters
    /// It shows how occurrences fold.
    /// ## Example
    /// None.
    /// ## Fix
    /// None.
    /// ## References
    /// - none
    #[derive(Rule)]
    #[rule(code = "TST001", severity = "medium", confidence = "low", controls = ["model-scan"])]
    struct TestRule;

    fn at(row: u64, column: &str) -> Occurrence {
        let location = Location::Record { path: "t.jsonl".to_owned(), row, column: column.to_owned() };
        Occurrence::new(TestRule::META, location, format!("row {row}"))
    }

    #[test]
    fn occurrences_fold_by_place_and_keep_the_worst() {
        let mut set = FindingSet::new();
        for row in 1..=50 {
            set.push(None, at(row, "/body"));
        }
        set.push(None, at(7, "/subject").severity(Severity::High));
        let findings = set.finish();
        assert_eq!(findings.len(), 2);
        assert_eq!((findings[0].severity, findings[0].place.as_str()), (Severity::High, "t.jsonl#/subject"));
        assert_eq!((findings[1].count, findings[1].samples.len()), (50, MAX_SAMPLES));
        assert_eq!(findings[1].message, "row 1");
    }

    #[test]
    fn counts_are_kept_for_each_severity() {
        let mut set = FindingSet::new();
        set.push(None, at(1, "/body"));
        set.push(None, at(2, "/body").severity(Severity::Info));
        set.push(None, at(3, "/body").severity(Severity::Info));
        let by = |count| BTreeMap::from([("TST001".to_owned(), count)]);
        assert_eq!(
            set.counts_by_severity(),
            BTreeMap::from([(Severity::Info, by(2)), (Severity::Medium, by(1))])
        );
        assert_eq!(set.counts(), by(3));
        assert_eq!(set.findings_by_severity(), BTreeMap::from([(Severity::Medium, 1)]));
    }

    #[test]
    fn a_fingerprint_knows_the_place_but_not_the_row() {
        let one = |row, column| {
            let mut set = FindingSet::new();
            set.push(None, at(row, column));
            set.finish()[0].fingerprint
        };
        assert_eq!(one(1, "/body"), one(2, "/body"));
        assert_ne!(one(1, "/body"), one(1, "/subject"));
    }

    #[test]
    fn merging_equals_pushing_in_order() {
        let (mut all, mut left, mut right) = (FindingSet::new(), FindingSet::new(), FindingSet::new());
        for row in 1..=30 {
            all.push(None, at(row, "/body"));
            if row <= 15 { &mut left } else { &mut right }.push(None, at(row, "/body"));
        }
        left.merge(right);
        assert_eq!(left.finish(), all.finish());
    }
}
