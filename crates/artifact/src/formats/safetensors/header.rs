//! The JSON header, entry by entry.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::Digest;

use super::{dtype::Dtype, rules};
use crate::{
    Limits, escape,
    json::{Fault, Json, Scalar, Text},
    problems::{Problems, SHOWN},
    read::{Halt, Pass},
};

/// Bytes of a tensor's name that are kept.
const NAME: usize = 256;
/// Bytes of a metadata value that are searched.
const VALUE: usize = 4096;
/// A metadata value longer than this is worth a look. Training tools write tag statistics of some 100 KB.
const LONG_VALUE: u64 = 1 << 20;
/// Marks of code in metadata values, in lower case: values are descriptions, which some tools paste into pages and
/// templates.
const CODE: [&str; 9] = [
    "<script",
    "javascript:",
    "data:text/html",
    "__import__",
    "os.system",
    "subprocess.",
    "eval(",
    "exec(",
    "__class__",
];

/// A tensor as the header describes it, where the description is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tensor {
    pub(super) name: Box<str>,
    /// Offsets within the tensors' bytes.
    pub(super) start: u64,
    pub(super) end: u64,
}

/// What the header says.
#[derive(Debug, Default)]
pub(super) struct Header {
    pub(super) tensors: Vec<Tensor>,
    pub(super) count: u64,
    pub(super) parameters: u64,
    pub(super) dtypes: BTreeMap<String, u64>,
    pub(super) metadata_keys: Vec<String>,
    /// Whether every tensor of the file is in `tensors`.
    pub(super) complete: bool,
}

impl Header {
    /// Reads a header of `length` bytes.
    pub(super) fn read(
        pass: &mut Pass<'_>,
        length: u64,
        limits: &Limits,
        problems: &mut Problems<'_>,
    ) -> Result<Self, Halt> {
        let end = pass.position() + length;
        let json = Json::new(pass, length, limits.json_depth);
        let mut reader = Reader {
            json,
            limits,
            problems,
            header: Self { complete: true, ..Self::default() },
            seen: BTreeSet::new(),
        };
        let result = reader.read();
        let Reader { mut header, problems, .. } = reader;
        match result {
            Ok(()) => {}
            Err(Fault::Syntax(at, what)) => {
                let message = format!("the header is not JSON: {what}");
                problems.add(rules::MalformedHeader::META, problems.range(&[], at, end), message);
                header.complete = false;
            }
            Err(Fault::Halt(Halt::End)) => {
                let place = problems.range(&[], 8, end);
                problems.add(rules::MalformedHeader::META, place, "the header ends inside a value");
                header.complete = false;
            }
            Err(Fault::Halt(halt)) => return Err(halt),
        }
        Ok(header)
    }
}

/// How many elements a shape has; `None` where that exceeds 2⁶⁴.
#[derive(Clone, Copy)]
struct Elements(Option<u64>);

struct Reader<'r, 'p, 'a, 'f> {
    json: Json<'p, 'a>,
    limits: &'r Limits,
    problems: &'r mut Problems<'f>,
    header: Header,
    /// Digests of the keys so far.
    seen: BTreeSet<Digest>,
}

impl Reader<'_, '_, '_, '_> {
    fn read(&mut self) -> Result<(), Fault> {
        let start = self.json.position();
        self.json.ahead()?;
        if self.json.position() > start {
            let place = self.problems.range(&[], start, self.json.position());
            self.problems.add(rules::UnusualHeader::META, place, "white space before the header");
        }
        self.json.expect(b'{', "it is not an object")?;
        let mut first = true;
        while self.json.another(&mut first, b'}')? {
            let at = self.json.position();
            let key = self.json.key(NAME)?;
            if !self.is_new(&key, at) {
                // The last of equal keys wins in some readers and the first in others; both are looked at.
                self.header.complete &= key.start != "__metadata__";
            }
            if key.start == "__metadata__" && key.length == 12 {
                self.metadata()?;
            } else {
                self.tensor(&key, at)?;
            }
        }
        if self.json.ahead()?.is_some() {
            return Err(Fault::Syntax(self.json.position(), "something follows the object"));
        }
        Ok(())
    }

    fn is_new(&mut self, key: &Text, at: u64) -> bool {
        // As many keys as there can be tensors are told apart; beyond that the header is incomplete anyway.
        if self.seen.len() > self.limits.tensors {
            return true;
        }
        let new = self.seen.insert(key.digest());
        if !new {
            self.complain(rules::DuplicateKey::META, key, at, "the name stands twice in the header");
        }
        new
    }

