use serde::{Deserialize, Serialize};

use crate::Location;

/// Something that a check should have looked at and did not. A run with any of these is incomplete.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Unexamined {
    /// What was not looked at.
    pub location: Location,
    /// Why, as a fragment that reads well after "not examined:".
    pub reason: String,
}

impl Unexamined {
    /// Says that `location` was not examined, and why.
    pub fn new(location: Location, reason: impl Into<String>) -> Self {
        Self { location, reason: reason.into() }
    }
}
