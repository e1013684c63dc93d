//! The envelope and the body of a part of an OCDBT database.

use super::{describe_value, is_description, rules};
use crate::{escape, foreign::Foreign, problems::SHOWN, scope::Scope};

/// Most entries of one part, and most files of its table.
const MOST_ENTRIES: u64 = 1_000_000;
/// Longest path of a file (the format's own limit).
const LONGEST_PATH: usize = 65_535;

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Manifest,
    Versions,
    Tree,
}

/// What stands in front of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Envelope {
    pub(super) kind: Kind,
    pub(super) length: u64,
    pub(super) version: u8,
    pub(super) compression: u8,
}

impl Envelope {
    /// Bytes in front of the body, and those with the checksum behind it.
    pub(super) const HEAD: u64 = 4 + 8 + 1 + 1;
    pub(super) const LEAST: u64 = Self::HEAD + 4;

    pub(super) fn read(head: &[u8]) -> Option<Self> {
        let (magic, rest) = head.split_first_chunk::<4>()?;
        let kind = match u32::from_be_bytes(*magic) {
            0x0cdb_3a2a => Kind::Manifest,
            0x0cdb_1234 => Kind::Versions,
            0x0cdb_20de => Kind::Tree,
            _ => return None,
        };
        let (length, rest) = rest.split_first_chunk::<8>()?;
        let [version, compression, ..] = *rest else { return None };
        Some(Self { kind, length: u64::from_le_bytes(*length), version, compression })
    }
}

/// How many bytes lie in front of the next node, at most all that are shown.
pub(super) fn find(head: &[u8], left: u64) -> usize {
    let mut at = 1;
    while let Some(next) = head.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == 0x0c)) {
        let here = at + next;
        let rest = head.get(here..).unwrap_or_default();
        match Envelope::read(rest) {
            Some(node) if node.version == 0 && node.compression <= 1 && node.length <= left - here as u64 => {
                return here;
            }
            // It may go on in the next piece.
            None if rest.len() < 14 && (here as u64) + (rest.len() as u64) < left => return here,
            _ => at = here + 1,
        }
    }
    head.len()
}

/// Whether a path leads out of the database's folder.
pub(super) fn leads_out(path: &[u8]) -> bool {
    let scheme = path.windows(3).any(|piece| piece == b"://");
    let up = path.split(|byte| matches!(byte, b'/' | b'\\')).any(|part| part == b"..");
    scheme
        || up
        || path.starts_with(b"/")
        || path.starts_with(b"\\")
        || path.starts_with(b"~")
        || path.contains(&0)
}

/// A body that is held in memory.
pub(super) struct Body<'b> {
    bytes: &'b [u8],
    /// Where the part starts in the file.
    start: u64,
}

const SHORT: &str = "it ends inside a field";

impl<'b> Body<'b> {
    pub(super) const fn new(bytes: &'b [u8], start: u64) -> Self {
        Self { bytes, start }
    }

    fn take(&mut self, count: u64) -> Result<&'b [u8], &'static str> {
        let count = usize::try_from(count).map_err(|_| SHORT)?;
        let (piece, rest) = self.bytes.split_at_checked(count).ok_or(SHORT)?;
        self.bytes = rest;
        Ok(piece)
    }

