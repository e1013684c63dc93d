//! When a newer statement leaves an older one without any weight.
//!
//! The catalogue decides: an older statement still weighs as long as it may be a failure that nothing has cleared, or
//! what clears an earlier failure of somebody else (see `assess` in `assure`). So a newer one takes its place only
//! where it decides at least as much, with rules at least as new, under every edge that the older belongs to.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_attest::Predicate;
use bartizan_finding::{Digest, PredicateKind};
use bartizan_standards::{Control, Criterion, Edge};
use serde_json::Value;

/// The edges of a catalogue by the kind of statement that they read.
pub(super) struct Weights {
    edges: BTreeMap<PredicateKind, Vec<&'static Edge>>,
    /// By kind, the facts that say to which edges a statement belongs.
    tells: BTreeMap<PredicateKind, BTreeSet<&'static str>>,
    digest: Digest,
}

impl Weights {
    pub(super) fn of(catalogue: &'static [Control]) -> Self {
        let mut edges: BTreeMap<_, Vec<&'static Edge>> = BTreeMap::new();
        let mut tells: BTreeMap<_, BTreeSet<&'static str>> = BTreeMap::new();
        for edge in catalogue.iter().flat_map(|control| &control.clauses).flat_map(|clause| &clause.edges) {
            edges.entry(edge.kind).or_default().push(edge);
            tells.entry(edge.kind).or_default().extend(edge.when.keys().map(String::as_str));
        }
        let text = serde_json::to_vec(&edges.values().collect::<Vec<_>>()).unwrap_or_default();
        Self { edges, tells, digest: Digest::of(&text) }
    }

    /// Changes when another catalogue would weigh otherwise.
    pub(super) const fn digest(&self) -> Digest {
        self.digest
    }

    /// The facts of a statement that say to which edges it belongs, in the order of their names.
    pub(super) fn tells(&self, kind: PredicateKind, predicate: &Predicate) -> Vec<Option<String>> {
        let names = self.tells.get(&kind).into_iter().flatten();
        names.map(|name| predicate.facts.get(*name).and_then(Value::as_str).map(str::to_owned)).collect()
    }

    /// Whether `older` has no weight beside `newer`, which is of the same kind, by the same key, about the same
    /// subjects, and stands later.
    pub(super) fn covers(&self, kind: PredicateKind, newer: &Predicate, older: &Predicate) -> bool {
        let edges = self.edges.get(&kind).map_or(&[][..], Vec::as_slice);
        newer.complete
            && self.tells(kind, newer) == self.tells(kind, older)
            && edges.iter().filter(|edge| belongs(edge, older)).all(|edge| {
                is_inert(edge, older) || (decides(edge, newer) && has_rules_of(edge, newer, older))
            })
    }
}

fn belongs(edge: &Edge, predicate: &Predicate) -> bool {
    edge.when.iter().all(|(fact, value)| predicate.facts.get(fact).and_then(Value::as_str) == Some(value))
}

/// Whether a statement that is not the newest says nothing under an edge: it neither fails nor clears.
fn is_inert(edge: &Edge, predicate: &Predicate) -> bool {
    let fails = edge.criteria.iter().any(|criterion| may_fail(criterion, predicate));
    let clears = predicate.complete
        && !is_outdated(edge, predicate)
        && edge.criteria.iter().all(|criterion| is_decided(criterion, predicate));
    !fails && !clears
}

/// Whether a statement either fails under an edge or clears what failed before it.
fn decides(edge: &Edge, predicate: &Predicate) -> bool {
    let asked = if edge.criteria.is_empty() { &edge.fully } else { &edge.criteria };
    predicate.complete
        && !is_outdated(edge, predicate)
        && asked.iter().all(|criterion| is_decided(criterion, predicate))
}

fn has_rules_of(edge: &Edge, newer: &Predicate, older: &Predicate) -> bool {
    edge.rule_sets.keys().all(|name| rule_set(newer, name) >= rule_set(older, name))
}

fn is_outdated(edge: &Edge, predicate: &Predicate) -> bool {
    edge.rule_sets.iter().any(|(name, needed)| rule_set(predicate, name) < *needed)
}

fn rule_set(predicate: &Predicate, name: &str) -> u32 {
    predicate.rule_sets.get(name).copied().unwrap_or(0)
}

/// Whether a statement holds what a criterion asks for, in the type that it reads.
fn is_decided(criterion: &Criterion, predicate: &Predicate) -> bool {
    let Some(name) = criterion.fact() else { return true };
    let Some(fact) = predicate.facts.get(name) else { return false };
    match criterion {
        Criterion::NoFinding { .. } => true,
        Criterion::NotListed { .. } => fact.as_array().is_some_and(|list| list.iter().all(Value::is_string)),
        Criterion::None { .. } | Criterion::AtLeast { .. } => amount(fact).is_some(),
        Criterion::True { .. } | Criterion::False { .. } => fact.is_boolean(),
    }
}

/// Whether a criterion may speak against some subject.
fn may_fail(criterion: &Criterion, predicate: &Predicate) -> bool {
    let fact = |name: &String| predicate.facts.get(name);
    match criterion {
        Criterion::NoFinding { rules, .. } => predicate
            .counts
            .iter()
            .any(|(key, count)| *count > 0 && rules.iter().any(|rule| rule.covers(key))),
        Criterion::NotListed { fact: name } => {
            fact(name).and_then(Value::as_array).is_some_and(|list| !list.is_empty())
        }
        Criterion::None { fact: name } => fact(name).and_then(amount).is_some_and(|amount| amount > 0),
        Criterion::AtLeast { fact: name, value } => {
            fact(name).and_then(amount).is_some_and(|amount| amount < *value)
        }
        Criterion::True { fact: name } => fact(name).and_then(Value::as_bool) == Some(false),
        Criterion::False { fact: name } => fact(name).and_then(Value::as_bool) == Some(true),
    }
}

fn amount(fact: &Value) -> Option<u64> {
    fact.as_array().map(|list| list.len() as u64).or_else(|| fact.as_u64())
}
