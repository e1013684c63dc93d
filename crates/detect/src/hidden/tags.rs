use bartizan_finding::{Rule, RuleMeta};

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

/// The text holds invisible tag characters.
///
/// ## What it finds
/// Characters of the Unicode block Tags (U+E0001, U+E0020 to U+E007F) outside a flag emoji. Each mirrors one ASCII
/// character, so that a run of them spells a text that no one sees.
/// ## Why it matters
/// Tokenizers pass the characters on and models read them: they carry instructions past every human review.
/// ## Example
/// `Hello` followed by U+E0069 U+E0067 U+E006E, which spells `ign`.
/// ## Fix
/// Find out where the record comes from, and remove these characters when data is taken in.
/// ## References
/// - <https://www.unicode.org/charts/PDF/UE0000.pdf>
/// - <https://www.unicode.org/reports/tr51/#valid-emoji-tag-sequences>
#[derive(Debug, Rule)]
#[rule(code = "HID001", severity = "high", confidence = "high", controls = ["data-hidden-text"])]
pub(crate) struct TagCharacters;

const BLACK_FLAG: &[u8] = "\u{1F3F4}".as_bytes();
const CANCEL_TAG: &[u8] = "\u{E007F}".as_bytes();

impl Detector for TagCharacters {
    fn family(&self) -> Family {
        Family::HiddenText
    }

    fn rule(&self) -> &'static RuleMeta {
        Self::META
    }

    fn trigger(&self) -> Trigger {
        Trigger::Signal(Signal::Invisible(Invisible::Tag))
    }

    fn bounds(&self) -> Bounds {
        RUN_BOUNDS
    }

    fn rank(&self) -> Rank {
        Rank::Aside
    }

    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit)) {
        let Some(run) = Run::at(view, Invisible::Tag) else { return };
        // A flag is at most six letters and digits and a cancel tag: the longest is a subdivision code.
        let text = view.slice(run.whole_start, run.whole_end);
        let before = view.slice(run.whole_start.saturating_sub(BLACK_FLAG.len()), run.whole_start);
        if before == BLACK_FLAG && run.count <= 7 && text.ends_with(CANCEL_TAG) {
            return;
        }
        found(Hit::new(Self::META, "tag-characters", run.start, run.end));
    }
}
