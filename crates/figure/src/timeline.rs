use bartizan_finding::Timestamp;

use crate::{
    About, Cell, Figure, Table, Tone,
    bars::{MAX_ROWS, remainder, target},
    label,
    svg::{Anchor, Canvas, Line, NARROW, Path, SMALL, TYPE, wide},
};

/// Something that holds from one time to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub label: String,
    /// The row behind it.
    pub href: Option<String>,
    /// When it begins.
    pub from: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// How it stands, in one or two words.
    pub state: String,
    /// Whether that means that it holds until its end.
    pub holds: bool,
    /// The colour and mark of that.
    pub tone: Tone,
}

/// Spans of time on a common scale of days, with a line at `now`: what is over is drawn soft, what is left of those
/// that hold in full.
/// What lies more than 90 days back or 400 days ahead ends in an arrow at the edge, so that one long span does not
/// press the others together.
pub fn timeline(about: &About<'_>, spans: &[Span], now: Timestamp) -> Figure {
    let mut canvas = Canvas::default();
    let scale = Scale::new(spans, now);
    let mut y = 0.0;
    if !spans.is_empty() {
        let rows = spans.len().min(MAX_ROWS) as f64;
        y = scale.head(&mut canvas, rows * ROW_HEIGHT);
    }
    for span in spans.iter().take(MAX_ROWS) {
        draw(&mut canvas, span, &scale, y);
        y += ROW_HEIGHT;
    }
    if !spans.is_empty() {
        y = scale.foot(&mut canvas, y);
    }
    y = remainder(&mut canvas, spans.len(), y);
    Figure { svg: canvas.finish(about, NARROW, y), table: table(about, spans) }
}

const DAY: f64 = 86_400.0;
const ROW_HEIGHT: f64 = 46.0;
const HEAD_HEIGHT: f64 = 22.0;
const BAR_HEIGHT: f64 = 9.0;
const SIDE: f64 = 8.0;

/// The most that is shown before and after now, in days, and the least that is shown in all.
const BACK: f64 = 90.0;
const AHEAD: f64 = 400.0;
const LEAST: f64 = 4.0;

/// Days between two dates of the scale.
const STEPS: [f64; 8] = [1.0, 2.0, 7.0, 14.0, 30.0, 60.0, 91.0, 182.0];

fn draw(canvas: &mut Canvas, span: &Span, scale: &Scale, y: f64) {
    let value = if span.holds {
        format!("until {}", day(span.until))
    } else {
        label::cut(&label::shown(&span.state), 1_200.0).into_owned()
    };
    let room = NARROW - wide(&value, SMALL) - 12.0;
    let mark = span.tone.mark().map(|mark| format!("{mark} ")).unwrap_or_default();
    canvas.open("", Some(span.tone));
    canvas.link(span.href.as_deref(), &format!("{}: {value}", span.label), |canvas| {
        let name = format!("{mark}{}", span.label);
        let width = room.min(wide(&label::shown(&name), TYPE));
        canvas.rect("fig-plate", 0.0, y + 1.0, width + 4.0, 23.0, 0.0);
        target(canvas, 0.0, y, width, 24.0);
        canvas.text(Line::new(0.0, y + 17.0, "fig-name").most(room), &name);
    });
    let wide = wide(&value, SMALL) + 4.0;
    canvas.rect("fig-plate", NARROW - wide, y + 1.0, wide, 23.0, 0.0);
    canvas.text(Line::new(NARROW, y + 17.0, "fig-toned").size(SMALL).anchor(Anchor::End), &value);
    let (top, middle) = (y + 28.0, y + 28.0 + BAR_HEIGHT / 2.0);
    canvas.line("fig-rule", (0.0, middle), (NARROW, middle));
    let (from, until) = (seconds(span.from), seconds(span.until));
    let (left, now) = (scale.x(from), scale.x(scale.now));
    // A few hours stay visible on a scale of weeks.
    let right = scale.x(until).max(left + 3.0);
    let turn = if span.holds { now.clamp(left, right) } else { right };
    canvas.rect("fig-cell", left, top, turn - left, BAR_HEIGHT, 0.0);
    canvas.rect("fig-fill", turn, top, right - turn, BAR_HEIGHT, 0.0);
    for (x, beyond, way) in [(left, from < scale.low, -1.0), (right, until > scale.high, 1.0)] {
        if beyond {
            canvas.path(
                "fig-fill",
                &Path::to(x + way * 7.0, middle).line(x, top).line(x, top + BAR_HEIGHT).end(),
            );
        }
    }
    canvas.close();
}

