use std::{io, ops::ControlFlow};

use bartizan_artifact::{ReadAt, STEP};
use bartizan_detect::Engine;
use bartizan_finding::{Digest, Hasher, Location, Occurrence, Unexamined};

use crate::{
    Column, Format, Limits,
    csv::{CsvScan, Dialect},
    json::JsonScan,
    structure::EmptyDataset,
    text::TextScan,
};

/// What was seen of one file, beside its occurrences.
#[derive(Clone, Debug)]
pub struct Scan {
    /// How it was read.
    pub format: Format,
    /// SHA-256 of the file; absent unless every byte was read and the file stayed as it was meanwhile.
    pub digest: Option<Digest>,
    /// The length that the file had when it was opened.
    pub size: u64,
    /// Bytes that were read. Equal to `size` after a complete scan: no byte is read twice.
    pub bytes_read: u64,
    /// Records; of a text its lines.
    pub records: u64,
    /// What is in the columns, by pointer; none for a text.
    pub columns: Vec<Column>,
    /// What could not be looked at.
    pub unexamined: Vec<Unexamined>,
}

/// Reads a file of data once, and gives to `sink` what is wrong with its structure and what `detect` finds in its
/// text. `watch` hears how many bytes have been read so far, and may end the scan.
///
/// # Errors
/// Only those of the reader. A file that shrinks or changes is no error but `unexamined`.
pub fn scan(
    reader: &dyn ReadAt,
    path: &str,
    detect: &Engine,
    limits: &Limits,
    watch: &mut dyn FnMut(u64) -> ControlFlow<()>,
    sink: &mut dyn FnMut(Occurrence),
) -> io::Result<Scan> {
    let size = reader.len();
    let mut hasher = Hasher::new();
    let mut buffer = vec![0; STEP];
    let mut unexamined = Vec::new();
    let whole = |reason: String| Unexamined::new(Location::file(path), reason);

    let mut read = fill(reader, 0, size, &mut buffer)?;
    let head = buffer.get(..read).unwrap_or_default();
    let format = Format::of(head, path);
    let mut body = match Format::unreadable(head) {
        Some(name) => {
            unexamined.push(whole(format!("the content is {name}, which is not read yet")));
            Body::Opaque
        }
        None => Body::of(format, head, path, detect, limits),
    };

    let mut bytes_read = 0;
    let mut complete = true;
    while read > 0 {
        let step = buffer.get(..read).unwrap_or_default();
        hasher.update(step);
        body.push(step, sink);
        bytes_read += read as u64;
        if watch(bytes_read).is_break() {
            unexamined.push(whole(format!("the scan was ended after {bytes_read} of {size} bytes")));
            complete = false;
            break;
        }
        read = fill(reader, bytes_read, size, &mut buffer)?;
    }
    if complete && (bytes_read < size || reader.changed()?) {
        unexamined.push(whole("the file changed while it was read".to_owned()));
        complete = false;
    }
    if complete && size == 0 {
        sink(Occurrence::new(EmptyDataset::META, Location::file(path), "The file is empty."));
    }
    let (records, columns) = body.finish(complete, sink, &mut unexamined);
    let digest = complete.then(|| hasher.finish());
    Ok(Scan { format, digest, size, bytes_read, records, columns, unexamined })
}

enum Body<'e> {
    Json(Box<JsonScan<'e>>),
    Csv(Box<CsvScan<'e>>),
    Text(TextScan<'e>),
    /// Hashed, not understood.
    Opaque,
}

impl<'e> Body<'e> {
    fn of(format: Format, head: &[u8], path: &str, detect: &'e Engine, limits: &Limits) -> Self {
        match format {
            Format::Text => Self::Text(TextScan::new(path, detect)),
            Format::Csv => Self::Csv(Box::new(CsvScan::new(path, detect, limits, Dialect::of(head, path)))),
            Format::Json | Format::JsonLines => {
                Self::Json(Box::new(JsonScan::new(path, detect, limits, format)))
            }
        }
    }

    fn push(&mut self, step: &[u8], sink: &mut dyn FnMut(Occurrence)) {
        match self {
            Self::Json(json) => json.push(step, sink),
            Self::Csv(csv) => csv.push(step, sink),
            Self::Text(text) => text.push(step, sink),
            Self::Opaque => {}
        }
    }

    fn finish(
        self,
        complete: bool,
        sink: &mut dyn FnMut(Occurrence),
        unexamined: &mut Vec<Unexamined>,
    ) -> (u64, Vec<Column>) {
        match self {
            Self::Json(json) => json.finish(complete, sink, unexamined),
            Self::Csv(csv) => csv.finish(complete, sink),
            Self::Text(text) => (text.finish(sink), Vec::new()),
            Self::Opaque => (0, Vec::new()),
        }
    }
}

/// Fills the buffer from `offset`, as far as there are bytes before `size`.
fn fill(reader: &dyn ReadAt, offset: u64, size: u64, buffer: &mut [u8]) -> io::Result<usize> {
    let wanted =
        usize::try_from(size.saturating_sub(offset)).map_or(buffer.len(), |rest| rest.min(buffer.len()));
    let mut filled = 0;
    while filled < wanted {
        match reader.read_at(offset + filled as u64, &mut buffer[filled..wanted]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
