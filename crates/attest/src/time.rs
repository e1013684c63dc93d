use bartizan_finding::{Location, Occurrence, Timestamp};
use jiff::{SignedDuration, Unit};

use crate::rules::ClockBehind;

/// How far two honest clocks may be apart.
pub const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The one time that a run judges by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AsOf {
    /// The later of the system clock and the newest verified time.
    pub time: Timestamp,
    /// How far the system clock is behind the newest verified time, where that is more than [`TOLERANCE`].
    pub clock_behind: Option<SignedDuration>,
}

/// The time to judge by: a clock that was set back does not bring expired evidence back, because time in the
/// ledger has gone on.
pub fn as_of(system: Timestamp, newest_verified: Option<Timestamp>) -> AsOf {
    let newest = newest_verified.unwrap_or(system);
    let behind = newest.duration_since(system);
    AsOf { time: system.max(newest), clock_behind: (behind > TOLERANCE).then_some(behind) }
}

impl AsOf {
    /// The finding that a clock behind the ledger is.
    pub fn occurrence(&self, location: Location) -> Option<Occurrence> {
        let behind = self.clock_behind?;
        let shown = behind.round(Unit::Second).unwrap_or(behind);
        let message = format!("The clock is {shown:#} behind the newest verified entry of the ledger.");
        Some(Occurrence::new(ClockBehind::META, location, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_goes_forward_and_a_clock_behind_is_said() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let clock = at("2026-05-01T12:00:00Z");
        for (newest, time, behind) in [
            (None, "2026-05-01T12:00:00Z", None),
            (Some("2026-05-01T11:00:00Z"), "2026-05-01T12:00:00Z", None),
            (Some("2026-05-01T12:00:00Z"), "2026-05-01T12:00:00Z", None),
            (Some("2026-05-01T12:05:00Z"), "2026-05-01T12:05:00Z", None),
            (Some("2026-05-01T12:05:01Z"), "2026-05-01T12:05:01Z", Some(SignedDuration::from_secs(301))),
            (Some("2026-05-03T12:00:00Z"), "2026-05-03T12:00:00Z", Some(SignedDuration::from_hours(48))),
        ] {
            let expected = AsOf { time: at(time), clock_behind: behind };
            assert_eq!(as_of(clock, newest.map(at)), expected, "{newest:?}");
            assert_eq!(expected.occurrence(Location::file("ledger")).is_some(), behind.is_some());
        }
        let ends = as_of(Timestamp::MIN, Some(Timestamp::MAX));
        assert_eq!(ends.time, Timestamp::MAX);
        let behind = as_of(clock, Some(at("2026-05-02T13:00:00.5Z")));
        insta::assert_snapshot!(behind.occurrence(Location::file("ledger")).unwrap().message, @"The clock is 25h 1s behind the newest verified entry of the ledger.");
    }
}
