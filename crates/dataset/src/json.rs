use bartizan_detect::Engine;
use bartizan_finding::{Location, Occurrence, RuleMeta, Unexamined};

use crate::{
    Column, Format, Kind, Limits,
    columns::{Columns, Id},
    structure::{
        ByteOrderMark, DuplicateKey, EmptyDataset, InvalidJson, InvalidUnicode, ManyColumns, MixedTypes,
        NulBytes, TruncatedLastRow,
    },
    tokens::{End, Events, Fault, Scalar, Tokens},
    utf8::Utf8,
    value::{Place, Text},
};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Scans JSON Lines, or one JSON document.
pub(crate) struct JsonScan<'e> {
    tokens: Tokens,
    state: State<'e>,
    lines: bool,
    /// Bytes of a byte order mark that have come; none when the start is over.
    bom: Option<usize>,
    /// Whether the file has a byte.
    any: bool,
}

/// What the events of the parse change.
struct State<'e> {
    path: String,
    limits: Limits,
    columns: Columns,
    /// The open containers.
    open: Vec<Open>,
    /// The key whose value comes next, and its column.
    key: Vec<u8>,
    key_cut: bool,
    next: Id,
    row: u64,
    records: u64,
    objects: u64,
    value: Option<Value>,
    text: Text<'e>,
    utf8: Utf8,
    /// Said once for each row.
    said: Said,
    /// The first row that is too deep.
    deep: Option<u64>,
    many: Option<u64>,
    document: bool,
    /// Whether the document is an array.
    top_array: bool,
    /// What to say, in order; emptied after every step.
    out: Vec<Occurrence>,
}

#[derive(Clone, Copy)]
struct Open {
    column: Id,
    /// The number of an object; 0 for an array.
    object: u64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Value {
    scalar: Scalar,
    column: Id,
    length: u64,
}

#[derive(Default)]
struct Said {
    unicode: bool,
    nul: bool,
}

impl<'e> JsonScan<'e> {
    pub(crate) fn new(path: &str, detect: &'e Engine, limits: &Limits, format: Format) -> Self {
        let lines = format == Format::JsonLines;
        let state = State {
            path: path.to_owned(),
            limits: *limits,
            columns: Columns::new(limits.columns),
            open: Vec::new(),
            key: Vec::new(),
            key_cut: false,
            next: Columns::ROOT,
            row: 1,
            records: 0,
            objects: 0,
            value: None,
            text: Text::new(detect),
            utf8: Utf8::default(),
            said: Said::default(),
            deep: None,
            many: None,
            document: !lines,
            top_array: false,
            out: Vec::new(),
        };
        Self { tokens: Tokens::new(limits.depth), state, lines, bom: Some(0), any: false }
    }

    pub(crate) fn push(&mut self, mut bytes: &[u8], sink: &mut dyn FnMut(Occurrence)) {
        self.any |= !bytes.is_empty();
        if let Some(seen) = self.bom {
            bytes = self.mark(seen, bytes);
        }
        if self.lines {
            while let Some(end) = bytes.iter().position(|byte| *byte == b'\n') {
                let (line, rest) = bytes.split_at(end);
                self.row(line, sink);
                self.end_row(true, sink);
                self.state.row += 1;
                bytes = rest.get(1..).unwrap_or_default();
            }
        }
        self.row(bytes, sink);
    }

    /// Ends the file. Only a `complete` one says that its last row is cut off.
    pub(crate) fn finish(
        mut self,
        complete: bool,
        sink: &mut dyn FnMut(Occurrence),
        unexamined: &mut Vec<Unexamined>,
    ) -> (u64, Vec<Column>) {
        if complete {
            self.end_row(false, sink);
        } else {
            let state = &mut self.state;
            state.text.end(&Place { path: &state.path, row: state.row, column: "" }, &mut state.out);
        }
        let state = &mut self.state;
        let path = state.path.as_str();
        let record =
            |row, column: &str| Location::Record { path: path.to_owned(), row, column: column.to_owned() };
        if let Some(row) = state.deep {
            let reason = format!(
                "nested deeper than {} levels from here on; scanned as plain text",
                state.limits.depth
            );
            unexamined.push(Unexamined::new(record(row, ""), reason));
        }
        if let Some(row) = state.many {
            let message = format!("There are more than {} columns.", state.limits.columns);
            state.out.push(Occurrence::new(
                ManyColumns::META,
                record(row, Columns::new(0).pointer(Columns::REST)),
                message,
            ));
        }
        for (pointer, row, kinds) in state.columns.mixed() {
            let kinds: Vec<_> = kinds.into_iter().map(Kind::as_str).collect();
            let message = format!("The column holds values of several types: {}.", kinds.join(", "));
            state.out.push(Occurrence::new(MixedTypes::META, record(row, pointer), message));
        }
        if complete && state.records == 0 && self.any {
            let message = "The file holds no record.";
            state.out.push(Occurrence::new(EmptyDataset::META, Location::file(path), message));
        }
        state.out.drain(..).for_each(sink);
        (state.records, self.state.columns.finish())
    }

