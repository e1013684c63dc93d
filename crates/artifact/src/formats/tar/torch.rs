//! The tar archives that `PyTorch` wrote before version 0.1.10: `sys_info`, `pickle`, `tensors` and `storages`, as its
//! `_legacy_load` reads them.

use crate::{
    formats::pickle::{self, TorchPart},
    read::{Halt, Pass},
    scope::Scope,
};

/// Reads a member where it is one of those, which are pickles whatever they look like; whether it was.
pub(super) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<bool, Halt> {
    let part = match scope.name.strip_prefix("./").unwrap_or(scope.name) {
        "storages" => TorchPart::Storages,
        "tensors" => TorchPart::Tensors,
        "pickle" => TorchPart::Object,
        _ => return Ok(false),
    };
    if !pickle::starts_torch_part(pass.peek(STEP)?, part) {
        return Ok(false);
    }
    pickle::read_torch_part(pass, part, scope.limits, scope.outline, scope.problems)?;
    Ok(true)
}

/// Bytes that show whether a member is one of those.
const STEP: usize = 64;