    fn tensor(&mut self, key: &Text, at: u64) -> Result<(), Fault> {
        self.header.count += 1;
        if self.json.ahead()? != Some(b'{') {
            self.json.scalar(0)?;
            self.malformed(key, at, "its description is not an object");
            return Ok(());
        }
        self.json.eat(b'{')?;
        let mut fields = [false; 3];
        let (mut dtype, mut shape, mut offsets) = (None, None, None);
        let mut first = true;
        while self.json.another(&mut first, b'}')? {
            let field = self.json.key(16)?;
            let index = match field.start.as_str() {
                "dtype" => {
                    dtype = match self.json.scalar(32)? {
                        Scalar::Text(name) => Some(name),
                        _ => None,
                    };
                    0
                }
                "shape" => {
                    shape = self.shape()?;
                    1
                }
                "data_offsets" => {
                    offsets = self.offsets()?;
                    2
                }
                _ => {
                    self.json.scalar(0)?;
                    let message = format!("an unknown field `{}`", escape(&field.start, SHOWN));
                    self.complain(rules::UnusualHeader::META, key, at, &message);
                    continue;
                }
            };
            if std::mem::replace(&mut fields[index], true) {
                self.complain(rules::DuplicateKey::META, key, at, "a field of its description stands twice");
            }
        }
        let (Some(dtype), Some(elements), Some((start, end))) = (dtype, shape, offsets) else {
            self.malformed(key, at, "its description lacks a valid dtype, shape or data_offsets");
            return Ok(());
        };
        let known = Dtype::from_name(&dtype.start).filter(|_| dtype.length <= 32);
        if let Some(known) = known {
            *self.header.dtypes.entry(known.name.to_owned()).or_insert(0) += 1;
        } else {
            let message = format!("an unknown element type `{}`", escape(&dtype.start, SHOWN));
            self.complain(rules::UnknownDtype::META, key, at, &message);
        }
        let Elements(elements) = elements;
        let wanted = known.and_then(|dtype| dtype.bytes(elements?));
        self.header.parameters = self.header.parameters.saturating_add(elements.unwrap_or(u64::MAX));
        if known.is_some() && wanted != end.checked_sub(start) {
            let span =
                end.checked_sub(start).map_or_else(|| "less than none".to_owned(), |span| span.to_string());
            let wanted = wanted.map_or_else(|| "no number of".to_owned(), |wanted| wanted.to_string());
            let message = format!("type and shape ask for {wanted} bytes, the offsets hold {span}");
            self.complain(rules::SizeDisagrees::META, key, at, &message);
        }
        if self.header.tensors.len() < self.limits.tensors {
            self.header.tensors.push(Tensor { name: key.start.as_str().into(), start, end });
        } else if std::mem::replace(&mut self.header.complete, false) {
            let reason = format!("more than {} tensors", self.limits.tensors);
            self.problems.unexamined(self.problems.file(), reason);
        }
        Ok(())
    }

    /// Reads a shape; `None` where the value is something else.
    fn shape(&mut self) -> Result<Option<Elements>, Fault> {
        let mut elements = Some(1_u64);
        let valid = self.numbers(|_, dimension| {
            // As the reference library counts: left to right, so that a late zero does not undo an overflow.
            elements = elements.and_then(|elements| elements.checked_mul(dimension));
        })?;
        Ok(valid.map(|_| Elements(elements)))
    }

    fn offsets(&mut self) -> Result<Option<(u64, u64)>, Fault> {
        let mut pair = [0; 2];
        let count = self.numbers(|index, number| {
            if let Some(slot) = pair.get_mut(index) {
                *slot = number;
            }
        })?;
        Ok((count == Some(2)).then_some((pair[0], pair[1])))
    }

    /// Reads an array of unsigned numbers and says how many they are; `None` where the value is something else.
    fn numbers(&mut self, mut take: impl FnMut(usize, u64)) -> Result<Option<usize>, Fault> {
        if self.json.ahead()? != Some(b'[') {
            self.json.scalar(0)?;
            return Ok(None);
        }
        self.json.eat(b'[')?;
        let (mut first, mut count, mut valid) = (true, 0, true);
        while self.json.another(&mut first, b']')? {
            match self.json.scalar(0)? {
                Scalar::Unsigned(number) => take(count, number),
                _ => valid = false,
            }
            count += 1;
        }
        Ok(valid.then_some(count))
    }

    fn metadata(&mut self) -> Result<(), Fault> {
        let at = self.json.position();
        if self.json.ahead()? != Some(b'{') {
            if self.json.scalar(0)? != Scalar::Null {
                self.metadata_problem(at, "the metadata is not an object");
            }
            return Ok(());
        }
        self.json.eat(b'{')?;
        let mut seen = BTreeSet::new();
        let mut first = true;
        while self.json.another(&mut first, b'}')? {
            let at = self.json.position();
            let key = self.json.key(NAME)?;
            let shown = escape(&key.start, SHOWN);
            if seen.len() < self.limits.tensors && !seen.insert(key.digest()) {
                self.complain(rules::DuplicateKey::META, &key, at, "the name stands twice in the metadata");
            }
            match self.json.scalar(VALUE)? {
                Scalar::Text(value) => self.metadata_value(&shown, &value, at),
                _ => self.metadata_problem(at, &format!("the value of `{shown}` is not a string")),
            }
            crate::outline::note(&mut self.header.metadata_keys, shown);
        }
        Ok(())
    }

    fn metadata_value(&mut self, shown: &str, value: &Text, at: u64) {
        let start = value.start.to_ascii_lowercase();
        let message = if let Some(code) = CODE.iter().find(|code| start.contains(*code)) {
            format!("the value of `{shown}` holds `{code}`")
        } else if value.length > LONG_VALUE {
            format!("the value of `{shown}` has {} bytes", value.length)
        } else {
            return;
        };
        let place = self.problems.range(&["__metadata__"], at, self.json.position());
        self.problems.add(rules::SuspiciousMetadata::META, place, message);
    }

    fn metadata_problem(&mut self, at: u64, message: &str) {
        let place = self.problems.range(&["__metadata__"], at, self.json.position());
        self.problems.add(rules::MetadataType::META, place, message);
    }

    fn malformed(&mut self, key: &Text, at: u64, message: &str) {
        self.header.complete = false;
        self.complain(rules::MalformedHeader::META, key, at, message);
    }

    fn complain(&mut self, rule: &'static bartizan_finding::RuleMeta, key: &Text, at: u64, message: &str) {
        let place = self.problems.range(&[&key.start], at, self.json.position());
        self.problems.add(rule, place, message);
    }
}