    /// Takes a byte order mark off the start of the file.
    fn mark<'b>(&mut self, seen: usize, bytes: &'b [u8]) -> &'b [u8] {
        let wanted = BOM.get(seen..).unwrap_or_default();
        let same = bytes.iter().zip(wanted).take_while(|(byte, wanted)| byte == wanted).count();
        self.bom = (same == bytes.len() && seen + same < BOM.len()).then_some(seen + same);
        if seen + same == BOM.len() {
            self.state.say(ByteOrderMark::META, "", "The file starts with a byte order mark.");
        } else if self.bom.is_none() && seen > 0 {
            self.tokens.push(BOM.get(..seen).unwrap_or_default(), &mut self.state);
            return bytes;
        }
        if seen + same == BOM.len() || self.bom.is_some() {
            bytes.get(same..).unwrap_or_default()
        } else {
            bytes
        }
    }

    fn row(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Occurrence)) {
        // A large row says what it finds on the way.
        for piece in bytes.chunks(4096) {
            if !self.state.said.nul && piece.contains(&0) {
                self.state.said.nul = true;
                self.state.say(NulBytes::META, "", "The row holds NUL bytes.");
            }
            self.tokens.push(piece, &mut self.state);
            self.state.out.drain(..).for_each(&mut *sink);
        }
    }

    /// Ends a row with or without a line end.
    fn end_row(&mut self, terminated: bool, sink: &mut dyn FnMut(Occurrence)) {
        let state = &mut self.state;
        let end = self.tokens.finish(state);
        state.text.end(&Place { path: &state.path, row: state.row, column: "" }, &mut state.out);
        if !state.utf8.finish() {
            state.invalid_unicode("");
        }
        let cut = !terminated && self.lines && matches!(end, End::Unfinished);
        match end {
            End::Blank | End::Complete | End::Broken => {}
            End::Unfinished if cut => {
                state.say(TruncatedLastRow::META, "", "The last row ends before its JSON is complete.");
            }
            End::Unfinished => state.say(InvalidJson::META, "", "The row ends before its JSON is complete."),
        }
        if self.lines {
            state.records += u64::from(end != End::Blank);
        } else if end != End::Blank && !state.top_array {
            state.records = 1;
        }
        state.open.clear();
        state.next = Columns::ROOT;
        state.value = None;
        state.said = Said::default();
        state.out.drain(..).for_each(sink);
    }
}

impl State<'_> {
    fn say(&mut self, rule: &'static RuleMeta, column: &str, message: impl Into<String>) {
        let location = Location::Record { path: self.path.clone(), row: self.row, column: column.to_owned() };
        self.out.push(Occurrence::new(rule, location, message));
    }

    fn invalid_unicode(&mut self, column: &str) {
        if !std::mem::replace(&mut self.said.unicode, true) {
            self.say(InvalidUnicode::META, column, "The row holds text that is not valid Unicode.");
        }
    }

    /// The column of the value that starts now.
    fn column(&mut self) -> Id {
        let Some(open) = self.open.last().copied() else { return Columns::ROOT };
        let column = if open.object == 0 { self.columns.elements(open.column) } else { self.next };
        if self.columns.overflowed && self.many.is_none() {
            self.many = Some(self.row);
        }
        column
    }

    fn value_starts(&mut self, kind: Kind) -> Id {
        // The elements of an array at the top of a document are its records.
        if self.document && self.open.len() == 1 && self.open[0].object == 0 {
            self.records += 1;
            self.row = self.records;
        }
        let column = self.column();
        self.columns.count(column, kind, self.row);
        column
    }

    /// Finds the column of the key that has just ended, looking at the key itself unless it is known to be harmless.
    fn name(&mut self) {
        let Some(open) = self.open.last().copied() else { return };
        if self.key_cut {
            self.next = Columns::REST;
            return;
        }
        let column = if let Some(known) = self.columns.known(open.column, &self.key) {
            known
        } else {
            let place = Place { path: &self.path, row: self.row, column: self.columns.pointer(open.column) };
            if !self.text.key(&self.key, &place, &mut self.out) {
                // The key is a datum itself and must not become the name of a column.
                self.next = self.columns.hidden(open.column);
                return;
            }
            self.columns.key(open.column, &self.key)
        };
        if !self.columns.name(column, open.object) {
            let pointer = self.columns.pointer(column).to_owned();
            self.say(DuplicateKey::META, &pointer, "The object names a key twice.");
        }
        self.next = column;
    }
}

