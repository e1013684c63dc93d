//! GGUF: metadata entries, descriptions of tensors, and the tensors' bytes, as llama.cpp reads them.
//!
//! Versions 1 to 3 in both byte orders. Lengths, counts and offsets are claims: each is held against the bytes that
//! are there before anything is done with it, and all arithmetic on them is checked, because readers of this format
//! were attacked through products that wrap. Each byte behind the descriptions belongs to exactly one tensor, to the
//! zeros that align the next one, or to a problem.

mod layout;
mod metadata;
mod quantisation;
pub(crate) mod rules;
mod source;
mod tensor;

use layout::Layout;
use metadata::Metadata;
use source::{Fault, Source};
use tensor::Tensors;

use crate::{
    Limits, Outline,
    problems::Problems,
    read::{Halt, Pass},
};

/// The smallest metadata entry: a name without characters, a type, and a value of one byte.
const LEAST_ENTRY: u64 = 8 + 4 + 1;
/// The smallest description of a tensor: a name without characters, no dimensions, a type and an offset.
const LEAST_TENSOR: u64 = 8 + 4 + 4 + 8;

/// Reads a file of this format to its end.
pub(crate) fn read(
    pass: &mut Pass<'_>,
    limits: &Limits,
    outline: &mut Outline,
    problems: &mut Problems<'_>,
) -> Result<(), Halt> {
    let size = pass.size();
    let described = match describe(pass, limits, outline, problems) {
        Ok(described) => described,
        Err(Fault::Halt(halt)) => return Err(halt),
        Err(fault @ (Fault::Broken(at, what) | Fault::Impossible(at, what))) => {
            let rule = match fault {
                Fault::Impossible(..) => rules::ImpossibleSize::META,
                _ => rules::Malformed::META,
            };
            problems.add(rule, problems.range(&[], at, size), what);
            problems.unexamined(problems.range(&[], at, size), format!("behind the point where {what}"));
            return Ok(());
        }
        Err(Fault::Limited(at, what)) => {
            problems.unexamined(problems.range(&[], at, size), what);
            return Ok(());
        }
    };
    let Some((tensors, alignment)) = described else { return Ok(()) };
    let end = pass.position();
    let data = end.checked_next_multiple_of(alignment).map_or(size, |data| data.min(size));
    if !tensors.complete {
        let why = "the tensors, because their descriptions do not say where they are";
        problems.unexamined(problems.range(&[], end, size), why);
        return Ok(());
    }
    let layout = Layout::check(&tensors.all, end, data, alignment, size, problems);
    layout.look(pass, problems)
}

/// Reads everything in front of the tensors' bytes: the tensors, and what their places are multiples of.
fn describe(
    pass: &mut Pass<'_>,
    limits: &Limits,
    outline: &mut Outline,
    problems: &mut Problems<'_>,
) -> Result<Option<(Tensors, u64)>, Fault> {
    let size = pass.size();
    pass.skip(4)?;
    let Some(mut source) = Source::open(pass)? else {
        let place = problems.range(&[], 4, size.min(8));
        problems.add(rules::UnknownVersion::META, place, "the version is none of 1, 2 and 3");
        problems.unexamined(problems.range(&[], 8, size), "a version of GGUF that is not known");
        return Ok(None);
    };
    outline.fact("gguf-version", &source.version.to_string());
    let at = source.position();
    let tensors = source.count()?;
    let entries = source.count()?;
    let claimed = tensors.checked_mul(LEAST_TENSOR).zip(entries.checked_mul(LEAST_ENTRY));
    let claimed = claimed.and_then(|(tensors, entries)| tensors.checked_add(entries));
    if source.version > 1 && claimed.is_none_or(|claimed| claimed > size - source.position()) {
        let message = format!(
            "{tensors} tensors and {entries} metadata entries cannot be described in {} bytes",
            size - source.position()
        );
        problems.add(rules::ImpossibleSize::META, problems.range(&[], at, source.position()), message);
    }
    let metadata = Metadata::read(&mut source, entries, limits, outline, problems)?;
    let tensors = Tensors::read(&mut source, tensors, metadata.alignment, limits, problems)?;
    outline.tensors = tensors.count;
    outline.parameters = tensors.parameters;
    outline.dtypes.clone_from(&tensors.types);
    Ok(Some((tensors, metadata.alignment)))
}
