//! Scans delimited text: CSV, TSV and their kin.

mod cells;
mod dialect;
mod formula;
pub(crate) mod rules;

use bartizan_detect::Engine;
use bartizan_finding::{Location, Occurrence, RuleMeta};

use crate::{
    Column, Kind, Limits,
    columns::{Columns, Id},
    structure::{ByteOrderMark, EmptyDataset, InvalidUnicode, ManyColumns, NulBytes},
    text,
    utf8::Utf8,
    value::{Place, Text},
};
use cells::{Cells, Rows};
pub(crate) use dialect::Dialect;
use dialect::{DELIMITERS, is_name};
use formula::{LOOKED_AT, formula};
use rules::{BrokenQuotes, DuplicateColumn, MixedDelimiters, RaggedRow, SpreadsheetFormula};

/// Scans a table. Rows count from 1 as a spreadsheet program shows them: with the row of names, and with blank ones.
pub(crate) struct CsvScan<'e> {
    rows: Rows,
    state: State<'e>,
    dialect: Dialect,
    started: bool,
}

struct State<'e> {
    path: String,
    limits: Limits,
    delimiter: u8,
    columns: Columns,
    /// The columns by position, at most as many as are told apart.
    named: Vec<Named>,
    /// The cells of the first row while it is read; none afterwards.
    first: Option<Vec<First>>,
    /// Whether a detector or a rule has seen something in the first row, which then is no row of names.
    first_is_data: bool,
    /// Cells of the first row.
    width: u64,
    row: u64,
    records: u64,
    /// Cells of this row that have ended.
    index: u64,
    /// Other delimiters outside quotes in this row.
    others: [u64; DELIMITERS.len()],
    cell: Cell,
    text: Text<'e>,
    utf8: Utf8,
    said: Said,
    /// The row in which the open quotes started.
    quote_row: u64,
    many: Option<u64>,
    out: Vec<Occurrence>,
}

struct Named {
    id: Id,
    /// What detectors see before the value; empty where the column has no name.
    name: Vec<u8>,
}

struct First {
    name: Vec<u8>,
    kind: Kind,
    length: u64,
}

/// The current cell.
#[derive(Default)]
struct Cell {
    open: bool,
    column: Option<Id>,
    /// The pointer of its column in the first row, which has no columns yet.
    pointer: String,
    /// Its first bytes.
    head: Vec<u8>,
    length: u64,
}

#[derive(Default)]
struct Said {
    unicode: bool,
    nul: bool,
    quote: bool,
}

impl<'e> CsvScan<'e> {
    pub(crate) fn new(path: &str, detect: &'e Engine, limits: &Limits, dialect: Dialect) -> Self {
        let state = State {
            path: path.to_owned(),
            limits: *limits,
            delimiter: dialect.delimiter,
            columns: Columns::new(limits.columns),
            named: Vec::new(),
            first: Some(Vec::new()),
            first_is_data: false,
            width: 0,
            row: 1,
            records: 0,
            index: 0,
            others: [0; DELIMITERS.len()],
            cell: Cell::default(),
            text: Text::new(detect),
            utf8: Utf8::default(),
            said: Said::default(),
            quote_row: 0,
            many: None,
            out: Vec::new(),
        };
        Self { rows: Rows::new(dialect.delimiter), state, dialect, started: false }
    }

    pub(crate) fn push(&mut self, mut bytes: &[u8], sink: &mut dyn FnMut(Occurrence)) {
        if !std::mem::replace(&mut self.started, true) {
            // The dialect was read from these very bytes.
            if self.dialect.mark > 0 {
                self.state.say(ByteOrderMark::META, "", "The file starts with a byte order mark.");
            }
            self.state.row += u64::from(self.dialect.setting > 0);
            bytes = bytes.get(self.dialect.mark + self.dialect.setting..).unwrap_or_default();
        }
        // Many small rows say what they find on the way.
        for piece in bytes.chunks(4096) {
            self.rows.push(piece, &mut self.state);
            self.state.out.drain(..).for_each(&mut *sink);
        }
    }

