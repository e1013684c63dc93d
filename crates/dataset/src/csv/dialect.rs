use super::cells::{Cells, Rows};

/// What separates cells, the most usual first.
pub(super) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// At most this many rows at the start of a file say how it is written.
const ROWS: usize = 100;

/// How a file of delimited text is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// What separates cells.
    pub(super) delimiter: u8,
    /// Bytes of a byte order mark at the start.
    pub(super) mark: usize,
    /// Bytes after it of a line such as `sep=;`, which spreadsheet programs read as a setting.
    pub(super) setting: usize,
}

impl Dialect {
    /// The most likely dialect of a file that starts with `head`.
    pub(crate) fn of(head: &[u8], path: &str) -> Self {
        let mark = if head.starts_with(BOM) { BOM.len() } else { 0 };
        let head = head.get(mark..).unwrap_or_default();
        if let Some((delimiter, setting)) = setting(head) {
            return Self { delimiter, mark, setting };
        }
        // The name decides only where the content does not.
        let hint = if path.len() > 4 && path.to_ascii_lowercase().ends_with(".tsv") { b'\t' } else { b',' };
        let best = DELIMITERS
            .into_iter()
            .map(|delimiter| (Shape::of(head, delimiter), delimiter == hint, delimiter))
            .filter(|(shape, ..)| shape.width > 1)
            .max_by_key(|(shape, hinted, _)| (shape.agree * 100 / shape.rows.max(1), *hinted, shape.width));
        Self { delimiter: best.map_or(hint, |(.., delimiter)| delimiter), mark, setting: 0 }
    }

    /// Whether the start of a file whose name says nothing is beyond doubt a table: several rows of several cells, as
    /// many in each, under a row of names.
    pub(crate) fn is_certain(head: &[u8]) -> bool {
        let head = head.strip_prefix(BOM).unwrap_or(head);
        if setting(head).is_some() {
            return true;
        }
        DELIMITERS.into_iter().any(|delimiter| {
            let shape = Shape::of(head, delimiter);
            shape.rows >= 4 && shape.width >= 3 && shape.agree == shape.rows && shape.named
        })
    }
}

/// The delimiter and length of a first line such as `sep=;`.
fn setting(head: &[u8]) -> Option<(u8, usize)> {
    let rest = head.strip_prefix(b"sep=")?;
    let (&delimiter, rest) = rest.split_first()?;
    let end = if rest.starts_with(b"\r\n") { 2 } else { usize::from(rest.starts_with(b"\n")) };
    (end > 0 && DELIMITERS.contains(&delimiter)).then_some((delimiter, 5 + end))
}

/// What rows look like with one delimiter.
#[derive(Debug, Default)]
struct Shape {
    /// Rows with a line end, at most [`ROWS`].
    rows: usize,
    /// Cells of the first row.
    width: usize,
    /// Rows with as many cells.
    agree: usize,
    /// Whether every cell of the first row looks like the name of a column.
    named: bool,
    cells: usize,
    cell: Vec<u8>,
}

impl Shape {
    fn of(head: &[u8], delimiter: u8) -> Self {
        let mut shape = Self { named: true, ..Self::default() };
        // The last row may be cut off by the end of the head and is not counted.
        Rows::new(delimiter).push(head, &mut shape);
        shape
    }
}

impl Cells for Shape {
    fn piece(&mut self, bytes: &[u8], _: bool) {
        if self.rows == 0 && self.cell.len() < 256 {
            self.cell.extend_from_slice(bytes);
        }
    }

    fn after_quote(&mut self) {}

    fn cell(&mut self) {
        if self.rows == 0 {
            self.named &= is_name(&self.cell);
            self.cell.clear();
        }
        self.cells += 1;
    }

    fn row(&mut self, blank: bool) {
        let cells = std::mem::take(&mut self.cells);
        if blank || self.rows == ROWS {
            return;
        }
        if self.rows == 0 {
            self.width = cells;
        }
        self.rows += 1;
        self.agree += usize::from(cells == self.width);
    }

    fn quote(&mut self) {}
}

/// Whether a cell of the first row looks like the name of a column and not like a value.
pub(super) fn is_name(cell: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(cell) else { return false };
    let text = text.trim();
    let mut characters = text.chars();
    let starts = characters.next().is_none_or(|first| first.is_alphabetic() || "_#$([".contains(first));
    let plain = |c: char| c.is_alphanumeric() || " _-./:()[]%#$&+*'?\u{20ac}\u{b0}".contains(c);
    let is_value = ["true", "false", "null", "none", "nan", "n/a", "yes", "no"]
        .iter()
        .any(|value| text.eq_ignore_ascii_case(value));
    starts
        && text.chars().count() <= 48
        && text.chars().all(plain)
        && !is_value
        && text.split(' ').count() <= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_says_what_separates_and_the_name_helps() {
        for (head, path, delimiter) in [
            ("a,b\n1,2\n", "a.csv", b','),
            ("a;b\n1,5;2,5\n3,0;4,1\n", "a.csv", b';'),
            ("a\tb, c\n1\t2\n", "a.csv", b'\t'),
            ("a|b\n1|2\n", "a.csv", b'|'),
            ("\"a;b\",c\n1,2\n", "a.csv", b','),
            ("text\nhello, you\n", "a.csv", b','),
            ("text\nhello\n", "a.tsv", b'\t'),
            ("a,b\tc,d\n1,2\t3,4\n", "a.tsv", b'\t'),
            ("sep=;\na,b;c\n", "a.csv", b';'),
            ("\u{feff}sep=|\r\na,b;c\n", "a.csv", b'|'),
            ("", "a.csv", b','),
        ] {
            assert_eq!(Dialect::of(head.as_bytes(), path).delimiter, delimiter, "{head:?}");
        }
        let dialect = Dialect::of(b"\xef\xbb\xbfsep=;\r\na;b\n", "a.csv");
        assert_eq!((dialect.mark, dialect.setting), (3, 7));
    }

    #[test]
    fn only_what_is_a_table_beyond_doubt_is_taken_for_one() {
        for (head, certain) in [
            ("id,text,label\n1,a,b\n2,c,d\n3,e,f\n", true),
            ("id\ttext\tlabel\n1\ta\tb\n2\tc\td\n3\te\tf\n", true),
            ("sep=;\nx\n", true),
            ("id,text\n1,a\n2,c\n3,e\n", false),
            ("id,text,label\n1,a,b\n2,c,d\n", false),
            ("1,2,3\n1,2,3\n1,2,3\n1,2,3\n", false),
            ("One, two, three.\nFour, five.\nSix, seven, eight.\nNine.\n", false),
            ("let a = f(x, y, z);\nlet b = g(x, y, z);\nlet c = h(x, y, z);\nlet d = i(x, y, z);\n", false),
        ] {
            assert_eq!(Dialect::is_certain(head.as_bytes()), certain, "{head:?}");
        }
    }
}
