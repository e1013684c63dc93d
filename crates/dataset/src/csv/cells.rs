//! Rows and cells of delimited text: RFC 4180, and what is commonly written in its place.
//!
//! A row ends with CR, LF or both; a row without a byte is blank. A cell that starts with a quote goes on to the next
//! single quote, over delimiters and line ends, and two quotes in it are one. In any other cell a quote is a character
//! like others. What follows a closing quote belongs to the cell, as most readers have it, and is told.

/// Hears what the text consists of. The pieces of a cell come in order, split anywhere.
pub(crate) trait Cells {
    /// A piece of the current cell, without its quotes. `plain` says that it did not stand in quotes.
    fn piece(&mut self, bytes: &[u8], plain: bool);
    /// Text follows the quote that closes the current cell.
    fn after_quote(&mut self);
    /// The cell ends.
    fn cell(&mut self);
    /// The row ends; all its cells have ended before, and a blank row has none.
    fn row(&mut self, blank: bool);
    /// A quote opens the current cell.
    fn quote(&mut self);
}

/// The state of a reading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rows {
    delimiter: u8,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A row may start.
    Row,
    /// A row may start, and a line feed still belongs to the one before.
    Return,
    /// A cell must start.
    Cell,
    /// In a cell without quotes, or after the quote that closed one.
    Plain,
    /// In quotes.
    Quoted,
    /// After a quote in quotes: the end, or the first of two.
    Quote,
}

impl Rows {
    pub(crate) fn new(delimiter: u8) -> Self {
        Self { delimiter, state: State::Row }
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, mut bytes: &[u8], cells: &mut dyn Cells) {
        while let Some((&first, rest)) = bytes.split_first() {
            bytes = match self.state {
                State::Return => {
                    self.state = State::Row;
                    if first == b'\n' { rest } else { bytes }
                }
                State::Row | State::Cell if first == b'"' => {
                    self.state = State::Quoted;
                    cells.quote();
                    rest
                }
                State::Row if first == b'\r' || first == b'\n' => {
                    cells.row(true);
                    self.ended(first);
                    rest
                }
                State::Row | State::Cell | State::Plain => self.plain(bytes, cells),
                State::Quoted => {
                    let end = bytes.iter().position(|byte| *byte == b'"').unwrap_or(bytes.len());
                    let (inside, rest) = bytes.split_at(end);
                    if !inside.is_empty() {
                        cells.piece(inside, false);
                    }
                    match rest.split_first() {
                        Some((_, rest)) => {
                            self.state = State::Quote;
                            rest
                        }
                        None => rest,
                    }
                }
                State::Quote if first == b'"' => {
                    cells.piece(b"\"", false);
                    self.state = State::Quoted;
                    rest
                }
                State::Quote => {
                    if !self.ends(first) {
                        cells.after_quote();
                    }
                    self.plain(bytes, cells)
                }
            };
        }
    }

    /// Ends the text; false when it ends in quotes. Another text may follow.
    pub(crate) fn finish(&mut self, cells: &mut dyn Cells) -> bool {
        let state = std::mem::replace(&mut self.state, State::Row);
        if !matches!(state, State::Row | State::Return) {
            cells.cell();
            cells.row(false);
        }
        state != State::Quoted
    }

