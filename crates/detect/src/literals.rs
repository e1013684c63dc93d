use std::fmt;

/// Finds where any of some hundred short literals stands, overlapping or not.
///
/// This is the method of Wu and Manber (1994) with blocks of two bytes: the block at the end of a window of three
/// bytes says how far the window may move at least, which in running text is two bytes nearly always. Where a
/// literal may stand a filter over four bytes is asked before the literals themselves. It is several times faster
/// here than an Aho-Corasick automaton of as many literals, and than a vector search, which takes at most 64.
pub(crate) struct Literals {
    literals: Vec<&'static [u8]>,
    /// For each block how far the window may move: 0, 1 or 2.
    shift: Vec<u8>,
    /// Bits of the hashes of the first four bytes.
    filter: Vec<u64>,
    /// Literals by their first three bytes.
    heads: Vec<([u8; WINDOW], usize)>,
}

/// The length of the shortest literal.
const WINDOW: usize = 3;
const FILTER_BITS: u32 = 16;

impl Literals {
    /// A search for `literals` of at least three bytes.
    pub(crate) fn new(literals: &[&'static str]) -> Self {
        let mut shift = vec![2; 1 << 16];
        let mut filter = vec![0; (1 << FILTER_BITS) / 64];
        let mut heads = Vec::new();
        let literals: Vec<_> = literals.iter().map(|literal| literal.as_bytes()).collect();
        for (i, literal) in literals.iter().enumerate() {
            let head = *literal.first_chunk::<WINDOW>().expect("a literal of the table has three bytes");
            heads.push((head, i));
            shift[block(head[1], head[2])] = 0;
            let one = &mut shift[block(head[0], head[1])];
            *one = (*one).min(1);
            let fourths = literal.get(WINDOW).map_or(0..=u8::MAX, |&byte| byte..=byte);
            for fourth in fourths {
                let bit = hash([head[0], head[1], head[2], fourth]);
                filter[bit / 64] |= 1 << (bit % 64);
            }
        }
        heads.sort_unstable();
        Self { literals, shift, filter, heads }
    }

    /// The length of the longest.
    pub(crate) fn longest(&self) -> usize {
        self.literals.iter().map(|literal| literal.len()).max().unwrap_or(0)
    }

    /// Says of each place from `from` to before `to` which literals stand there.
    pub(crate) fn find(&self, bytes: &[u8], from: usize, to: usize, found: &mut impl FnMut(usize, usize)) {
        if self.literals.is_empty() {
            return;
        }
        // The last window starts before `to` and lies within the bytes.
        let end = bytes.len().min(to + WINDOW - 1);
        let text = bytes.get(..end).unwrap_or_default();
        let mut last = from + WINDOW - 1;
        while let Some(&byte) = text.get(last) {
            let shift = self.shift[block(text[last - 1], byte)];
            if shift == 0 {
                self.look(bytes, last + 1 - WINDOW, found);
                last += 1;
            } else {
                last += usize::from(shift);
            }
        }
    }

    fn look(&self, bytes: &[u8], at: usize, found: &mut impl FnMut(usize, usize)) {
        let rest = bytes.get(at..).unwrap_or_default();
        if let Some(four) = rest.first_chunk::<4>() {
            let bit = hash(*four);
            if self.filter[bit / 64] >> (bit % 64) & 1 == 0 {
                return;
            }
        }
        let Some(head) = rest.first_chunk::<WINDOW>() else { return };
        let first = self.heads.partition_point(|(other, _)| other < head);
        for (_, literal) in self.heads[first..].iter().take_while(|(other, _)| other == head) {
            if rest.starts_with(self.literals[*literal]) {
                found(at, *literal);
            }
        }
    }
}

impl fmt::Debug for Literals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Literals({})", self.literals.len())
    }
}

fn block(first: u8, second: u8) -> usize {
    usize::from(u16::from_le_bytes([first, second]))
}

/// Multiplicative hashing (Knuth, volume 3, section 6.4) to [`FILTER_BITS`] bits.
fn hash(four: [u8; 4]) -> usize {
    (u32::from_le_bytes(four).wrapping_mul(0x9E37_79B1) >> (32 - FILTER_BITS)) as usize
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
