//! Where everything in a trust-boundary diagram stands.
//!
//! Zones are bands over the whole width, so that a boundary is a line that one sees a flow cross. Inside a band the
//! boxes stand in rows, senders over receivers as far as cycles permit. Between two rows lies a row of names: each
//! arrow passes through the places that were kept free for it and its name, so that no line runs through a box and no
//! name covers another.

use super::{
    model::{Element, Model},
    rows::Rows,
};
use crate::{
    label,
    layered::Layered,
    svg::{SMALL, TYPE, wide, wide_bold},
};

/// An upright rectangle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Rect {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// The way of an arrow, from its sender to its receiver.
#[derive(Clone, Debug, Default)]
pub(super) struct Route {
    /// Each pair of points is joined by a straight line if they stand over each other, else by a bend.
    pub points: Vec<(f64, f64)>,
    /// Where its name stands.
    pub plate: Option<Rect>,
}

#[derive(Debug, Default)]
pub(super) struct Layout {
    pub width: f64,
    pub height: f64,
    /// For each band of the model.
    pub bands: Vec<Rect>,
    /// For each box of the model.
    pub boxes: Vec<Rect>,
    /// For each arrow of the model.
    pub routes: Vec<Route>,
    /// Width kept free on the left of each band for its name.
    pub gutter: f64,
}

pub(super) const BOX_HEIGHT: f64 = 48.0;
pub(super) const PLATE_HEIGHT: f64 = 18.0;
/// Room on the right of a box for an arrow to itself.
pub(super) const LOOP: f64 = 22.0;
const BOX_LEAST: f64 = 108.0;
const BOX_MOST: f64 = 184.0;
/// Widths to which the names of arrows are cut: the first with which the picture is no wider than [`WHOLE`].
const NAMES: [f64; 6] = [280.0, 250.0, 220.0, 190.0, 160.0, 132.0];
/// What a laptop shows beside a menu.
const WHOLE: f64 = 1088.0;
/// With more arrows than these a picture is wider in any case.
const FEW: usize = 40;
const BAND_PAD: f64 = 16.0;
const BOX_GAP: f64 = 20.0;
const LINE_GAP: f64 = 9.0;

impl Layout {
    pub(super) fn new(model: &Model) -> Self {
        let [wider @ .., least] = NAMES;
        if model.arrows.len() <= FEW {
            for most in wider {
                let layout = Self::with(model, most);
                if layout.width <= WHOLE {
                    return layout;
                }
            }
        }
        Self::with(model, least)
    }

    /// Lays out with arrows' names cut to this width.
    fn with(model: &Model, name: f64) -> Self {
        let rows = Rows::new(model);
        let mut graph = Layered::new(rows.count() * 2);
        let mut sizes: Vec<f64> = Vec::new();
        let mut is_box: Vec<bool> = Vec::new();
        for (index, drawn) in model.boxes.iter().enumerate() {
            graph.item(rows.of(index) * 2);
            sizes.push(box_width(drawn) + if drawn.to_itself { 2.0 * LOOP } else { 0.0 });
            is_box.push(true);
        }
        let chains: Vec<Vec<usize>> = model
            .arrows
            .iter()
            .map(|arrow| {
                let (from, to) = (rows.of(arrow.from), rows.of(arrow.to));
                let (upper, lower) = if from < to { (arrow.from, arrow.to) } else { (arrow.to, arrow.from) };
                let (first, last) = (from.min(to) * 2, from.max(to) * 2);
                // The name stands between the sender's row and the next, where the eye starts to follow.
                let named = if from < to { first + 1 } else { last - 1 };
                let mut chain = vec![upper];
                for layer in first + 1..last {
                    chain.push(graph.item(layer));
                    let has_name = layer == named && !arrow.name.is_empty();
                    sizes.push(if has_name { plate_width(&arrow.name, name) } else { 4.0 });
                    is_box.push(false);
                }
                chain.push(lower);
                for pair in chain.windows(2) {
                    if let [before, after] = pair {
                        let boxes =
                            [before, after].into_iter().filter(|item| **item < model.boxes.len()).count();
                        graph.link(*before, *after, [8.0, 2.0, 1.0].get(boxes).copied().unwrap_or(1.0));
                    }
                }
                chain
            })
            .collect();
        graph.order();
        let both_boxes = |a: usize, b: usize| is_box.get(a) == Some(&true) && is_box.get(b) == Some(&true);
        let gap = |a: usize, b: usize| if both_boxes(a, b) { BOX_GAP } else { LINE_GAP };
        let mut centres = graph.place(&sizes, gap);
        let inner: Vec<&[usize]> =
            chains.iter().filter_map(|chain| chain.get(1..chain.len().saturating_sub(1))).collect();
        graph.straighten(&inner, &sizes, gap, &mut centres);
        Draft { model, rows: &rows, graph: &graph, sizes: &sizes, centres: &centres, name }.finish(&chains)
    }
}

