//! `MessagePack` as Flax writes it: a tree of names, and arrays as extensions whose bytes are `MessagePack` again
//! (`flax.serialization`; <https://github.com/msgpack/msgpack/blob/master/spec.md>).

mod array;
mod reader;
pub(crate) mod rules;

use std::ops::ControlFlow;

use reader::{Fault, Reader};

use crate::{
    read::{Halt, Pass},
    scope::Scope,
};

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let mut reader = Reader::new(pass, Some(scope));
    let result = reader.tree();
    let at = reader.position();
    match result {
        Ok(()) if at == size => {}
        Ok(()) => {
            scope.add(rules::Trailing::META, at, size, format!("{} bytes follow the tree", size - at));
            scope.unexamined(at, size, "bytes behind the tree");
        }
        Err(Fault::Halt(halt)) if halt != Halt::End => return Err(halt),
        Err(Fault::Halt(_)) => {
            scope.add(rules::Malformed::META, at, size, "the file ends inside a value");
            scope.unexamined(at, size, "the end of the tree, which is missing");
        }
        Err(Fault::Broken(at, what)) => {
            scope.add(rules::Malformed::META, at, size, what);
            scope.unexamined(at, size, format!("behind the point where {what}"));
        }
        Err(Fault::Limited(at, what)) => scope.unexamined(at, size, what),
    }
    Ok(())
}

/// Whether bytes that start with `head` and are `size` long are such a tree: a map whose keys are text, without a fault
/// as far as it goes.
pub(crate) fn is_likely(head: &[u8], size: u64) -> bool {
    if !matches!(
        head,
        [0x81..=0x8f, 0xa1..=0xbf | 0xd9, ..]
            | [0xde, _, _, 0xa1..=0xbf | 0xd9, ..]
            | [0xdf, _, _, _, _, 0xa1..=0xbf | 0xd9, ..]
    ) {
        return false;
    }
    let mut watch = |_| ControlFlow::Continue(());
    let mut pass = Pass::over(&head, &mut watch);
    let mut reader = Reader::new(&mut pass, None);
    let result = reader.tree();
    let (at, arrays) = (reader.position(), reader.arrays);
    match result {
        // What follows a tree that has an array in it is told by the reader.
        Ok(()) => at == size || arrays > 0,
        Err(Fault::Halt(_)) => at > 4 && reader.keys_seen > 0,
        Err(_) => arrays > 0,
    }
}
