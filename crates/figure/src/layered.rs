//! Layered drawing of graphs: the order within layers and the place of each item.
//!
//! The framework is that of Sugiyama, Tagawa and Toda (1981): items stand in layers, links join neighbouring layers,
//! and longer links were split by the caller into items of their own. The order is found by barycentre sweeps and
//! exchanges of neighbours; the places by isotonic regression (pool adjacent violators) towards the mean of each
//! item's neighbours. Both are bounded: a fixed number of passes, each about linear in items and links.

/// A graph whose links join neighbouring layers.
#[derive(Debug, Default)]
pub(crate) struct Layered {
    /// Items of each layer, in order.
    pub layers: Vec<Vec<usize>>,
    /// Neighbours in the layer before, with the strength of the link.
    before: Vec<Vec<(usize, f64)>>,
    /// Neighbours in the layer after.
    after: Vec<Vec<(usize, f64)>>,
}

impl Layered {
    pub(crate) fn new(layers: usize) -> Self {
        Self { layers: vec![Vec::new(); layers], ..Self::default() }
    }

    /// Adds an item at the end of a layer and returns its number.
    pub(crate) fn item(&mut self, layer: usize) -> usize {
        let item = self.before.len();
        self.before.push(Vec::new());
        self.after.push(Vec::new());
        if let Some(layer) = self.layers.get_mut(layer) {
            layer.push(item);
        }
        item
    }

    /// Joins an item of one layer with one of the next. Strong links are drawn straighter.
    pub(crate) fn link(&mut self, before: usize, after: usize, strength: f64) {
        if let (Some(down), Some(up)) = (self.after.get_mut(before), self.before.get_mut(after)) {
            down.push((after, strength));
            up.push((before, strength));
        }
    }

    /// Orders the layers so that few links cross.
    pub(crate) fn order(&mut self) {
        const SWEEPS: usize = 16;
        let mut best = self.layers.clone();
        let mut fewest = self.crossings();
        for sweep in 0..SWEEPS {
            if fewest == 0 {
                break;
            }
            self.sweep(sweep % 2 == 0);
            self.exchange();
            let crossings = self.crossings();
            if crossings < fewest {
                fewest = crossings;
                best.clone_from(&self.layers);
            }
        }
        self.layers = best;
    }

    /// Number of crossings between links.
    pub(crate) fn crossings(&self) -> u64 {
        let positions = self.positions();
        self.layers.windows(2).map(|pair| self.crossings_after(pair, &positions)).sum()
    }

    fn crossings_after(&self, pair: &[Vec<usize>], positions: &[usize]) -> u64 {
        let [first, second] = pair else { return 0 };
        // An inversion among the far ends is a crossing; a binary indexed tree counts them.
        let mut tree = vec![0_u64; second.len() + 1];
        let mut seen = 0;
        let mut crossings = 0;
        for item in first {
            let mut ends: Vec<usize> = neighbours(&self.after, *item)
                .iter()
                .filter_map(|(end, _)| positions.get(*end).copied())
                .collect();
            ends.sort_unstable();
            for end in &ends {
                let mut at = end + 1;
                let mut not_beyond = 0;
                while at > 0 {
                    not_beyond += tree.get(at).copied().unwrap_or(0);
                    at &= at - 1;
                }
                crossings += seen - not_beyond;
            }
            for end in ends {
                let mut at = end + 1;
                while let Some(count) = tree.get_mut(at) {
                    *count += 1;
                    at += at & at.wrapping_neg();
                }
                seen += 1;
            }
        }
        crossings
    }

    fn positions(&self) -> Vec<usize> {
        let mut positions = vec![0; self.before.len()];
        for layer in &self.layers {
            for (position, item) in layer.iter().enumerate() {
                if let Some(place) = positions.get_mut(*item) {
                    *place = position;
                }
            }
        }
        positions
    }

    /// Sorts each layer by the mean position of its items' neighbours in the layer before or after.
    fn sweep(&mut self, forward: bool) {
        let count = self.layers.len();
        let mut shares: Vec<f64> = vec![0.5; self.before.len()];
        for layer in &self.layers {
            share_out(layer, &mut shares);
        }
        for step in 0..count {
            let index = if forward { step } else { count - 1 - step };
            let side = if forward { &self.before } else { &self.after };
            let Some(layer) = self.layers.get_mut(index) else { continue };
            let mut keyed: Vec<(f64, usize)> = layer
                .iter()
                .map(|item| {
                    let own = shares.get(*item).copied().unwrap_or(0.5);
                    (mean(neighbours(side, *item), &shares).unwrap_or(own), *item)
                })
                .collect();
            keyed.sort_by(|a, b| a.0.total_cmp(&b.0));
            *layer = keyed.into_iter().map(|(_, item)| item).collect();
            share_out(layer, &mut shares);
        }
    }