/// Everything but the heights.
struct Draft<'a> {
    model: &'a Model,
    rows: &'a Rows,
    graph: &'a Layered,
    sizes: &'a [f64],
    centres: &'a [f64],
    /// Most units of a name.
    name: f64,
}

impl Draft<'_> {
    fn finish(&self, chains: &[Vec<usize>]) -> Layout {
        let names = self
            .model
            .bands
            .iter()
            .map(|band| wide_bold(&label::shown(&band.label), TYPE))
            .fold(0.0, f64::max);
        let gutter = if self.model.bands.is_empty() { 0.0 } else { names.clamp(64.0, 124.0) + 28.0 };
        let right =
            (0..self.centres.len()).map(|item| self.centre(item) + self.size(item) / 2.0).fold(0.0, f64::max);
        let ports = self.ports(chains);
        let spans = self.spans(chains, &ports);
        let width = gutter + right + 16.0;
        let boxes: Vec<Rect> = self
            .model
            .boxes
            .iter()
            .enumerate()
            .map(|(index, drawn)| {
                let width = box_width(drawn);
                let y = spans.get(self.rows.of(index) * 2).map_or(0.0, |span| span.0);
                Rect { x: gutter + self.centre(index) - width / 2.0, y, width, height: BOX_HEIGHT }
            })
            .collect();
        let bands = (0..self.model.bands.len())
            .map(|band| {
                let (first, last) = self.rows.in_band(band);
                let top = spans.get(first * 2).map_or(0.0, |span| span.0) - BAND_PAD;
                let bottom = spans.get(last * 2).map_or(0.0, |span| span.1) + BAND_PAD;
                Rect { x: 1.0, y: top, width: width - 2.0, height: bottom - top }
            })
            .collect();
        let height = spans.last().map_or(0.0, |span| span.1) + BAND_PAD + 1.0;
        let routes = chains
            .iter()
            .enumerate()
            .map(|(arrow, chain)| self.route(arrow, chain, &ports, &spans, gutter))
            .collect();
        Layout { width, height, bands, boxes, routes, gutter }
    }

    fn centre(&self, item: usize) -> f64 {
        self.centres.get(item).copied().unwrap_or(0.0)
    }

    fn size(&self, item: usize) -> f64 {
        self.sizes.get(item).copied().unwrap_or(0.0)
    }

    /// Where on its two boxes each arrow starts and ends: side by side, in the order of where they go.
    fn ports(&self, chains: &[Vec<usize>]) -> Vec<(f64, f64)> {
        let mut ports = vec![(0.0, 0.0); chains.len()];
        let mut below: Vec<Vec<(f64, usize)>> = vec![Vec::new(); self.model.boxes.len()];
        let mut above = below.clone();
        for (arrow, chain) in chains.iter().enumerate() {
            let [upper, second, .., last, lower] = chain.as_slice() else {
                // One place between two boxes is both the second and the last but one.
                if let [upper, only, lower] = chain.as_slice() {
                    push(&mut below, *upper, (self.centre(*only), arrow));
                    push(&mut above, *lower, (self.centre(*only), arrow));
                }
                continue;
            };
            push(&mut below, *upper, (self.centre(*second), arrow));
            push(&mut above, *lower, (self.centre(*last), arrow));
        }
        for (sides, is_upper) in [(below, true), (above, false)] {
            for (index, mut side) in sides.into_iter().enumerate() {
                side.sort_by(|a, b| a.0.total_cmp(&b.0));
                let Some(drawn) = self.model.boxes.get(index) else { continue };
                let room = box_width(drawn) - 24.0;
                let step = (room / side.len().max(1) as f64).min(26.0);
                let start = self.centre(index) - step * (side.len().saturating_sub(1)) as f64 / 2.0;
                for (position, (_, arrow)) in side.into_iter().enumerate() {
                    let x = start + step * position as f64;
                    if let Some(port) = ports.get_mut(arrow) {
                        *(if is_upper { &mut port.0 } else { &mut port.1 }) = x;
                    }
                }
            }
        }
        ports
    }

    /// Top and bottom of each layer. The further lines go sideways between two layers, the further those are apart.
    fn spans(&self, chains: &[Vec<usize>], ports: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let layers = self.graph.layers.len();
        let mut sideways = vec![0.0_f64; layers];
        for (chain, port) in chains.iter().zip(ports) {
            let Some(start) = chain.first().map(|upper| self.rows.of(*upper) * 2) else { continue };
            let xs = self.xs(chain, *port);
            for (step, pair) in xs.windows(2).enumerate() {
                if let ([one, two], Some(most)) = (pair, sideways.get_mut(start + step)) {
                    *most = most.max((one - two).abs());
                }
            }
        }
        let mut spans = Vec::with_capacity(layers);
        let mut y = BAND_PAD + 1.0;
        for layer in 0..layers {
            // The last layer would hold the names under the last row, of which there are none.
            if layer + 1 == layers {
                break;
            }
            let is_row = layer % 2 == 0;
            let height = if is_row { BOX_HEIGHT } else { PLATE_HEIGHT };
            let leaves_band = self.rows.ends_band(layer / 2);
            let used = self.graph.layers.get(layer).is_some_and(|items| !items.is_empty());
            let height = if used { height } else { 0.0 };
            spans.push((y, y + height));
            let bend = sideways.get(layer).map_or(0.0, |most| (most * 0.1).clamp(0.0, 44.0));
            let least = match (leaves_band, is_row, used || is_row) {
                // The boundary lies between the row and the names: padding of the band, then clear air.
                (true, ..) => BAND_PAD + 10.0,
                (false, _, true) => 18.0,
                (false, _, false) => 10.0,
            };
            y += height + least.max(bend + 6.0 + if leaves_band { BAND_PAD / 2.0 } else { 0.0 });
        }
        spans
    }

    fn xs(&self, chain: &[usize], port: (f64, f64)) -> Vec<f64> {
        let last = chain.len().saturating_sub(1);
        let x = |(step, item): (usize, &usize)| match step {
            0 => port.0,
            _ if step == last => port.1,
            _ => self.centre(*item),
        };
        chain.iter().enumerate().map(x).collect()
    }

    fn route(
        &self,
        arrow: usize,
        chain: &[usize],
        ports: &[(f64, f64)],
        spans: &[(f64, f64)],
        gutter: f64,
    ) -> Route {
        let (Some(drawn), Some(port)) = (self.model.arrows.get(arrow), ports.get(arrow)) else {
            return Route::default();
        };
        let start = chain.first().map_or(0, |upper| self.rows.of(*upper) * 2);
        let downward = chain.first() == Some(&drawn.from);
        let last = chain.len().saturating_sub(1);
        let named = if downward { 1 } else { last.saturating_sub(1) };
        let mut route = Route::default();
        for (step, x) in self.xs(chain, *port).into_iter().enumerate() {
            let Some((top, bottom)) = spans.get(start + step).copied() else { continue };
            let x = x + gutter;
            match step {
                0 => route.points.push((x, bottom)),
                _ if step == last => route.points.push((x, top)),
                _ => route.points.extend([(x, top), (x, bottom)]),
            }
            if step == named && !drawn.name.is_empty() {
                let width = plate_width(&drawn.name, self.name);
                route.plate = Some(Rect { x: x - width / 2.0, y: top, width, height: PLATE_HEIGHT });
            }
        }
        if !downward {
            route.points.reverse();
        }
        route
    }
}

fn push(sides: &mut [Vec<(f64, usize)>], index: usize, value: (f64, usize)) {
    if let Some(side) = sides.get_mut(index) {
        side.push(value);
    }
}

pub(super) fn box_width(drawn: &Element) -> f64 {
    let mark = if drawn.tone.mark().is_some() { 18.0 } else { 0.0 };
    let label = wide_bold(&label::shown(&drawn.label), TYPE) + mark;
    let kind = wide(&label::shown(&drawn.kind), SMALL) + if drawn.steps.is_empty() { 0.0 } else { 34.0 };
    (label.max(kind) + 22.0).clamp(BOX_LEAST, BOX_MOST)
}

fn plate_width(name: &str, most: f64) -> f64 {
    wide(&label::shown(name), SMALL).min(most) + 10.0
}
