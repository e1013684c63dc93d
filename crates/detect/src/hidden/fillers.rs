use bartizan_finding::{Rule, RuleMeta};

use super::{
    Invisible,
    invisible::{RUN_BOUNDS, Run, previous},
};
use crate::{
    Family,
    detector::{Bounds, Detector, Hit, Rank, Trigger},
    prefilter::Signal,
    view::View,
};

/// The text holds blank letters.
///
/// ## What it finds
/// Hangul fillers (U+115F, U+1160, U+3164, U+FFA0) that stand beside no Hangul.
/// ## Why it matters
/// A filler is a letter to programs and nothing to people: it makes names that look alike differ, and hides
/// parameters in code and words from filters.
/// ## Example
/// `timeout,` followed by U+3164, a second parameter in JavaScript.
/// ## Fix
/// Remove the characters when data is taken in.
/// ## References
/// - <https://certitude.consulting/blog/en/invisible-backdoor/>
/// - <https://www.unicode.org/reports/tr36/>
#[derive(Debug, Rule)]
#[rule(code = "HID005", severity = "low", confidence = "medium", controls = ["data-hidden-text"])]
pub(crate) struct HangulFillers;

impl Detector for HangulFillers {
    fn family(&self) -> Family {
        Family::HiddenText
    }

    fn rule(&self) -> &'static RuleMeta {
        Self::META
    }

    fn trigger(&self) -> Trigger {
        Trigger::Signal(Signal::Invisible(Invisible::Filler))
    }

    fn bounds(&self) -> Bounds {
        RUN_BOUNDS
    }

    fn rank(&self) -> Rank {
        Rank::Aside
    }

    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit)) {
        let Some(run) = Run::at(view, Invisible::Filler) else { return };
        let before = previous(view, run.whole_start).is_some_and(|at| hangul(view, at));
        if !before && !hangul(view, run.whole_end) {
            found(Hit::new(Self::META, "hangul-filler", run.start, run.end));
        }
    }
}

/// Jamo (U+1100 to U+11FF), compatibility jamo (U+3130 to U+318F), syllables (U+AC00 to U+D7A3) and half-width
/// forms (U+FFA1 to U+FFDC).
fn hangul(view: &View<'_>, at: usize) -> bool {
    if !view.is(at, |lead| matches!(lead, 0xE1 | 0xE3 | 0xEA..=0xED | 0xEF)) {
        return false;
    }
    let text = std::str::from_utf8(view.slice(at, at + 3)).unwrap_or_default();
    matches!(
        text.chars().next(),
        Some(
            '\u{1100}'..='\u{11FF}'
            | '\u{3130}'..='\u{318F}'
            | '\u{AC00}'..='\u{D7A3}'
            | '\u{FFA1}'..='\u{FFDC}',
        )
    )
}