impl Events for State<'_> {
    fn open(&mut self, object: bool) {
        self.top_array |= self.document && self.open.is_empty() && !object;
        let column = self.value_starts(if object { Kind::Object } else { Kind::Array });
        self.objects += u64::from(object);
        self.open.push(Open { column, object: if object { self.objects } else { 0 } });
    }

    fn close(&mut self) {
        self.open.pop();
    }

    fn start(&mut self, scalar: Scalar) {
        let column = match scalar {
            Scalar::Key => {
                self.key.clear();
                self.key_cut = false;
                Columns::ROOT
            }
            Scalar::String => self.value_starts(Kind::String),
            Scalar::Number => self.value_starts(Kind::Number),
            Scalar::Boolean => self.value_starts(Kind::Boolean),
            Scalar::Null => self.value_starts(Kind::Null),
        };
        if matches!(scalar, Scalar::String | Scalar::Number) {
            self.text.begin(&self.key, scalar == Scalar::String);
        }
        self.value = Some(Value { scalar, column, length: 0 });
    }

    fn piece(&mut self, bytes: &[u8], raw: bool) {
        let Some(value) = &mut self.value else { return };
        value.length += bytes.len() as u64;
        let (scalar, column) = (value.scalar, value.column);
        if raw && !self.utf8.push(bytes) || !raw && !self.utf8.finish() {
            let pointer = self.columns.pointer(column).to_owned();
            self.invalid_unicode(&pointer);
        }
        if scalar == Scalar::Key {
            if !self.key_cut && self.key.len() + bytes.len() > self.limits.key_bytes {
                self.key_cut = true;
                self.text.begin(b"", false);
                let key = std::mem::take(&mut self.key);
                self.text_piece(&key, Columns::ROOT);
            }
            if !self.key_cut {
                self.key.extend_from_slice(bytes);
                return;
            }
        }
        self.text_piece(bytes, column);
    }

    fn end(&mut self) {
        let Some(Value { scalar, column, length }) = self.value.take() else { return };
        if !self.utf8.finish() {
            let pointer = self.columns.pointer(column).to_owned();
            self.invalid_unicode(&pointer);
        }
        let place = Place { path: &self.path, row: self.row, column: self.columns.pointer(column) };
        self.text.end(&place, &mut self.out);
        if scalar == Scalar::Key {
            self.name();
        } else {
            self.columns.measure(column, length);
        }
    }

    fn lone_surrogate(&mut self) {
        let column = self.value.map_or(Columns::ROOT, |value| value.column);
        let pointer = self.columns.pointer(column).to_owned();
        self.invalid_unicode(&pointer);
    }

    fn fault(&mut self, fault: Fault) {
        match fault {
            Fault::Expected(what) => {
                self.say(InvalidJson::META, "", format!("The row is not valid JSON: expected {what}."));
            }
            Fault::Deep => self.deep = Some(self.deep.unwrap_or(self.row)),
        }
        // What a string or key has begun goes on in the bytes that follow.
        let value = self.value.take();
        if !self.text.is_open() {
            self.text.begin(b"", false);
            if value.is_some_and(|value| value.scalar == Scalar::Key) {
                let key = std::mem::take(&mut self.key);
                self.text_piece(&key, Columns::ROOT);
            }
        }
    }

    fn rest(&mut self, bytes: &[u8]) {
        if !self.utf8.push(bytes) {
            self.invalid_unicode("");
        }
        self.text_piece(bytes, Columns::ROOT);
    }
}

impl State<'_> {
    fn text_piece(&mut self, bytes: &[u8], column: Id) {
        let place = Place { path: &self.path, row: self.row, column: self.columns.pointer(column) };
        self.text.piece(bytes, &place, &mut self.out);
    }
}
