//! The one place that writes SVG.

use std::fmt;

use crate::{About, Tone, label, style::WIDTHS};

/// Type size of labels, in user units. A picture of [`NARROW`] units on a telephone of 360 pixels, less the page's
/// margins, shows it at more than 11 pixels.
pub(crate) const TYPE: f64 = 13.0;

/// Type size of what comes second.
pub(crate) const SMALL: f64 = 12.0;

/// Width of a picture that fits a telephone and grows a little with its box.
pub(crate) const NARROW: f64 = 328.0;

/// Where a text is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A picture while it is drawn. Coordinates are user units from the top left corner.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    body: String,
    has_links: bool,
}

/// One line of text: place, class, the most units that it may be wide, and its type size.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'a> {
    pub x: f64,
    pub y: f64,
    pub class: &'a str,
    pub anchor: Anchor,
    pub most: f64,
    pub size: f64,
}

impl<'a> Line<'a> {
    pub(crate) const fn new(x: f64, y: f64, class: &'a str) -> Self {
        Self { x, y, class, anchor: Anchor::Start, most: f64::INFINITY, size: TYPE }
    }

    pub(crate) const fn anchor(self, anchor: Anchor) -> Self {
        Self { anchor, ..self }
    }

    pub(crate) const fn most(self, most: f64) -> Self {
        Self { most, ..self }
    }

    pub(crate) const fn size(self, size: f64) -> Self {
        Self { size, ..self }
    }
}

impl Canvas {
    /// A group with a class and, if there is one, a tone.
    pub(crate) fn open(&mut self, class: &str, tone: Option<Tone>) {
        let tone = tone.map_or("", Tone::class);
        let gap = if class.is_empty() || tone.is_empty() { "" } else { " " };
        self.body.push_str(&format!("<g class=\"{class}{gap}{tone}\">"));
    }

    pub(crate) fn close(&mut self) {
        self.body.push_str("</g>");
    }

    /// Draws `inside` as a link if there is somewhere to go. `name` says where to those who do not see the picture.
    pub(crate) fn link(&mut self, href: Option<&str>, name: &str, inside: impl FnOnce(&mut Self)) {
        let Some(href) = href.and_then(label::safe_href) else { return inside(self) };
        self.has_links = true;
        let name = label::escaped(&label::shown(name));
        self.body.push_str(&format!("<a href=\"{href}\" class=\"fig-link\"><title>{name}</title>"));
        inside(self);
        self.body.push_str("</a>");
    }

    /// What a pointer that rests on the group reads; it comes first in a group.
    pub(crate) fn title(&mut self, text: &str) {
        self.body.push_str(&format!("<title>{}</title>", label::escaped(&label::shown(text))));
    }

    pub(crate) fn rect(&mut self, class: &str, x: f64, y: f64, width: f64, height: f64, round: f64) {
        let (x, y, width, height) = (N(x), N(y), N(width.max(0.0)), N(height.max(0.0)));
        self.body.push_str(&format!(
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\""
        ));
        if round > 0.0 {
            self.body.push_str(&format!(" rx=\"{}\"", N(round)));
        }
        self.body.push_str("/>");
    }

