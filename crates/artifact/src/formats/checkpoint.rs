//! The index of a TensorFlow checkpoint (`variables.index`, `model.ckpt.index`): which tensor is which bytes of which file
//! of numbers beside it.
//!
//! It is a table of `LevelDB` that is told by its last bytes. The files of numbers say nothing of themselves; what is known
//! of them stands here, and is held against their lengths once all files of a folder were read.
//!
//! Numbers of fields: `tensorflow/core/protobuf/tensor_bundle.proto`

mod bundle;
pub(crate) mod rules;
mod table;

use bundle::Bundle;

use crate::{
    Format,
    read::{Halt, Pass},
    scope::Scope,
};

/// Whether the first bytes may be those of an index and the last ones are those of a table. A table that is put together in
/// another way stays unknown and is not taken for clean, and of other files no byte is read twice.
pub(crate) fn is_index(pass: &mut Pass<'_>) -> Result<bool, Halt> {
    let size = pass.size();
    let head = pass.peek(4)?;
    // The first key is empty and shares nothing with the one before it; the value starts with a field.
    let may = matches!(head, [0, 0, 1..=0x7f, 0x08 | 0x0a | 0x10 | 0x1a]);
    if size < table::FOOTER as u64 || !may {
        return Ok(false);
    }
    Ok(pass.ahead(size - 8, 8)? == table::MAGIC.to_le_bytes())
}

/// Reads a file of this format to its end. A table that holds something else is of another format.
pub(crate) fn read(pass: &mut Pass<'_>, format: &mut Format, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let (size, most) = (pass.size(), scope.limits.directory_bytes);
    if size > most {
        scope.unexamined(0, size, format!("an index longer than the {most} bytes of one that are held"));
        return Ok(());
    }
    let mut bytes = Vec::new();
    pass.each(size, &mut |piece| bytes.extend_from_slice(piece))?;
    let mut bundle = Bundle::new(scope.limits.tensors);
    table::read(&bytes, scope, &mut |key, value, scope| bundle.entry(key, value, scope))?;
    if bundle.is_other() {
        *format = Format::Other;
        return Ok(());
    }
    bundle.settle(scope);
    Ok(())
}
