//! Fractal heaps: where groups with many links, and objects with many attributes, keep them (HDF5 File Format
//! Specification 3.0, section III.G).

use super::{
    store::{Fault, Fields, Store},
    tree,
};

/// The most rows of a table of blocks; a heap of 2^64 bytes has fewer.
const MOST_ROWS: u64 = 128;

/// A heap, as its header describes it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Heap {
    /// Bytes of an offset in the heap and of a length, in identifiers.
    offset_width: usize,
    length_width: usize,
    has_filters: bool,
    table_width: u64,
    first_block: u64,
    largest_block: u64,
    root: Option<u64>,
    /// Rows of the root, where it is a table of blocks.
    rows: u16,
    huge: Option<u64>,
}

impl Heap {
    pub(super) fn open(store: &mut Store<'_, '_>, address: u64) -> Result<Self, Fault> {
        let bytes = store.some(address, 256)?;
        let mut fields = store.fields(&bytes, address);
        fields.expect(b"FRHP\0", "no heap where there should be one")?;
        fields.u16()?;
        let filters = fields.u16()?;
        fields.u8()?;
        let most_managed = u64::from(fields.u32()?);
        fields.length()?;
        let huge = fields.address()?;
        fields.length()?;
        fields.address()?;
        for _ in 0..8 {
            fields.length()?;
        }
        let table_width = u64::from(fields.u16()?);
        let (first_block, largest_block) = (fields.length()?, fields.length()?);
        let bits = fields.u16()?;
        fields.u16()?;
        let (root, rows) = (fields.address()?, fields.u16()?);
        let whole = fields.position() - store.base - address + 4;
        if filters == 0 {
            let mut all = store.bytes(address, whole)?;
            store.checked(&mut all, address, "the header of a heap")?;
        }
        let sizes = first_block.is_power_of_two() && largest_block.is_power_of_two();
        if !sizes || table_width == 0 || largest_block < first_block || bits > 64 {
            return Err(fields.broken("a heap whose blocks cannot be as it says"));
        }
        let width = |number: u64| usize::try_from(number.max(1).ilog2() / 8 + 1).unwrap_or(8);
        Ok(Self {
            offset_width: usize::from(bits).div_ceil(8),
            length_width: width(largest_block).min(width(most_managed)),
            has_filters: filters > 0,
            table_width,
            first_block,
            largest_block,
            root,
            rows,
            huge,
        })
    }

    /// The object of an identifier, and its address.
    pub(super) fn object(
        &self,
        store: &mut Store<'_, '_>,
        id: &[u8],
        at: u64,
    ) -> Result<(Vec<u8>, u64), Fault> {
        let mut fields = store.fields(id, at.saturating_sub(store.base));
        let flags = fields.u8()?;
        match flags >> 4 & 3 {
            _ if self.has_filters => Err(Fault::Skipped(at, "a heap whose blocks are filtered")),
            0 => {
                let offset = fields.number(self.offset_width)?;
                let length = fields.number(self.length_width)?;
                let address = self.place(store, offset, length, at)?;
                Ok((store.bytes(address, length)?, address))
            }
            1 => self.huge_object(store, fields, at),
            2 => {
                let length = usize::from(flags & 0xf) + 1;
                Ok((fields.take(length)?.to_vec(), at + 1 - store.base))
            }
            _ => Err(fields.broken("an identifier of an unknown kind")),
        }
    }

