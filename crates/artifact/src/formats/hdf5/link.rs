//! Links: what a group holds, or which other file it sends the reader to (HDF5 File Format Specification 3.0, sections
//! III.A.1, III.B, III.C and IV.A.2.g).

use super::{
    heap::LocalHeap,
    store::{Fault, Store, shown},
};

/// Most links of one group.
const MOST_LINKS: usize = 500_000;
/// Deepest tree of a group that is followed.
const DEEPEST: u8 = 32;

/// A link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    pub(super) name: String,
    pub(super) target: Target,
}

/// Where it leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// An object of this file.
    Hard(u64),
    /// A path in this file.
    Soft,
    /// An object of another file.
    External { file: String, object: String },
    /// Whatever a plug-in makes of it.
    Own(u8),
}

/// Reads a link message.
pub(super) fn message(store: &Store<'_, '_>, body: &[u8], at: u64) -> Result<Link, Fault> {
    let mut fields = store.fields(body, at);
    if fields.u8()? != 1 {
        return Err(Fault::Skipped(fields.position(), "a link of an unknown version"));
    }
    let flags = fields.u8()?;
    let kind = if flags & 8 == 0 { 0 } else { fields.u8()? };
    fields.take(if flags & 4 == 0 { 0 } else { 8 })?;
    fields.take(usize::from(flags & 16 != 0))?;
    let length = fields.number(1 << (flags & 3))?;
    let name = shown(fields.take(usize::try_from(length).unwrap_or(usize::MAX))?);
    let target = match kind {
        0 => Target::Hard(fields.address()?.ok_or_else(|| fields.broken("a link that leads nowhere"))?),
        1 => Target::Soft,
        64 => {
            let length = fields.u16()?;
            let value = fields.take(length.into())?;
            let mut value = store.fields(value, fields.position() - store.base);
            value.u8()?;
            let file = shown(value.until_zero()?);
            let object = value.rest();
            Target::External { file, object: shown(object.strip_suffix(&[0]).unwrap_or(object)) }
        }
        kind => Target::Own(kind),
    };
    Ok(Link { name, target })
}

/// Reads the links of a group with a symbol table, and says what is wrong.
pub(super) fn symbols(
    store: &mut Store<'_, '_>,
    tree: u64,
    heap: u64,
    links: &mut Vec<Link>,
) -> Result<(), Fault> {
    let heap = LocalHeap::open(store, heap)?;
    let mut pending = vec![(tree, None)];
    let mut fault = None;
    while let Some((address, level)) = pending.pop() {
        match node(store, address, level, heap, &mut pending, links) {
            Ok(()) => {}
            Err(broken @ (Fault::Halt(_) | Fault::Work)) => return Err(broken),
            Err(broken) => {
                fault.get_or_insert(broken);
            }
        }
    }
    fault.map_or(Ok(()), Err)
}

fn node(
    store: &mut Store<'_, '_>,
    address: u64,
    level: Option<u8>,
    heap: LocalHeap,
    pending: &mut Vec<(u64, Option<u8>)>,
    links: &mut Vec<Link>,
) -> Result<(), Fault> {
    let at = store.base.saturating_add(address);
    if !store.first(address)? {
        return Err(Fault::Broken(at, "a node of a group that is met twice"));
    }
    let start = store.some(address, 64)?;
    if level == Some(0) {
        return entries(store, address, heap, links);
    }
    let mut fields = store.fields(&start, address);
    fields.expect(b"TREE\0", "no tree of a group where there should be one")?;
    let own = fields.u8()?;
    if own > DEEPEST || level.is_some_and(|level| own + 1 != level) {
        return Err(fields.broken("a tree of a group with another depth than there should be"));
    }
    let count = u64::from(fields.u16()?);
    let (keys, pointers) = (store.lengths as u64, store.offsets as u64);
    let first = address + 8 + 2 * pointers;
    let bytes = store.bytes(first, count * (keys + pointers) + keys)?;
    let mut fields = store.fields(&bytes, first);
    for _ in 0..count {
        fields.length()?;
        let child =
            fields.address()?.ok_or_else(|| fields.broken("a tree with a branch that leads nowhere"))?;
        pending.push((child, Some(own)));
    }
    Ok(())
}

fn entries(
    store: &mut Store<'_, '_>,
    address: u64,
    heap: LocalHeap,
    links: &mut Vec<Link>,
) -> Result<(), Fault> {
    let start = store.bytes(address, 8)?;
    let mut fields = store.fields(&start, address);
    fields.expect(b"SNOD\x01", "no part of a group where there should be one")?;
    fields.take(1)?;
    let count = u64::from(fields.u16()?);
    let length = 2 * store.offsets as u64 + 24;
    let bytes = store.bytes(address + 8, count * length)?;
    let mut fields = store.fields(&bytes, address + 8);
    for _ in 0..count {
        let (name, target) = (fields.number(store.offsets)?, fields.address()?);
        let cached = fields.u32()?;
        fields.take(20)?;
        let name = shown(&heap.name(store, name)?);
        let target = match target {
            _ if cached == 2 => Target::Soft,
            Some(target) => Target::Hard(target),
            None => return Err(fields.broken("a link that leads nowhere")),
        };
        if links.len() == MOST_LINKS {
            return Err(Fault::Skipped(fields.position(), "a group with more links than are followed"));
        }
        links.push(Link { name, target });
    }
    Ok(())
}
