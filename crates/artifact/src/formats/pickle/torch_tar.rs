//! The pickles of the tar archives that `PyTorch` wrote before version 0.1.10, as its `_legacy_load` reads them:
//! `storages` and `tensors` hold pickles with plain numbers between them, `pickle` holds the object.

use std::ops::ControlFlow;

use super::{
    inert::torch_storage,
    judge::Judge,
    machine::{Event, Machine, Outcome},
    value::Value,
};
use crate::{
    Limits, Outline,
    foreign::{Foreign, WINDOW},
    formats::torch::rules::ForeignData,
    problems::Problems,
    read::{Halt, Pass},
};

/// A member of such an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TorchPart {
    Storages,
    Tensors,
    Object,
}

/// Most dimensions of a tensor, as in `PyTorch` itself.
const DIMENSIONS: i32 = 64;

/// Whether bytes start as such a member does: with the pickle of a number, or with any that declares its protocol.
pub(crate) fn starts_torch_part(head: &[u8], part: TorchPart) -> bool {
    if part == TorchPart::Object {
        return head.first() == Some(&super::opcode::PROTO);
    }
    let limits =
        Limits { pickle_values: 16, pickle_kept_bytes: 1 << 10, nested_bytes: 0, ..Limits::default() };
    let mut watch = |_| ControlFlow::Continue(());
    let mut pass = Pass::over(&head, &mut watch);
    let mut sink = |_: Event<'_>| {};
    matches!(Machine::new(&mut pass, &limits, &mut sink).run(), Outcome::Stopped(Value::Int(0..)))
}

/// Reads such a member to its end.
pub(crate) fn read_torch_part(
    pass: &mut Pass<'_>,
    part: TorchPart,
    limits: &Limits,
    outline: &mut Outline,
    problems: &mut Problems<'_>,
) -> Result<(), Halt> {
    let mut judge = Judge::new(limits, outline, problems);
    judge.tar = true;
    if part == TorchPart::Object {
        return super::streams(pass, limits, &mut judge);
    }
    match numbered(pass, part, limits, &mut judge) {
        // The numbers are cut off.
        Ok(false) | Err(Halt::End) => {
            let position = pass.position();
            judge.trailing(position, pass.size());
            Ok(())
        }
        Ok(true) => Ok(()),
        Err(halt) => Err(halt),
    }
}

/// Reads as many entries as the first pickle says; whether that was all. A pickle that breaks is told already.
fn numbered(
    pass: &mut Pass<'_>,
    part: TorchPart,
    limits: &Limits,
    judge: &mut Judge<'_, '_>,
) -> Result<bool, Halt> {
    let next = |pass: &mut Pass<'_>, judge: &mut Judge<'_, '_>| match judge.stream(pass) {
        Outcome::Halted(halt) => Err(halt),
        Outcome::Broken { .. } | Outcome::Limited { .. } => Ok(None),
        Outcome::Stopped(value) => Ok(Some(value)),
    };
    let Some(Value::Int(count)) = next(pass, judge)? else { return Ok(true) };
    for entry in 0..count {
        if entry.cast_unsigned() >= limits.pickle_streams {
            judge.more_streams(pass.position(), pass.size());
            return Ok(true);
        }
        let Some(value) = next(pass, judge)? else { return Ok(true) };
        let Some([_, _, Value::Global(class)]) = value.items() else { return Ok(false) };
        if part == TorchPart::Tensors {
            let dimensions = i32::from_le_bytes(pass.take()?);
            if !(0..=DIMENSIONS).contains(&dimensions) {
                return Ok(false);
            }
            // Four bytes that nobody reads, the shape, the strides, and the offset.
            let numbers = 4 + 8 * (2 * u64::from(dimensions.unsigned_abs()) + 1);
            if numbers > pass.size() - pass.position() {
                return Err(Halt::End);
            }
            pass.skip(numbers)?;
            judge.note_tensor();
            continue;
        }
        let Some(width) = torch_storage(&class.module, &class.name) else { return Ok(false) };
        let elements = u64::try_from(i64::from_le_bytes(pass.take()?)).ok();
        let bytes = elements.and_then(|elements| elements.checked_mul(width));
        let left = pass.size() - pass.position();
        let Some(bytes) = bytes.filter(|bytes| *bytes <= left) else { return Ok(false) };
        let window = usize::try_from(bytes).unwrap_or(WINDOW).min(WINDOW);
        let start = pass.position();
        if let Some(foreign) = Foreign::at(pass.peek(window)?) {
            judge.foreign(ForeignData::META, start, start + bytes, foreign);
        }
        pass.skip(bytes)?;
    }
    // Views of storages follow the storages.
    if part == TorchPart::Storages && next(pass, judge)?.is_none() {
        return Ok(true);
    }
    Ok(pass.position() == pass.size())
}
