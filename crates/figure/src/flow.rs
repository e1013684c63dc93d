use std::collections::{BTreeMap, BTreeSet};

use crate::{
    About, Cell, Figure, Table, Tone,
    bars::target,
    label,
    layered::Layered,
    svg::{Canvas, Line, Path, SMALL, TYPE, wide, wide_bold},
};

/// One box in a column of a [`Flow`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowNode {
    /// Unique over all columns; links name it.
    pub id: String,
    /// What people read.
    pub label: String,
    /// Its colour and mark.
    pub tone: Tone,
    /// The page about it.
    pub href: Option<String>,
}

/// One band between two boxes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowLink {
    /// Id of the box on the left.
    pub from: String,
    /// Id of the box on the right.
    pub to: String,
    /// How thick the band is in relation to others.
    pub weight: u64,
    /// Its colour.
    pub tone: Tone,
}

/// What leads to what, in columns from left to right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flow {
    /// Heading and boxes of each column.
    pub columns: Vec<(String, Vec<FlowNode>)>,
    /// Bands; those that do not lead to the right or name an unknown box stand in the table alone.
    pub links: Vec<FlowLink>,
}

/// Columns of boxes joined by bands as thick as their weight. The order within a column is chosen so that few bands
/// cross. A column of more than 40 boxes ends in one that says how many more there are; the table is complete.
///
/// At most eight columns are drawn.
pub fn flow(about: &About<'_>, flow: &Flow) -> Figure {
    let mut canvas = Canvas::default();
    let drawing = Drawing::new(flow);
    let (width, height) = drawing.draw(&mut canvas);
    let mut description = about.description.to_owned();
    if drawing.left_out > 0 {
        let count = label::number(drawing.left_out);
        description
            .push_str(&format!(" Links that do not lead to the right are in the table alone: {count}."));
    }
    let about = About { description: &description, ..*about };
    Figure { svg: canvas.finish(&about, width, height), table: table(&about, flow) }
}

const MOST_BOXES: usize = 40;
const MOST_COLUMNS: usize = 8;
const BOX_LEAST: f64 = 120.0;
const BOX_MOST: f64 = 400.0;
/// Room between two columns, for the bands.
const BETWEEN: f64 = 72.0;
/// What a laptop shows beside a menu. Columns that would be wider together get narrower, the widest first.
const WHOLE: f64 = 1088.0;
const BOX_HEIGHT: f64 = 26.0;
const BOX_GAP: f64 = 7.0;
const TOP: f64 = 34.0;

/// A box as it is drawn: one of the flow's, or the one that stands for all that did not fit.
struct Drawn<'a> {
    column: usize,
    node: Option<&'a FlowNode>,
    label: String,
    tone: Tone,
    item: usize,
    /// Sum of the bands on the side that has more of them.
    weight: f64,
}

/// Bands between the same two boxes, with the items of the columns that they pass on their way.
struct Band {
    from: usize,
    to: usize,
    weight: f64,
    tone: Tone,
    passes: Vec<usize>,
}

struct Drawing<'a> {
    heads: Vec<&'a str>,
    boxes: Vec<Drawn<'a>>,
    bands: Vec<Band>,
    graph: Layered,
    /// Left edge and width of each column.
    columns: Vec<(f64, f64)>,
    /// Links that have no place in the picture.
    left_out: u64,
}

impl<'a> Drawing<'a> {
    fn new(flow: &'a Flow) -> Self {
        let columns = flow.columns.len().min(MOST_COLUMNS);
        let mut drawing = Self {
            heads: flow.columns.iter().take(columns).map(|(head, _)| head.as_str()).collect(),
            boxes: Vec::new(),
            bands: Vec::new(),
            graph: Layered::new(columns),
            columns: Vec::new(),
            left_out: 0,
        };
        let mut named: BTreeMap<&str, usize> = BTreeMap::new();
        for (column, (_, nodes)) in flow.columns.iter().take(columns).enumerate() {
            // A rest of one takes as much room as the box that it would stand for.
            let whole = if nodes.len() <= MOST_BOXES { nodes.len() } else { MOST_BOXES - 1 };
            for node in nodes.iter().take(whole) {
                let index = drawing.add(column, Some(node), node.label.clone(), node.tone);
                named.entry(&node.id).or_insert(index);
            }
            let rest: Vec<&FlowNode> = nodes.iter().skip(whole).collect();
            if !rest.is_empty() {
                let label = format!("and {} more", label::number(rest.len() as u64));
                let index = drawing.add(column, None, label, Tone::Neutral);
                for node in rest {
                    named.entry(&node.id).or_insert(index);
                }
            }
        }
        drawing.columns = drawing.widths();
        drawing.join(&named, &flow.links);
        drawing.graph.order();
        // The box that stands for the rest comes last, wherever its bands would pull it.
        let rests: Vec<usize> =
            drawing.boxes.iter().filter(|drawn| drawn.node.is_none()).map(|drawn| drawn.item).collect();
        for layer in &mut drawing.graph.layers {
            layer.sort_by_key(|item| rests.contains(item));
        }
        drawing
    }

