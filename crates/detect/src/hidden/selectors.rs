use bartizan_finding::{Confidence, Rule, RuleMeta, Severity};

use super::{
    Invisible,
    invisible::{RUN_BOUNDS, Run},
};
use crate::{
    Family,
    detector::{Bounds, Detector, Hit, Rank, Trigger},
    prefilter::Signal,
    view::View,
};

/// The text holds variation selectors that select nothing.
///
/// ## What it finds
/// Two and more variation selectors (U+FE00 to U+FE0F, U+E0100 to U+E01EF) in a row, and one after an ASCII
/// letter. A character takes at most one selector, and letters of ASCII take none.
/// ## Why it matters
/// There are 256 selectors, one for each byte: any data can be attached to a visible character, survives copying,
/// and is read by models.
/// ## Example
/// A smiling face followed by U+E0158 U+E0155, which carries two bytes.
/// ## Fix
/// Find out where the record comes from, and keep at most one selector after a character when data is taken in.
/// ## References
/// - <https://www.unicode.org/Public/UCD/latest/ucd/StandardizedVariants.txt>
/// - <https://paulbutler.org/2025/smuggling-arbitrary-data-through-an-emoji/>
#[derive(Debug, Rule)]
#[rule(code = "HID004", severity = "medium", confidence = "high", controls = ["data-hidden-text"])]
pub(crate) struct VariationSelectors;

impl Detector for VariationSelectors {
    fn family(&self) -> Family {
        Family::HiddenText
    }

    fn rule(&self) -> &'static RuleMeta {
        Self::META
    }

    fn trigger(&self) -> Trigger {
        Trigger::Signal(Signal::Invisible(Invisible::Selector))
    }

    fn bounds(&self) -> Bounds {
        RUN_BOUNDS
    }

    fn rank(&self) -> Rank {
        Rank::Aside
    }

    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit)) {
        let Some(run) = Run::at(view, Invisible::Selector) else { return };
        let mut hit = Hit::new(Self::META, "variation-selectors", run.start, run.end);
        match run.count {
            3.. => {}
            2 if run.mixed => (hit.severity, hit.confidence) = (Severity::Low, Confidence::Medium),
            _ if view.was(run.start, |byte| byte.is_ascii_alphabetic()) => {
                (hit.severity, hit.confidence) = (Severity::Low, Confidence::Medium);
            }
            _ => return,
        }
        found(hit);
    }
}
