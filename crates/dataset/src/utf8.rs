/// Checks UTF-8 that arrives in pieces (RFC 3629).
#[derive(Debug, Default)]
pub(crate) struct Utf8 {
    /// Continuation bytes that must follow.
    need: u8,
    /// What the next of them may be.
    low: u8,
    high: u8,
}

impl Utf8 {
    /// Takes the next bytes; false when they are not UTF-8.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> bool {
        if self.need == 0 && bytes.is_ascii() {
            return true;
        }
        let mut sound = true;
        for &byte in bytes {
            sound &= self.step(byte);
        }
        sound
    }

    /// Ends the text; false when it ends inside a character. Another text may follow.
    pub(crate) fn finish(&mut self) -> bool {
        std::mem::take(&mut self.need) == 0
    }

    fn step(&mut self, byte: u8) -> bool {
        if self.need > 0 {
            if (self.low..=self.high).contains(&byte) {
                (self.need, self.low, self.high) = (self.need - 1, 0x80, 0xBF);
                return true;
            }
            self.need = 0;
            self.step(byte);
            return false;
        }
        (self.need, self.low, self.high) = match byte {
            0..=0x7F => return true,
            0xC2..=0xDF => (1, 0x80, 0xBF),
            0xE0 => (2, 0xA0, 0xBF),
            0xED => (2, 0x80, 0x9F),
            0xE1..=0xEF => (2, 0x80, 0xBF),
            0xF0 => (3, 0x90, 0xBF),
            0xF1..=0xF3 => (3, 0x80, 0xBF),
            0xF4 => (3, 0x80, 0x8F),
            _ => return false,
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn it_agrees_with_the_standard_library(
            pieces in proptest::collection::vec(prop_oneof![
                "\\PC{0,3}".prop_map(String::into_bytes),
                proptest::collection::vec(0x7F..=0xFF_u8, 0..3),
            ], 0..6),
            step in 1_usize..4,
        ) {
            let bytes = pieces.concat();
            let mut utf8 = Utf8::default();
            let mut sound = true;
            for piece in bytes.chunks(step) {
                sound &= utf8.push(piece);
            }
            sound &= utf8.finish();
            prop_assert_eq!(sound, std::str::from_utf8(&bytes).is_ok());
        }
    }
}
