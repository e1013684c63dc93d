use bartizan_finding::{Occurrence, Rule};
use jiff::civil::Date;

use crate::{Project, rules::ProjectRule};

/// An ignore has expired.
///
/// ## What it finds
/// An `[[ignore]]` whose last day has passed.
/// ## Why it matters
/// It no longer hides anything: the findings are back. What was meant for a while must be decided again, not
/// forgotten.
/// ## Example
/// `expires = 2026-01-31` in February 2026.
/// ## Fix
/// Mend what is found, or give a new reason and a new day.
/// ## References
/// - NIST SP 800-218, RV.2.2
#[derive(Rule)]
#[rule(code = "PRJ006", severity = "medium", confidence = "high", controls = [])]
pub struct IgnoreExpired;

impl ProjectRule for IgnoreExpired {
    fn check(&self, project: &Project, today: Date, sink: &mut dyn FnMut(Occurrence)) {
        for (index, ignore) in project.ignores.iter().enumerate() {
            if ignore.expires < today {
                let location = project.location(&format!("ignore[{index}]"));
                let message = format!(
                    "the ignore of {} in `{}` expired on {}",
                    ignore.rule, ignore.path, ignore.expires
                );
                sink(Occurrence::new(Self::META, location, message));
            }
        }
    }
}
