use crate::{
    About, Cell, Figure, Table, Tone, label,
    svg::{Anchor, Canvas, Line, NARROW, SMALL, TYPE, wide, wide_bold},
};

/// One cell of a [`HeatMap`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatCell {
    /// How many.
    pub value: u64,
    /// How bad it is to be here.
    pub tone: Tone,
    /// The rows behind the number.
    pub href: Option<String>,
}

/// Counts over two ordered scales, such as likelihood and impact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeatMap {
    /// What the rows are.
    pub row_axis: String,
    /// What the columns are.
    pub column_axis: String,
    /// Row labels from top to bottom.
    pub rows: Vec<String>,
    /// Column labels from left to right.
    pub columns: Vec<String>,
    /// One row for each of `rows`, one cell for each of `columns`; what is missing is drawn as empty.
    pub cells: Vec<Vec<HeatCell>>,
}

impl HeatMap {
    fn cell(&self, row: usize, column: usize) -> Option<&HeatCell> {
        self.cells.get(row)?.get(column)
    }
}

/// A table of counts with the tone of each place behind its number. Empty cells are quiet.
///
/// At most 40 rows and columns are drawn; the table has all.
pub fn heat_map(about: &About<'_>, map: &HeatMap) -> Figure {
    let mut canvas = Canvas::default();
    let grid = Grid::new(map);
    let height = grid.draw(&mut canvas, map);
    Figure { svg: canvas.finish(about, grid.width(), height), table: table(about, map) }
}

const MOST: usize = 40;
const CELL_HEIGHT: f64 = 38.0;
const GAP: f64 = 3.0;
const LEAST_STEP: f64 = 36.0;
const MOST_STEP: f64 = 72.0;
const AXIS_HEIGHT: f64 = 20.0;

/// Sine of the angle at which column labels stand that do not fit over their column; its cosine is the same.
const SLANT: f64 = std::f64::consts::FRAC_1_SQRT_2;

struct Grid {
    rows: usize,
    columns: usize,
    /// Where the cells begin.
    left: f64,
    top: f64,
    /// From the start of one column to that of the next.
    step: f64,
    /// Column labels stand at an angle.
    slanted: bool,
    /// Longest column label in units.
    reach: f64,
}

impl Grid {
    fn new(map: &HeatMap) -> Self {
        let (rows, columns) = (map.rows.len().min(MOST), map.columns.len().min(MOST));
        let widest = |labels: &[String]| {
            labels.iter().take(MOST).map(|text| wide(&label::shown(text), SMALL)).fold(0.0, f64::max)
        };
        let row_title = wide(&label::shown(&map.row_axis), SMALL) + 20.0;
        let left = widest(&map.rows).max(row_title).min(92.0) + 8.0;
        let count = columns.max(1) as f64;
        let reach = widest(&map.columns);
        let level = (NARROW - left) / count;
        let slanted = reach > level.clamp(LEAST_STEP, MOST_STEP) - GAP;
        let reach = if slanted { reach.min(96.0) } else { reach };
        // The last of the slanted labels reaches over the last column.
        let step = if slanted { (NARROW - left - reach * SLANT) / (count - 0.5) } else { level };
        let step = step.clamp(LEAST_STEP, MOST_STEP);
        let labels = if slanted { reach * SLANT + 16.0 } else { 20.0 };
        Self { rows, columns, left, top: AXIS_HEIGHT + labels, step, slanted, reach }
    }

    fn width(&self) -> f64 {
        let overhang = if self.slanted { self.reach * SLANT - self.step / 2.0 } else { 0.0 };
        let width = self.left + self.step * self.columns as f64 + overhang.max(0.0);
        width.max(NARROW)
    }

