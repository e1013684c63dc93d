//! `FlatBuffers`, read out of order within bounds: TensorFlow Lite, `ExecuTorch` and `CatBoost` are written in it.
//!
//! Everything in such a file is found through offsets. Each is held against the file before it is followed, and how many
//! objects are followed is limited, because many offsets may lead to one object. The bytes of all objects are put
//! together in the end: what belongs to none is told, however long the file is.
//!
//! Format: <https://flatbuffers.dev/internals/>

pub(crate) mod rules;

use bartizan_finding::hides;

use crate::{
    escape,
    foreign::{Foreign, WINDOW},
    problems::SHOWN,
    read::{Halt, Pass},
    scope::Scope,
};

/// Why an object could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    Halt(Halt),
    /// What is at this offset cannot be.
    Broken(u64, &'static str),
    /// More objects than are followed.
    TooMany,
}

impl From<Halt> for Fault {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

/// Bytes of a text that are kept.
const KEEP: u64 = 4096;
/// Bytes that are read at one time.
const PAGE: u64 = 4096;
/// Pages that are held.
const PAGES: u64 = 64;
/// Bytes of objects that do not touch and are told apart; further ones are not put together.
const MOST_RANGES: usize = 1_000_000;
/// Bytes between objects that alignment does not explain, or fields that are not followed, or a newer schema.
const GAP: u64 = 1024;

/// A table: where it is, and where its fields are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    pub(crate) at: u64,
    vtable: u64,
    /// Bytes of the list of fields, and of the fields.
    list: u64,
    size: u64,
}

/// A list of values of one width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Vector {
    /// Offset of its first value.
    pub(crate) at: u64,
    pub(crate) count: u64,
    width: u64,
}

impl Vector {
    /// Offset behind its last value.
    pub(crate) const fn end(&self) -> u64 {
        self.at + self.count * self.width
    }
}

/// A buffer within a pass: its bytes, and what was seen of them.
pub(crate) struct Flat<'w, 'a, 's, 'f> {
    pub(crate) pass: &'w mut Pass<'a>,
    pub(crate) scope: &'w mut Scope<'s, 'f>,
    start: u64,
    end: u64,
    pages: Vec<Option<(u64, Vec<u8>)>>,
    left: u64,
    ranges: Vec<(u64, u64)>,
}

impl<'w, 'a, 's, 'f> Flat<'w, 'a, 's, 'f> {
    /// A buffer from `start` to `end`.
    pub(crate) fn new(pass: &'w mut Pass<'a>, scope: &'w mut Scope<'s, 'f>, start: u64, end: u64) -> Self {
        let left = scope.limits.flat_objects;
        Self { pass, scope, start, end, pages: vec![None; PAGES as usize], left, ranges: Vec::new() }
    }

    /// The outermost table; the offset of its offset is the start of the buffer.
    pub(crate) fn root(&mut self) -> Result<Table, Fault> {
        self.own(self.start, self.start + 8)?;
        self.table_at(self.start)
    }

    /// Tells what happened where an object could not be read; whether reading can go on.
    pub(crate) fn told(&mut self, result: Result<(), Fault>) -> Result<bool, Halt> {
        match result {
            Ok(()) => Ok(true),
            Err(Fault::Halt(halt)) => Err(halt),
            Err(Fault::Broken(at, what)) => {
                self.scope.add(rules::Malformed::META, at, at, what);
                self.scope.unexamined(at, at, format!("an object, because {what}"));
                Ok(true)
            }
            Err(Fault::TooMany) => {
                let most = self.scope.limits.flat_objects;
                let (start, end) = (self.start, self.end);
                self.scope.unexamined(start, end, format!("more than {most} objects"));
                Ok(false)
            }
        }
    }

    /// A table that a field leads to.
    pub(crate) fn table(&mut self, table: &Table, field: u16) -> Result<Option<Table>, Fault> {
        self.place(table, field, 4)?.map(|at| self.table_at(at)).transpose()
    }

    /// The table that a value of a list leads to.
    pub(crate) fn item(&mut self, vector: &Vector, index: u64) -> Result<Table, Fault> {
        self.table_at(vector.at + index * vector.width)
    }

    /// A list of values of `width` bytes.
    pub(crate) fn vector(&mut self, table: &Table, field: u16, width: u64) -> Result<Option<Vector>, Fault> {
        let Some(at) = self.place(table, field, 4)? else { return Ok(None) };
        let at = self.follow(at)?;
        self.vector_at(at, width).map(Some)
    }

