//! HDF5, as Keras and others keep weights in it.
//!
//! The file is a graph of objects that point to one another by address. It is walked from the superblock, each object
//! once, always on to the next higher address, so that a file that lies compressed in another is unpacked a few times and
//! not once for each object. What leads out of the file is told: external data files, external links, virtual arrays.
//! Then the file streams by, and the heaps in which values of variable length are kept are looked into wherever they are.

mod checksum;
mod dataset;
mod dense;
mod extensible;
mod header;
mod heap;
mod link;
mod object;
pub(crate) mod rules;
mod store;
mod superblock;
mod tree;
mod value;

use std::ops::ControlFlow;

use object::Walk;
use store::{Fault, Store};
use superblock::Superblock;
pub(crate) use superblock::{Far, find};

use crate::{
    Format, content,
    foreign::Foreign,
    read::{Halt, Pass, STEP},
    scope::Scope,
};

/// Heaps of values that are looked into.
const MOST_HEAPS: usize = 100_000;

/// Reads a file of this format to its end, and says more exactly what it is.
pub(crate) fn read(pass: &mut Pass<'_>, format: &mut Format, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let base = find(pass.peek(STEP)?).unwrap_or_default() as u64;
    if base > 0 {
        user_block(pass, base, scope)?;
    }
    let walked = walk(&mut Store::new(pass, base), format, scope);
    match walked {
        Ok(()) => {}
        Err(Fault::Halt(halt)) => {
            // A packed file gives bytes out of order only so often.
            scope.unexamined(0, size, "the file could not be read at the places that it names");
            return Err(halt);
        }
        Err(fault) => told(fault, "", scope),
    }
    let heaps = heaps(pass)?;
    values(&mut Store::new(pass, base), &heaps, scope)
}

/// Reads what stands in front of the superblock, as whoever does not know the format would.
fn user_block(pass: &mut Pass<'_>, base: u64, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let mut bytes = pass.ahead(0, usize::try_from(base).unwrap_or_default())?;
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.truncate(used);
    scope.inside("user block", |scope| nested(&bytes, scope));
    Ok(())
}

/// Reads bytes that lie in the file as a file of their own.
fn nested(bytes: &[u8], scope: &mut Scope<'_, '_>) {
    let mut watch = |_| ControlFlow::Continue(());
    // Nothing can halt a pass over memory.
    let _ = content::read(&mut Pass::over(&bytes, &mut watch), scope, &mut Format::Other);
}

/// Reads a value as a file of its own, where it is one that does something.
fn look_into(bytes: &[u8], name: &str, scope: &mut Scope<'_, '_>) {
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    let bytes = bytes.get(..used).unwrap_or_default();
    let head = bytes.get(..bytes.len().min(STEP)).unwrap_or_default();
    if Foreign::at(head).is_some() || Format::of(head, bytes.len() as u64).is_pickle() {
        scope.inside(name, |scope| nested(bytes, scope));
    }
}

/// Walks the graph of objects.
fn walk(store: &mut Store<'_, '_>, format: &mut Format, scope: &mut Scope<'_, '_>) -> Result<(), Fault> {
    let block = match Superblock::read(store) {
        Ok(block) => block,
        Err(fault @ Fault::Halt(_)) => return Err(fault),
        Err(fault) => {
            told(fault, "", scope);
            scope.unexamined(store.base, store.size, "the objects, because the superblock cannot be read");
            return Ok(());
        }
    };
    scope.outline.fact("hdf5-superblock", &block.version.to_string());
    end(store, &block, scope);
    if block.driver.is_some() {
        let message = "the file is one of several that hold the bytes together";
        scope.add(rules::ExternalData::META, store.base, store.base, message);
    }
    let Some(root) = block.root else {
        scope.unexamined(store.base, store.size, "the objects, because there is no root group");
        return Ok(());
    };
    let mut walk = Walk::new(root, block.extension);
    walk.run(store, scope)?;
    walk.settle(scope);
    if walk.is_keras {
        *format = Format::KerasHdf5;
    }
    Ok(())
}

