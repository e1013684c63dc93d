use std::fmt;

/// Finds where any of some hundred short literals stands, overlapping or not.
///
/// Of each literal the three bytes are taken that running text has least. Wherever they stand, one of their two
/// pairs stands at an even place, so it is enough to look up every second pair of the text in a table of bits; the
/// look-ups do not wait for each other, unlike the steps of an automaton. Where the pair is marked a filter over
/// four bytes is asked before the literals themselves (the filters are those of Wu and Manber, 1994).
pub(crate) struct Literals {
    texts: Vec<&'static [u8]>,
    /// A bit for each pair of bytes that a window has.
    pairs: Box<[u64; 1024]>,
    /// Bits of the hashes of a window and the byte after it.
    filter: Box<[u64; 1024]>,
    windows: Vec<Window>,
    /// The farthest that a window stands from the start of its literal.
    farthest: usize,
}

/// Three bytes of a literal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Window {
    bytes: [u8; WINDOW],
    literal: usize,
    offset: usize,
}

/// The length of the shortest literal.
const WINDOW: usize = 3;

impl Literals {
    /// A search for `literals` of at least three bytes.
    pub(crate) fn new(literals: &[&'static str]) -> Self {
        let texts: Vec<_> = literals.iter().map(|literal| literal.as_bytes()).collect();
        let mut windows: Vec<_> =
            texts.iter().enumerate().filter_map(|(literal, text)| Window::rarest(literal, text)).collect();
        windows.sort_unstable();
        let (mut pairs, mut filter) = (Box::new([0; 1024]), Box::new([0; 1024]));
        for Window { bytes: [first, second, third], literal, offset } in windows.iter().copied() {
            set(&mut pairs, [first, second]);
            set(&mut pairs, [second, third]);
            let next = texts[literal].get(offset + WINDOW);
            for fourth in next.map_or(0..=u8::MAX, |&byte| byte..=byte) {
                set(&mut filter, hash([first, second, third, fourth]));
            }
        }
        let farthest = windows.iter().map(|window| window.offset).max().unwrap_or(0);
        Self { texts, pairs, filter, windows, farthest }
    }

    /// The length of the longest.
    pub(crate) fn longest(&self) -> usize {
        self.texts.iter().map(|text| text.len()).max().unwrap_or(0)
    }

    /// Says of each place from `from` to before `to` which literals stand there.
    pub(crate) fn find(&self, bytes: &[u8], from: usize, to: usize, found: &mut impl FnMut(usize, usize)) {
        if self.texts.is_empty() || from >= to {
            return;
        }
        // The last window stands as far from the last place as any does, and lies within the bytes.
        let end = bytes.len().min(to - 1 + self.farthest + WINDOW);
        let text = bytes.get(from..end).unwrap_or_default();
        for (i, pair) in text.as_chunks::<2>().0.iter().enumerate() {
            if !has(&self.pairs, *pair) {
                continue;
            }
            let at = from + 2 * i;
            for window in [at.checked_sub(1), Some(at)].into_iter().flatten() {
                self.look(bytes, window, &mut |at, literal| {
                    if (from..to).contains(&at) {
                        found(at, literal);
                    }
                });
            }
        }
    }

    fn look(&self, bytes: &[u8], at: usize, found: &mut impl FnMut(usize, usize)) {
        let rest = bytes.get(at..).unwrap_or_default();
        if rest.first_chunk::<4>().is_some_and(|four| !has(&self.filter, hash(*four))) {
            return;
        }
        let Some(head) = rest.first_chunk::<WINDOW>() else { return };
        let first = self.windows.partition_point(|window| window.bytes < *head);
        for window in self.windows[first..].iter().take_while(|window| window.bytes == *head) {
            let Some(start) = at.checked_sub(window.offset) else { continue };
            if bytes.get(start..).is_some_and(|rest| rest.starts_with(self.texts[window.literal])) {
                found(start, window.literal);
            }
        }
    }
}

impl Window {
    /// The window of a literal that running text has least.
    fn rarest(literal: usize, text: &[u8]) -> Option<Self> {
        let all = text.windows(WINDOW).enumerate().filter_map(|(offset, bytes)| {
            let bytes: [u8; WINDOW] = bytes.try_into().ok()?;
            let [first, second, third] = bytes.map(commonness);
            // How often the filter is asked for nothing.
            let cost = first * second + second * third;
            Some((cost, Self { bytes, literal, offset }))
        });
        all.min().map(|(_, window)| window)
    }
}

/// Roughly how often a byte comes in English text and in code, per thousand.
fn commonness(byte: u8) -> u32 {
    match byte {
        b'e' | b't' | b'a' | b'o' | b'i' | b'n' | b's' | b'r' => 60,
        b'h' | b'l' | b'd' | b'c' | b'u' | b'm' => 30,
        b'f' | b'p' | b'g' | b'w' | b'y' | b'b' | b'.' | b'-' | b'/' => 15,
        b'v' | b'k' | b'_' | b':' | b'0'..=b'9' => 8,
        b'A'..=b'Z' => 5,
        _ => 2,
    }
}

impl fmt::Debug for Literals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Literals({})", self.texts.len())
    }
}

fn set(bits: &mut [u64; 1024], index: [u8; 2]) {
    let index = usize::from(u16::from_le_bytes(index));
    bits[index / 64] |= 1 << (index % 64);
}

fn has(bits: &[u64; 1024], index: [u8; 2]) -> bool {
    let index = usize::from(u16::from_le_bytes(index));
    bits[index / 64] >> (index % 64) & 1 == 1
}

/// Multiplicative hashing (Knuth, volume 3, section 6.4).
fn hash(four: [u8; 4]) -> [u8; 2] {
    let [_, _, low, high] = u32::from_le_bytes(four).wrapping_mul(0x9E37_79B1).to_le_bytes();
    [low, high]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SOME: &[&str] = &["aab", "aaba", "abab", "baa", "bbbbb", "cab", "abcabc"];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn it_finds_what_looking_everywhere_finds(text in "[abc]{0,40}", from in 0_usize..10, length in 0_usize..40) {
            let bytes = text.as_bytes();
            let (from, to) = (from.min(bytes.len()), (from + length).min(bytes.len()));
            let mut expected = Vec::new();
            for at in from..to {
                let standing = (0..SOME.len()).filter(|&i| bytes[at..].starts_with(SOME[i].as_bytes()));
                expected.extend(standing.map(|i| (at, i)));
            }
            let mut found = Vec::new();
            Literals::new(SOME).find(bytes, from, to, &mut |at, i| found.push((at, i)));
            found.sort_unstable();
            prop_assert_eq!(found, expected);
        }
    }
}
