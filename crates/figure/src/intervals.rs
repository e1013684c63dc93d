use crate::{
    About, Cell, Figure, Table, Tone,
    bars::{MAX_ROWS, remainder, target},
    label,
    svg::{Anchor, Canvas, Line, NARROW, Path, SMALL, TYPE, wide},
};

/// An estimate with what is known about its error.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// What was measured.
    pub label: String,
    /// The rows behind it.
    pub href: Option<String>,
    /// Lower end.
    pub low: f64,
    /// The estimate.
    pub mid: f64,
    /// Upper end.
    pub high: f64,
    /// How it is judged.
    pub tone: Tone,
}

/// The scale under a plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Axis {
    /// What is measured, with its unit.
    pub title: String,
    /// Value at the left end.
    pub low: f64,
    /// Value at the right end.
    pub high: f64,
}

/// Estimates with their intervals on a common scale. What lies beyond the scale ends in an arrow at its edge.
///
/// A scale whose ends are equal, reversed or no numbers is drawn from 0 to 1.
pub fn intervals(about: &About<'_>, rows: &[Interval], axis: &Axis) -> Figure {
    let mut canvas = Canvas::default();
    let scale = Scale::new(axis);
    let drawn = rows.len().min(MAX_ROWS) as f64;
    if !rows.is_empty() {
        for tick in scale.ticks() {
            canvas.line("fig-rule", (scale.x(tick), 0.0), (scale.x(tick), drawn * ROW_HEIGHT));
        }
    }
    let mut y = 0.0;
    for row in rows.iter().take(MAX_ROWS) {
        draw(&mut canvas, row, &scale, y);
        y += ROW_HEIGHT;
    }
    if !rows.is_empty() {
        y = scale.draw(&mut canvas, &axis.title, y);
    }
    y = remainder(&mut canvas, rows.len(), y);
    Figure { svg: canvas.finish(about, NARROW, y), table: table(about, rows, axis) }
}

const ROW_HEIGHT: f64 = 46.0;
const SIDE: f64 = 8.0;

fn draw(canvas: &mut Canvas, row: &Interval, scale: &Scale, y: f64) {
    let value =
        format!("{} ({} to {})", label::decimal(row.mid), label::decimal(row.low), label::decimal(row.high));
    let room = NARROW - wide(&value, SMALL) - 12.0;
    let mark = row.tone.mark().map(|mark| format!("{mark} ")).unwrap_or_default();
    canvas.open("", Some(row.tone));
    canvas.link(row.href.as_deref(), &format!("{}: {value}", row.label), |canvas| {
        let name = format!("{mark}{}", row.label);
        let width = room.min(wide(&label::shown(&name), TYPE));
        canvas.rect("fig-plate", 0.0, y + 1.0, width + 4.0, 23.0, 0.0);
        target(canvas, 0.0, y, width, 24.0);
        canvas.text(Line::new(0.0, y + 17.0, "fig-name").most(room), &name);
    });
    canvas.rect(
        "fig-plate",
        NARROW - wide(&value, SMALL) - 4.0,
        y + 1.0,
        wide(&value, SMALL) + 4.0,
        23.0,
        0.0,
    );
    canvas.text(Line::new(NARROW, y + 17.0, "fig-toned").size(SMALL).anchor(Anchor::End), &value);
    let middle = y + 33.0;
    canvas.line("fig-rule", (0.0, middle), (NARROW, middle));
    if row.low.is_finite() && row.high.is_finite() {
        let (low, high) = (row.low.min(row.high), row.low.max(row.high));
        canvas.line("fig-span", (scale.x(low), middle), (scale.x(high), middle));
        for (end, beyond, way) in [(low, low < scale.low, -1.0), (high, high > scale.high, 1.0)] {
            let x = scale.x(end);
            if beyond {
                let tip = Path::to(x + way * 7.0, middle).line(x, middle - 5.0).line(x, middle + 5.0).end();
                canvas.path("fig-fill", &tip);
            } else {
                canvas.line("fig-cap", (x, middle - 5.0), (x, middle + 5.0));
            }
        }
    }
    if row.mid.is_finite() && (scale.low..=scale.high).contains(&row.mid) {
        canvas.circle("fig-dot", (scale.x(row.mid), middle), 4.5);
    }
    canvas.close();
}

struct Scale {
    low: f64,
    high: f64,
}

impl Scale {
    fn new(axis: &Axis) -> Self {
        let sound = axis.low.is_finite() && axis.high.is_finite() && axis.low < axis.high;
        let sound = sound && (axis.high - axis.low).is_normal();
        if sound { Self { low: axis.low, high: axis.high } } else { Self { low: 0.0, high: 1.0 } }
    }

    fn x(&self, value: f64) -> f64 {
        let share = (value.clamp(self.low, self.high) - self.low) / (self.high - self.low);
        SIDE + share * (NARROW - 2.0 * SIDE)
    }

    /// Two to six round values on the scale.
    fn ticks(&self) -> Vec<f64> {
        let rough = (self.high - self.low) / 4.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0].into_iter().map(|m| m * power).find(|step| *step >= rough * 0.999);
        let step = step.unwrap_or(10.0 * power);
        let first = (self.low / step - 1e-6).ceil();
        let ticks = (0..6).map(|index| (first + f64::from(index)) * step);
        ticks.filter(|tick| tick.is_finite() && *tick <= self.high + step * 1e-6).collect()
    }

    fn draw(&self, canvas: &mut Canvas, title: &str, y: f64) -> f64 {
        canvas.line("fig-base", (self.x(self.low), y), (self.x(self.high), y));
        for tick in self.ticks() {
            canvas.line("fig-base", (self.x(tick), y), (self.x(tick), y + 4.0));
            let text = tick_label(tick);
            let half = wide(&text, SMALL) / 2.0;
            let x = self.x(tick).clamp(half, NARROW - half);
            canvas.text(Line::new(x, y + 18.0, "fig-quiet").size(SMALL).anchor(Anchor::Middle), &text);
        }
        let line = Line::new(NARROW / 2.0, y + 36.0, "fig-quiet").size(SMALL);
        canvas.text(line.anchor(Anchor::Middle).most(NARROW), title);
        y + 45.0
    }
}

/// A round value, short: beyond four digits with a unit.
fn tick_label(tick: f64) -> String {
    if (10_000.0..1e18).contains(&tick.abs()) {
        let sign = if tick < 0.0 { "−" } else { "" };
        return format!("{sign}{}", label::compact(format!("{:.0}", tick.abs()).parse().unwrap_or(u64::MAX)));
    }
    label::decimal(tick)
}

fn table(about: &About<'_>, rows: &[Interval], axis: &Axis) -> Table {
    let value = |value: f64| Cell { number: true, ..Cell::text(label::decimal(value)) };
    let row = |row: &Interval| {
        let judged = Cell::text(row.tone.word());
        let values = [row.mid, row.low, row.high].map(value);
        std::iter::once(Cell::link(&row.label, row.href.as_ref())).chain(values).chain([judged]).collect()
    };
    let head = ["What", axis.title.as_str(), "Low", "High", "Judged"].map(str::to_owned).to_vec();
    Table { caption: about.title.to_owned(), head, rows: rows.iter().map(row).collect() }
}