    /// Left edge and width of each column: as wide as its longest label, as far as there is room.
    fn widths(&self) -> Vec<(f64, f64)> {
        let heads = self.heads.iter().map(|head| wide_bold(&label::shown(head), TYPE));
        let mut widths: Vec<f64> = heads.collect();
        for drawn in &self.boxes {
            if let Some(width) = widths.get_mut(drawn.column) {
                *width = width.max(wide(&label::shown(&drawn.name()), TYPE) + 20.0);
            }
        }
        for width in &mut widths {
            *width = width.clamp(BOX_LEAST, BOX_MOST).ceil();
        }
        let count = widths.len() as f64;
        let room = (WHOLE - BETWEEN * (count - 1.0)).max(BOX_LEAST * count);
        // The greatest width that all may have: the narrow ones leave what they do not need to the wide ones.
        let mut narrow_first = widths.clone();
        narrow_first.sort_by(f64::total_cmp);
        let mut left = room;
        let mut most = BOX_MOST;
        for (index, width) in narrow_first.iter().enumerate() {
            let share = left / (count - index as f64);
            if *width > share {
                most = share.floor();
                break;
            }
            left -= width;
        }
        let mut x = 0.0;
        let place = |width: f64| {
            let width = width.min(most);
            let left = x;
            x += width + BETWEEN;
            (left, width)
        };
        widths.into_iter().map(place).collect()
    }

    fn column(&self, column: usize) -> (f64, f64) {
        self.columns.get(column).copied().unwrap_or_default()
    }

    fn add(&mut self, column: usize, node: Option<&'a FlowNode>, label: String, tone: Tone) -> usize {
        let item = self.graph.item(column);
        self.boxes.push(Drawn { column, node, label, tone, item, weight: 0.0 });
        self.boxes.len() - 1
    }

    fn join(&mut self, named: &BTreeMap<&str, usize>, links: &[FlowLink]) {
        let mut merged: BTreeMap<(usize, usize, Tone), f64> = BTreeMap::new();
        for link in links {
            let (Some(from), Some(to)) = (named.get(link.from.as_str()), named.get(link.to.as_str())) else {
                self.left_out += 1;
                continue;
            };
            let column = |index: usize| self.boxes.get(index).map(|drawn| drawn.column);
            if column(*from) < column(*to) {
                *merged.entry((*from, *to, link.tone)).or_default() += link.weight.max(1) as f64;
            } else {
                self.left_out += 1;
            }
        }
        let mut sides: Vec<(f64, f64)> = vec![(0.0, 0.0); self.boxes.len()];
        for ((from, to, tone), weight) in merged {
            let (Some(left), Some(right)) = (self.boxes.get(from), self.boxes.get(to)) else { continue };
            let passes: Vec<usize> =
                (left.column + 1..right.column).map(|column| self.graph.item(column)).collect();
            let way: Vec<usize> =
                std::iter::once(left.item).chain(passes.iter().copied()).chain([right.item]).collect();
            for pair in way.windows(2) {
                if let [before, after] = pair {
                    self.graph.link(*before, *after, weight);
                }
            }
            if let Some(side) = sides.get_mut(from) {
                side.1 += weight;
            }
            if let Some(side) = sides.get_mut(to) {
                side.0 += weight;
            }
            self.bands.push(Band { from, to, weight, tone, passes });
        }
        for (drawn, (left, right)) in self.boxes.iter_mut().zip(sides) {
            drawn.weight = left.max(right);
        }
    }