    /// An object that stands alone: its identifier is its place, or a key of a tree.
    fn huge_object(
        &self,
        store: &mut Store<'_, '_>,
        mut id: Fields<'_>,
        at: u64,
    ) -> Result<(Vec<u8>, u64), Fault> {
        let direct = id.left() >= store.offsets + store.lengths;
        if direct {
            let address = id.address()?.ok_or_else(|| id.broken("an object that is nowhere"))?;
            let length = id.length()?;
            return Ok((store.bytes(address, length)?, address));
        }
        let key = id.number(id.left().min(8))?;
        let tree = self.huge.ok_or(Fault::Broken(at, "an object of a tree that is not there"))?;
        let (offsets, lengths) = (store.offsets, store.lengths);
        let mut found = None;
        // Records of type 1: address, length and identifier.
        let walked = tree::records(store, tree, &[1], &mut |_, record, _| {
            let number = |from: usize, width: usize| {
                let field = record.get(from..from + width).unwrap_or_default();
                field.iter().take(8).rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte))
            };
            if number(offsets + lengths, lengths) == key {
                found = Some((number(0, offsets), number(offsets, lengths)));
            }
        });
        let (address, length) = match (walked, found) {
            (_, Some(found)) => found,
            (Err(fault), None) => return Err(fault),
            (Ok(()), None) => return Err(Fault::Broken(at, "an object that no tree knows")),
        };
        Ok((store.bytes(address, length)?, address))
    }

    /// The bytes of a row's blocks.
    fn row(&self, row: u64) -> u64 {
        let doublings = u32::try_from(row.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first_block.checked_shl(doublings).filter(|size| *size > 0).unwrap_or(u64::MAX)
    }

    /// Where an object lies: down the tables of blocks to the block with its offset.
    fn place(&self, store: &mut Store<'_, '_>, offset: u64, length: u64, at: u64) -> Result<u64, Fault> {
        let broken = |what| Fault::Broken(at, what);
        let mut block = self.root.ok_or(broken("an object of an empty heap"))?;
        let (mut rows, mut left, mut size) = (u64::from(self.rows), offset, self.first_block);
        let direct_rows = u64::from(self.largest_block.ilog2() - self.first_block.ilog2()) + 2;
        let mut depth = 0;
        while rows > 0 {
            depth += 1;
            if rows > MOST_ROWS || depth > 16 {
                return Err(broken("a heap that is deeper than it can be"));
            }
            let mut index = 0;
            let mut found = None;
            for row in 0..rows {
                let bytes = self.row(row);
                let all = bytes.saturating_mul(self.table_width);
                if left < all {
                    index += left / bytes;
                    found = Some((row, bytes));
                    break;
                }
                left -= all;
                index += self.table_width;
            }
            let (row, bytes) = found.ok_or(broken("an object behind the end of its heap"))?;
            left %= bytes;
            let before = 4 + 1 + (store.offsets + self.offset_width) as u64;
            if store.some(block, 4)? != b"FHIB" {
                return Err(broken("no table of blocks where there should be one"));
            }
            let entry = block.saturating_add(before + index * store.offsets as u64);
            let pointer = store.bytes(entry, store.offsets as u64)?;
            let child = store.fields(&pointer, entry).address()?;
            block = child.ok_or(broken("an object of a block that is not there"))?;
            size = bytes;
            rows = if row < direct_rows {
                0
            } else {
                // A table that covers as many bytes as the row's blocks have.
                let first = self.first_block.saturating_mul(self.table_width);
                u64::from(bytes.ilog2().saturating_sub(first.max(1).ilog2())) + 1
            };
        }
        if left.checked_add(length).is_none_or(|end| end > size) {
            return Err(broken("an object that is longer than its block"));
        }
        if store.some(block, 4)? != b"FHDB" {
            return Err(broken("no block of a heap where there should be one"));
        }
        Ok(block.saturating_add(left))
    }
}

/// The objects that a tree lists by name, each with its address, and what is wrong.
pub(super) fn objects(
    store: &mut Store<'_, '_>,
    heap: u64,
    names: u64,
    kind: u8,
    show: &mut dyn FnMut(&mut Store<'_, '_>, &[u8], u64),
) -> Result<(), Fault> {
    let heap = Heap::open(store, heap)?;
    // In records of links a hash of the name stands before the identifier.
    let id = if kind == tree::LINK_NAMES { 4..11 } else { 0..8 };
    let mut ids = Vec::new();
    let mut fault = tree::records(store, names, &[kind], &mut |_, record, at| {
        ids.push((record.get(id.clone()).unwrap_or_default().to_vec(), at + id.start as u64));
    })
    .err();
    for (id, at) in ids {
        match heap.object(store, &id, at) {
            Ok((bytes, address)) => show(store, &bytes, address),
            Err(broken @ (Fault::Halt(_) | Fault::Work)) => return Err(broken),
            Err(broken) => {
                fault.get_or_insert(broken);
            }
        }
    }
    fault.map_or(Ok(()), Err)
}
