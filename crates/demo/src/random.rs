/// `SplitMix64` (Steele, Lea and Flood, *Fast splittable pseudorandom number generators*, OOPSLA 2014): small, the
/// same on every machine, and plenty for made-up data. Nothing secret may come from it.
pub(crate) struct Random(u64);

impl Random {
    /// A stream of numbers for one part of the project, so that a change in one leaves the others as they are.
    pub(crate) fn new(seed: u64, part: &str) -> Self {
        // FNV-1a over the name of the part.
        let name = part.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(seed ^ name)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`, which is more than zero. The bias of at most `bound` / 2⁶⁴ does not matter here.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let wide = u128::from(self.next()) * u128::from(bound);
        u64::try_from(wide >> 64).expect("the upper half of a product of two 64-bit numbers has 64 bits")
    }

    /// One of several, of which there is at least one.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.index(from.len())]
    }

    /// An index into something of that length, which is more than zero.
    pub(crate) fn index(&mut self, length: usize) -> usize {
        self.below(length as u64) as usize
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// That many decimal digits.
    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }

    /// Four weights, roughly normal with mean 0 and the given deviation (sums of four uniform numbers).
    pub(crate) fn weights(&mut self, deviation: f32) -> [f32; 4] {
        let (a, b) = (self.next(), self.next());
        let (c, d) = (self.next(), self.next());
        [0, 16, 32, 48].map(|shift| {
            let unit = |bits: u64| f32::from((bits >> shift) as u16) / 65_536.0 - 0.5;
            // The variance of one is 1/12, of four 1/3.
            (unit(a) + unit(b) + unit(c) + unit(d)) * deviation * 1.732_050_8
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_paper() {
        // The first outputs of the reference implementation for the seed 1234567.
        let mut random = Random(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn parts_are_independent_and_bounds_hold() {
        assert_ne!(Random::new(7, "a").next(), Random::new(7, "b").next());
        let mut random = Random::new(7, "bounds");
        let mut seen = [0; 6];
        for _ in 0..600 {
            seen[random.below(6) as usize] += 1;
        }
        assert!(seen.iter().all(|n| *n > 60), "{seen:?}");
        let weights: Vec<_> = (0..500).flat_map(|_| random.weights(0.02)).collect();
        let variance = weights.iter().map(|w| w * w).sum::<f32>() / 2_000.0;
        assert!((0.018..0.022).contains(&variance.sqrt()), "{}", variance.sqrt());
    }
}
