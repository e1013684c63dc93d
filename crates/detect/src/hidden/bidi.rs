use bartizan_finding::{Confidence, Rule, RuleMeta};

use super::{
    Invisible,
    invisible::{is, width},
};
use crate::{
    Family,
    detector::{Bounds, Detector, Hit, Rank, Trigger},
    prefilter::Signal,
    view::View,
};

/// The text is shown in another order than it is read.
///
/// ## What it finds
/// Bidirectional overrides (U+202D, U+202E), and embeddings and isolates that are not closed on their line. The
/// marks that Arabic and Hebrew text needs stay silent.
/// ## Why it matters
/// What a reviewer sees is not what the model or compiler reads: CVE-2021-42574, "Trojan Source".
/// ## Example
/// U+202E before `txt.exe`, which is shown as `exe.txt`.
/// ## Fix
/// Remove the controls, or close each on its line.
/// ## References
/// - <https://trojansource.codes/trojan-source.pdf>
/// - <https://nvd.nist.gov/vuln/detail/CVE-2021-42574>
/// - <https://www.unicode.org/reports/tr9/>
#[derive(Debug, Rule)]
#[rule(code = "HID003", severity = "medium", confidence = "high", controls = ["data-hidden-text"])]
pub(crate) struct BidiControls;

/// How far the end of a line is looked for.
const LINE: usize = 1024;

const POP_DIRECTIONAL: &[u8] = "\u{202C}".as_bytes();
const POP_ISOLATE: &[u8] = "\u{2069}".as_bytes();
const PARAGRAPH: &[u8] = "\u{2029}".as_bytes();

impl Detector for BidiControls {
    fn family(&self) -> Family {
        Family::HiddenText
    }

    fn rule(&self) -> &'static RuleMeta {
        Self::META
    }

    fn trigger(&self) -> Trigger {
        Trigger::Signal(Signal::Invisible(Invisible::BidiOpener))
    }

    fn bounds(&self) -> Bounds {
        Bounds { lead: 0, max_match: 3, context: LINE }
    }

    fn rank(&self) -> Rank {
        Rank::Aside
    }

    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit)) {
        let (start, end) = (view.anchor, view.anchor + 3);
        let hit = Hit::new(Self::META, "bidirectional-control", start, end);
        let overrides = matches!(view.slice(start, end), [0xE2, 0x80, 0xAD | 0xAE]);
        if overrides {
            found(hit);
            return;
        }
        match closed(view, start) {
            Some(true) => {}
            Some(false) => found(hit),
            // Nothing but a very long line: the text may well close it.
            None => found(Hit { confidence: Confidence::Low, ..hit }),
        }
    }
}

fn isolates(view: &View<'_>, at: usize) -> bool {
    matches!(view.slice(at, at + 3), [0xE2, 0x81, ..])
}

/// Whether the control at `start` is closed on its line, as far as that can be seen.
fn closed(view: &View<'_>, start: usize) -> Option<bool> {
    let isolate = isolates(view, start);
    let (mut at, mut depth) = (start + 3, 0_usize);
    while at < start + LINE {
        let Some(byte) = view.get(at).filter(|byte| *byte != b'\n') else { return Some(false) };
        if byte != 0xE2 {
            at += 1;
            continue;
        }
        let pop = if isolate { POP_ISOLATE } else { POP_DIRECTIONAL };
        if view.stands(at, PARAGRAPH) {
            return Some(false);
        } else if view.stands(at, pop) {
            if depth == 0 {
                return Some(true);
            }
            depth -= 1;
        } else if is(view, at, Invisible::BidiOpener) && isolates(view, at) == isolate {
            depth += 1;
        }
        at += width(view, at);
    }
    None
}
