//! Where something stands in the text.

use std::ops::Range;

use serde::Serialize;

/// A part of the project file. Lines and columns count from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
    /// Line of the first byte.
    pub line: u64,
    /// Column of the first byte.
    pub column: u64,
}

/// Finds lines and columns without counting from the start each time: a file of one long line with many keys
/// would otherwise take quadratic time.
pub(crate) struct LineIndex<'t> {
    text: &'t str,
    /// First byte of each line.
    lines: Vec<usize>,
    /// Characters before every `STEP`th byte.
    characters: Vec<usize>,
}

const STEP: usize = 512;

impl<'t> LineIndex<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let mut lines = vec![0];
        let mut characters = Vec::with_capacity(text.len() / STEP + 1);
        let mut seen = 0;
        for (at, byte) in text.bytes().enumerate() {
            if at % STEP == 0 {
                characters.push(seen);
            }
            seen += usize::from(starts_character(byte));
            if byte == b'\n' {
                lines.push(at + 1);
            }
        }
        if text.len().is_multiple_of(STEP) {
            characters.push(seen);
        }
        Self { text, lines, characters }
    }

    pub(crate) fn span(&self, range: Range<usize>) -> Span {
        let start = range.start.min(self.text.len());
        let end = range.end.clamp(start, self.text.len());
        let line = self.lines.partition_point(|first| *first <= start);
        let first = self.lines.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let column = self.characters_before(start) - self.characters_before(first) + 1;
        Span { start, end, line: line as u64, column: column as u64 }
    }

    fn characters_before(&self, at: usize) -> usize {
        let step = at / STEP;
        let rest = self.text.as_bytes().get(step * STEP..at).unwrap_or_default();
        let rest = rest.iter().filter(|byte| starts_character(**byte)).count();
        self.characters.get(step).copied().unwrap_or(0) + rest
    }
}

/// Whether a byte of UTF-8 is the first of a character.
const fn starts_character(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_index_agrees_with_counting(text in "[a-zé\u{1f600}\n]{0,1600}") {
            let index = LineIndex::new(&text);
            for (at, _) in text.char_indices().chain([(text.len(), ' ')]) {
                let before = text.get(..at).unwrap();
                let line = before.matches('\n').count() as u64 + 1;
                let column = before.rsplit('\n').next().unwrap().chars().count() as u64 + 1;
                prop_assert_eq!(index.span(at..at), Span { start: at, end: at, line, column });
            }
        }
    }
}
