use super::{
    layout::{LOOP, Layout, PLATE_HEIGHT, Rect, Route},
    model::{Arrow, Element, Model},
};
use crate::{
    About, label,
    svg::{Anchor, Canvas, Line, Path, SMALL, wide},
};

pub(super) fn draw(about: &About<'_>, model: &Model, layout: &Layout) -> String {
    let mut canvas = Canvas::default();
    if model.boxes.is_empty() {
        canvas.text(Line::new(0.0, 20.0, "fig-quiet"), "There is nothing to show.");
        return canvas.finish(about, 0.0, 32.0);
    }
    for (band, rect) in model.bands.iter().zip(&layout.bands) {
        canvas.rect("fig-zone", rect.x, rect.y, rect.width, rect.height, 6.0);
        let line = Line::new(rect.x + 13.0, rect.y + 26.0, "fig-strong").most(layout.gutter - 24.0);
        canvas.text(line, &band.label);
        canvas.text(Line::new(rect.x + 13.0, rect.y + 43.0, "fig-quiet").size(SMALL), band.trust);
    }
    // Lines first, names over them: a line that passes a name must not strike it through.
    for along in [false, true] {
        let arrows = model.arrows.iter().zip(&layout.routes).filter(|(arrow, _)| arrow.along == along);
        for (arrow, route) in arrows {
            canvas.open(classes(arrow), None);
            canvas.title(&arrow.title);
            line(&mut canvas, route);
            canvas.close();
        }
    }
    for (arrow, route) in model.arrows.iter().zip(&layout.routes) {
        if let Some(plate) = route.plate {
            name(&mut canvas, arrow, plate);
        }
    }
    for (drawn, rect) in model.boxes.iter().zip(&layout.boxes) {
        element(&mut canvas, drawn, *rect);
    }
    let height = legend(&mut canvas, model, layout);
    let notes = model.notes.join(" ");
    let title = if notes.starts_with("Drawn by zone") {
        format!("{} (by zone)", about.title)
    } else {
        about.title.to_owned()
    };
    let description = format!("{} {notes}", about.description);
    let about = About { title: &title, description: description.trim_end(), ..*about };
    canvas.finish(&about, layout.width, height)
}

fn classes(arrow: &Arrow) -> &'static str {
    match (arrow.crosses, arrow.along) {
        (false, false) => "fig-flow",
        (true, false) => "fig-flow fig-crosses",
        (false, true) => "fig-flow fig-along",
        (true, true) => "fig-flow fig-crosses fig-along",
    }
}

const HEAD: f64 = 8.0;

fn line(canvas: &mut Canvas, route: &Route) {
    let [first, .., before, end] = route.points.as_slice() else { return };
    let way = if end.1 > before.1 { 1.0 } else { -1.0 };
    let last = route.points.len() - 1;
    let mut path = Path::to(first.0, first.1);
    let mut from = *first;
    for (index, to) in route.points.iter().enumerate().skip(1) {
        // The line ends inside its arrowhead, so that a thick one does not show around the tip.
        let y = if index == last { to.1 - way * (HEAD - 2.0) } else { to.1 };
        path = if (from.0 - to.0).abs() < 0.01 {
            path.line(to.0, y)
        } else {
            let middle = f64::midpoint(from.1, y);
            path.curve((from.0, middle), (to.0, middle), (to.0, y))
        };
        from = (to.0, y);
    }
    canvas.path("fig-arrow", &path);
    head(canvas, *end, (0.0, way));
}

/// An arrowhead with its tip at the point, looking in a direction along one axis.
fn head(canvas: &mut Canvas, (x, y): (f64, f64), (dx, dy): (f64, f64)) {
    let (back_x, back_y) = (x - dx * HEAD, y - dy * HEAD);
    let head =
        Path::to(x, y).line(back_x + dy * 4.5, back_y + dx * 4.5).line(back_x - dy * 4.5, back_y - dx * 4.5);
    canvas.path("fig-head", &head.end());
}

fn name(canvas: &mut Canvas, arrow: &Arrow, plate: Rect) {
    canvas.open(classes(arrow), None);
    canvas.title(&arrow.title);
    canvas.link(arrow.href.as_deref(), &arrow.title, |canvas| {
        canvas.rect("fig-plate", plate.x, plate.y, plate.width, plate.height, 3.0);
        let line = Line::new(plate.x + plate.width / 2.0, plate.y + 13.0, "fig-name").size(SMALL);
        canvas.text(line.anchor(Anchor::Middle).most(plate.width - 8.0), &arrow.name);
    });
    canvas.close();
}