    /// Ends the file. Only a `complete` one says that its quotes are open.
    pub(crate) fn finish(mut self, complete: bool, sink: &mut dyn FnMut(Occurrence)) -> (u64, Vec<Column>) {
        let state = &mut self.state;
        if !complete {
            state.end_text();
        } else if !self.rows.finish(state) {
            state.row = state.quote_row;
            state.say(BrokenQuotes::META, "", "The file ends within quotes that open in this row.");
        }
        if let Some(row) = state.many {
            state.row = row;
            let message = format!("There are more than {} columns.", state.limits.columns);
            let pointer = state.columns.pointer(Columns::REST).to_owned();
            state.say(ManyColumns::META, &pointer, message);
        }
        if complete && state.records == 0 && self.started {
            let message = "The file holds no record.";
            state.out.push(Occurrence::new(EmptyDataset::META, Location::file(state.path.as_str()), message));
        }
        state.out.drain(..).for_each(sink);
        (state.records, self.state.columns.finish())
    }
}

impl State<'_> {
    fn say(&mut self, rule: &'static RuleMeta, column: &str, message: impl Into<String>) {
        let location = Location::Record { path: self.path.clone(), row: self.row, column: column.to_owned() };
        self.out.push(Occurrence::new(rule, location, message));
    }

    /// Says something about the current cell.
    fn say_here(&mut self, rule: &'static RuleMeta, message: &str) {
        let pointer = self.pointer().to_owned();
        self.say(rule, &pointer, message);
    }

    fn pointer(&self) -> &str {
        self.cell.column.map_or(self.cell.pointer.as_str(), |column| self.columns.pointer(column))
    }

    fn end_text(&mut self) {
        let column =
            self.cell.column.map_or(self.cell.pointer.as_str(), |column| self.columns.pointer(column));
        let place = Place { path: &self.path, row: self.row, column };
        self.text.end(&place, &mut self.out);
    }

    fn begin(&mut self) {
        if self.cell.open {
            return;
        }
        self.cell.open = true;
        let index = usize::try_from(self.index).unwrap_or(usize::MAX);
        if self.first.is_some() {
            self.cell.pointer = if index < self.limits.columns {
                position(self.index)
            } else {
                self.columns.pointer(Columns::REST).to_owned()
            };
            self.text.begin(b"", false);
            return;
        }
        if index >= self.named.len() && index < self.limits.columns {
            // A row that is longer than the first: its further columns have no name.
            for at in self.named.len()..=index {
                let id =
                    self.columns.key(Columns::ROOT, position(at as u64).trim_start_matches('/').as_bytes());
                self.named.push(Named { id, name: Vec::new() });
            }
        }
        let named = self.named.get(index);
        let id = named.map_or(Columns::REST, |named| named.id);
        if id == Columns::REST && self.many.is_none() {
            self.many = Some(self.row);
        }
        self.cell.column = Some(id);
        self.text.begin(named.map_or(&[], |named| named.name.as_slice()), true);
    }

    fn invalid_unicode(&mut self) {
        if !std::mem::replace(&mut self.said.unicode, true) {
            self.say_here(InvalidUnicode::META, "The row holds text that is not valid Unicode.");
        }
    }

    /// Makes columns of the first row: named by it, or by their position where it is data itself.
    fn head(&mut self, cells: Vec<First>) {
        self.width = self.index;
        let names = !self.first_is_data
            && cells.iter().all(|cell| is_name(&cell.name) && cell.length == cell.name.len() as u64)
            && cells.iter().any(|cell| !cell.name.is_empty());
        for (index, cell) in cells.into_iter().enumerate() {
            let is_named = names && !cell.name.is_empty();
            let name = if is_named { cell.name } else { Vec::new() };
            let text = String::from_utf8_lossy(&name).trim().to_owned();
            let shown = if is_named { text } else { (index + 1).to_string() };
            let known = self.columns.known(Columns::ROOT, shown.as_bytes());
            let id = self.columns.key(Columns::ROOT, shown.as_bytes());
            if is_named && known.is_some() {
                let pointer = self.columns.pointer(id).to_owned();
                self.say(DuplicateColumn::META, &pointer, "Two columns have the same name.");
            }
            if !names {
                self.columns.count(id, cell.kind, self.row);
                self.columns.measure(id, cell.length);
            }
            self.named.push(Named { id, name });
        }
        self.records += u64::from(!names);
    }

    /// Compares the row that ends with the first one.
    fn compare(&mut self) {
        if self.index == self.width {
            return;
        }
        let by_other = DELIMITERS.into_iter().zip(self.others).find(|(delimiter, count)| {
            *delimiter != self.delimiter && self.width > 1 && count + 1 == self.width
        });
        if self.index == 1
            && let Some((delimiter, _)) = by_other
        {
            let message =
                format!("The row is split by {} instead of {}.", name(delimiter), name(self.delimiter));
            self.say(MixedDelimiters::META, "", message);
        } else {
            let cells = if self.index == 1 { "1 cell".to_owned() } else { format!("{} cells", self.index) };
            let message = format!("The row has {cells}, the first one has {}.", self.width);
            self.say(RaggedRow::META, "", message);
        }
    }
}

