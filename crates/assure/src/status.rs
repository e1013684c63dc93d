use std::collections::BTreeMap;

use bartizan_finding::Status;
use serde::{Deserialize, Serialize};

/// How many there are of each status.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Tally(BTreeMap<Status, u64>);

impl Tally {
    /// How many have this status.
    pub fn of(&self, status: Status) -> u64 {
        self.0.get(&status).copied().unwrap_or(0)
    }

    /// How many there are in all.
    pub fn total(&self) -> u64 {
        self.0.values().sum()
    }

    /// Those that occur, worst first.
    pub fn iter(&self) -> impl Iterator<Item = (Status, u64)> + '_ {
        self.0.iter().map(|(status, count)| (*status, *count))
    }

    /// The worst that occurs.
    pub fn worst(&self) -> Option<Status> {
        Status::worst(self.0.keys().copied())
    }
}

impl FromIterator<Status> for Tally {
    fn from_iter<I: IntoIterator<Item = Status>>(statuses: I) -> Self {
        let mut tally = Self::default();
        for status in statuses {
            *tally.0.entry(status).or_insert(0) += 1;
        }
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tally_knows_its_worst() {
        use Status::{Failing, NotApplicable, Satisfied, Unknown};
        for (statuses, worst) in [
            (vec![], None),
            (vec![Satisfied], Some(Satisfied)),
            (vec![NotApplicable, Satisfied], Some(Satisfied)),
            (vec![NotApplicable], Some(NotApplicable)),
            (vec![Satisfied, Unknown, Failing], Some(Failing)),
        ] {
            assert_eq!(statuses.into_iter().collect::<Tally>().worst(), worst);
        }
    }
}
