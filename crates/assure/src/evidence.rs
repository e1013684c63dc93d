use std::collections::BTreeMap;

use bartizan_finding::{Digest, PredicateKind, Timestamp};
use serde::{Deserialize, Serialize};

/// A statement as the ledger holds it, reduced to what decides a status.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// Its place in the log; the larger is the newer. Where a `check-run` confirmed an unchanged statement, the
    /// place of that run, which the statements that it confirmed share.
    pub index: u64,
    /// The place of the statement itself, where a later run confirmed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirms: Option<u64>,
    /// What kind of statement it is.
    pub predicate: PredicateKind,
    /// What it is about.
    pub subjects: Vec<Digest>,
    /// When it was collected, or last confirmed.
    pub collected: Timestamp,
    /// When it stops counting by its own word.
    pub expires: Option<Timestamp>,
    /// Whether all of the planned work was done.
    pub complete: bool,
    /// How often each rule, or rule with variant (`SEC001/stripe-live`), was seen.
    pub counts: BTreeMap<String, u64>,
    /// What else it says. The names that controls read are in the catalogue.
    pub facts: BTreeMap<String, serde_json::Value>,
    /// Rule sets, by the name of the crate that holds the rules.
    pub rule_sets: BTreeMap<String, u32>,
    /// Who collected it.
    pub collector: String,
    /// Why it does not count, where it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}
