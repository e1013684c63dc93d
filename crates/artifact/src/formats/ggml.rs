//! What llama.cpp read before GGUF: a magic number, the figures of the model, its vocabulary, and tensors behind one
//! another. Nothing states where a part ends, so one wrong figure moves all that follows.

pub(crate) mod rules;

use crate::{
    foreign::{Foreign, WINDOW},
    read::{Halt, Pass},
    scope::Scope,
};

/// Figures of a model: vocabulary, embedding, multiple, heads, layers, rotation, type (`llama_hparams`).
const FIGURES: usize = 7;
/// The longest entry of a vocabulary, in bytes. llama.cpp knew none longer than some hundred.
const LONGEST_WORD: u32 = 4096;
/// Most entries of a vocabulary.
const MOST_WORDS: u32 = 1 << 24;
/// The longest name of a tensor (`GGML_MAX_NAME` is 64).
const LONGEST_NAME: u32 = 512;

/// The families that the magic numbers stand for, as little-endian integers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Without a version, and words without scores.
    Ggml,
    Ggmf,
    /// Tensors start at multiples of 32 bytes.
    Ggjt,
    Other,
}

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let head = pass.peek(4)?;
    let family = match head {
        b"lmgg" => Family::Ggml,
        b"fmgg" => Family::Ggmf,
        b"tjgg" | b"ggjt" => Family::Ggjt,
        _ => Family::Other,
    };
    let name = String::from_utf8_lossy(head).chars().rev().collect::<String>();
    scope.outline.fact("archive-version", &name);
    if family == Family::Other {
        let reason = "an adapter or session of llama.cpp before GGUF, whose parts are not told apart";
        scope.unexamined(0, size, reason);
        return Ok(());
    }
    match model(pass, family, scope) {
        Ok(None) => Ok(()),
        Ok(Some(why)) => {
            let at = pass.position();
            scope.add(rules::Malformed::META, at, at, why);
            scope.unexamined(at, size, "the model behind the point where its figures do not fit");
            Ok(())
        }
        Err(Halt::End) => {
            scope.add(rules::Malformed::META, size, size, "the model ends inside one of its parts");
            scope.unexamined(pass.position(), size, "a model that is cut off");
            Ok(())
        }
        Err(halt) => Err(halt),
    }
}

/// Reads a model; or says what does not fit.
fn model(
    pass: &mut Pass<'_>,
    family: Family,
    scope: &mut Scope<'_, '_>,
) -> Result<Option<&'static str>, Halt> {
    let size = pass.size();
    pass.take::<4>()?;
    let version = if family == Family::Ggml { 0 } else { number(pass)? };
    if version > 3 {
        return Ok(Some("the version is not known"));
    }
    let vocabulary = number(pass)?;
    for _ in 1..FIGURES {
        number(pass)?;
    }
    if vocabulary > MOST_WORDS {
        return Ok(Some("the vocabulary is larger than any"));
    }
    for _ in 0..vocabulary {
        let length = number(pass)?;
        if length > LONGEST_WORD {
            return Ok(Some("a word of the vocabulary is longer than any"));
        }
        let rated = if family == Family::Ggml { 0 } else { 4 };
        exactly(pass, u64::from(length) + rated)?;
    }
    scope.outline.fact("vocabulary", &vocabulary.to_string());
    while pass.position() < size {
        if let Some(why) = tensor(pass, family, version, scope)? {
            return Ok(Some(why));
        }
    }
    Ok(None)
}

fn tensor(
    pass: &mut Pass<'_>,
    family: Family,
    version: u32,
    scope: &mut Scope<'_, '_>,
) -> Result<Option<&'static str>, Halt> {
    let (axes, name, kind) = (number(pass)?, number(pass)?, number(pass)?);
    if !(1..=4).contains(&axes) || name > LONGEST_NAME {
        return Ok(Some("a tensor whose dimensions or name no model has"));
    }
    let mut elements = 1_u64;
    for _ in 0..axes {
        let side = u64::from(number(pass)?);
        let Some(product) = elements.checked_mul(side) else {
            return Ok(Some("a tensor that is larger than any"));
        };
        elements = product;
    }
    exactly(pass, u64::from(name))?;
    if family == Family::Ggjt {
        let gap = pass.position().next_multiple_of(32) - pass.position();
        exactly(pass, gap)?;
    }
    let Some((block, bytes)) = block(kind, version) else { return Ok(Some("a tensor of an unknown type")) };
    let want = elements.is_multiple_of(block).then(|| (elements / block).checked_mul(bytes)).flatten();
    let left = pass.size() - pass.position();
    let Some(want) = want.filter(|want| *want <= left) else {
        return Ok(Some("a tensor that is longer than the file, or not of whole blocks"));
    };
    let at = pass.position();
    let window = usize::try_from(want).unwrap_or(usize::MAX).min(WINDOW);
    if let Some(foreign) = Foreign::at(pass.peek(window)?) {
        let place = scope.range(at, at + want);
        scope.problems.push(foreign.occurrence(rules::ForeignData::META, place, "a tensor starts"));
    }
    pass.skip(want)?;
    scope.outline.tensors += 1;
    scope.outline.parameters = scope.outline.parameters.saturating_add(elements);
    Ok(None)
}

/// Elements and bytes of a block (`ggml.h` of the time of each version).
fn block(kind: u32, version: u32) -> Option<(u64, u64)> {
    let half = version >= 3;
    Some(match kind {
        0 => (1, 4),
        1 => (1, 2),
        2 => (32, if half { 18 } else { 20 }),
        3 => (32, if half { 20 } else { 24 }),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, if half { 34 } else { 36 }),
        9 => (32, if half { 36 } else { 40 }),
        10 => (256, 84),
        11 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        _ => return None,
    })
}

fn number(pass: &mut Pass<'_>) -> Result<u32, Halt> {
    Ok(u32::from_le_bytes(pass.take()?))
}

/// Passes so many bytes, all of which are there.
fn exactly(pass: &mut Pass<'_>, count: u64) -> Result<(), Halt> {
    if count > pass.size() - pass.position() { Err(Halt::End) } else { pass.skip(count) }
}
