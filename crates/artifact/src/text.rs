//! UTF-8, checked as it streams by.

/// Checks UTF-8 that arrives in pieces of any size.
#[derive(Clone, Debug)]
pub(crate) struct Utf8 {
    /// Continuation bytes still to come, and the range that the next must lie in.
    left: u8,
    low: u8,
    high: u8,
    surrogates: bool,
    valid: bool,
}

impl Utf8 {
    /// The Unicode Standard, table 3-7.
    pub(crate) const fn strict() -> Self {
        Self { left: 0, low: 0x80, high: 0xbf, surrogates: false, valid: true }
    }

    /// As Python decodes pickled text: with lone surrogates (`surrogatepass`).
    pub(crate) const fn surrogatepass() -> Self {
        Self { surrogates: true, ..Self::strict() }
    }

    /// Takes the next bytes; whether all was well so far.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        if self.valid && self.left == 0 && bytes.is_ascii() {
            return true;
        }
        for &byte in bytes {
            self.valid &= self.step(byte);
            if !self.valid {
                return false;
            }
        }
        self.valid
    }

    /// Whether the text ended between two characters, and all was well.
    pub(crate) const fn finish(&self) -> bool {
        self.valid && self.left == 0
    }

    fn step(&mut self, byte: u8) -> bool {
        if self.left > 0 {
            let fits = (self.low..=self.high).contains(&byte);
            self.left -= 1;
            (self.low, self.high) = (0x80, 0xbf);
            return fits;
        }
        (self.left, self.low, self.high) = match byte {
            0..=0x7f => (0, 0x80, 0xbf),
            0xc2..=0xdf => (1, 0x80, 0xbf),
            0xe0 => (2, 0xa0, 0xbf),
            0xed if !self.surrogates => (2, 0x80, 0x9f),
            0xe1..=0xef => (2, 0x80, 0xbf),
            0xf0 => (3, 0x90, 0xbf),
            0xf1..=0xf3 => (3, 0x80, 0xbf),
            0xf4 => (3, 0x80, 0x8f),
            _ => return false,
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(mut utf8: Utf8, bytes: &[u8], split: usize) -> bool {
        let (left, right) = bytes.split_at(split.min(bytes.len()));
        utf8.push(left) && utf8.push(right) && utf8.finish()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn agrees_with_the_standard_library(
            text in any::<String>(),
            noise in proptest::collection::vec(any::<u8>(), 0..8),
            split in 0_usize..16,
        ) {
            let mut bytes = text.into_bytes();
            bytes.extend(noise);
            prop_assert_eq!(check(Utf8::strict(), &bytes, split), std::str::from_utf8(&bytes).is_ok());
        }
    }

    #[test]
    fn only_python_takes_lone_surrogates() {
        assert!(!check(Utf8::strict(), b"\xed\xa0\x80", 1));
        assert!(check(Utf8::surrogatepass(), b"\xed\xa0\x80", 1));
        assert!(!check(Utf8::surrogatepass(), b"\xed\xa0", 1));
    }
}
