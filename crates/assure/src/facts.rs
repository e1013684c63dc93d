//! What a gate asks of an assessment.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::Timestamp;
use bartizan_standards::Strength;
use serde::{Deserialize, Serialize};

use crate::{Assessment, EdgeAssessment, Status};

/// Where the controls stand, and how old and how clean the evidence is. Whoever asks a gate adds what else it knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateFacts {
    /// The ids of the controls by the word of their status. Every word is there, if with nothing.
    pub controls: BTreeMap<String, BTreeSet<String>>,
    /// The age of the oldest evidence that counts, in hours, the last one begun counted as whole; `None` where none
    /// counts.
    pub evidence_age_hours: Option<u64>,
    /// How much evidence was refused.
    pub refused: u64,
}

impl GateFacts {
    /// The facts of an assessment, at its own time.
    pub fn of(assessment: &Assessment) -> Self {
        let mut controls: BTreeMap<_, BTreeSet<_>> =
            Status::ALL.iter().map(|status| (status.as_str().to_owned(), BTreeSet::new())).collect();
        for control in &assessment.controls {
            let ids = controls.entry(control.status.as_str().to_owned()).or_default();
            ids.insert(control.id.to_string());
        }
        let subjects = assessment.controls.iter().flat_map(|control| &control.subjects);
        let edges = subjects.flat_map(|subject| &subject.clauses).flat_map(|clause| &clause.edges);
        let oldest = edges.filter(|edge| counts(edge)).filter_map(|edge| edge.collected).min();
        Self {
            controls,
            evidence_age_hours: oldest.map(|collected| hours(collected, assessment.as_of)),
            refused: assessment.refused.len() as u64,
        }
    }
}

/// Whether the evidence of an edge is part of what shows its control.
fn counts(edge: &EdgeAssessment) -> bool {
    edge.strength != Strength::Context && matches!(edge.status, Status::Satisfied | Status::Partial)
}

fn hours(collected: Timestamp, as_of: Timestamp) -> u64 {
    const SECONDS: u64 = 3_600;
    u64::try_from(as_of.duration_since(collected).as_secs()).unwrap_or(0).div_ceil(SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_begun_counts_as_whole() {
        let at = |second| Timestamp::from_second(second).unwrap();
        for (age, expected) in [(-60, 0), (0, 0), (1, 1), (3_600, 1), (3_601, 2), (24 * 3_600, 24)] {
            assert_eq!(hours(at(1_000_000), at(1_000_000 + age)), expected, "{age} s");
        }
    }
}