    pub(crate) fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        let (x1, y1, x2, y2) = (N(from.0), N(from.1), N(to.0), N(to.1));
        self.body
            .push_str(&format!("<line class=\"{class}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>"));
    }

    pub(crate) fn circle(&mut self, class: &str, centre: (f64, f64), radius: f64) {
        let (x, y, r) = (N(centre.0), N(centre.1), N(radius));
        self.body.push_str(&format!("<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"{r}\"/>"));
    }

    /// A path from [`Path`].
    pub(crate) fn path(&mut self, class: &str, path: &Path) {
        self.body.push_str(&format!("<path class=\"{class}\" d=\"{}\"/>", path.0));
    }

    /// One line of text, cut to its place; a text that was cut carries the whole of it as its title.
    pub(crate) fn text(&mut self, line: Line<'_>, text: &str) {
        let whole = label::shown(text);
        let most = if line.class.contains("fig-strong") { line.most / BOLD } else { line.most };
        let shown = label::cut(&whole, (most / line.size * 100.0).ceil());
        let anchor = match line.anchor {
            Anchor::Start => "",
            Anchor::Middle => " fig-middle",
            Anchor::End => " fig-end",
        };
        let small = if line.size < TYPE { " fig-small" } else { "" };
        let class = line.class;
        let (x, y) = (N(line.x), N(line.y));
        self.body.push_str(&format!("<text class=\"{class}{small}{anchor}\" x=\"{x}\" y=\"{y}\">"));
        if shown != whole {
            self.title(text);
        }
        self.body.push_str(&label::escaped(&shown));
        self.body.push_str("</text>");
    }

    /// One line of text that rises to the right at 45 degrees from its place.
    pub(crate) fn slanted(&mut self, line: Line<'_>, text: &str) {
        let (x, y) = (N(line.x), N(line.y));
        self.body.push_str(&format!("<g transform=\"translate({x} {y}) rotate(-45)\">"));
        self.text(Line { x: 0.0, y: 0.0, ..line }, text);
        self.body.push_str("</g>");
    }

    /// The whole picture. Wider than [`NARROW`], it keeps its size and stands in a box that scrolls.
    pub(crate) fn finish(self, about: &About<'_>, width: f64, height: f64) -> String {
        let id = safe_id(about.id);
        let title = label::escaped(&label::shown(about.title));
        let description = label::escaped(&label::shown(about.description));
        // What stands inside an image is hidden from assistive programs, so that a picture with links is a group.
        let role = if self.has_links { "group" } else { "img" };
        let (class, width) = match WIDTHS.iter().find(|step| f64::from(**step) >= width) {
            // What is only a little too wide is drawn a little smaller, which is kinder than a box that scrolls.
            _ if width <= NARROW * 1.08 => ("fig-fit".to_owned(), width.max(NARROW)),
            Some(step) => (format!("fig-w{step}"), f64::from(*step)),
            None => (format!("fig-w{}", WIDTHS.last().unwrap_or(&400)), width),
        };
        let svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"fig-svg {class}\" viewBox=\"0 0 {} {}\" role=\"{role}\" \
             aria-labelledby=\"{id}-title\" aria-describedby=\"{id}-desc\"><title id=\"{id}-title\">{title}</title>\
             <desc id=\"{id}-desc\">{description}</desc>{}</svg>",
            N(width),
            N(height),
            self.body
        );
        if class == "fig-fit" {
            return svg;
        }
        // The hint is seen where the place of the picture is narrower than the picture.
        format!(
            "<div class=\"fig-place {class}-place\"><div class=\"fig-scroll\" tabindex=\"0\" role=\"region\" \
             aria-label=\"{title}\">{svg}</div><p class=\"fig-hint\">The picture goes on to the right: scroll it sideways, \
             or with the arrow keys once it has the focus.</p></div>"
        )
    }
}

/// How much wider bold type is.
const BOLD: f64 = 1.16;

/// Width of a bold text of the given type size in user units.
pub(crate) fn wide_bold(text: &str, size: f64) -> f64 {
    wide(text, size) * BOLD
}

/// Width of a text of the given type size in user units.
pub(crate) fn wide(text: &str, size: f64) -> f64 {
    f64::from(label::width(text)) * size / 100.0
}

fn safe_id(id: &str) -> String {
    let mut safe: String = id
        .chars()
        .take(80)
        .map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' })
        .collect();
    if !safe.starts_with(|c: char| c.is_ascii_alphabetic()) {
        safe.insert_str(0, "fig");
    }
    safe
}

/// The `d` of a path.
#[derive(Debug, Default)]
pub(crate) struct Path(String);

impl Path {
    pub(crate) fn to(x: f64, y: f64) -> Self {
        Self(format!("M{} {}", N(x), N(y)))
    }

    pub(crate) fn line(mut self, x: f64, y: f64) -> Self {
        self.0.push_str(&format!("L{} {}", N(x), N(y)));
        self
    }

    pub(crate) fn curve(mut self, first: (f64, f64), second: (f64, f64), end: (f64, f64)) -> Self {
        let [first, second, end] = [first, second, end].map(|(x, y)| format!("{} {}", N(x), N(y)));
        self.0.push_str(&format!("C{first} {second} {end}"));
        self
    }

    pub(crate) fn end(mut self) -> Self {
        self.0.push('Z');
        self
    }
}

/// A coordinate as a picture writes it: at most two figures after the point.
struct N(f64);

impl fmt::Display for N {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = if self.0.is_finite() { (self.0 * 100.0).round() / 100.0 } else { 0.0 };
        // Without this a small negative value would be written as `-0`.
        let value = if value == 0.0 { 0.0 } else { value };
        write!(f, "{value}")
    }
}