    /// Takes what stands outside quotes, and the byte that ends it.
    fn plain<'b>(&mut self, bytes: &'b [u8], cells: &mut dyn Cells) -> &'b [u8] {
        let delimiter = self.delimiter;
        let end = bytes.iter().position(|byte| *byte == delimiter || *byte == b'\n' || *byte == b'\r');
        let (inside, rest) = bytes.split_at(end.unwrap_or(bytes.len()));
        if !inside.is_empty() {
            cells.piece(inside, true);
        }
        let Some((&end, rest)) = rest.split_first() else {
            self.state = State::Plain;
            return rest;
        };
        cells.cell();
        if end == delimiter {
            self.state = State::Cell;
        } else {
            cells.row(false);
            self.ended(end);
        }
        rest
    }

    fn ends(self, byte: u8) -> bool {
        byte == self.delimiter || byte == b'\n' || byte == b'\r'
    }

    fn ended(&mut self, by: u8) {
        self.state = if by == b'\r' { State::Return } else { State::Row };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Default, PartialEq, Eq)]
    struct Table {
        rows: Vec<Vec<Vec<u8>>>,
        row: Vec<Vec<u8>>,
        cell: Vec<u8>,
        blank: usize,
        after_quote: usize,
    }

    impl Cells for Table {
        fn piece(&mut self, bytes: &[u8], _: bool) {
            self.cell.extend_from_slice(bytes);
        }

        fn after_quote(&mut self) {
            self.after_quote += 1;
        }

        fn cell(&mut self) {
            self.row.push(std::mem::take(&mut self.cell));
        }

        fn row(&mut self, blank: bool) {
            let row = std::mem::take(&mut self.row);
            assert_eq!(blank, row.is_empty());
            self.blank += usize::from(blank);
            if !blank {
                self.rows.push(row);
            }
        }

        fn quote(&mut self) {}
    }

    fn read(bytes: &[u8], delimiter: u8, sizes: &[usize]) -> (Table, bool) {
        let (mut rows, mut table, mut rest) = (Rows::new(delimiter), Table::default(), bytes);
        for size in sizes {
            let (piece, after) = rest.split_at((*size).min(rest.len()));
            rows.push(piece, &mut table);
            rest = after;
        }
        rows.push(rest, &mut table);
        let closed = rows.finish(&mut table);
        (table, closed)
    }

    fn oracle(bytes: &[u8], delimiter: u8) -> Vec<Vec<Vec<u8>>> {
        let mut reader = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        let (mut input, mut rows, mut row, mut cell) = (bytes, Vec::new(), Vec::new(), Vec::new());
        let mut output = [0; 16];
        loop {
            let (result, read, written) = reader.read_field(input, &mut output);
            input = &input[read..];
            cell.extend_from_slice(&output[..written]);
            match result {
                csv_core::ReadFieldResult::Field { record_end } => {
                    row.push(std::mem::take(&mut cell));
                    if record_end {
                        rows.push(std::mem::take(&mut row));
                    }
                }
                csv_core::ReadFieldResult::End => return rows,
                csv_core::ReadFieldResult::InputEmpty | csv_core::ReadFieldResult::OutputFull => {}
            }
        }
    }

    #[test]
    fn deviations_are_read_as_most_readers_do() {
        for (text, rows, told) in [
            ("a,b\r\nc,d\r\n", "a|b/c|d", ""),
            ("a,b\rc,d", "a|b/c|d", ""),
            ("\n\na\n\r\n\"\"\n", "a/", "blank 3"),
            ("a,\n,", "a|/|", ""),
            ("\"a,\n\"\"b\"\"\",c\n", "a,\n\"b\"|c", ""),
            ("a\"b\",c\n", "a\"b\"|c", ""),
            (" \"a\",b\n", " \"a\"|b", ""),
            ("\"a\"b\"\",c\n", "ab\"\"|c", "after a quote 1"),
            ("\"a\n b,c\n", "a\n b,c\n", "open"),
            ("\"a\"\"", "a\"", "open"),
            ("\"a\"", "a", ""),
        ] {
            let (table, closed) = read(text.as_bytes(), b',', &[]);
            let shown: Vec<_> = table
                .rows
                .iter()
                .map(|row| row.iter().map(|cell| String::from_utf8_lossy(cell)).collect::<Vec<_>>().join("|"))
                .collect();
            let mut said = Vec::new();
            if table.blank > 0 {
                said.push(format!("blank {}", table.blank));
            }
            if table.after_quote > 0 {
                said.push(format!("after a quote {}", table.after_quote));
            }
            if !closed {
                said.push("open".to_owned());
            }
            assert_eq!((shown.join("/").as_str(), said.join(", ").as_str()), (rows, told), "{text:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]

        #[test]
        fn what_is_written_is_read_in_any_pieces(
            rows in proptest::collection::vec(proptest::collection::vec("[a-z,;\"\r\n \u{e9}]{0,5}", 1..4), 0..5),
            sizes in proptest::collection::vec(1_usize..5, 0..40),
            end in proptest::sample::select(vec!["\n", "\r\n", "\r"]),
            delimiter in proptest::sample::select(vec![b',', b';', b'\t']),
        ) {
            let cell = |text: &String| format!("\"{}\"", text.replace('"', "\"\""));
            let row = |row: &Vec<String>| {
                row.iter().map(cell).collect::<Vec<_>>().join(&char::from(delimiter).to_string()) + end
            };
            let text: String = rows.iter().map(row).collect();
            let (table, closed) = read(text.as_bytes(), delimiter, &sizes);
            let written: Vec<Vec<Vec<u8>>> =
                rows.iter().map(|row| row.iter().map(|text| text.as_bytes().to_vec()).collect()).collect();
            prop_assert!(closed);
            prop_assert_eq!(table.rows, written);
        }

        #[test]
        fn any_bytes_are_read_as_the_reference_reads_them(
            text in "[a\",;\r\n]{0,24}",
            sizes in proptest::collection::vec(1_usize..4, 0..24),
        ) {
            let (whole, closed) = read(text.as_bytes(), b',', &[]);
            let (pieces, again) = read(text.as_bytes(), b',', &sizes);
            prop_assert_eq!(&whole, &pieces);
            prop_assert_eq!(closed, again);
            prop_assert_eq!(whole.rows, oracle(text.as_bytes(), b','));
        }
    }
}
