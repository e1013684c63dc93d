//! The weights of a Core ML package (`weights/weight.bin`): parts behind one another, each with a header.
//!
//! Layout: coremltools, `mlmodel/src/MILBlob/Blob/StorageFormat.hpp`

use super::rules;
use crate::{
    foreign::{Foreign, WINDOW},
    read::{Halt, Pass},
    scope::Scope,
};

/// Headers and parts begin at multiples of so many bytes; a header has as many.
pub(crate) const ALIGNMENT: u64 = 64;
/// The only version of the layout in use.
const VERSION: [u8; 4] = [2, 0, 0, 0];
/// The start of each part's header.
const SENTINEL: [u8; 4] = 0xdead_beef_u32.to_le_bytes();

/// Names of the types of elements and their bits. The index is the number of the type, less one.
const TYPES: [(&str, u64); 17] = [
    ("float16", 16),
    ("float32", 32),
    ("uint8", 8),
    ("int8", 8),
    ("bfloat16", 16),
    ("int16", 16),
    ("uint16", 16),
    ("int4", 4),
    ("uint1", 1),
    ("uint2", 2),
    ("uint4", 4),
    ("uint3", 3),
    ("uint6", 6),
    ("int32", 32),
    ("uint32", 32),
    ("float8-e4m3fn", 8),
    ("float8-e5m2", 8),
];

/// Whether a file starts as one of weights: its version, and the header of the first part.
pub(crate) fn is_weights(head: &[u8]) -> bool {
    let at = |start: usize| head.get(start..start + 4);
    at(4) == Some(VERSION.as_slice()) && at(64) == Some(SENTINEL.as_slice()) && at(0) != Some(&[0; 4])
}

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let count = u64::from(u32::from_le_bytes(pass.take()?));
    pass.skip(ALIGNMENT - 4)?;
    let mut parts = 0;
    while pass.position() < size {
        let at = pass.position();
        if let Err(why) = part(pass, scope)? {
            scope.add(rules::BrokenWeights::META, at, size, why);
            scope.unexamined(at, size, format!("behind the point where {why}"));
            return pass.skip(size - pass.position());
        }
        parts += 1;
        let padding = pass.position().next_multiple_of(ALIGNMENT).min(size) - pass.position();
        pass.skip(padding)?;
    }
    if parts != count {
        let message = format!("the file has {parts} parts, and says that it has {count}");
        scope.add(rules::BrokenWeights::META, 0, ALIGNMENT, message);
    }
    Ok(())
}

/// Reads a part, or says why it is none.
fn part(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<Result<(), &'static str>, Halt> {
    let at = pass.position();
    let Ok(header) = <[u8; 64]>::try_from(pass.peek(64)?) else {
        return Ok(Err("the file ends inside the header of a part"));
    };
    let (words, _) = header.as_chunks::<8>();
    let [kind, length, offset, ..] = words else { return Ok(Err("a part has no header")) };
    let [_, _, _, _, kind @ ..] = *kind;
    let (length, offset) = (u64::from_le_bytes(*length), u64::from_le_bytes(*offset));
    if !header.starts_with(&SENTINEL) {
        return Ok(Err("a part has no header"));
    }
    if offset != at + ALIGNMENT {
        return Ok(Err("a part lies elsewhere than behind its header"));
    }
    if length > pass.size() - offset {
        return Ok(Err("a part ends behind the file"));
    }
    pass.skip(ALIGNMENT)?;
    let window = usize::try_from(length).unwrap_or(usize::MAX).min(WINDOW);
    if let Some(foreign) = Foreign::at(pass.peek(window)?) {
        let place = scope.range(offset, offset + length);
        scope.problems.push(foreign.occurrence(rules::ForeignWeights::META, place, "weights start"));
    }
    let index = usize::try_from(u32::from_le_bytes(kind)).unwrap_or(usize::MAX);
    let kind = index.checked_sub(1).and_then(|index| TYPES.get(index));
    let outline = &mut *scope.outline;
    outline.tensors += 1;
    let elements = kind.map_or(0, |(_, bits)| length.saturating_mul(8) / bits);
    outline.parameters = outline.parameters.saturating_add(elements);
    *outline.dtypes.entry(kind.map_or("unknown", |(name, _)| name).to_owned()).or_insert(0) += 1;
    pass.skip(length)?;
    Ok(Ok(()))
}
