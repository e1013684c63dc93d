//! How old the evidence is that a gate decides from.

use bartizan_finding::Timestamp;
use bartizan_standards::Strength;

use crate::{Assessment, EdgeAssessment, Status};

/// The age of the oldest evidence that counts, in hours at the time of the assessment, the last one begun counted as
/// whole; `None` where none counts.
pub fn evidence_age_hours(assessment: &Assessment) -> Option<u64> {
    let subjects = assessment.controls.iter().flat_map(|control| &control.subjects);
    let edges = subjects.flat_map(|subject| &subject.clauses).flat_map(|clause| &clause.edges);
    let oldest = edges.filter(|edge| counts(edge)).filter_map(|edge| edge.collected).min();
    oldest.map(|collected| hours(collected, assessment.as_of))
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
