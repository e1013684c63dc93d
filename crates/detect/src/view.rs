use std::cell::Cell;

/// The window that a detector sees around its anchor.
///
/// Positions are indices into the window. Reading past the bytes that have arrived marks the view as starved:
/// whatever the detector then says is thrown away and it is asked again when more has arrived. A verdict reached
/// without that is final, because no later byte was looked at.
#[derive(Debug)]
pub(crate) struct View<'a> {
    bytes: &'a [u8],
    /// Where the anchor is.
    pub(crate) anchor: usize,
    /// Where the window starts in the stream.
    pub(crate) base: u64,
    open: bool,
    starved: Cell<bool>,
}

impl<'a> View<'a> {
    /// A window whose last byte is followed by others that have not arrived, when `open`.
    pub(crate) fn new(bytes: &'a [u8], anchor: usize, base: u64, open: bool) -> Self {
        Self { bytes, anchor, base, open, starved: Cell::new(false) }
    }

    /// Whether the detector looked for bytes that have not arrived.
    pub(crate) fn starved(&self) -> bool {
        self.starved.get()
    }

    /// The byte at `i`, or none past the window.
    pub(crate) fn get(&self, i: usize) -> Option<u8> {
        let byte = self.bytes.get(i).copied();
        if byte.is_none() && self.open {
            self.starved.set(true);
        }
        byte
    }

    /// The byte before `i`.
    pub(crate) fn before(&self, i: usize) -> Option<u8> {
        i.checked_sub(1).and_then(|i| self.get(i))
    }

    /// Whether the byte at `i` exists and is `class`.
    pub(crate) fn is(&self, i: usize, class: impl Fn(u8) -> bool) -> bool {
        self.get(i).is_some_and(class)
    }

    /// Whether the byte before `i` exists and is `class`.
    pub(crate) fn was(&self, i: usize, class: impl Fn(u8) -> bool) -> bool {
        self.before(i).is_some_and(class)
    }

    /// The end of the run of `class` bytes that starts at `from`, at most `max` bytes on.
    pub(crate) fn run(&self, from: usize, max: usize, class: impl Fn(u8) -> bool) -> usize {
        let mut end = from;
        while end - from < max && self.get(end).is_some_and(&class) {
            end += 1;
        }
        end
    }

    /// The start of the run of `class` bytes that ends at `to`, at most `max` bytes back.
    pub(crate) fn back(&self, to: usize, max: usize, class: impl Fn(u8) -> bool) -> usize {
        let mut start = to;
        while to - start < max && self.before(start).is_some_and(&class) {
            start -= 1;
        }
        start
    }

    /// The bytes from `start` to `end`, as far as there are any.
    pub(crate) fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        if end > self.bytes.len() && self.open {
            self.starved.set(true);
        }
        let end = end.min(self.bytes.len());
        self.bytes.get(start.min(end)..end).unwrap_or_default()
    }

    /// Whether `text` stands at `i`.
    pub(crate) fn stands(&self, i: usize, text: &[u8]) -> bool {
        let there = self.bytes.get(i..).unwrap_or_default();
        if there.len() < text.len() {
            if self.open && text.starts_with(there) {
                self.starved.set(true);
            }
            return false;
        }
        there.starts_with(text)
    }
}

pub(crate) fn digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

pub(crate) fn letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic()
}

pub(crate) fn alnum(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
}

/// Letters, digits and `_`.
pub(crate) fn word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Letters, digits, `_` and `-`: base64url.
pub(crate) fn url64(byte: u8) -> bool {
    word(byte) || byte == b'-'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_look_past_what_arrived_starves() {
        let view = View::new(b"abc1", 0, 0, true);
        assert_eq!(view.run(0, 9, |b| b.is_ascii_alphabetic()), 3);
        assert!(!view.stands(0, b"abx") && view.stands(0, b"abc1") && !view.stands(2, b"cx"));
        assert!(!view.starved());
        assert!(!view.stands(3, b"12"));
        assert!(view.starved());
        let closed = View::new(b"abc1", 0, 0, false);
        assert_eq!((closed.run(0, 9, alnum), closed.get(4), closed.starved()), (4, None, false));
    }
}
