//! The descriptions of the tensors.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    quantisation::Type,
    rules,
    source::{Fault, Source, Text},
};
use crate::{Limits, problems::Problems};

/// Bytes of a name that are kept.
const KEPT: usize = 256;
/// Readers keep names in 64 bytes, the last of which is zero.
const LONGEST_NAME: u64 = 63;
/// Most dimensions of a tensor in ggml.
const DIMENSIONS: u32 = 4;

/// A tensor whose description is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Tensor {
    pub(super) name: Box<str>,
    /// Offset within the tensors' bytes.
    pub(super) start: u64,
    pub(super) bytes: u64,
}

/// What the descriptions say.
#[derive(Debug, Default)]
pub(super) struct Tensors {
    pub(super) all: Vec<Tensor>,
    pub(super) count: u64,
    pub(super) parameters: u64,
    pub(super) types: BTreeMap<String, u64>,
    /// Whether every tensor of the file is in `all`.
    pub(super) complete: bool,
}

impl Tensors {
    /// Reads so many descriptions.
    pub(super) fn read(
        source: &mut Source<'_, '_>,
        count: u64,
        alignment: u64,
        limits: &Limits,
        problems: &mut Problems<'_>,
    ) -> Result<Self, Fault> {
        let mut tensors = Self { complete: true, ..Self::default() };
        let mut seen = BTreeSet::new();
        for _ in 0..count {
            let at = source.position();
            if seen.len() >= limits.tensors {
                return Err(Fault::Limited(at, "more tensors than are looked at"));
            }
            let name = source.text(KEPT)?;
            let tensor = Description::read(source)?;
            let mut complain = |rule, message: &str| {
                problems.add(rule, problems.range(&[&name.start], at, source.position()), message);
            };
            if !seen.insert(name.digest) {
                complain(rules::DuplicateName::META, "the name of the tensor stands twice");
            }
            if name.length > LONGEST_NAME || !name.is_utf8 || name.start.contains('\0') {
                let message = "the name is longer than readers keep it, holds a zero, or is not UTF-8";
                complain(rules::UnusualName::META, message);
            }
            tensors.count += 1;
            match tensor.place(alignment, &mut complain) {
                Some((kind, elements, bytes)) => {
                    *tensors.types.entry(kind.name.to_owned()).or_insert(0) += 1;
                    tensors.parameters = tensors.parameters.saturating_add(elements);
                    tensors.all.push(tensor.into_tensor(&name, bytes));
                }
                None => tensors.complete = false,
            }
        }
        Ok(tensors)
    }
}

/// A description as it stands there.
struct Description {
    dimensions: u32,
    first: u64,
    /// The product of all dimensions; none where it exceeds 2⁶³.
    elements: Option<u64>,
    kind: u32,
    offset: u64,
}

impl Description {
    fn read(source: &mut Source<'_, '_>) -> Result<Self, Fault> {
        let at = source.position();
        let dimensions = source.u32()?;
        let (mut first, mut elements) = (1, Some(1_u64));
        if dimensions > DIMENSIONS {
            let width = if source.version == 1 { 4 } else { 8 };
            source.skip(u64::from(dimensions), width).map_err(|fault| match fault {
                Fault::Impossible(..) => {
                    Fault::Impossible(at, "a tensor claims more dimensions than the file has bytes")
                }
                fault => fault,
            })?;
        } else {
            for index in 0..dimensions {
                let length = source.count()?;
                if index == 0 {
                    first = length;
                }
                elements = elements.and_then(|elements| elements.checked_mul(length));
            }
        }
        // Readers count elements in signed integers.
        let elements = elements.filter(|elements| i64::try_from(*elements).is_ok());
        Ok(Self { dimensions, first, elements, kind: source.u32()?, offset: source.u64()? })
    }

    /// The type, the number of elements and the number of bytes, where the description makes sense.
    fn place(
        &self,
        alignment: u64,
        complain: &mut dyn FnMut(&'static bartizan_finding::RuleMeta, &str),
    ) -> Option<(Type, u64, u64)> {
        if self.dimensions > DIMENSIONS {
            let message = format!("the tensor has {} dimensions, readers know 4", self.dimensions);
            complain(rules::BadShape::META, &message);
            return None;
        }
        let Some(kind) = Type::of(self.kind) else {
            complain(rules::UnknownType::META, &format!("the element type {} is unknown", self.kind));
            return None;
        };
        let Some(elements) = self.elements else {
            complain(rules::ImpossibleSize::META, "the product of the tensor's dimensions exceeds 2^63");
            return None;
        };
        if !self.first.is_multiple_of(kind.block) {
            let message = format!(
                "rows of {} elements are no whole blocks of {}, as {} has them",
                self.first, kind.block, kind.name
            );
            complain(rules::BadShape::META, &message);
            return None;
        }
        let Some(bytes) = kind.bytes(elements).filter(|bytes| i64::try_from(*bytes).is_ok()) else {
            complain(rules::ImpossibleSize::META, "the size of the tensor exceeds 2^63 bytes");
            return None;
        };
        if !self.offset.is_multiple_of(alignment) {
            let message =
                format!("the tensor starts at {}, which is no multiple of {alignment}", self.offset);
            complain(rules::Misplaced::META, &message);
        }
        Some((kind, elements, bytes))
    }

    fn into_tensor(self, name: &Text, bytes: u64) -> Tensor {
        Tensor { name: name.start.as_str().into(), start: self.offset, bytes }
    }
}
