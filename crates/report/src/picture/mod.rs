//! The pictures of a report. What stands in each has one home, whoever shows it: the console and the HTML report
//! differ only in where the parts lead.

mod boundaries;
mod decisions;
mod grounds;
mod risk_map;
mod standing;
mod validity;

#[cfg(test)]
mod tests;

use bartizan_figure::Tone;

pub use boundaries::{View, boundaries};
pub use decisions::decisions;
pub use grounds::grounds;
pub use risk_map::{IMPACTS, LIKELIHOODS, risk_map};
pub use standing::{areas, history};
pub use validity::validity;

use crate::v1::{PracticeGroup, Severity, Status};

/// Where the parts of a picture lead; nothing where they lead nowhere.
pub trait Links {
    /// The items of a practice area, all or those of one status.
    fn items(&self, area: &PracticeGroup, status: Option<Status>) -> Option<String>;
    /// The risks of one likelihood and impact, of which there are `count`.
    fn risks(&self, likelihood: u8, impact: u8, count: u64) -> Option<String>;
    /// An element of the system model.
    fn element(&self, id: &str) -> Option<String>;
    /// A threat.
    fn threat(&self, id: &str) -> Option<String>;
    /// A control.
    fn control(&self, id: &str) -> Option<String>;
    /// The statements of a kind.
    fn statements(&self, kind: &str) -> Option<String>;
    /// A decision of people, by its id.
    fn decision(&self, _id: &str) -> Option<String> {
        None
    }
}

/// The tone of a status.
pub const fn status_tone(status: Status) -> Tone {
    match status {
        Status::Failing => Tone::Failing,
        Status::Expired => Tone::Expired,
        Status::Unknown => Tone::Unknown,
        Status::Partial => Tone::Partial,
        Status::Excepted => Tone::Excepted,
        Status::Inherited => Tone::Inherited,
        Status::Satisfied => Tone::Satisfied,
        Status::NotApplicable => Tone::NotApplicable,
    }
}

/// The tone of a severity.
pub const fn severity_tone(severity: Severity) -> Tone {
    match severity {
        Severity::Critical => Tone::Critical,
        Severity::High => Tone::High,
        Severity::Medium => Tone::Medium,
        Severity::Low => Tone::Low,
        Severity::Info => Tone::Info,
    }
}