impl Cells for State<'_> {
    fn piece(&mut self, bytes: &[u8], plain: bool) {
        self.begin();
        self.cell.length += bytes.len() as u64;
        let looked_at = if self.first.is_some() { self.limits.key_bytes.max(LOOKED_AT) } else { LOOKED_AT };
        if self.cell.head.len() < looked_at {
            let wanted = bytes.get(..looked_at - self.cell.head.len()).unwrap_or(bytes);
            self.cell.head.extend_from_slice(wanted);
        }
        if !self.said.nul && bytes.contains(&0) {
            self.said.nul = true;
            self.say_here(NulBytes::META, "The row holds NUL bytes.");
        }
        if !self.utf8.push(bytes) {
            self.invalid_unicode();
        }
        if plain {
            for (delimiter, count) in DELIMITERS.iter().zip(&mut self.others) {
                *count += text::count(bytes, *delimiter);
            }
        }
        let column =
            self.cell.column.map_or(self.cell.pointer.as_str(), |column| self.columns.pointer(column));
        let place = Place { path: &self.path, row: self.row, column };
        self.text.piece(bytes, &place, &mut self.out);
    }

    fn after_quote(&mut self) {
        if !std::mem::replace(&mut self.said.quote, true) {
            self.begin();
            self.say_here(BrokenQuotes::META, "Text follows the quote that closes the cell.");
        }
    }

    fn cell(&mut self) {
        self.begin();
        if !self.utf8.finish() {
            self.invalid_unicode();
        }
        let before = self.out.len();
        self.end_text();
        if let Some(severity) = formula(self.cell.head.get(..LOOKED_AT).unwrap_or(&self.cell.head)) {
            self.say_here(SpreadsheetFormula::META, "A spreadsheet program would evaluate the cell.");
            if let Some(said) = self.out.last_mut() {
                said.severity = severity;
            }
        }
        let (kind, length) = (kind(&self.cell.head, self.cell.length), self.cell.length);
        if let Some(first) = &mut self.first {
            self.first_is_data |= self.out.len() > before || !matches!(kind, Kind::String | Kind::Null);
            if first.len() < self.limits.columns {
                let mut name = self.cell.head.clone();
                name.truncate(self.limits.key_bytes);
                first.push(First { name, kind, length });
            } else if self.many.is_none() {
                self.many = Some(self.row);
            }
        } else if let Some(column) = self.cell.column {
            self.columns.count(column, kind, self.row);
            self.columns.measure(column, length);
        }
        self.cell.head.clear();
        (self.cell.open, self.cell.column, self.cell.length) = (false, None, 0);
        self.index += 1;
    }

    fn row(&mut self, blank: bool) {
        if !blank {
            if let Some(first) = self.first.take() {
                self.head(first);
            } else {
                self.compare();
                self.records += 1;
            }
        }
        self.index = 0;
        self.others = [0; DELIMITERS.len()];
        self.said = Said::default();
        self.row += 1;
    }

    fn quote(&mut self) {
        self.quote_row = self.row;
    }
}

/// The pointer of the column at `index`, which has no name.
fn position(index: u64) -> String {
    format!("/{}", index + 1)
}

const fn name(delimiter: u8) -> &'static str {
    match delimiter {
        b',' => "commas",
        b';' => "semicolons",
        b'\t' => "tabs",
        _ => "bars",
    }
}

/// What a cell of `length` bytes that starts with `head` would be taken for.
fn kind(head: &[u8], length: u64) -> Kind {
    if length == 0 {
        return Kind::Null;
    }
    let text = std::str::from_utf8(head).unwrap_or_default().trim();
    let may_be_number =
        length <= 40 && text.bytes().next().is_some_and(|b| b.is_ascii_digit() || b"+-.".contains(&b));
    if may_be_number && text.parse::<f64>().is_ok_and(f64::is_finite) {
        Kind::Number
    } else if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        Kind::Boolean
    } else {
        Kind::String
    }
}