    fn draw(&self, canvas: &mut Canvas, map: &HeatMap) -> f64 {
        if self.rows == 0 || self.columns == 0 {
            canvas.text(Line::new(0.0, 20.0, "fig-quiet"), "There is nothing to show.");
            return 32.0;
        }
        let axis = |x: f64, y: f64| Line::new(x, y, "fig-quiet").size(SMALL);
        let across = format!("{} →", label::shown(&map.column_axis));
        canvas.text(axis(self.left, 13.0).most(self.width() - self.left), &across);
        let down = label::shown(&map.row_axis);
        let down = format!("{} ↓", label::cut(&down, 720.0));
        canvas.text(axis(0.0, self.top - 7.0).most(self.left - 6.0), &down);
        for (index, text) in map.columns.iter().take(MOST).enumerate() {
            self.column_label(canvas, index, text);
        }
        let mut y = self.top;
        for (row, text) in map.rows.iter().take(MOST).enumerate() {
            let line = Line::new(self.left - 8.0, y + CELL_HEIGHT / 2.0 + 3.0, "").size(SMALL);
            canvas.text(line.anchor(Anchor::End).most(self.left - 8.0), text);
            for column in 0..self.columns {
                self.cell(canvas, map, row, column);
            }
            y += CELL_HEIGHT;
        }
        if map.rows.len() > self.rows || map.columns.len() > self.columns {
            canvas.text(Line::new(0.0, y + 18.0, "fig-quiet"), "More rows and columns are in the table.");
            return y + 28.0;
        }
        y
    }

    fn column_label(&self, canvas: &mut Canvas, index: usize, text: &str) {
        let x = self.left + self.step * index as f64 + (self.step - GAP) / 2.0;
        let y = self.top - 7.0;
        let line = Line::new(x, y, "").size(SMALL).most(self.reach);
        if self.slanted {
            canvas.slanted(line, text);
        } else {
            canvas.text(line.anchor(Anchor::Middle), text);
        }
    }

    fn cell(&self, canvas: &mut Canvas, map: &HeatMap, row: usize, column: usize) {
        let x = self.left + self.step * column as f64;
        let y = self.top + CELL_HEIGHT * row as f64;
        let (width, height) = (self.step - GAP, CELL_HEIGHT - GAP);
        let Some(cell) = map.cell(row, column).filter(|cell| cell.value > 0) else {
            canvas.rect("fig-empty", x + 0.5, y + 0.5, width - 1.0, height - 1.0, 3.0);
            return;
        };
        let name = |labels: &[String], index: usize| {
            labels.get(index).map(|text| label::shown(text)).unwrap_or_default()
        };
        let place = format!("{}, {}", name(&map.rows, row), name(&map.columns, column));
        let count = label::number(cell.value);
        canvas.open("", Some(cell.tone));
        canvas.title(&format!("{place}: {count}"));
        canvas.link(cell.href.as_deref(), &format!("{place}: {count}"), |canvas| {
            canvas.rect("fig-cell", x + 0.5, y + 0.5, width - 1.0, height - 1.0, 3.0);
            let line = Line::new(x + width / 2.0, y + height / 2.0 + 4.5, "fig-toned fig-strong fig-name");
            // A number is never cut: where the whole of it does not fit, it is rounded down.
            let fits = wide_bold(&count, TYPE) <= width - 4.0;
            let (count, size) =
                if fits { (count.clone(), TYPE) } else { (label::compact(cell.value), SMALL) };
            canvas.text(line.anchor(Anchor::Middle).size(size), &count);
        });
        canvas.close();
    }
}

fn table(about: &About<'_>, map: &HeatMap) -> Table {
    let corner = format!("{} (rows) by {} (columns)", map.row_axis, map.column_axis);
    let head = std::iter::once(corner).chain(map.columns.iter().cloned()).collect();
    let row = |(index, text): (usize, &String)| {
        let cells = (0..map.columns.len()).map(|column| match map.cell(index, column) {
            Some(cell) => Cell { href: cell.href.clone(), ..Cell::number(cell.value) },
            None => Cell::number(0),
        });
        std::iter::once(Cell::text(text)).chain(cells).collect()
    };
    Table { caption: about.title.to_owned(), head, rows: map.rows.iter().enumerate().map(row).collect() }
}
