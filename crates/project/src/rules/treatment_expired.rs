use bartizan_finding::{Occurrence, Rule};
use jiff::civil::Date;

use crate::{Project, rules::ProjectRule};

/// A decision about a risk has expired.
///
/// ## What it finds
/// A `[[treatment]]` whose last day has passed.
/// ## Why it matters
/// A risk that was accepted for a while counts as untreated again. Accepting it for longer is a decision, and
/// somebody has to make it.
/// ## Example
/// `decision = "accept"` with `expires = 2026-01-31` in February 2026.
/// ## Fix
/// Decide again and set a new day, or put the controls in place and remove the entry.
/// ## References
/// - NIST SP 800-218, RV.2.2
/// - NIST AI RMF 1.0, MANAGE 1.3
#[derive(Rule)]
#[rule(code = "PRJ008", severity = "medium", confidence = "high", controls = ["threat-model"])]
pub struct TreatmentExpired;

impl ProjectRule for TreatmentExpired {
    fn check(&self, project: &Project, today: Date, sink: &mut dyn FnMut(Occurrence)) {
        for (index, treatment) in project.treatments.iter().enumerate() {
            if treatment.expires < today {
                let location = project.location(&format!("treatment[{index}]"));
                let message = format!(
                    "the decision to {} {} expired on {}",
                    treatment.decision, treatment.threat, treatment.expires
                );
                sink(Occurrence::new(Self::META, location, message));
            }
        }
    }
}
