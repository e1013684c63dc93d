use crate::{
    About, Cell, Figure, Table, Tone, label,
    svg::{Anchor, Canvas, Line, NARROW, SMALL, TYPE, wide, wide_bold},
};

/// Most rows that are drawn; the table has all.
pub(crate) const MAX_ROWS: usize = 60;

/// One segment of a [`Bar`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its colour and mark.
    pub tone: Tone,
    /// What is counted, one or two words.
    pub label: String,
    /// How many.
    pub value: u64,
    /// The rows behind the number.
    pub href: Option<String>,
}

/// One row of a bar chart: what it is and the parts that it is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// Names the row.
    pub label: String,
    /// The page about it.
    pub href: Option<String>,
    /// From left to right; parts of zero are not drawn but stand in the table.
    pub parts: Vec<Part>,
}

impl Bar {
    /// The sum of all parts, kept at the greatest number that fits.
    fn total(&self) -> u64 {
        self.parts.iter().fold(0, |sum, part| sum.saturating_add(part.value))
    }
}

/// Stacked horizontal bars on a common zero baseline. Under each bar stand its parts in words, so that nothing depends
/// on telling colours apart.
pub fn bars(about: &About<'_>, bars: &[Bar]) -> Figure {
    let mut canvas = Canvas::default();
    let most = bars.iter().map(Bar::total).max().unwrap_or(0);
    let mut y = 0.0;
    for bar in bars.iter().take(MAX_ROWS) {
        y = row(&mut canvas, bar, most, y) + ROW_GAP;
    }
    y = remainder(&mut canvas, bars.len(), y);
    Figure { svg: canvas.finish(about, NARROW, y), table: table(about, bars) }
}

/// Says what is not drawn: that there is nothing, or how many rows only the table has. Returns where the picture ends.
pub(crate) fn remainder(canvas: &mut Canvas, rows: usize, y: f64) -> f64 {
    if rows == 0 {
        canvas.text(Line::new(0.0, y + 20.0, "fig-quiet"), "There is nothing to show.");
        return y + 32.0;
    }
    if let Some(more @ 1..) = rows.checked_sub(MAX_ROWS) {
        let more = format!("and {} more in the table", label::number(more as u64));
        canvas.text(Line::new(0.0, y + 16.0, "fig-quiet"), &more);
        return y + 28.0;
    }
    y
}

const ROW_GAP: f64 = 10.0;
const LABEL_HEIGHT: f64 = 24.0;
const BAR_HEIGHT: f64 = 12.0;
const TOKEN_HEIGHT: f64 = 26.0;
const TOKEN_GAP: f64 = 14.0;

fn row(canvas: &mut Canvas, bar: &Bar, most: u64, y: f64) -> f64 {
    let total = label::number(bar.total());
    let room = NARROW - wide(&total, TYPE) - 12.0;
    canvas.link(bar.href.as_deref(), &bar.label, |canvas| {
        target(canvas, 0.0, y, room.min(wide_bold(&label::shown(&bar.label), TYPE)), LABEL_HEIGHT);
        canvas.text(Line::new(0.0, y + 16.0, "fig-strong fig-name").most(room), &bar.label);
    });
    canvas.text(Line::new(NARROW, y + 16.0, "fig-quiet").anchor(Anchor::End), &total);
    segments(canvas, bar, most, y + LABEL_HEIGHT);
    tokens(canvas, bar, y + LABEL_HEIGHT + BAR_HEIGHT)
}

fn segments(canvas: &mut Canvas, bar: &Bar, most: u64, y: f64) {
    canvas.rect("fig-rail", 0.0, y, NARROW, BAR_HEIGHT, 2.0);
    let length = |value: u64| NARROW * (value as f64 / most.max(1) as f64);
    let drawn: Vec<&Part> = bar.parts.iter().filter(|part| part.value > 0).collect();
    // A count that is not zero stays visible, however small its share.
    let widths: Vec<f64> = drawn.iter().map(|part| length(part.value).max(3.0)).collect();
    let excess = widths.iter().sum::<f64>() / NARROW;
    let mut x = 0.0;
    for (part, width) in drawn.into_iter().zip(widths) {
        let width = if excess > 1.0 { width / excess } else { width };
        canvas.open("", Some(part.tone));
        canvas.title(&format!("{}: {}", part.label, label::number(part.value)));
        canvas.rect("fig-fill", x, y, (width - 1.0).max(width / 2.0), BAR_HEIGHT, 1.0);
        canvas.close();
        x += width;
    }
}

fn tokens(canvas: &mut Canvas, bar: &Bar, y: f64) -> f64 {
    let (mut x, mut y) = (0.0, y);
    let mut drawn = false;
    for part in bar.parts.iter().filter(|part| part.value > 0) {
        let text = token(part);
        let width = wide(&text, SMALL).min(NARROW);
        if drawn && x + width > NARROW {
            x = 0.0;
            y += TOKEN_HEIGHT;
        }
        drawn = true;
        canvas.open("", Some(part.tone));
        canvas.link(part.href.as_deref(), &format!("{}: {text}", bar.label), |canvas| {
            target(canvas, x, y, width, TOKEN_HEIGHT);
            let line = Line::new(x, y + 17.0, "fig-toned fig-name").size(SMALL).most(NARROW - x);
            canvas.text(line, &text);
        });
        canvas.close();
        x += width + TOKEN_GAP;
    }
    if !drawn {
        canvas.text(Line::new(0.0, y + 17.0, "fig-quiet").size(SMALL), "none");
    }
    y + TOKEN_HEIGHT
}

fn token(part: &Part) -> String {
    let words = label::cut(&label::shown(&part.label), 1_800.0).into_owned();
    match part.tone.mark() {
        Some(mark) => format!("{mark} {} {words}", label::number(part.value)),
        None => format!("{} {words}", label::number(part.value)),
    }
}

/// A surface that takes the pointer, at least as high as WCAG 2.2 asks (24 pixels).
pub(crate) fn target(canvas: &mut Canvas, x: f64, y: f64, width: f64, height: f64) {
    canvas.rect("fig-target", x, y, width, height, 0.0);
}

fn table(about: &About<'_>, bars: &[Bar]) -> Table {
    let mut rows = Vec::new();
    for bar in bars {
        let name = || Cell::link(&bar.label, bar.href.as_ref());
        for part in &bar.parts {
            let count = Cell { href: part.href.clone(), ..Cell::number(part.value) };
            rows.push(vec![name(), Cell::text(&part.label), count]);
        }
        if bar.parts.is_empty() {
            rows.push(vec![name(), Cell::text("none"), Cell::number(0)]);
        }
    }
    let head = ["Row", "Part", "Count"].map(str::to_owned).to_vec();
    Table { caption: about.title.to_owned(), head, rows }
}
