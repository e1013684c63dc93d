use crate::{detector::Bounds, view::View};

/// Characters that show nothing, by what can be hidden with them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Invisible {
    /// U+E0001 and U+E0020 to U+E007F: a shadow of ASCII.
    Tag,
    /// U+200B to U+200D, U+2060 to U+2064, U+FEFF, U+034F, U+180E.
    ZeroWidth,
    /// U+202A, U+202B, U+202D, U+202E, U+2066 to U+2068: what opens an embedding, override or isolate.
    BidiOpener,
    /// U+FE00 to U+FE0F, U+E0100 to U+E01EF: 256 values, one for each byte.
    Selector,
    /// U+115F, U+1160, U+3164, U+FFA0: letters that are blank.
    Filler,
}

impl Invisible {
    pub(crate) const ALL: [Self; 5] =
        [Self::Tag, Self::ZeroWidth, Self::BidiOpener, Self::Selector, Self::Filler];

    /// What the UTF-8 sequence at the start of `bytes` is, if it is invisible.
    pub(crate) fn at(bytes: &[u8]) -> Option<Self> {
        Some(match bytes {
            [0xF3, 0xA0, 0x80, 0x81 | 0xA0..=0xBF, ..] | [0xF3, 0xA0, 0x81, 0x80..=0xBF, ..] => Self::Tag,
            [0xEF, 0xB8, 0x80..=0x8F, ..]
            | [0xF3, 0xA0, 0x84..=0x86, 0x80..=0xBF, ..]
            | [0xF3, 0xA0, 0x87, 0x80..=0xAF, ..] => Self::Selector,
            [0xE2, 0x80, 0x8B..=0x8D, ..]
            | [0xE2, 0x81, 0xA0..=0xA4, ..]
            | [0xEF, 0xBB, 0xBF, ..]
            | [0xCD, 0x8F, ..]
            | [0xE1, 0xA0, 0x8E, ..] => Self::ZeroWidth,
            [0xE2, 0x80, 0xAA | 0xAB | 0xAD | 0xAE, ..] | [0xE2, 0x81, 0xA6..=0xA8, ..] => Self::BidiOpener,
            [0xE3, 0x85, 0xA4, ..] | [0xEF, 0xBE, 0xA0, ..] | [0xE1, 0x85, 0x9F | 0xA0, ..] => Self::Filler,
            _ => return None,
        })
    }
}

/// A run of invisible characters is reported in pieces that end at multiples of this offset, so that a run of any
/// length is covered and none needs an unbounded look.
const PIECE: u64 = 1024;

/// How many characters beyond a piece are looked at to judge a run that goes on.
const BEYOND: usize = 8;

/// How far the detectors of runs look.
pub(crate) const RUN_BOUNDS: Bounds = Bounds { lead: 0, max_match: PIECE as usize, context: 4 * BEYOND + 8 };

/// A run of one kind of invisible characters.
#[derive(Debug)]
pub(crate) struct Run {
    /// Where the piece that is reported starts.
    pub(crate) start: usize,
    /// Where the piece that is reported ends.
    pub(crate) end: usize,
    /// Where the run starts, at most [`BEYOND`] characters before the piece.
    pub(crate) whole_start: usize,
    /// Where the run ends, at most [`BEYOND`] characters after the piece.
    pub(crate) whole_end: usize,
    /// Characters from `whole_start` to `whole_end`.
    pub(crate) count: usize,
    /// Whether they are not all the same.
    pub(crate) mixed: bool,
}

impl Run {
    /// The run whose piece starts at the anchor; none when the anchor stands inside a piece.
    pub(crate) fn at(view: &View<'_>, kind: Invisible) -> Option<Self> {
        let start = view.anchor;
        let piece = |at: usize| (view.base + at as u64) / PIECE;
        let prior = previous(view, start).filter(|at| is(view, *at, kind));
        if prior.is_some_and(|at| piece(at) == piece(start)) {
            return None;
        }
        let mut whole_start = start;
        for _ in 0..BEYOND {
            let Some(at) = previous(view, whole_start).filter(|at| is(view, *at, kind)) else { break };
            whole_start = at;
        }
        let (mut at, mut end, mut beyond) = (start, start, 0);
        while beyond < BEYOND && is(view, at, kind) {
            let inside = piece(at) == piece(start);
            beyond += usize::from(!inside);
            at += width(view, at);
            if inside {
                end = at;
            }
        }
        let whole_end = at;
        let first = view.slice(whole_start, whole_start + width(view, whole_start));
        let (mut at, mut count, mut mixed) = (whole_start, 0, false);
        while at < whole_end {
            let next = at + width(view, at);
            mixed |= view.slice(at, next) != first;
            (at, count) = (next, count + 1);
        }
        Some(Self { start, end, whole_start, whole_end, count, mixed })
    }
}

/// Whether the character at `at` is `kind`.
pub(crate) fn is(view: &View<'_>, at: usize, kind: Invisible) -> bool {
    view.is(at, |lead| lead >= 0xC2) && Invisible::at(view.slice(at, at + width(view, at))) == Some(kind)
}

/// The length of the UTF-8 sequence whose lead byte is at `at`; 1 for what is none.
pub(crate) fn width(view: &View<'_>, at: usize) -> usize {
    match view.get(at) {
        Some(0xC2..=0xDF) => 2,
        Some(0xE0..=0xEF) => 3,
        Some(0xF0..=0xF4) => 4,
        _ => 1,
    }
}

/// Where the character before `at` starts.
pub(crate) fn previous(view: &View<'_>, at: usize) -> Option<usize> {
    let back = view.back(at, 3, |byte| (0x80..0xC0).contains(&byte));
    back.checked_sub(1)
}
