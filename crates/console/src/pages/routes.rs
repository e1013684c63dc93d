//! Where the parts of a report's pictures lead: to pages of the console.

use bartizan_report::{
    picture::Links,
    v1::{PracticeGroup, Status},
};

use crate::address::{path, with_query};

/// An id of absurd length is of a hostile file's making, and its link would be longer than any server reads.
const MOST: usize = 1_000;

/// The routes of the console.
pub(super) struct Routes;

impl Links for Routes {
    fn items(&self, area: &PracticeGroup, status: Option<Status>) -> Option<String> {
        let group = ("group", area.id.as_str());
        fitting(with_query(
            "/items",
            [Some(group), status.map(|status| ("status", status.as_str()))].into_iter().flatten(),
        ))
    }

    fn risks(&self, likelihood: u8, impact: u8, _count: u64) -> Option<String> {
        let (likelihood, impact) = (likelihood.to_string(), impact.to_string());
        fitting(with_query("/risks", [("likelihood", likelihood.as_str()), ("impact", impact.as_str())]))
    }

    fn element(&self, id: &str) -> Option<String> {
        fitting(with_query("/threats", [("element", id)]))
    }

    fn threat(&self, id: &str) -> Option<String> {
        fitting(path(&["threats", id]))
    }

    fn control(&self, id: &str) -> Option<String> {
        fitting(path(&["controls", id]))
    }

    fn decision(&self, id: &str) -> Option<String> {
        fitting(path(&["exceptions", id]))
    }

    fn statements(&self, kind: &str) -> Option<String> {
        fitting(with_query("/evidence", [("kind", kind)]))
    }
}

fn fitting(href: String) -> Option<String> {
    Some(href).filter(|href| href.len() < MOST)
}