    /// A text.
    pub(crate) fn text(&mut self, table: &Table, field: u16) -> Result<Option<String>, Fault> {
        let Some(at) = self.place(table, field, 4)? else { return Ok(None) };
        let at = self.follow(at)?;
        self.text_at(at).map(Some)
    }

    /// A text of a list of texts.
    pub(crate) fn text_item(&mut self, vector: &Vector, index: u64) -> Result<String, Fault> {
        let at = self.follow(vector.at + index * vector.width)?;
        self.text_at(at)
    }

    /// A number of `width` bytes, without its sign; zero where the field is absent.
    pub(crate) fn number(&mut self, table: &Table, field: u16, width: u64) -> Result<u64, Fault> {
        Ok(self.optional(table, field, width)?.unwrap_or(0))
    }

    /// The same; none where the field is absent.
    pub(crate) fn optional(&mut self, table: &Table, field: u16, width: u64) -> Result<Option<u64>, Fault> {
        self.place(table, field, width)?.map(|at| self.value(at, width)).transpose()
    }

    /// A value of a list of numbers.
    pub(crate) fn value_of(&mut self, vector: &Vector, index: u64) -> Result<u64, Fault> {
        self.value(vector.at + index * vector.width, vector.width)
    }

    /// Looks at the start of bytes for contents of another format.
    pub(crate) fn look(&mut self, start: u64, end: u64, of: &str) -> Result<Option<Foreign>, Halt> {
        let length = end.saturating_sub(start).min(WINDOW as u64);
        let mut head = vec![0; usize::try_from(length).unwrap_or(WINDOW)];
        let mut filled = 0;
        while filled < head.len() {
            match self.pass.look(start + filled as u64, &mut head[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        let foreign = Foreign::at(head.get(..filled).unwrap_or_default());
        if let Some(foreign) = foreign {
            let place = self.scope.range(start, end);
            let what = format!("{of} starts");
            self.scope.problems.push(foreign.occurrence(rules::ForeignData::META, place, &what));
        }
        Ok(foreign)
    }

    /// Takes note that bytes belong to something.
    pub(crate) fn own(&mut self, start: u64, end: u64) -> Result<(), Fault> {
        self.left = self.left.checked_sub(1).ok_or(Fault::TooMany)?;
        let full = self.ranges.len() >= MOST_RANGES;
        match self.ranges.last_mut() {
            Some((from, to)) if start >= *from && start <= *to => *to = (*to).max(end),
            _ if full => return Err(Fault::TooMany),
            _ => self.ranges.push((start, end)),
        }
        Ok(())
    }

    /// Puts together what belongs to objects, and gives the runs of bytes that belong to none; the last one may reach to
    /// the end.
    pub(crate) fn gaps(&mut self) -> Vec<(u64, u64)> {
        let mut ranges = std::mem::take(&mut self.ranges);
        ranges.sort_unstable();
        let mut gaps = Vec::new();
        let mut at = self.start;
        for (start, end) in ranges {
            if start > at && start - at >= GAP {
                gaps.push((at, start));
            }
            at = at.max(end);
        }
        if at < self.end {
            gaps.push((at, self.end));
        }
        gaps
    }

    /// Tells bytes that belong to nothing.
    pub(crate) fn uncovered(&mut self, start: u64, end: u64) -> Result<(), Halt> {
        let message = format!("{} bytes belong to nothing", end - start);
        self.scope.add(rules::Uncovered::META, start, end, message);
        self.look(start, end, "what belongs to nothing").map(drop)
    }

    /// Reads bytes at an offset.
    pub(crate) fn array<const N: usize>(&mut self, at: u64) -> Result<[u8; N], Fault> {
        if at < self.start || at.checked_add(N as u64).is_none_or(|end| end > self.end) {
            return Err(Fault::Broken(at, "an offset leads out of the file"));
        }
        let mut array = [0; N];
        let mut filled = 0;
        while filled < N {
            let at = at + filled as u64;
            let page = self.page(at / PAGE)?;
            let bytes = page.get((at % PAGE) as usize..).unwrap_or_default();
            let count = bytes.len().min(N - filled);
            if count == 0 {
                return Err(Fault::Broken(at, "the file ends inside a number"));
            }
            array[filled..filled + count].copy_from_slice(&bytes[..count]);
            filled += count;
        }
        Ok(array)
    }

    fn page(&mut self, index: u64) -> Result<&[u8], Fault> {
        let slot = (index % PAGES) as usize;
        let held = self.pages.get(slot).and_then(Option::as_ref).is_some_and(|(held, _)| *held == index);
        if !held {
            let start = index * PAGE;
            let length = PAGE.min(self.pass.size().saturating_sub(start));
            let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
            let mut filled = 0;
            while filled < bytes.len() {
                match self.pass.look(start + filled as u64, &mut bytes[filled..])? {
                    0 => break,
                    count => filled += count,
                }
            }
            bytes.truncate(filled);
            self.pages[slot] = Some((index, bytes));
        }
        Ok(self.pages[slot].as_ref().map_or(&[], |(_, bytes)| bytes))
    }

    fn value(&mut self, at: u64, width: u64) -> Result<u64, Fault> {
        Ok(match width {
            1 => self.array::<1>(at)?[0].into(),
            2 => u16::from_le_bytes(self.array(at)?).into(),
            4 => u32::from_le_bytes(self.array(at)?).into(),
            _ => u64::from_le_bytes(self.array(at)?),
        })
    }

    /// Where an offset leads that is stored at `at`.
    fn follow(&mut self, at: u64) -> Result<u64, Fault> {
        let offset = self.value(at, 4)?;
        let target = at + offset;
        if offset == 0 || target + 4 > self.end {
            return Err(Fault::Broken(at, "an offset leads out of the file"));
        }
        Ok(target)
    }

    /// The table whose offset is stored at `at`.
    fn table_at(&mut self, at: u64) -> Result<Table, Fault> {
        let table = self.follow(at)?;
        let back = i64::from(i32::from_le_bytes(self.array(table)?));
        let vtable = i64::try_from(table).ok().and_then(|table| u64::try_from(table - back).ok());
        let vtable = vtable.filter(|vtable| *vtable >= self.start && vtable + 4 <= self.end);
        let vtable = vtable.ok_or(Fault::Broken(table, "the fields of a table are out of the file"))?;
        let (list, size) = (self.value(vtable, 2)?, self.value(vtable + 2, 2)?);
        if list < 4 || list % 2 != 0 || vtable + list > self.end {
            return Err(Fault::Broken(vtable, "the list of fields of a table has an impossible length"));
        }
        if size < 4 || table + size > self.end {
            return Err(Fault::Broken(table, "a table has an impossible length"));
        }
        self.own(table, table + size)?;
        self.own(vtable, vtable + list)?;
        Ok(Table { at: table, vtable, list, size })
    }

    /// Where a field is; none where it is absent.
    fn place(&mut self, table: &Table, field: u16, width: u64) -> Result<Option<u64>, Fault> {
        let entry = 4 + 2 * u64::from(field);
        if entry + 2 > table.list {
            return Ok(None);
        }
        let offset = self.value(table.vtable + entry, 2)?;
        if offset == 0 {
            return Ok(None);
        }
        if offset < 4 || offset + width > table.size {
            return Err(Fault::Broken(table.at, "a field lies out of its table"));
        }
        Ok(Some(table.at + offset))
    }

    fn vector_at(&mut self, at: u64, width: u64) -> Result<Vector, Fault> {
        let count = self.value(at, 4)?;
        let first = at + 4;
        let end = count.checked_mul(width).and_then(|length| first.checked_add(length));
        if end.is_none_or(|end| end > self.end) {
            return Err(Fault::Broken(at, "a list or text claims more than the file has"));
        }
        let vector = Vector { at: first, count, width };
        self.own(at, vector.end())?;
        Ok(vector)
    }

    fn text_at(&mut self, at: u64) -> Result<String, Fault> {
        let vector = self.vector_at(at, 1)?;
        // A text has a zero behind it.
        let end = vector.end();
        if end < self.end {
            self.own(end, end + 1)?;
        }
        let mut bytes = Vec::new();
        let mut from = vector.at;
        let stop = vector.at + vector.count.min(KEEP);
        while from < stop {
            let page = self.page(from / PAGE)?;
            let piece = page.get((from % PAGE) as usize..).unwrap_or_default();
            let count = piece.len().min(usize::try_from(stop - from).unwrap_or(0));
            if count == 0 {
                break;
            }
            bytes.extend_from_slice(&piece[..count]);
            from += count as u64;
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let cut = vector.count > KEEP;
        if !cut && std::str::from_utf8(&bytes).is_err() || text.chars().any(|c| hides(c) && c != '\n') {
            let shown = escape(&text, SHOWN);
            let message = format!("a text holds what cannot be seen, or is not UTF-8: {shown}");
            self.scope.add(rules::UnreadableText::META, at, end, message);
        }
        Ok(text)
    }
}