    fn byte(&mut self) -> Result<u8, &'static str> {
        self.take(1).map(|bytes| bytes.first().copied().unwrap_or_default())
    }

    fn varint(&mut self) -> Result<u64, &'static str> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or_default();
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err("a number has more than 64 bits")
    }

    fn varints(&mut self, count: u64) -> Result<Vec<u64>, &'static str> {
        // Each has a byte at least.
        if count > self.bytes.len() as u64 || count > MOST_ENTRIES {
            return Err("there are more entries than bytes");
        }
        (0..count).map(|_| self.varint()).collect()
    }

    /// Reads all that leads elsewhere, and the descriptions of arrays.
    pub(super) fn read(&mut self, kind: Kind, scope: &mut Scope<'_, '_>) -> Result<(), &'static str> {
        match kind {
            Kind::Manifest => {
                self.take(16)?;
                self.varint()?;
                self.varint()?;
                self.byte()?;
                if self.varint()? != 0 {
                    self.take(4)?;
                }
                self.files(scope).map(|_| ())
            }
            Kind::Versions => {
                self.take(2)?;
                self.files(scope).map(|_| ())
            }
            Kind::Tree => {
                let height = self.byte()?;
                self.files(scope)?;
                if height == 0 { self.leaf(scope) } else { Ok(()) }
            }
        }
    }

    /// The table of files that entries are in.
    fn files(&mut self, scope: &mut Scope<'_, '_>) -> Result<u64, &'static str> {
        let count = self.varint()?;
        let prefixes = self.varints(count.saturating_sub(1))?;
        let suffixes = self.varints(count)?;
        self.varints(count)?;
        let mut path = Vec::new();
        for (index, suffix) in suffixes.iter().enumerate() {
            let kept =
                index.checked_sub(1).and_then(|before| prefixes.get(before)).copied().unwrap_or_default();
            if kept > path.len() as u64 {
                return Err("a path goes on from more than there was before");
            }
            path.truncate(usize::try_from(kept).unwrap_or_default());
            path.extend_from_slice(self.take(*suffix)?);
            if path.len() > LONGEST_PATH {
                return Err("a path is too long");
            }
            if leads_out(&path) {
                let shown = escape(&String::from_utf8_lossy(&path), SHOWN);
                let message = format!("the part takes values from the file `{shown}`");
                scope.add(rules::LeadsOut::META, self.start, self.start, message);
            }
        }
        Ok(count)
    }

    /// Keys and values of a leaf.
    fn leaf(&mut self, scope: &mut Scope<'_, '_>) -> Result<(), &'static str> {
        let count = self.varint()?;
        let prefixes = self.varints(count.saturating_sub(1))?;
        let suffixes = self.varints(count)?;
        let mut keys: Vec<Vec<u8>> = Vec::new();
        let mut held = 0;
        for (index, suffix) in suffixes.iter().enumerate() {
            let kept =
                index.checked_sub(1).and_then(|before| prefixes.get(before)).copied().unwrap_or_default();
            let before = keys.last().map(Vec::as_slice).unwrap_or_default();
            let kept = usize::try_from(kept).ok().and_then(|kept| before.get(..kept));
            let key =
                [kept.ok_or("a key goes on from more than there was before")?, self.take(*suffix)?].concat();
            held += key.len();
            // Prefixes let keys grow with the square of the bytes.
            if held > 8 << 20 {
                return Err("its keys are too long to be held");
            }
            keys.push(key);
        }
        let lengths = self.varints(count)?;
        let kinds = self.take(count)?;
        if kinds.iter().any(|kind| *kind > 1) {
            return Err("a value is of an unknown kind");
        }
        let outside = kinds.iter().map(|kind| u64::from(*kind)).sum();
        self.varints(outside)?;
        self.varints(outside)?;
        for ((key, length), _) in keys.iter().zip(&lengths).zip(kinds).filter(|(_, kind)| **kind == 0) {
            let value = self.take(*length)?;
            let name = String::from_utf8_lossy(key);
            if is_description(&name) {
                describe_value(value, &name, scope);
                scope.outline.tensors += u64::from(name.ends_with(".zarray"));
            } else if let Some(foreign) = Foreign::at(value) {
                let place = scope.range(self.start, self.start);
                let what = format!("the value `{}` starts", escape(&name, SHOWN));
                scope.problems.push(foreign.occurrence(rules::ForeignData::META, place, &what));
            }
        }
        if self.bytes.is_empty() { Ok(()) } else { Err("it goes on behind its last value") }
    }
}