    /// Swaps neighbours in a layer while that takes crossings away.
    fn exchange(&mut self) {
        const PASSES: usize = 3;
        const MOST_IN_LAYER: usize = 160;
        for index in 0..self.layers.len() {
            let positions = self.positions();
            let Some(layer) = self.layers.get(index).filter(|layer| layer.len() <= MOST_IN_LAYER) else {
                continue;
            };
            let mut layer = layer.clone();
            for _ in 0..PASSES {
                let mut changed = false;
                for at in 1..layer.len() {
                    let (Some(left), Some(right)) = (layer.get(at - 1).copied(), layer.get(at).copied())
                    else {
                        continue;
                    };
                    let as_is = self.between(left, right, &positions);
                    if as_is > 0 && self.between(right, left, &positions) < as_is {
                        layer.swap(at - 1, at);
                        changed = true;
                    }
                }
                if !changed {
                    break;
                }
            }
            if let Some(place) = self.layers.get_mut(index) {
                *place = layer;
            }
        }
    }

    /// Crossings between the links of two items if the first stands left of the second.
    fn between(&self, left: usize, right: usize, positions: &[usize]) -> usize {
        let position = |end: usize| positions.get(end).copied().unwrap_or(0);
        let mut crossings = 0;
        for side in [&self.before, &self.after] {
            for (one, _) in neighbours(side, left) {
                crossings +=
                    neighbours(side, right).iter().filter(|(two, _)| position(*one) > position(*two)).count();
            }
        }
        crossings
    }

    /// The centre of each item on the axis along its layer, from 0.
    ///
    /// `sizes` are the extents of the items on that axis; `gap` is the room between two neighbours.
    pub(crate) fn place(&self, sizes: &[f64], gap: impl Fn(usize, usize) -> f64) -> Vec<f64> {
        const PASSES: usize = 24;
        let size = |item: usize| sizes.get(item).copied().unwrap_or(0.0);
        let apart: Vec<Vec<f64>> = self
            .layers
            .iter()
            .map(|layer| {
                let mut at = 0.0;
                let mut previous: Option<usize> = None;
                let offsets = layer.iter().map(|item| {
                    at += previous
                        .map_or(0.0, |before| f64::midpoint(size(before), size(*item)) + gap(before, *item));
                    previous = Some(*item);
                    at
                });
                offsets.collect()
            })
            .collect();
        let mut centres = vec![0.0; self.before.len()];
        let widest = apart.iter().filter_map(|offsets| offsets.last().copied()).fold(0.0, f64::max);
        for (layer, offsets) in self.layers.iter().zip(&apart) {
            let indent = (widest - offsets.last().copied().unwrap_or(0.0)) / 2.0;
            for (item, offset) in layer.iter().zip(offsets) {
                set(&mut centres, *item, indent + offset);
            }
        }
        for pass in 0..PASSES {
            let count = self.layers.len();
            for step in 0..count {
                let index = if pass % 2 == 0 { step } else { count - 1 - step };
                let (Some(layer), Some(offsets)) = (self.layers.get(index), apart.get(index)) else {
                    continue;
                };
                // The last passes look both ways, so that a bend is shared between its two ends.
                let both = pass + 6 >= PASSES;
                let wishes = layer.iter().zip(offsets).map(|(item, offset)| {
                    let before = if both || pass % 2 == 0 { neighbours(&self.before, *item) } else { &[] };
                    let after = if both || pass % 2 == 1 { neighbours(&self.after, *item) } else { &[] };
                    let (sum, strength) =
                        before.iter().chain(after).fold((0.0, 0.0), |(sum, total), (end, strength)| {
                            (sum + centres.get(*end).copied().unwrap_or(0.0) * strength, total + strength)
                        });
                    let own = centres.get(*item).copied().unwrap_or(0.0);
                    let wish = if strength > 0.0 { (sum / strength, strength) } else { (own, 0.05) };
                    (wish.0 - offset, wish.1)
                });
                let placed = regress(wishes);
                for ((item, offset), place) in layer.iter().zip(offsets).zip(placed) {
                    set(&mut centres, *item, place + offset);
                }
            }
        }
        let start = |item: usize| centres.get(item).copied().unwrap_or(0.0) - size(item) / 2.0;
        let least = (0..centres.len()).map(start).fold(f64::INFINITY, f64::min);
        let least = if least.is_finite() { least } else { 0.0 };
        centres.iter().map(|centre| centre - least).collect()
    }