    fn draw(&self, canvas: &mut Canvas) -> (f64, f64) {
        if self.boxes.is_empty() {
            canvas.text(Line::new(0.0, 20.0, "fig-quiet"), "There is nothing to show.");
            return (0.0, 32.0);
        }
        let scale = self.scale();
        let sizes = self.sizes(scale);
        let centres = self.graph.place(&sizes, |_, _| BOX_GAP);
        let span = |item: usize| {
            let size = sizes.get(item).copied().unwrap_or(0.0);
            let top = TOP + centres.get(item).copied().unwrap_or(0.0) - size / 2.0;
            (top, top + size)
        };
        for (column, head) in self.heads.iter().enumerate() {
            let (x, width) = self.column(column);
            let line = Line::new(x, 16.0, "fig-strong").most(width);
            canvas.text(line, head);
        }
        self.draw_bands(canvas, scale, &span);
        for drawn in &self.boxes {
            draw_box(canvas, drawn, self.column(drawn.column), span(drawn.item));
        }
        let height = (0..sizes.len()).map(|item| span(item).1).fold(TOP, f64::max);
        let width = self.columns.last().map_or(0.0, |(x, width)| x + width);
        (width, height + 4.0)
    }

    /// Units for each unit of weight: the thickest box is at most five lines high.
    fn scale(&self) -> f64 {
        let most = self.boxes.iter().map(|drawn| drawn.weight).fold(1.0, f64::max);
        (BOX_HEIGHT * 5.0 / most).min(10.0)
    }

    fn sizes(&self, scale: f64) -> Vec<f64> {
        let items = self.boxes.len() + self.bands.iter().map(|band| band.passes.len()).sum::<usize>();
        let mut sizes = vec![0.0; items];
        let mut set = |item: usize, size: f64| {
            if let Some(place) = sizes.get_mut(item) {
                *place = size;
            }
        };
        // A box is as high as the thicker of its two sides, since bands have a least thickness.
        let mut heights: Vec<(f64, f64)> = vec![(0.0, 0.0); self.boxes.len()];
        for band in &self.bands {
            let thick = thickness(band.weight, scale);
            if let Some(height) = heights.get_mut(band.from) {
                height.1 += thick;
            }
            if let Some(height) = heights.get_mut(band.to) {
                height.0 += thick;
            }
        }
        for (drawn, (left, right)) in self.boxes.iter().zip(heights) {
            set(drawn.item, left.max(right).max(BOX_HEIGHT));
        }
        for band in &self.bands {
            for item in &band.passes {
                set(*item, thickness(band.weight, scale));
            }
        }
        sizes
    }

    fn draw_bands(&self, canvas: &mut Canvas, scale: f64, span: &impl Fn(usize) -> (f64, f64)) {
        let middle = |item: usize| f64::midpoint(span(item).0, span(item).1);
        let item = |index: usize| self.boxes.get(index).map_or(0, |drawn| drawn.item);
        // Bands leave and enter a box in the order of their other ends, packed around its middle.
        let mut starts: Vec<f64> = vec![0.0; self.bands.len()];
        let mut ends: Vec<f64> = vec![0.0; self.bands.len()];
        for (index, _) in self.boxes.iter().enumerate() {
            let leaving = |band: &Band| {
                (band.from == index).then(|| middle(*band.passes.first().unwrap_or(&item(band.to))))
            };
            let entering = |band: &Band| {
                (band.to == index).then(|| middle(*band.passes.last().unwrap_or(&item(band.from))))
            };
            self.pack(&mut starts, middle(item(index)), scale, leaving);
            self.pack(&mut ends, middle(item(index)), scale, entering);
        }
        for ((band, start), end) in self.bands.iter().zip(starts).zip(ends) {
            let (Some(from), Some(to)) = (self.boxes.get(band.from), self.boxes.get(band.to)) else {
                continue;
            };
            let (x, width) = self.column(from.column);
            let mut way = vec![(x + width, start)];
            for (step, item) in band.passes.iter().enumerate() {
                let (x, width) = self.column(from.column + 1 + step);
                way.extend([(x, middle(*item)), (x + width, middle(*item))]);
            }
            way.push((self.column(to.column).0, end));
            canvas.open("", Some(band.tone));
            canvas.title(&format!("{} → {}: {}", from.label, to.label, label::decimal(band.weight)));
            canvas.path("fig-band", &ribbon(&way, thickness(band.weight, scale)));
            canvas.close();
        }
    }

