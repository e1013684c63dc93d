//! Heaps: the local one of a group's names, and the global ones of values of variable length (HDF5 File Format
//! Specification 3.0, sections III.D and III.E).

use super::store::{Fault, LONGEST, Store};

/// Longest name that is looked at.
const LONGEST_NAME: u64 = 4096;

/// Where the names of a group stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct LocalHeap {
    address: u64,
    length: u64,
}

impl LocalHeap {
    pub(super) fn open(store: &mut Store<'_, '_>, address: u64) -> Result<Self, Fault> {
        let length = 8 + 2 * store.lengths + store.offsets;
        let bytes = store.bytes(address, length as u64)?;
        let mut fields = store.fields(&bytes, address);
        fields.expect(b"HEAP", "no heap of names where there should be one")?;
        fields.take(4)?;
        let length = fields.length()?;
        fields.length()?;
        let data = fields.address()?.ok_or_else(|| fields.broken("a heap without data"))?;
        Ok(Self { address: data, length })
    }

    /// The name at an offset of the heap.
    pub(super) fn name(&self, store: &mut Store<'_, '_>, offset: u64) -> Result<Vec<u8>, Fault> {
        let address = self.address.saturating_add(offset);
        let Some(left) = self.length.checked_sub(offset).filter(|left| *left > 0) else {
            return Err(Fault::Broken(store.base.saturating_add(address), "a name outside of its heap"));
        };
        // Most names are short.
        for most in [64, LONGEST_NAME] {
            let bytes = store.some(address, left.min(most))?;
            if let Ok(name) = store.fields(&bytes, address).until_zero() {
                return Ok(name.to_vec());
            }
        }
        Err(Fault::Broken(store.base.saturating_add(address), "a name without an end"))
    }
}

/// A value of variable length: which object of which heap, and how long it is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reference {
    pub(super) collection: u64,
    pub(super) index: u32,
}

/// Where an object of a global heap lies, and its length.
pub(super) fn find(store: &mut Store<'_, '_>, reference: Reference) -> Result<(u64, u64), Fault> {
    let mut found = None;
    each(store, reference.collection, &mut |index, address, length| {
        if u32::from(index) == reference.index {
            found = Some((address, length));
        }
    })?;
    let at = store.base.saturating_add(reference.collection);
    found.ok_or(Fault::Broken(at, "a value that is in no heap"))
}

/// The bytes of an object of a global heap.
pub(super) fn value(store: &mut Store<'_, '_>, reference: Reference) -> Result<Vec<u8>, Fault> {
    let (address, length) = find(store, reference)?;
    store.bytes(address, length)
}

/// Shows the objects of a global heap: index, address and length of each.
pub(super) fn each(
    store: &mut Store<'_, '_>,
    collection: u64,
    show: &mut dyn FnMut(u16, u64, u64),
) -> Result<(), Fault> {
    let head = 8 + store.lengths as u64;
    let bytes = store.bytes(collection, head)?;
    let mut fields = store.fields(&bytes, collection);
    fields.expect(b"GCOL\x01", "no heap of values where there should be one")?;
    fields.take(3)?;
    let size = fields.length()?;
    let end = collection.checked_add(size).filter(|end| store.base.saturating_add(*end) <= store.size);
    let end = end.ok_or_else(|| fields.broken("a heap of values that is longer than the file"))?;
    let mut at = collection + head;
    while at.checked_add(head).is_some_and(|next| next <= end) {
        let bytes = store.bytes(at, head)?;
        let mut fields = store.fields(&bytes, at);
        let index = fields.u16()?;
        fields.take(6)?;
        let length = fields.length()?;
        if index == 0 {
            // What is left is free.
            return Ok(());
        }
        let data = at + head;
        let next = length.checked_next_multiple_of(8).and_then(|length| data.checked_add(length));
        let next = next.filter(|next| *next <= end);
        at = next.ok_or_else(|| fields.broken("a value that is longer than its heap"))?;
        show(index, data, length.min(LONGEST));
    }
    Ok(())
}