    /// Moves items along chains of links so that each chain has few bends, without moving any other item.
    ///
    /// Each item may go as far as its neighbours in the layer let it. Along a chain the longest stretch that has a
    /// place in common takes it, then the next.
    pub(crate) fn straighten(
        &self,
        chains: &[&[usize]],
        sizes: &[f64],
        gap: impl Fn(usize, usize) -> f64,
        centres: &mut [f64],
    ) {
        const PASSES: usize = 3;
        let mut beside: Vec<(Option<usize>, Option<usize>)> = vec![(None, None); self.before.len()];
        for pair in self.layers.iter().flat_map(|layer| layer.windows(2)) {
            let [left, right] = pair else { continue };
            if let Some(beside) = beside.get_mut(*left) {
                beside.1 = Some(*right);
            }
            if let Some(beside) = beside.get_mut(*right) {
                beside.0 = Some(*left);
            }
        }
        let mut longest_first: Vec<&&[usize]> = chains.iter().filter(|chain| chain.len() > 1).collect();
        longest_first.sort_by_key(|chain| std::cmp::Reverse(chain.len()));
        for _ in 0..PASSES {
            for chain in &longest_first {
                let mut rest: &[usize] = chain;
                while !rest.is_empty() {
                    let mut common = (f64::NEG_INFINITY, f64::INFINITY);
                    let mut sum = 0.0;
                    let mut length = 0;
                    for item in rest {
                        let own = room(*item, &beside, sizes, &gap, centres);
                        let narrower = (common.0.max(own.0), common.1.min(own.1));
                        if narrower.0 > narrower.1 && length > 0 {
                            break;
                        }
                        common = narrower;
                        sum += centres.get(*item).copied().unwrap_or(0.0);
                        length += 1;
                    }
                    let (stretch, left) = rest.split_at(length.clamp(1, rest.len()));
                    if stretch.len() > 1 {
                        let place = (sum / stretch.len() as f64).max(common.0).min(common.1);
                        for item in stretch {
                            set(centres, *item, place);
                        }
                    }
                    rest = left;
                }
            }
        }
    }
}

/// The least and the greatest centre that an item may have where its neighbours stand.
fn room(
    item: usize,
    beside: &[(Option<usize>, Option<usize>)],
    sizes: &[f64],
    gap: impl Fn(usize, usize) -> f64,
    centres: &[f64],
) -> (f64, f64) {
    let centre = |item: usize| centres.get(item).copied().unwrap_or(0.0);
    let half = |item: usize| sizes.get(item).copied().unwrap_or(0.0) / 2.0;
    let (left, right) = beside.get(item).copied().unwrap_or_default();
    let least = left.map_or(half(item), |left| centre(left) + half(left) + gap(left, item) + half(item));
    let greatest =
        right.map_or(f64::INFINITY, |right| centre(right) - half(right) - gap(item, right) - half(item));
    (least, greatest.max(least.min(centre(item))))
}

fn neighbours(side: &[Vec<(usize, f64)>], item: usize) -> &[(usize, f64)] {
    side.get(item).map_or(&[], Vec::as_slice)
}

fn set(values: &mut [f64], index: usize, value: f64) {
    if let Some(place) = values.get_mut(index) {
        *place = value;
    }
}

/// Where in its layer, from 0 to 1, each item stands: layers of different lengths compare by it.
fn share_out(layer: &[usize], shares: &mut [f64]) {
    let count = layer.len() as f64;
    for (position, item) in layer.iter().enumerate() {
        set(shares, *item, (position as f64 + 0.5) / count);
    }
}

fn mean(ends: &[(usize, f64)], shares: &[f64]) -> Option<f64> {
    let sum: f64 = ends.iter().filter_map(|(end, _)| shares.get(*end)).sum();
    (!ends.is_empty()).then(|| sum / ends.len() as f64)
}

/// The non-decreasing sequence that is nearest to the wishes, each with its weight, in the sense of least squares.
fn regress(wishes: impl Iterator<Item = (f64, f64)>) -> Vec<f64> {
    // Each block: mean, weight, length.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for (wish, weight) in wishes {
        let mut block = (wish, weight, 1);
        while let Some(last) = blocks.pop_if(|last| last.0 > block.0) {
            let weight = last.1 + block.1;
            block = ((last.0 * last.1 + block.0 * block.1) / weight, weight, last.2 + block.2);
        }
        blocks.push(block);
    }
    blocks.into_iter().flat_map(|(mean, _, length)| std::iter::repeat_n(mean, length)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regression_is_monotone_and_keeps_the_mean() {
        let even = |values: &[f64]| regress(values.iter().map(|value| (*value, 1.0)));
        assert_eq!(even(&[1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]);
        assert_eq!(even(&[3.0, 1.0]), [2.0, 2.0]);
        assert_eq!(even(&[1.0, 4.0, 2.0, 5.0]), [1.0, 3.0, 3.0, 5.0]);
    }

    #[test]
    fn a_crossing_that_can_be_undone_is() {
        let mut graph = Layered::new(2);
        let top: Vec<usize> = (0..3).map(|_| graph.item(0)).collect();
        let bottom: Vec<usize> = (0..3).map(|_| graph.item(1)).collect();
        for (one, two) in top.iter().zip(bottom.iter().rev()) {
            graph.link(*one, *two, 1.0);
        }
        assert_eq!(graph.crossings(), 3);
        graph.order();
        assert_eq!(graph.crossings(), 0);
    }

    #[test]
    fn places_keep_their_distance_and_start_at_zero() {
        let mut graph = Layered::new(2);
        let hub = graph.item(0);
        let ends: Vec<usize> = (0..4).map(|_| graph.item(1)).collect();
        for end in &ends {
            graph.link(hub, *end, 1.0);
        }
        let centres = graph.place(&[10.0; 5], |_, _| 6.0);
        assert_eq!(centres, [29.0, 5.0, 21.0, 37.0, 53.0]);
    }
}
