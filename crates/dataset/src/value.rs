//! Values of records, as the detectors see them.

use bartizan_detect::{Engine, Match, Stream};
use bartizan_finding::{Location, Occurrence};

use crate::text::occurrence;

/// Where the text that is scanned stands.
pub(crate) struct Place<'a> {
    pub(crate) path: &'a str,
    pub(crate) row: u64,
    pub(crate) column: &'a str,
}

impl Place<'_> {
    fn occurrence(&self, found: &Match) -> Occurrence {
        let Self { path, row, column } = *self;
        occurrence(found, Location::Record { path: path.to_owned(), row, column: column.to_owned() })
    }
}

/// Gives one text after the other to the detectors.
pub(crate) struct Text<'e> {
    stream: Stream<'e>,
    /// Bytes that have not been given yet: most values are short, and one push is cheaper than three.
    held: Vec<u8>,
    /// What stands before the text so that detectors see its key; no match in there counts.
    context: u64,
    quoted: bool,
    open: bool,
}

impl<'e> Text<'e> {
    pub(crate) fn new(detect: &'e Engine) -> Self {
        Self { stream: detect.stream(), held: Vec::new(), context: 0, quoted: false, open: false }
    }

    /// Whether a text has been started and not ended.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }

    /// Starts a text, the value of `key` where that is not empty.
    pub(crate) fn begin(&mut self, key: &[u8], quoted: bool) {
        self.held.clear();
        if !key.is_empty() {
            self.held.push(b'"');
            self.held.extend_from_slice(key);
            self.held.extend_from_slice(if quoted { b"\": \"" } else { b"\": " });
        }
        self.context = self.held.len() as u64;
        (self.quoted, self.open) = (quoted && !key.is_empty(), true);
    }

    pub(crate) fn piece(&mut self, bytes: &[u8], place: &Place<'_>, out: &mut Vec<Occurrence>) {
        const ENOUGH: usize = 8 * 1024;
        if self.open {
            self.held.extend_from_slice(bytes);
            if self.held.len() >= ENOUGH {
                self.give(place, out, false);
            }
        }
    }

    pub(crate) fn end(&mut self, place: &Place<'_>, out: &mut Vec<Occurrence>) {
        if std::mem::take(&mut self.open) {
            if self.quoted {
                self.held.push(b'"');
            }
            self.give(place, out, true);
        }
    }

    fn give(&mut self, place: &Place<'_>, out: &mut Vec<Occurrence>, end: bool) {
        let context = self.context;
        let mut found = |found: Match| {
            if found.start >= context {
                out.push(place.occurrence(&found));
            }
        };
        self.stream.push(&self.held, &mut found);
        if end {
            self.stream.finish(&mut found);
        }
        self.held.clear();
    }

    /// Scans a key; whether nothing was found in it.
    pub(crate) fn key(&mut self, key: &[u8], place: &Place<'_>, out: &mut Vec<Occurrence>) -> bool {
        let before = out.len();
        self.begin(b"", false);
        self.piece(key, place, out);
        self.end(place, out);
        out.len() == before
    }
}