/// Seconds since 1970, as all times are kept here.
struct Scale {
    low: f64,
    high: f64,
    now: f64,
}

impl Scale {
    fn new(spans: &[Span], now: Timestamp) -> Self {
        let now = seconds(now);
        let first = spans.iter().map(|span| seconds(span.from)).fold(now, f64::min);
        let last = spans.iter().map(|span| seconds(span.until)).fold(now, f64::max);
        let low = first.max(now - BACK * DAY);
        let high = last.min(now + AHEAD * DAY).max(low + LEAST * DAY);
        Self { low, high, now }
    }

    fn x(&self, second: f64) -> f64 {
        let share = (second.clamp(self.low, self.high) - self.low) / (self.high - self.low);
        SIDE + share * (NARROW - 2.0 * SIDE)
    }

    /// At most five midnights, in seconds.
    fn ticks(&self) -> Vec<f64> {
        let days = (self.high - self.low) / DAY;
        let step = STEPS.into_iter().find(|step| days / step <= 4.0).unwrap_or(days) * DAY;
        let first = (self.low / step).ceil();
        let ticks = (0..5).map(|index| (first + f64::from(index)) * step);
        ticks.filter(|tick| *tick <= self.high).collect()
    }

    /// The lines that go through all rows: midnights, and now with its word.
    fn head(&self, canvas: &mut Canvas, height: f64) -> f64 {
        for tick in self.ticks() {
            canvas.line("fig-rule", (self.x(tick), HEAD_HEIGHT), (self.x(tick), HEAD_HEIGHT + height));
        }
        let x = self.x(self.now);
        canvas.line("fig-now", (x, HEAD_HEIGHT - 4.0), (x, HEAD_HEIGHT + height));
        let text = format!("today, {}", date(self.now));
        // It is set in bold, which is a tenth wider.
        let half = wide(&text, SMALL) * 0.55;
        let line = Line::new(x.clamp(half, NARROW - half), 13.0, "fig-strong").size(SMALL);
        canvas.text(line.anchor(Anchor::Middle), &text);
        HEAD_HEIGHT
    }

    fn foot(&self, canvas: &mut Canvas, y: f64) -> f64 {
        canvas.line("fig-base", (self.x(self.low), y), (self.x(self.high), y));
        for tick in self.ticks() {
            canvas.line("fig-base", (self.x(tick), y), (self.x(tick), y + 4.0));
            let text = date(tick);
            // It is set in bold, which is a tenth wider.
            let half = wide(&text, SMALL) * 0.55;
            let x = self.x(tick).clamp(half, NARROW - half);
            canvas.text(Line::new(x, y + 18.0, "fig-quiet").size(SMALL).anchor(Anchor::Middle), &text);
        }
        y + 26.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "the years that a timestamp can hold fit 53 bits of seconds")]
fn seconds(time: Timestamp) -> f64 {
    time.as_second() as f64
}

#[expect(clippy::cast_possible_truncation, reason = "a time on the scale lies between two timestamps")]
fn date(second: f64) -> String {
    Timestamp::from_second(second as i64).map_or_else(|_| "–".to_owned(), day)
}

fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

fn table(about: &About<'_>, spans: &[Span]) -> Table {
    let row = |span: &Span| {
        let minute = |time: Timestamp| Cell::text(time.strftime("%Y-%m-%d %H:%M UTC").to_string());
        let name = Cell::link(&span.label, span.href.as_ref());
        vec![name, minute(span.from), minute(span.until), Cell::text(&span.state)]
    };
    let head = ["What", "From", "Until", "State"].map(str::to_owned).to_vec();
    Table { caption: about.title.to_owned(), head, rows: spans.iter().map(row).collect() }
}
