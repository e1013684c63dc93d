//! Walks a tree without recursion.

use std::{collections::BTreeSet, ops::ControlFlow};

use bartizan_finding::{Digest, Occurrence};

use super::{array, rules};
use crate::{
    Format, content, escape,
    foreign::{Foreign, WINDOW},
    problems::SHOWN,
    read::{Halt, Pass},
    scope::Scope,
    text::Utf8,
};

/// Deepest tree. Flax' own reader goes as deep as Python's stack, about 1,000.
const DEEPEST: usize = 512;
/// Most keys that are told apart at one time.
const MOST_KEYS: usize = 500_000;
/// Longest key or name of a type.
const LONGEST_NAME: u64 = 4096;
/// Most dimensions of an array; `NumPy` has the same limit.
const MOST_DIMENSIONS: u64 = 64;
/// Values of bytes up to this length are read as files of their own, where they look like ones.
const LONGEST_VALUE: u64 = 4 << 20;
/// The mark of an array that was cut because no value may have 2^30 bytes or more (`flax.serialization`).
const CHUNKED: &str = "__msgpack_chunked_array__";

/// Why a walk ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Halt(Halt),
    Broken(u64, &'static str),
    Limited(u64, &'static str),
}

impl From<Halt> for Fault {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

/// A map or a list that is open.
#[derive(Debug, Default)]
struct Frame {
    map: bool,
    /// Keys and values that are still to come.
    left: u64,
    wants_key: bool,
    under: String,
    key: String,
    keys: BTreeSet<Digest>,
    chunked: bool,
    /// Of its numbers, and of the elements of its arrays.
    product: Option<u64>,
    elements: u64,
    /// What its members `shape` and `chunks` came to.
    shape: Option<u64>,
    chunks: u64,
}

/// A value's first byte and what it says.
enum Head {
    Map(u64),
    List(u64),
    Text(u64),
    Bytes(u64),
    Extension(i8, u64),
    Number(Option<u64>),
    Other,
    True,
}

pub(super) struct Reader<'p, 'a, 'r, 's, 'f> {
    pass: &'p mut Pass<'a>,
    scope: Option<&'r mut Scope<'s, 'f>>,
    open: Vec<Frame>,
    keys: usize,
    pub(super) keys_seen: u64,
    pub(super) arrays: u64,
}

impl<'p, 'a, 'r, 's, 'f> Reader<'p, 'a, 'r, 's, 'f> {
    /// A reader that says what it sees to a scope, or to nobody.
    pub(super) fn new(pass: &'p mut Pass<'a>, scope: Option<&'r mut Scope<'s, 'f>>) -> Self {
        Self { pass, scope, open: Vec::new(), keys: 0, keys_seen: 0, arrays: 0 }
    }

    pub(super) const fn position(&self) -> u64 {
        self.pass.position()
    }

    /// Walks one value to its end.
    pub(super) fn tree(&mut self) -> Result<(), Fault> {
        loop {
            self.value()?;
            loop {
                let Some(frame) = self.open.last_mut() else { return Ok(()) };
                if frame.left > 0 {
                    break;
                }
                self.close();
            }
        }
    }

    fn value(&mut self) -> Result<(), Fault> {
        let at = self.position();
        let wants_key = self.open.last().is_some_and(|frame| frame.wants_key);
        if let Some(frame) = self.open.last_mut() {
            frame.left -= 1;
            frame.wants_key = frame.map && !wants_key;
        }
        let head = self.head()?;
        if wants_key {
            return match head {
                Head::Text(length) => self.key(length, at),
                _ => Err(Fault::Broken(at, "a key is no text")),
            };
        }
        match head {
            Head::Map(count) => self.open(true, count, at),
            Head::List(count) => self.open(false, count, at),
            Head::Text(length) => self.text(length, at),
            Head::Bytes(length) => self.bytes(length, at),
            Head::Extension(kind, length) => self.extension(kind, length, at),
            Head::Number(number) => {
                if let Some(frame) = self.open.last_mut() {
                    let product = frame.product.unwrap_or(1);
                    frame.product = number.and_then(|number| product.checked_mul(number)).or(Some(u64::MAX));
                }
                Ok(())
            }
            Head::True => {
                if let Some(frame) = self.open.last_mut() {
                    frame.chunked |= frame.key == CHUNKED;
                }
                Ok(())
            }
            Head::Other => Ok(()),
        }
    }

    fn number(&mut self, width: usize) -> Result<u64, Fault> {
        let mut value = 0;
        for _ in 0..width {
            value = value << 8 | u64::from(self.pass.byte()?);
        }
        Ok(value)
    }

    fn head(&mut self) -> Result<Head, Fault> {
        let at = self.position();
        let first = self.pass.byte()?;
        Ok(match first {
            0x00..=0x7f => Head::Number(Some(first.into())),
            0x80..=0x8f => Head::Map(u64::from(first & 0xf)),
            0x90..=0x9f => Head::List(u64::from(first & 0xf)),
            0xa0..=0xbf => Head::Text(u64::from(first & 0x1f)),
            0xc0 | 0xc2 => Head::Other,
            0xc3 => Head::True,
            0xc4..=0xc6 => Head::Bytes(self.number(1 << (first - 0xc4))?),
            0xc7..=0xc9 => {
                let length = self.number(1 << (first - 0xc7))?;
                Head::Extension(self.pass.byte()?.cast_signed(), length)
            }
            0xca | 0xcb => {
                self.number(4 << (first - 0xca))?;
                Head::Other
            }
            0xcc..=0xcf => Head::Number(Some(self.number(1 << (first - 0xcc))?)),
            0xd0..=0xd3 => {
                let width = 1 << (first - 0xd0);
                let value = self.number(width)?;
                let negative = value >> (8 * width - 1) & 1 == 1;
                Head::Number((!negative).then_some(value))
            }
            0xd4..=0xd8 => Head::Extension(self.pass.byte()?.cast_signed(), 1 << (first - 0xd4)),
            0xd9..=0xdb => Head::Text(self.number(1 << (first - 0xd9))?),
            0xdc | 0xdd => Head::List(self.number(2 << (first - 0xdc))?),
            0xde | 0xdf => Head::Map(self.number(2 << (first - 0xde))?),
            0xe0..=0xff => Head::Number(None),
            0xc1 => return Err(Fault::Broken(at, "a value starts with a byte that is not in use")),
        })
    }

    fn open(&mut self, map: bool, count: u64, at: u64) -> Result<(), Fault> {
        if self.open.len() == DEEPEST {
            return Err(Fault::Limited(at, "nested deeper than is followed"));
        }
        let left = count * if map { 2 } else { 1 };
        // Each value has a byte at least.
        if self.scope.is_some() && left > self.pass.size() - self.position() {
            return Err(Fault::Broken(at, "a map or list has more values than there are bytes"));
        }
        let under = self.open.last().map(|frame| frame.key.clone()).unwrap_or_default();
        self.open.push(Frame { map, left, wants_key: map, under, ..Frame::default() });
        Ok(())
    }

    fn close(&mut self) {
        let Some(frame) = self.open.pop() else { return };
        self.keys -= frame.keys.len();
        let at = self.position();
        if frame.chunked && frame.shape != Some(frame.chunks) {
            let message = format!(
                "an array that was cut takes {} elements, and its parts have {}",
                frame.shape.unwrap_or_default(),
                frame.chunks
            );
            self.tell(rules::SizeDisagrees::META, at, at, message);
        }
        let Some(around) = self.open.last_mut() else { return };
        match frame.under.as_str() {
            "shape" => around.shape = Some(frame.product.unwrap_or(1)),
            "chunks" => around.chunks = frame.elements,
            _ => {}
        }
    }

    fn key(&mut self, length: u64, at: u64) -> Result<(), Fault> {
        let name = self.name(length, at)?;
        self.keys_seen += 1;
        if self.keys >= MOST_KEYS {
            return Err(Fault::Limited(at, "more keys than are told apart"));
        }
        let Some(frame) = self.open.last_mut() else { return Ok(()) };
        let first = frame.keys.insert(Digest::of(name.as_bytes()));
        self.keys += usize::from(first);
        frame.key.clone_from(&name);
        if !first {
            let end = self.position();
            let message = format!("the key `{}` stands twice in one map", escape(&name, SHOWN));
            self.tell(rules::DuplicateKey::META, at, end, message);
        }
        Ok(())
    }

    /// A short text that is kept.
    fn name(&mut self, length: u64, at: u64) -> Result<String, Fault> {
        if length > LONGEST_NAME {
            return Err(Fault::Broken(at, "a name is longer than any name"));
        }
        let mut bytes = Vec::new();
        self.pass.each(length, &mut |piece| bytes.extend_from_slice(piece))?;
        String::from_utf8(bytes).map_err(|_| Fault::Broken(at, "a text is not UTF-8"))
    }

    fn text(&mut self, length: u64, at: u64) -> Result<(), Fault> {
        self.fits(length, at)?;
        let mut utf8 = Utf8::strict();
        self.pass.each(length, &mut |piece| {
            utf8.push(piece);
        })?;
        if utf8.finish() { Ok(()) } else { Err(Fault::Broken(at, "a text is not UTF-8")) }
    }

    fn fits(&self, length: u64, at: u64) -> Result<(), Fault> {
        if self.scope.is_some() && length > self.pass.size() - self.position() {
            return Err(Fault::Broken(at, "a value is longer than the file"));
        }
        Ok(())
    }

    /// Bytes that are no array: read as a file where they look like one.
    fn bytes(&mut self, length: u64, at: u64) -> Result<(), Fault> {
        self.fits(length, at)?;
        let room = usize::try_from(length).unwrap_or(WINDOW).min(WINDOW);
        let head = self.pass.peek(room)?;
        let is_file = Foreign::at(head).is_some() || Format::of(head, length).is_pickle();
        let name = self.open.last().map(|frame| frame.key.clone()).unwrap_or_default();
        if let (true, Some(scope)) = (is_file, &mut self.scope) {
            if length > LONGEST_VALUE {
                scope.unexamined(at, at + length, "bytes that start like a file and are too long to be held");
            } else {
                let mut bytes = Vec::new();
                self.pass.each(length, &mut |piece| bytes.extend_from_slice(piece))?;
                scope.inside(&name, |scope| {
                    let mut watch = |_| ControlFlow::Continue(());
                    // Nothing can halt a pass over memory.
                    let _ = content::read(&mut Pass::over(&bytes, &mut watch), scope, &mut Format::Other);
                });
                return Ok(());
            }
        }
        Ok(self.pass.skip(length)?)
    }

    fn extension(&mut self, kind: i8, length: u64, at: u64) -> Result<(), Fault> {
        self.fits(length, at)?;
        let end = self.position() + length;
        match kind {
            // Arrays, and numbers of NumPy.
            1 | 3 => {
                self.array(end, at)?;
                self.arrays += 1;
            }
            // A complex number: a list of two.
            2 => {
                let (mut first, mut count) = (true, 0);
                while self.position() < end && count < 3 {
                    match self.head()? {
                        Head::List(2) if first => {}
                        Head::Number(_) | Head::Other if !first => {}
                        _ => return Err(Fault::Broken(at, "a complex number is not two numbers")),
                    }
                    count += 1;
                    first = false;
                }
            }
            // A time, by the specification itself.
            -1 => self.pass.skip(length)?,
            kind => {
                let message = format!("an extension of the type {kind}, which Flax does not know");
                self.tell(rules::UnknownExtension::META, at, end, message);
                self.bytes(length, at)?;
            }
        }
        if self.position() != end {
            return Err(Fault::Broken(at, "an extension has another length than what is in it"));
        }
        Ok(())
    }

    /// Shape, type and bytes of an array.
    fn array(&mut self, end: u64, at: u64) -> Result<(), Fault> {
        let broken = |what| Fault::Broken(at, what);
        let Head::List(3) = self.head()? else { return Err(broken("an array is not shape, type and bytes")) };
        let Head::List(rank @ 0..=MOST_DIMENSIONS) = self.head()? else {
            return Err(broken("an array has no shape"));
        };
        let mut elements = Some(1_u64);
        for _ in 0..rank {
            let Head::Number(extent) = self.head()? else { return Err(broken("an array has no shape")) };
            elements = elements.zip(extent).and_then(|(elements, extent)| elements.checked_mul(extent));
        }
        let Head::Text(length) = self.head()? else { return Err(broken("an array has no type")) };
        let kind = self.name(length, at)?;
        let (Head::Bytes(length) | Head::Text(length)) = self.head()? else {
            return Err(broken("an array has no bytes"));
        };
        let start = self.position();
        if start.checked_add(length).is_none_or(|after| after > end) {
            return Err(broken("an array is longer than its extension"));
        }
        let room = usize::try_from(length).unwrap_or(WINDOW).min(WINDOW);
        let foreign = Foreign::at(self.pass.peek(room)?);
        if let Some(foreign) = foreign {
            self.foreign(start, start + length, foreign);
        }
        let want = array::element(&kind).map(|size| elements.and_then(|elements| elements.checked_mul(size)));
        match want {
            None => {
                let message =
                    format!("an array of the type `{}`, which holds no numbers", escape(&kind, SHOWN));
                self.tell(rules::UnknownType::META, at, start, message);
            }
            Some(want) if want != Some(length) => {
                let want = want.map_or_else(|| "more than 2^64".to_owned(), |want| want.to_string());
                let message = format!("an array takes {want} bytes, and has {length}");
                self.tell(rules::SizeDisagrees::META, at, end, message);
            }
            Some(_) => {}
        }
        if let Some(frame) = self.open.last_mut() {
            frame.elements = frame.elements.saturating_add(elements.unwrap_or_default());
        }
        if let Some(scope) = &mut self.scope {
            scope.outline.tensors += 1;
            scope.outline.parameters = scope.outline.parameters.saturating_add(elements.unwrap_or_default());
            *scope.outline.dtypes.entry(escape(&array::shown(&kind), 16)).or_default() += 1;
        }
        Ok(self.pass.skip(length)?)
    }

    fn tell(&mut self, rule: &'static bartizan_finding::RuleMeta, start: u64, end: u64, message: String) {
        if let Some(place) = self.place(start, end) {
            self.push(Occurrence::new(rule, place, message));
        }
    }

    fn foreign(&mut self, start: u64, end: u64, foreign: Foreign) {
        if let Some(place) = self.place(start, end) {
            let what = "the bytes of an array start";
            self.push(foreign.occurrence(rules::ForeignData::META, place, what));
        }
    }

    /// A range, with the keys that lead to it; none where nothing is to be told.
    fn place(&self, start: u64, end: u64) -> Option<bartizan_finding::Location> {
        let scope = self.scope.as_ref()?;
        let names: Vec<_> =
            self.open.iter().map(|frame| frame.key.as_str()).filter(|key| !key.is_empty()).collect();
        let path = names.join("/");
        let path = if path.is_empty() { Vec::new() } else { vec![path.as_str()] };
        Some(scope.problems.range(&path, start, end))
    }

    fn push(&mut self, occurrence: Occurrence) {
        if let Some(scope) = &mut self.scope {
            scope.problems.push(occurrence);
        }
    }
}
