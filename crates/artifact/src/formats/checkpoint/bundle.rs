//! What the keys and values of an index mean: a header, and a place for each tensor.

use std::{collections::BTreeMap, ops::ControlFlow};

use super::rules;
use crate::{
    formats::protobuf::{Fault, Value, Wire, number},
    read::{Halt, Pass},
    scope::Scope,
};

/// Names of the element types (`tensorflow/core/framework/types.proto`) and the bytes of an element as checkpoints hold
/// them, which do not pack small ones; none where they differ. The index is the number of the type, less one.
const TYPES: [(&str, u64); 32] = [
    ("float", 4),
    ("double", 8),
    ("int32", 4),
    ("uint8", 1),
    ("int16", 2),
    ("int8", 1),
    ("string", 0),
    ("complex64", 8),
    ("int64", 8),
    ("bool", 1),
    ("qint8", 1),
    ("quint8", 1),
    ("qint32", 4),
    ("bfloat16", 2),
    ("qint16", 2),
    ("quint16", 2),
    ("uint16", 2),
    ("complex128", 16),
    ("half", 2),
    ("resource", 0),
    ("variant", 0),
    ("uint32", 4),
    ("uint64", 8),
    ("float8-e5m2", 1),
    ("float8-e4m3fn", 1),
    ("float8-e4m3fnuz", 1),
    ("float8-e4m3b11fnuz", 1),
    ("float8-e5m2fnuz", 1),
    ("int4", 1),
    ("uint4", 1),
    ("int2", 1),
    ("uint2", 1),
];

/// Bytes of a key that are shown.
const SHOWN: usize = 256;

/// The widest alignment of tensors that writers are known to ask for, in bytes, as a power of two: a page.
const PAGE: u32 = 12;

/// What is known of an index.
pub(super) struct Bundle {
    most: usize,
    /// Files of numbers, as the header has it.
    shards: Option<u64>,
    /// Whether the table is none of this format.
    other: bool,
    /// File, start and end of each tensor.
    places: Vec<(u64, u64, u64)>,
    more: bool,
}

impl Bundle {
    pub(super) const fn new(most: usize) -> Self {
        Self { most, shards: None, other: false, places: Vec::new(), more: false }
    }

    /// Whether the table is none of this format, which was told.
    pub(super) const fn is_other(&self) -> bool {
        self.other
    }

    /// Takes a key and its value. The first must be the header.
    pub(super) fn entry(&mut self, key: &[u8], value: &[u8], scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
        if self.other {
            return Ok(());
        }
        if self.shards.is_none() && (!key.is_empty() || value.first() == Some(&0x0a)) {
            self.other = true;
            let what = if key.is_empty() {
                "a TensorFlow checkpoint of before version 1"
            } else {
                "a LevelDB table"
            };
            scope.unexamined(0, 0, format!("format not supported: {what}"));
            return Ok(());
        }
        let mut watch = |_| ControlFlow::Continue(());
        let mut pass = Pass::over(&value, &mut watch);
        if self.shards.is_none() {
            return scope.inside("header", |scope| self.header(&mut Wire::new(&mut pass, scope)));
        }
        let name = String::from_utf8_lossy(key.get(..SHOWN).unwrap_or(key));
        scope.inside(&name, |scope| {
            let mut wire = Wire::new(&mut pass, scope);
            let mut tensor = Tensor { elements: Some(1), ..Tensor::default() };
            wire.whole(|wire, end| tensor.read(wire, end))?;
            self.tensor(&tensor, scope);
            Ok(())
        })
    }

    fn header(&mut self, wire: &mut Wire<'_, '_, '_, '_>) -> Result<(), Halt> {
        let mut shards = 0;
        wire.whole(|wire, end| {
            while let Some(field) = wire.field(end)? {
                match field.number {
                    1 => shards = number(&field).unwrap_or(0),
                    2 if number(&field).is_some_and(|order| order < 2) => {
                        if number(&field) == Some(1) {
                            wire.scope.outline.fact("byte-order", "big");
                        }
                    }
                    3 => drop(wire.bytes(&field, "a version")?),
                    _ => wire.unknown(&field, "the header")?,
                }
            }
            Ok(())
        })?;
        if i32::try_from(shards).is_err() || shards == 0 {
            let message = format!("the tensors are said to be in {shards} files");
            wire.add(rules::BadEntry::META, 0, message);
        }
        self.shards = Some(shards);
        wire.scope.outline.fact("shards", &shards.to_string());
        Ok(())
    }