fn element(canvas: &mut Canvas, drawn: &Element, rect: Rect) {
    let on_path = if drawn.steps.is_empty() { "" } else { "fig-on-path" };
    canvas.open(on_path, Some(drawn.tone));
    let spoken =
        format!("{} ({}) {}", label::shown(&drawn.label), label::shown(&drawn.kind), drawn.tone.word());
    canvas.title(spoken.trim_end());
    if drawn.to_itself {
        itself(canvas, rect);
    }
    canvas.link(drawn.href.as_deref(), &spoken, |canvas| {
        canvas.rect("fig-box", rect.x, rect.y, rect.width, rect.height, 4.0);
        canvas.rect("fig-fill", rect.x + 4.0, rect.y + 6.0, 3.0, rect.height - 12.0, 1.5);
        let steps = steps(&drawn.steps);
        let badge = if steps.is_empty() { 0.0 } else { wide(&steps, SMALL) + 12.0 };
        let room = rect.width - 20.0;
        let kind = Line::new(rect.x + 13.0, rect.y + 19.0, "fig-quiet").size(SMALL);
        canvas.text(kind.most(room - badge), &drawn.kind);
        if !steps.is_empty() {
            let x = rect.x + rect.width - badge - 4.0;
            canvas.rect("fig-step", x, rect.y + 4.0, badge, 18.0, 9.0);
            let line = Line::new(x + badge / 2.0, rect.y + 17.0, "fig-on-fill fig-strong").size(SMALL);
            canvas.text(line.anchor(Anchor::Middle), &steps);
        }
        let mut x = rect.x + 13.0;
        let mut left = room;
        if let Some(mark) = drawn.tone.mark() {
            canvas.text(Line::new(x, rect.y + 37.0, "fig-toned"), &mark.to_string());
            x += 18.0;
            left -= 18.0;
        }
        canvas.text(Line::new(x, rect.y + 37.0, "fig-strong fig-name").most(left), &drawn.label);
    });
    canvas.close();
}

/// The numbers of the steps, at most three of them.
fn steps(steps: &[usize]) -> String {
    let mut shown: Vec<String> = steps.iter().take(3).map(ToString::to_string).collect();
    if steps.len() > 3 {
        shown.push("…".to_owned());
    }
    shown.join("·")
}

fn itself(canvas: &mut Canvas, rect: Rect) {
    let (right, middle) = (rect.x + rect.width, rect.y + rect.height / 2.0);
    let (out, back) = (middle - 11.0, middle + 11.0);
    let path =
        Path::to(right, out).curve((right + LOOP, out), (right + LOOP, back), (right + HEAD - 2.0, back));
    canvas.open("fig-flow", None);
    canvas.path("fig-arrow", &path);
    head(canvas, (right, back), (-1.0, 0.0));
    canvas.close();
}

/// What the kinds of line mean, under the diagram. Returns where the picture ends.
fn legend(canvas: &mut Canvas, model: &Model, layout: &Layout) -> f64 {
    let crosses = model.arrows.iter().any(|arrow| arrow.crosses);
    let along = model.boxes.iter().any(|drawn| !drawn.steps.is_empty());
    let kinds = [
        (!model.arrows.is_empty(), "fig-flow", "flow"),
        (crosses, "fig-flow fig-crosses", "flow across a trust boundary"),
        (along, "fig-flow fig-along", "attack path, steps numbered"),
    ];
    let mut y = layout.height;
    let mut x = 1.0;
    for (_, class, words) in kinds.into_iter().filter(|(shown, ..)| *shown) {
        let width = 40.0 + wide(words, SMALL);
        if x > 1.0 && x + width > layout.width {
            x = 1.0;
            y += 22.0;
        }
        canvas.open(class, None);
        canvas.line("fig-arrow", (x, y + 20.0), (x + 26.0, y + 20.0));
        head(canvas, (x + 32.0, y + 20.0), (1.0, 0.0));
        canvas.close();
        canvas.text(Line::new(x + 39.0, y + 24.0, "fig-quiet").size(SMALL), words);
        x += width + 24.0;
    }
    if model.arrows.is_empty() { y } else { y + 14.0 + PLATE_HEIGHT }
}
