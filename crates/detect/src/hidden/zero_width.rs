use bartizan_finding::{Confidence, Rule, RuleMeta, Severity};

use super::{
    Invisible,
    invisible::{RUN_BOUNDS, Run},
};
use crate::{
    Family,
    detector::{Bounds, Detector, Hit, Rank, Trigger},
    prefilter::Signal,
    view::{View, letter},
};

/// The text holds zero-width characters where no script needs them.
///
/// ## What it finds
/// Three and more zero-width characters in a row, and single ones inside a word of ASCII letters. Joiners in emoji
/// and in Arabic or Indic words, and a byte order mark at the start, stay silent.
/// ## Why it matters
/// A row of two kinds of zero-width characters writes binary: a watermark, a trigger or an instruction. One inside a
/// word hides the word from filters and splits its tokens.
/// ## Example
/// `pass` U+200B `word`
/// ## Fix
/// Remove these characters when data is taken in; look at the source when the row is long.
/// ## References
/// - <https://www.unicode.org/reports/tr36/>
/// - <https://atlas.mitre.org/techniques/AML.T0068>
#[derive(Debug, Rule)]
#[rule(code = "HID002", severity = "medium", confidence = "high", controls = ["data-hidden-text"])]
pub(crate) struct ZeroWidth;

impl Detector for ZeroWidth {
    fn family(&self) -> Family {
        Family::HiddenText
    }

    fn rule(&self) -> &'static RuleMeta {
        Self::META
    }

    fn trigger(&self) -> Trigger {
        Trigger::Signal(Signal::Invisible(Invisible::ZeroWidth))
    }

    fn bounds(&self) -> Bounds {
        RUN_BOUNDS
    }

    fn rank(&self) -> Rank {
        Rank::Aside
    }

    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit)) {
        let Some(run) = Run::at(view, Invisible::ZeroWidth) else { return };
        let mut hit = Hit::new(Self::META, "zero-width-characters", run.start, run.end);
        let inside_a_word = view.was(run.whole_start, letter) && view.is(run.whole_end, letter);
        match (run.count, run.mixed) {
            (4.., true) => {}
            // All alike they say nothing: leftovers of a web page, mostly.
            (3.., _) => (hit.severity, hit.confidence) = (Severity::Low, Confidence::Medium),
            _ if inside_a_word => (hit.severity, hit.confidence) = (Severity::Low, Confidence::Medium),
            _ => return,
        }
        found(hit);
    }
}