    fn tensor(&mut self, tensor: &Tensor, scope: &mut Scope<'_, '_>) {
        let kind = tensor.kind.checked_sub(1).and_then(|at| TYPES.get(usize::try_from(at).ok()?));
        let outline = &mut *scope.outline;
        outline.tensors += 1;
        if tensor.slices == 0 {
            outline.parameters = outline.parameters.saturating_add(tensor.elements.unwrap_or(0));
        }
        *outline.dtypes.entry(kind.map_or("unknown", |(name, _)| name).to_owned()).or_insert(0) += 1;
        let mut bad = |why: String| scope.add(rules::BadEntry::META, 0, 0, why);
        let end = tensor.offset.checked_add(tensor.size).filter(|end| i64::try_from(*end).is_ok());
        if end.is_none() {
            bad(format!("a tensor of {} bytes at {}, which no file has", tensor.size, tensor.offset));
        }
        if self.shards.is_none_or(|shards| tensor.shard >= shards) {
            bad(format!("a tensor in file {}, of {}", tensor.shard, self.shards.unwrap_or(0)));
        }
        match (kind, tensor.elements) {
            (None, _) => bad(format!("a tensor of type {}, which is not known", tensor.kind)),
            (_, None) => bad("a tensor with a negative dimension, or more than 2^63 elements".to_owned()),
            // The parts of a variable that was saved in slices are entries of their own.
            (Some(_), Some(_)) if tensor.slices > 0 => {
                if tensor.size > 0 {
                    bad(format!("a tensor in slices that has {} bytes of its own", tensor.size));
                }
            }
            (Some((_, 0)), Some(_)) => {}
            (Some((name, width)), Some(elements)) => {
                let want = elements.checked_mul(*width);
                if want != Some(tensor.size) {
                    let want =
                        want.map_or_else(|| "more than there can be".to_owned(), |want| want.to_string());
                    bad(format!(
                        "a tensor has {} bytes, its shape and type {name} ask for {want}",
                        tensor.size
                    ));
                }
            }
        }
        let Some(end) = end.filter(|_| tensor.size > 0) else { return };
        if self.places.len() < self.most {
            self.places.push((tensor.shard, tensor.offset, end));
        } else {
            self.more = true;
        }
    }

    /// Holds the places against each other, and names the files that they are in.
    pub(super) fn settle(mut self, scope: &mut Scope<'_, '_>) {
        let Some(shards) = self.shards else {
            scope.add(rules::BadEntry::META, 0, 0, "the index has no header");
            return;
        };
        if self.more {
            let reason = format!("where the tensors behind the first {} lie", self.most);
            scope.unexamined(0, 0, reason);
        }
        self.places.sort_unstable();
        let mut ends: BTreeMap<u64, u64> = BTreeMap::new();
        for (shard, start, end) in &self.places {
            let reached = ends.entry(*shard).or_insert(0);
            if start < reached {
                let message = format!("two tensors share bytes of file {shard}, from {start} on");
                scope.add(rules::Overlap::META, 0, 0, message);
            } else if *start - *reached >= 1 << start.trailing_zeros().min(PAGE) {
                // A gap that is no padding in front of a number that many times a power of two.
                let message = format!("no tensor is in the bytes from {reached} to {start} of file {shard}");
                scope.add(rules::Uncovered::META, 0, 0, message);
            }
            *reached = (*reached).max(*end);
        }
        if self.more {
            return;
        }
        let file = scope.name.rsplit('/').next().unwrap_or_default();
        let Some(stem) = file.strip_suffix(".index") else { return };
        for (shard, end) in ends {
            scope.data(&format!("{stem}.data-{shard:05}-of-{shards:05}"), Some(end), 0);
        }
    }
}

/// What an entry says of a tensor.
#[derive(Default)]
struct Tensor {
    kind: u64,
    elements: Option<u64>,
    shard: u64,
    offset: u64,
    size: u64,
    slices: u64,
}

impl Tensor {
    fn read(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            let value = number(&field);
            match (field.number, value) {
                (1, Some(value)) => self.kind = value,
                (2, None) => wire.message(&field, "a shape", |wire, end| self.shape(wire, end))?,
                (3, Some(value)) => self.shard = value,
                (4, Some(value)) => self.offset = value,
                (5, Some(value)) => self.size = value,
                (6, None) if matches!(field.value, Value::Fixed32(_)) => {}
                (7, None) => {
                    self.slices += 1;
                    wire.bytes(&field, "a slice")?;
                }
                _ => wire.unknown(&field, "an entry")?,
            }
        }
        Ok(())
    }

    fn shape(&mut self, wire: &mut Wire<'_, '_, '_, '_>, end: u64) -> Result<(), Fault> {
        while let Some(field) = wire.field(end)? {
            match field.number {
                2 => wire.message(&field, "a shape", |wire, end| {
                    let mut size = 0;
                    while let Some(field) = wire.field(end)? {
                        match field.number {
                            1 => size = number(&field).unwrap_or(u64::MAX),
                            2 => drop(wire.name(&field, "the name of a dimension")?),
                            _ => wire.unknown(&field, "a dimension")?,
                        }
                    }
                    let product = self.elements.and_then(|product| product.checked_mul(size));
                    self.elements = product
                        .filter(|product| i64::try_from(*product).is_ok() && i64::try_from(size).is_ok());
                    Ok(())
                })?,
                _ => wire.unknown(&field, "a shape")?,
            }
        }
        Ok(())
    }
}
