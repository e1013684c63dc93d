use bartizan_detect::{Engine, Match, Stream};
use bartizan_finding::{Location, Occurrence};

use crate::{
    structure::{InvalidUnicode, NulBytes},
    utf8::Utf8,
};

/// Scans plain text; its lines are its records.
pub(crate) struct TextScan<'e> {
    path: String,
    stream: Stream<'e>,
    lines: Lines,
    utf8: Utf8,
    /// Said once for the file: a binary file would say it at every byte.
    said_nul: bool,
    said_unicode: bool,
    /// Whether the last byte ended a line.
    at_start: bool,
    newlines: u64,
    length: u64,
}

impl<'e> TextScan<'e> {
    pub(crate) fn new(path: &str, detect: &'e Engine) -> Self {
        Self {
            path: path.to_owned(),
            stream: detect.stream(),
            lines: Lines::default(),
            utf8: Utf8::default(),
            said_nul: false,
            said_unicode: false,
            at_start: true,
            newlines: 0,
            length: 0,
        }
    }

    pub(crate) fn push(&mut self, bytes: &[u8], sink: &mut dyn FnMut(Occurrence)) {
        let start = self.length;
        self.lines.push(bytes);
        self.length += bytes.len() as u64;
        self.newlines += count(bytes, b'\n');
        self.at_start = bytes.last() == Some(&b'\n');
        if !self.said_nul
            && let Some(at) = bytes.iter().position(|byte| *byte == 0)
        {
            self.said_nul = true;
            let at = start + at as u64;
            let location = self.lines.locate(&self.path, at, at + 1);
            sink(Occurrence::new(NulBytes::META, location, "The text holds NUL bytes."));
        }
        if !self.utf8.push(bytes) {
            self.say_unicode(sink);
        }
        let (lines, path) = (&self.lines, &self.path);
        self.stream
            .push(bytes, &mut |found| sink(occurrence(&found, lines.locate(path, found.start, found.end))));
        self.lines.forget(self.stream.settled());
    }

    /// The number of lines.
    pub(crate) fn finish(mut self, sink: &mut dyn FnMut(Occurrence)) -> u64 {
        if !self.utf8.finish() {
            self.say_unicode(sink);
        }
        let (lines, path) = (&self.lines, &self.path);
        self.stream.finish(&mut |found| sink(occurrence(&found, lines.locate(path, found.start, found.end))));
        self.newlines + u64::from(!self.at_start)
    }

    fn say_unicode(&mut self, sink: &mut dyn FnMut(Occurrence)) {
        if !std::mem::replace(&mut self.said_unicode, true) {
            let message = "The text is not UTF-8.";
            sink(Occurrence::new(InvalidUnicode::META, Location::file(self.path.as_str()), message));
        }
    }
}

/// An occurrence of what a detector found.
pub(crate) fn occurrence(found: &Match, location: Location) -> Occurrence {
    let mut occurrence = Occurrence::new(found.rule, location, found.message())
        .severity(found.severity)
        .confidence(found.confidence)
        .redacted(found.redacted.clone());
    occurrence.variant = found.variant;
    occurrence
}

/// Says the line and column of an offset, keeping only the bytes in which a match can still start.
#[derive(Debug, Default)]
struct Lines {
    kept: Vec<u8>,
    /// Offset of the first kept byte, newlines before it, and characters between the last of them and it.
    start: u64,
    newlines: u64,
    characters: u64,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) {
        self.kept.extend_from_slice(bytes);
    }

    fn forget(&mut self, before: u64) {
        let dead = usize::try_from(before.saturating_sub(self.start))
            .map_or(self.kept.len(), |n| n.min(self.kept.len()));
        if dead >= 4096 {
            (self.newlines, self.characters) = self.place(dead);
            self.kept.drain(..dead);
            self.start += dead as u64;
        }
    }

    fn locate(&self, path: &str, start: u64, end: u64) -> Location {
        let at = usize::try_from(start.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let (newlines, characters) = self.place(at);
        Location::Text { path: path.to_owned(), start, end, line: newlines + 1, column: characters + 1 }
    }

    /// Newlines before the kept byte `at`, and characters between the last of them and it.
    fn place(&self, at: usize) -> (u64, u64) {
        let before = self.kept.get(..at).unwrap_or(&self.kept);
        match before.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => {
                (self.newlines + count(before, b'\n'), characters(before.get(last + 1..).unwrap_or_default()))
            }
            None => (self.newlines, self.characters + characters(before)),
        }
    }
}

/// How many bytes are `wanted`.
pub(crate) fn count(bytes: &[u8], wanted: u8) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == wanted)).sum()
}

/// Characters of UTF-8: all bytes but continuations.
fn characters(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(!(0x80..0xC0).contains(byte))).sum()
}
