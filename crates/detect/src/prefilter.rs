use crate::{hidden::Invisible, literals::Literals};

/// What the prefilter saw at an anchor, other than a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Signal {
    /// An `@`.
    At,
    /// A colon between hexadecimal digits or colons.
    Colon,
    /// A run of one to three digits before a dot and a digit.
    Octet,
    /// A run of digits that may start a payment card number.
    Card,
    /// A run of three or nine digits.
    Serial,
    /// Digits after two capital letters.
    CheckDigits,
    /// An invisible character.
    Invisible(Invisible),
}

/// Finds anchors. Every anchor is a fact about the bytes from [`Self::BEHIND`] before to [`Self::ahead`] after
/// it, so that it is found no matter where the search starts.
#[derive(Debug)]
pub(crate) struct Prefilter {
    literals: Literals,
    ahead: usize,
    wanted: u8,
}

/// Which classes of bytes are worth a look.
const DIGIT: u8 = 1;
const AT: u8 = 2;
const COLON: u8 = 4;
const LEAD: u8 = 8;

const CLASS: [u8; 256] = {
    let mut class = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        class[byte] = match byte as u8 {
            b'0'..=b'9' => DIGIT,
            b'@' => AT,
            b':' => COLON,
            0xC2..=0xF4 => LEAD,
            _ => 0,
        };
        byte += 1;
    }
    class
};

/// Blocks of this size are looked at as a whole first.
const BLOCK: usize = 64;

impl Prefilter {
    /// How far before an anchor the prefilter looks.
    pub(crate) const BEHIND: usize = 3;
    /// How far after an anchor the prefilter looks, at least.
    const AHEAD: usize = 24;

    /// A prefilter for `literals` and for the signals that `wants` says.
    pub(crate) fn new(literals: &[&'static str], wants: impl Fn(Signal) -> bool) -> Self {
        let literals = Literals::new(literals);
        let digits = [Signal::Octet, Signal::Card, Signal::Serial, Signal::CheckDigits];
        let wanted = [
            (DIGIT, digits.into_iter().any(&wants)),
            (AT, wants(Signal::At)),
            (COLON, wants(Signal::Colon)),
            (LEAD, Invisible::ALL.into_iter().any(|kind| wants(Signal::Invisible(kind)))),
        ];
        let wanted = wanted.into_iter().filter(|(_, wanted)| *wanted).fold(0, |all, (class, _)| all | class);
        Self { ahead: literals.longest().max(Self::AHEAD), literals, wanted }
    }

    /// How many bytes after an anchor must have arrived before it can be found.
    pub(crate) fn ahead(&self) -> usize {
        self.ahead
    }

    /// Finds the anchors from `from` to before `to`, looking at all of `bytes`.
    pub(crate) fn find(&self, bytes: &[u8], from: usize, to: usize, found: &mut impl FnMut(usize, Anchor)) {
        self.literals.find(bytes, from, to, &mut |at, literal| found(at, Anchor::Literal(literal)));
        if self.wanted != 0 {
            self.find_signals(bytes, from, to, found);
        }
    }

    fn find_signals(&self, bytes: &[u8], from: usize, to: usize, found: &mut impl FnMut(usize, Anchor)) {
        let span = bytes.get(from..to).unwrap_or_default();
        let (blocks, rest) = span.as_chunks::<BLOCK>();
        let mut at = from;
        for block in blocks {
            if block_classes(block) & self.wanted != 0 {
                self.look(bytes, at, at + BLOCK, found);
            }
            at += BLOCK;
        }
        self.look(bytes, at, at + rest.len(), found);
    }

    fn look(&self, bytes: &[u8], from: usize, to: usize, found: &mut impl FnMut(usize, Anchor)) {
        for at in from..to {
            let class = CLASS[usize::from(bytes[at])] & self.wanted;
            if class == 0 {
                continue;
            }
            let mut signal = |signal| found(at, Anchor::Signal(signal));
            match class {
                DIGIT => digits(bytes, at, &mut signal),
                AT => signal(Signal::At),
                COLON => {
                    let is = |i: Option<usize>| i.and_then(|i| bytes.get(i)).copied().unwrap_or(0);
                    let (before, after) = (is(at.checked_sub(1)), is(at.checked_add(1)));
                    if after == b':' || before.is_ascii_hexdigit() && after.is_ascii_hexdigit() {
                        signal(Signal::Colon);
                    }
                }
                _ => {
                    if let Some(kind) = Invisible::at(bytes.get(at..).unwrap_or_default()) {
                        signal(Signal::Invisible(kind));
                    }
                }
            }
        }
    }
}

/// An anchor.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Anchor {
    Signal(Signal),
    /// Index of the literal.
    Literal(usize),
}

/// The classes of a whole block, in a form that compiles to a few vector instructions.
fn block_classes(block: &[u8; BLOCK]) -> u8 {
    let (mut digit, mut at, mut colon, mut high) = (0, 0, 0, 0);
    for &byte in block {
        digit |= u8::from(byte.wrapping_sub(b'0') < 10);
        at |= u8::from(byte == b'@');
        colon |= u8::from(byte == b':');
        high |= byte;
    }
    (digit * DIGIT) | (at * AT) | (colon * COLON) | ((high >> 7) * LEAD)
}

/// Says what a run of digits that starts at `at` may be the start of.
fn digits(bytes: &[u8], at: usize, signal: &mut impl FnMut(Signal)) {
    let get = |i: usize| bytes.get(i).copied().unwrap_or(0);
    let before = if at == 0 { 0 } else { get(at - 1) };
    if before.is_ascii_digit() {
        return;
    }
    let longest = 20;
    let mut length = 1;
    while length < longest && get(at + length).is_ascii_digit() {
        length += 1;
    }
    let (next, after) = (get(at + length), get(at + length + 1));
    let grouped = matches!(next, b' ' | b'-') && after.is_ascii_digit();
    match length {
        1..=3 if next == b'.' && after.is_ascii_digit() => signal(Signal::Octet),
        3 if grouped => signal(Signal::Serial),
        9 => signal(Signal::Serial),
        4 if grouped => signal(Signal::Card),
        12..=19 => signal(Signal::Card),
        _ => {}
    }
    if length >= 2 && at >= 2 && before.is_ascii_uppercase() && get(at - 2).is_ascii_uppercase() {
        signal(Signal::CheckDigits);
    }
}
