//! Which box stands in which row.

use super::model::Model;

/// The row of each box. Rows of one band follow each other, bands follow each other, and boxes in one row are not
/// joined.
pub(super) struct Rows {
    of_box: Vec<usize>,
    /// First and last row of each band.
    of_band: Vec<(usize, usize)>,
}

impl Rows {
    pub(super) fn new(model: &Model) -> Self {
        // About one and a half times as wide as high, within what a page can show.
        let most = (4..8).find(|most| most * most * 5 >= model.boxes.len() * 7).unwrap_or(8);
        let mut rows = Self { of_box: vec![0; model.boxes.len()], of_band: Vec::new() };
        let mut next = 0;
        for band in 0..model.bands.len() {
            let members: Vec<usize> = (0..model.boxes.len())
                .filter(|index| model.boxes.get(*index).is_some_and(|drawn| drawn.band == band))
                .collect();
            let first = next;
            for mut level in levels(model, &members) {
                // Those that talk to bands above stand higher.
                level.sort_by_key(|index| pull(model, *index));
                let count = level.len().div_ceil(most);
                let each = level.len().div_ceil(count.max(1)).max(1);
                for row in level.chunks(each) {
                    for index in row {
                        if let Some(place) = rows.of_box.get_mut(*index) {
                            *place = next;
                        }
                    }
                    next += 1;
                }
            }
            rows.of_band.push((first, next.saturating_sub(1)));
        }
        rows
    }

    pub(super) fn of(&self, index: usize) -> usize {
        self.of_box.get(index).copied().unwrap_or(0)
    }

    pub(super) fn in_band(&self, band: usize) -> (usize, usize) {
        self.of_band.get(band).copied().unwrap_or_default()
    }

    pub(super) fn ends_band(&self, row: usize) -> bool {
        self.of_band.iter().any(|(_, last)| *last == row)
    }

    pub(super) fn count(&self) -> usize {
        self.of_band.last().map_or(0, |(_, last)| last + 1)
    }
}

/// Arrows to or from later bands, less those to or from earlier ones.
fn pull(model: &Model, index: usize) -> i64 {
    let band = |index: usize| model.boxes.get(index).map_or(0, |drawn| drawn.band);
    let others = model.arrows.iter().filter_map(|arrow| match (arrow.from == index, arrow.to == index) {
        (true, false) => Some(arrow.to),
        (false, true) => Some(arrow.from),
        _ => None,
    });
    others.map(|other| band(other).cmp(&band(index)) as i64).sum()
}

/// The members of one band by how many others of the band stand before them, once arrows that close a cycle were
/// turned.
fn levels(model: &Model, members: &[usize]) -> Vec<Vec<usize>> {
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); model.boxes.len()];
    let mut joined = vec![false; model.boxes.len()];
    for arrow in &model.arrows {
        if members.binary_search(&arrow.from).is_ok() && members.binary_search(&arrow.to).is_ok() {
            if let Some(after) = after.get_mut(arrow.from) {
                after.push(arrow.to);
            }
            for end in [arrow.from, arrow.to] {
                if let Some(joined) = joined.get_mut(end) {
                    *joined = true;
                }
            }
        }
    }
    let order = order(members, &after);
    let place = |index: usize| order.iter().position(|member| *member == index);
    let mut level = vec![0_usize; model.boxes.len()];
    for index in &order {
        let own = level.get(*index).copied().unwrap_or(0);
        for other in before_and_after(model, *index) {
            if place(other) > place(*index)
                && let Some(other) = level.get_mut(other)
            {
                *other = (*other).max(own + 1);
            }
        }
    }
    let deepest = order.iter().filter_map(|index| level.get(*index).copied()).max().unwrap_or(0);
    let mut levels = vec![Vec::new(); deepest + 1];
    for index in members {
        let alone = joined.get(*index) != Some(&true);
        // A box that talks to later bands alone stands next to them.
        let own =
            if alone && pull(model, *index) > 0 { deepest } else { level.get(*index).copied().unwrap_or(0) };
        if let Some(level) = levels.get_mut(own) {
            level.push(*index);
        }
    }
    levels.retain(|level| !level.is_empty());
    levels
}

fn before_and_after(model: &Model, index: usize) -> impl Iterator<Item = usize> + '_ {
    model.arrows.iter().filter_map(move |arrow| match (arrow.from == index, arrow.to == index) {
        (true, false) => Some(arrow.to),
        (false, true) => Some(arrow.from),
        _ => None,
    })
}

/// Members in an order in which most arrows point forward: reverse post-order of a depth-first walk, which turns only
/// arrows that close a cycle. The walk keeps its own stack, so that a long chain costs no call stack.
fn order(members: &[usize], after: &[Vec<usize>]) -> Vec<usize> {
    let mut entered = vec![false; after.len()];
    let mut has_before = vec![false; after.len()];
    for index in members {
        for other in after.get(*index).into_iter().flatten() {
            if let Some(other) = has_before.get_mut(*other) {
                *other = true;
            }
        }
    }
    let starts = members.iter().filter(|index| has_before.get(**index) == Some(&false));
    let mut post_order = Vec::with_capacity(members.len());
    for start in starts.chain(members) {
        let mut stack = vec![(*start, 0)];
        if std::mem::replace(entered.get_mut(*start).unwrap_or(&mut true), true) {
            continue;
        }
        while let Some((index, next)) = stack.pop() {
            match after.get(index).and_then(|after| after.get(next)).copied() {
                Some(other) => {
                    stack.push((index, next + 1));
                    if !std::mem::replace(entered.get_mut(other).unwrap_or(&mut true), true) {
                        stack.push((other, 0));
                    }
                }
                None => post_order.push(index),
            }
        }
    }
    post_order.reverse();
    post_order
}
