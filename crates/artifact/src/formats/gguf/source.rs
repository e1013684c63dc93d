//! Numbers and strings of a GGUF file, in its byte order and width.

use bartizan_finding::{Digest, Hasher};

use crate::{
    read::{Halt, Pass},
    text::Utf8,
};

/// Why reading ended early; the offset is that of what could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Halt(Halt),
    /// The bytes mean nothing from here on.
    Broken(u64, &'static str),
    /// A length, count or product exceeds the file.
    Impossible(u64, &'static str),
    /// One of our own limits.
    Limited(u64, &'static str),
}

impl From<Halt> for Fault {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

/// A string: its start, and what tells it from others.
#[derive(Clone, Debug)]
pub(super) struct Text {
    pub(super) start: String,
    pub(super) length: u64,
    pub(super) digest: Digest,
    pub(super) is_utf8: bool,
}

impl Text {
    /// Whether all of it is in `start`.
    pub(super) fn is_whole(&self) -> bool {
        self.is_utf8 && self.start.len() as u64 == self.length
    }
}

/// The stream, read as the header says.
pub(super) struct Source<'s, 'a> {
    pass: &'s mut Pass<'a>,
    pub(super) version: u32,
    big: bool,
}

impl<'s, 'a> Source<'s, 'a> {
    /// Reads the version, which also tells the byte order; none where no such version exists.
    pub(super) fn open(pass: &'s mut Pass<'a>) -> Result<Option<Self>, Fault> {
        let mut source = Self { pass, version: 0, big: false };
        let bytes = source.take()?;
        let (little, big) = (u32::from_le_bytes(bytes), u32::from_be_bytes(bytes));
        source.big = matches!(big, 1..=3);
        source.version = if source.big { big } else { little };
        Ok(matches!(source.version, 1..=3).then_some(source))
    }

    pub(super) fn position(&self) -> u64 {
        self.pass.position()
    }

    /// How many bytes follow.
    pub(super) fn left(&self) -> u64 {
        self.pass.size() - self.pass.position()
    }

    fn take<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let at = self.pass.position();
        self.pass.take().map_err(|halt| match halt {
            Halt::End => Fault::Broken(at, "the file ends inside a number"),
            halt => Fault::Halt(halt),
        })
    }

    pub(super) fn byte(&mut self) -> Result<u8, Fault> {
        self.take().map(|[byte]: [u8; 1]| byte)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Fault> {
        let bytes = self.take()?;
        Ok(if self.big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    }

    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        let bytes = self.take()?;
        Ok(if self.big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    pub(super) fn u64(&mut self) -> Result<u64, Fault> {
        let bytes = self.take()?;
        Ok(if self.big { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    /// A count, length or dimension: 32 bits in version 1, 64 since.
    pub(super) fn count(&mut self) -> Result<u64, Fault> {
        if self.version == 1 { self.u32().map(u64::from) } else { self.u64() }
    }

    /// Passes `count` items of `each` bytes.
    pub(super) fn skip(&mut self, count: u64, each: u64) -> Result<(), Fault> {
        let at = self.position();
        let bytes = count.checked_mul(each).filter(|bytes| *bytes <= self.left());
        let bytes = bytes.ok_or(Fault::Impossible(at, "an array claims more bytes than the file has"))?;
        Ok(self.pass.skip(bytes)?)
    }

    /// Reads a string and keeps its first `keep` bytes.
    pub(super) fn text(&mut self, keep: usize) -> Result<Text, Fault> {
        let mut hasher = Hasher::new();
        let mut kept = Vec::new();
        let mut utf8 = Utf8::strict();
        let length = self.each(&mut |piece| {
            hasher.update(piece);
            utf8.push(piece);
            kept.extend_from_slice(&piece[..piece.len().min(keep - kept.len())]);
        })?;
        if let Err(error) = std::str::from_utf8(&kept) {
            kept.truncate(error.valid_up_to());
        }
        let start = String::from_utf8(kept).unwrap_or_default();
        Ok(Text { start, length, digest: hasher.finish(), is_utf8: utf8.finish() })
    }

    /// Reads a string of which nothing is kept; whether it is UTF-8.
    pub(super) fn pass_text(&mut self) -> Result<bool, Fault> {
        let mut utf8 = Utf8::strict();
        self.each(&mut |piece| {
            utf8.push(piece);
        })?;
        Ok(utf8.finish())
    }

    /// Shows a string in pieces; its length.
    fn each(&mut self, show: &mut dyn FnMut(&[u8])) -> Result<u64, Fault> {
        let at = self.position();
        let length = self.count()?;
        if length > self.left() {
            return Err(Fault::Impossible(at, "a string claims more bytes than the file has"));
        }
        self.pass.each(length, show)?;
        Ok(length)
    }
}