    fn pack(&self, places: &mut [f64], centre: f64, scale: f64, other_end: impl Fn(&Band) -> Option<f64>) {
        let mut ends: Vec<(f64, usize)> = self
            .bands
            .iter()
            .enumerate()
            .filter_map(|(index, band)| other_end(band).map(|end| (end, index)))
            .collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let thick = |index: usize| self.bands.get(index).map_or(0.0, |band| thickness(band.weight, scale));
        let mut y = centre - ends.iter().map(|(_, index)| thick(*index)).sum::<f64>() / 2.0;
        for (_, index) in ends {
            if let Some(place) = places.get_mut(index) {
                *place = y + thick(index) / 2.0;
            }
            y += thick(index);
        }
    }
}

impl Drawn<'_> {
    /// What stands in the box.
    fn name(&self) -> String {
        match self.tone.mark() {
            Some(mark) => format!("{mark} {}", self.label),
            None => self.label.clone(),
        }
    }
}

fn draw_box(canvas: &mut Canvas, drawn: &Drawn<'_>, (x, width): (f64, f64), (top, bottom): (f64, f64)) {
    let height = bottom - top;
    let name = drawn.name();
    let spoken = format!("{} {}", drawn.label, drawn.tone.word());
    canvas.open("", Some(drawn.tone));
    canvas.link(drawn.node.and_then(|node| node.href.as_deref()), &spoken, |canvas| {
        canvas.rect("fig-soft", x, top, width, height, 2.0);
        canvas.rect("fig-fill", x, top, 4.0, height, 1.0);
        target(canvas, x, top, width, height);
        let size = if drawn.node.is_some() { TYPE } else { SMALL };
        let line = Line::new(x + 11.0, top + height / 2.0 + 4.5, "fig-name").size(size);
        canvas.text(line.most(width - 16.0), &name);
    });
    canvas.close();
}

fn thickness(weight: f64, scale: f64) -> f64 {
    (weight * scale).max(1.5)
}

/// A band of even thickness along the way, level at each point.
fn ribbon(way: &[(f64, f64)], thick: f64) -> Path {
    let half = thick / 2.0;
    let Some(((x, y), rest)) = way.split_first() else { return Path::default() };
    let mut path = Path::to(*x, y - half);
    let mut last = (*x, *y);
    for (x, y) in rest {
        path = bend(path, last, (*x, *y), -half);
        last = (*x, *y);
    }
    path = path.line(last.0, last.1 + half);
    for (x, y) in way.iter().rev().skip(1) {
        path = bend(path, last, (*x, *y), half);
        last = (*x, *y);
    }
    path.end()
}

fn bend(path: Path, from: (f64, f64), to: (f64, f64), shift: f64) -> Path {
    if (from.1 - to.1).abs() < 0.01 {
        return path.line(to.0, to.1 + shift);
    }
    let middle = f64::midpoint(from.0, to.0);
    path.curve((middle, from.1 + shift), (middle, to.1 + shift), (to.0, to.1 + shift))
}

fn table(about: &About<'_>, flow: &Flow) -> Table {
    let mut known: BTreeMap<&str, &FlowNode> = BTreeMap::new();
    let mut linked: BTreeSet<&str> = BTreeSet::new();
    for node in flow.columns.iter().flat_map(|(_, nodes)| nodes) {
        known.entry(&node.id).or_insert(node);
    }
    let name = |id: &str| match known.get(id) {
        Some(node) => Cell::link(&node.label, node.href.as_ref()),
        None => Cell::text(id),
    };
    let status = |id: &str| Cell::text(known.get(id).map_or("", |node| node.tone.word()));
    let mut rows = Vec::new();
    for link in &flow.links {
        linked.insert(&link.from);
        linked.insert(&link.to);
        rows.push(vec![
            name(&link.from),
            status(&link.from),
            name(&link.to),
            status(&link.to),
            Cell::number(link.weight),
        ]);
    }
    for node in
        flow.columns.iter().flat_map(|(_, nodes)| nodes).filter(|node| !linked.contains(node.id.as_str()))
    {
        rows.push(vec![name(&node.id), status(&node.id), Cell::text("–"), Cell::text(""), Cell::number(0)]);
    }
    let head = ["From", "Status", "To", "Status", "Weight"].map(str::to_owned).to_vec();
    Table { caption: about.title.to_owned(), head, rows }
}