/// Holds the end that is stated against the one that there is. The library counts from the start of the file; other
/// writers from the superblock.
fn end(store: &Store<'_, '_>, block: &Superblock, scope: &mut Scope<'_, '_>) {
    let Some(end) = block.end else { return };
    if end == store.size || store.base.checked_add(end) == Some(store.size) {
        return;
    }
    if end > store.size {
        let message = format!("the file ends at byte {}, and should at {end}", store.size);
        scope.add(rules::EndDisagrees::META, store.size, store.size, message);
        scope.unexamined(store.size, store.size, "the end of the file, which is missing");
    } else {
        let message = format!("{} bytes follow the end that the file states", store.size - end);
        scope.add(rules::EndDisagrees::META, end, store.size, message);
        scope.unexamined(end, store.size, "bytes behind the end of the file");
    }
}

/// Says what is wrong at an object.
fn told(fault: Fault, path: &str, scope: &mut Scope<'_, '_>) {
    let names = [path];
    let names = if path.is_empty() { &[] } else { names.as_slice() };
    match fault {
        Fault::Halt(_) => {}
        Fault::Broken(at, what) => {
            let place = scope.problems.range(names, at, at);
            scope.problems.add(rules::Malformed::META, place.clone(), what);
            scope.problems.unexamined(place, format!("what follows from {what}"));
        }
        Fault::Checksum(at, what) => {
            let place = scope.problems.range(names, at, at);
            let message = format!("{what} does not have the checksum that stands behind it");
            scope.problems.add(rules::WrongChecksum::META, place, message);
        }
        Fault::Skipped(at, what) => {
            let place = scope.problems.range(names, at, at);
            scope.problems.unexamined(place, what);
        }
        Fault::Work => {
            let place = scope.problems.range(names, 0, 0);
            scope
                .problems
                .unexamined(place, "the rest of the objects: there are too many, or they share too much");
        }
    }
}

/// How a heap of values starts: its signature, its version, and three zeros.
const HEAP: &[u8; 8] = b"GCOL\x01\0\0\0";

/// Passes the file, and finds the heaps of values in it, whether an object of the file points to them or not.
fn heaps(pass: &mut Pass<'_>) -> Result<Vec<u64>, Halt> {
    let mut found = Vec::new();
    let size = pass.size();
    while pass.position() < size {
        let start = pass.position();
        let bytes = pass.peek(STEP)?;
        let mut at = 0;
        while let Some(next) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| *byte == HEAP[0]))
        {
            let here = at + next;
            if bytes.get(here..).is_some_and(|rest| rest.starts_with(HEAP)) && found.len() < MOST_HEAPS {
                found.push(start + here as u64);
            }
            at = here + 1;
        }
        // A signature can lie across two pieces.
        let last = start + bytes.len() as u64 == size;
        let count = if last { bytes.len() } else { bytes.len().saturating_sub(HEAP.len() - 1) };
        if count == 0 {
            return Err(Halt::End);
        }
        pass.advance(count);
    }
    Ok(found)
}

/// Looks into the values of heaps.
fn values(store: &mut Store<'_, '_>, heaps: &[u64], scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    for heap in heaps {
        let Some(address) = heap.checked_sub(store.base) else { continue };
        let mut all = Vec::new();
        let walked = heap::each(store, address, &mut |_, address, length| all.push((address, length)));
        for (address, length) in all {
            // Only what starts like a file is read in full.
            let head = match store.some(address, length.min(4096)) {
                Ok(head) => head,
                Err(Fault::Halt(halt)) => return Err(halt),
                Err(_) => continue,
            };
            let is_file = Foreign::at(&head).is_some() || Format::of(&head, length).is_pickle();
            if !is_file {
                continue;
            }
            match store.some(address, length) {
                Ok(bytes) => look_into(&bytes, "value", scope),
                Err(Fault::Halt(halt)) => return Err(halt),
                Err(fault) => told(fault, "value", scope),
            }
        }
        match walked {
            Err(Fault::Halt(halt)) => return Err(halt),
            Err(Fault::Work) => told(Fault::Work, "", scope),
            // What only looks like a heap is numbers.
            _ => {}
        }
    }
    Ok(())
}
