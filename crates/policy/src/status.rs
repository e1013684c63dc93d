//! Where a control stands, as the context of a request has it: one set of controls for each status.

use bartizan_finding::Status;

/// The statuses in the order in which the schema lists their sets.
pub(crate) const ORDER: [Status; 8] = [
    Status::Satisfied,
    Status::Partial,
    Status::Failing,
    Status::Expired,
    Status::Unknown,
    Status::Excepted,
    Status::Inherited,
    Status::NotApplicable,
];

/// The set of the context that holds the controls of this status. Cedar knows no hyphens in names.
pub(crate) const fn set(status: Status) -> &'static str {
    match status {
        Status::NotApplicable => "notApplicable",
        other => other.as_str(),
    }
}

/// The status whose set has this name.
pub(crate) fn of_set(name: &str) -> Option<Status> {
    ORDER.into_iter().find(|status| set(*status) == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_set_of_its_own() {
        for status in Status::ALL {
            assert_eq!(of_set(set(status)), Some(status));
        }
        assert_eq!(of_set("not-applicable"), None);
    }
}
