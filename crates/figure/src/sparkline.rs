use std::ops::RangeInclusive;

use crate::{
    About, Cell, Figure, Table, Tone, label,
    svg::{Anchor, Canvas, Line, NARROW, Path, SMALL, wide_bold},
};

/// One value of a series.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// When or where it was measured.
    pub label: String,
    /// The value; what is not finite is a gap.
    pub value: f64,
}

/// A small line over time on a zero baseline, with its first, last, least and greatest value in figures.
pub fn sparkline(about: &About<'_>, points: &[Point], tone: Tone) -> Figure {
    let mut canvas = Canvas::default();
    let height = if let Some(plot) = Plot::new(points) {
        plot.draw(&mut canvas, tone)
    } else {
        canvas.text(Line::new(0.0, 20.0, "fig-quiet"), "There is nothing to show.");
        32.0
    };
    Figure { svg: canvas.finish(about, NARROW, height), table: table(about, points) }
}

const TOP: f64 = 24.0;
const BOTTOM: f64 = 84.0;
const SIDE: f64 = 5.0;

/// A series with at least one value, and the scale that it is drawn at.
struct Plot<'a> {
    points: &'a [Point],
    first: usize,
    last: usize,
    lowest: usize,
    highest: usize,
    scale: RangeInclusive<f64>,
}

impl<'a> Plot<'a> {
    fn new(points: &'a [Point]) -> Option<Self> {
        let known = || points.iter().enumerate().filter(|(_, point)| point.value.is_finite());
        let by_value = |a: &(usize, &Point), b: &(usize, &Point)| a.1.value.total_cmp(&b.1.value);
        let (first, last) = (known().next()?.0, known().next_back()?.0);
        // Of equals `min_by` takes the first and `max_by` the last; both are named by their first.
        let lowest = known().min_by(by_value)?.0;
        let highest = known().rev().max_by(by_value)?.0;
        let (low, high) = (points.get(lowest)?.value.min(0.0), points.get(highest)?.value.max(0.0));
        let high = if high > low { high } else { low + 1.0 };
        Some(Self { points, first, last, lowest, highest, scale: low..=high })
    }

    fn draw(&self, canvas: &mut Canvas, tone: Tone) -> f64 {
        let base = self.y(0.0);
        canvas.open("", Some(tone));
        for run in self.runs() {
            if let [first, .., last] = run.as_slice() {
                let trace =
                    run.iter().skip(1).fold(Path::to(first.0, first.1), |path, at| path.line(at.0, at.1));
                let under = run.iter().fold(Path::to(first.0, base), |path, at| path.line(at.0, at.1));
                canvas.path("fig-under", &under.line(last.0, base).end());
                canvas.path("fig-trace", &trace);
            } else if let [only] = run.as_slice() {
                canvas.circle("fig-dot", *only, 3.0);
            }
        }
        canvas.line("fig-base", (0.0, base), (NARROW, base));
        for index in [self.highest, self.lowest, self.last] {
            canvas.circle("fig-dot", self.at(index), 3.5);
        }
        canvas.close();
        let (greatest, least) = (self.at(self.highest), self.at(self.lowest));
        let (most, fewest) = (self.value(self.highest), self.value(self.lowest));
        let above = greatest.1.max(TOP) - 9.0;
        if most == fewest {
            extreme(canvas, greatest.0, above, &most);
        } else {
            extreme(canvas, greatest.0, above, &format!("greatest {most}"));
            extreme(canvas, least.0, BOTTOM + 18.0, &format!("least {fewest}"));
        }
        self.ends(canvas, BOTTOM + 38.0);
        BOTTOM + 46.0
    }

    fn ends(&self, canvas: &mut Canvas, y: f64) {
        let room = NARROW / 2.0 - 6.0;
        let sides = [(self.first, 0.0, Anchor::Start), (self.last, NARROW, Anchor::End)];
        for (index, x, anchor) in sides {
            let Some(point) = self.points.get(index) else { continue };
            let value = self.value(index);
            let name = label::shown(&point.label);
            let text = format!(
                "{}: {value}",
                label::cut(&name, room / SMALL * 100.0 - f64::from(label::width(&value)) - 80.0)
            );
            canvas.text(Line::new(x, y, "fig-quiet").size(SMALL).anchor(anchor), &text);
            if self.first == self.last {
                break;
            }
        }
    }

    /// Stretches without a gap. Of very many points each narrow strip keeps its least and its greatest.
    fn runs(&self) -> Vec<Vec<(f64, f64)>> {
        let strip = self.points.len().div_ceil(320).max(1);
        let mut runs = vec![Vec::new()];
        for (index, points) in self.points.chunks(strip).enumerate() {
            let mut kept: Vec<usize> = Vec::new();
            let values = || points.iter().enumerate().filter(|(_, point)| point.value.is_finite());
            let by_value = |a: &(usize, &Point), b: &(usize, &Point)| a.1.value.total_cmp(&b.1.value);
            kept.extend(values().min_by(by_value).map(|found| index * strip + found.0));
            kept.extend(values().max_by(by_value).map(|found| index * strip + found.0));
            kept.sort_unstable();
            kept.dedup();
            if kept.is_empty() {
                runs.push(Vec::new());
            }
            if let Some(run) = runs.last_mut() {
                run.extend(kept.into_iter().map(|index| self.at(index)));
            }
        }
        runs
    }

    fn at(&self, index: usize) -> (f64, f64) {
        let steps = self.points.len().saturating_sub(1).max(1) as f64;
        let share = if self.points.len() == 1 { 0.5 } else { index as f64 / steps };
        let value = self.points.get(index).map_or(0.0, |point| point.value);
        (SIDE + share * (NARROW - 2.0 * SIDE), self.y(value))
    }

    fn y(&self, value: f64) -> f64 {
        let (low, high) = (*self.scale.start(), *self.scale.end());
        // Halved, so that the difference of the two greatest numbers of opposite sign is still one.
        let share = (value / 2.0 - low / 2.0) / (high / 2.0 - low / 2.0);
        BOTTOM - share * (BOTTOM - TOP)
    }

    fn value(&self, index: usize) -> String {
        self.points.get(index).map_or_else(String::new, |point| label::decimal(point.value))
    }
}

fn extreme(canvas: &mut Canvas, x: f64, y: f64, text: &str) {
    let half = wide_bold(text, SMALL) / 2.0;
    let x = x.clamp(half, NARROW - half);
    canvas.text(Line::new(x, y, "fig-strong").size(SMALL).anchor(Anchor::Middle), text);
}

fn table(about: &About<'_>, points: &[Point]) -> Table {
    let row = |point: &Point| {
        let value = Cell { number: true, ..Cell::text(label::decimal(point.value)) };
        vec![Cell::text(&point.label), value]
    };
    let head = ["Point", "Value"].map(str::to_owned).to_vec();
    Table { caption: about.title.to_owned(), head, rows: points.iter().map(row).collect() }
}
