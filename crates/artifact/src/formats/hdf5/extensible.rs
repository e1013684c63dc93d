//! Extensible arrays: how chunks of an array are found that can grow in one direction (HDF5 File Format Specification 3.0,
//! section VII.D).

use super::{
    dataset::Chunk,
    store::{Fault, Fields, Store},
};

/// An array, as its header describes it.
struct Array {
    filtered: bool,
    /// Bytes of an entry.
    entry: u64,
    /// Bits of the largest index.
    bits: u8,
    /// Entries of the index block itself, and of the smallest data block.
    first: u64,
    least: u64,
    /// Data blocks of the smallest block of blocks.
    pointers: u64,
    /// Entries of a page, as a power of two.
    page_bits: u8,
    most: usize,
}

/// Adds the first chunks to `all`, at most so many that there are `most`.
pub(super) fn chunks(
    store: &mut Store<'_, '_>,
    address: u64,
    most: usize,
    all: &mut Vec<Chunk>,
) -> Result<(), Fault> {
    let length = 12 + 6 * store.lengths + store.offsets + 4;
    let mut bytes = store.bytes(address, length as u64)?;
    store.checked(&mut bytes, address, "the header of an array of chunks")?;
    let mut fields = store.fields(&bytes, address);
    fields.expect(b"EAHD\0", "no array of chunks where there should be one")?;
    let filtered = fields.u8()? == 1;
    let entry = u64::from(fields.u8()?);
    let (bits, first, least, pointers, page_bits) =
        (fields.u8()?, fields.u8()?, fields.u8()?, fields.u8()?, fields.u8()?);
    for _ in 0..6 {
        fields.length()?;
    }
    let Some(index) = fields.address()? else { return Ok(()) };
    let sound = least.is_power_of_two()
        && pointers.is_power_of_two()
        && entry >= store.offsets as u64
        && bits <= 64
        && least.ilog2() <= u32::from(bits);
    if !sound {
        return Err(fields.broken("an array of chunks whose blocks cannot be as it says"));
    }
    let (first, least, pointers) = (first.into(), least.into(), pointers.into());
    Array { filtered, entry, bits, first, least, pointers, page_bits, most }.index(store, index, all)
}

impl Array {
    /// Data blocks of the block of blocks of a number, and entries of each.
    fn blocks(&self, number: u32) -> (u64, u64) {
        let entries = 1_u64.checked_shl(number.div_ceil(2)).unwrap_or(u64::MAX);
        (1_u64.checked_shl(number / 2).unwrap_or(u64::MAX), entries.saturating_mul(self.least))
    }

    fn index(&self, store: &mut Store<'_, '_>, address: u64, all: &mut Vec<Chunk>) -> Result<(), Fault> {
        let direct = 2 * (self.pointers - 1);
        let numbers = 1 + u32::from(self.bits) - self.least.ilog2();
        let direct_numbers = 2 * self.pointers.ilog2();
        let indirect = numbers.saturating_sub(direct_numbers);
        let offsets = store.offsets as u64;
        let length = 6 + offsets + self.first * self.entry + (direct + u64::from(indirect)) * offsets + 4;
        let mut bytes = store.bytes(address, length)?;
        store.checked(&mut bytes, address, "an array of chunks")?;
        let mut fields = store.fields(&bytes, address);
        fields.expect(b"EAIB\0", "no array of chunks where there should be one")?;
        fields.take(1 + store.offsets)?;
        self.entries(&mut fields, self.first, store.offsets, all)?;
        for number in 0..direct_numbers {
            let (count, entries) = self.blocks(number);
            for _ in 0..count {
                if let Some(block) = fields.address()? {
                    self.data(store, block, entries, all)?;
                }
            }
        }
        for number in direct_numbers..numbers {
            if let Some(block) = fields.address()? {
                self.indirect(store, block, number, all)?;
            }
        }
        Ok(())
    }

    /// A block of blocks.
    fn indirect(
        &self,
        store: &mut Store<'_, '_>,
        address: u64,
        number: u32,
        all: &mut Vec<Chunk>,
    ) -> Result<(), Fault> {
        if all.len() >= self.most {
            return Ok(());
        }
        let (count, entries) = self.blocks(number);
        let at = store.base.saturating_add(address);
        if self.is_paged(entries) {
            return Err(Fault::Skipped(at, "chunks that an array lists in pages"));
        }
        let offsets = store.offsets as u64;
        let length = count
            .checked_mul(offsets)
            .and_then(|bytes| bytes.checked_add(10 + offsets + self.width() as u64));
        let mut bytes = store.bytes(address, length.unwrap_or(u64::MAX))?;
        store.checked(&mut bytes, address, "an array of chunks")?;
        let mut fields = store.fields(&bytes, address);
        fields.expect(b"EASB\0", "no block of an array of chunks where there should be one")?;
        fields.take(1 + store.offsets + self.width())?;
        for _ in 0..count {
            if let Some(block) = fields.address()? {
                self.data(store, block, entries, all)?;
            }
        }
        Ok(())
    }

    fn data(
        &self,
        store: &mut Store<'_, '_>,
        address: u64,
        entries: u64,
        all: &mut Vec<Chunk>,
    ) -> Result<(), Fault> {
        if all.len() >= self.most {
            return Ok(());
        }
        let at = store.base.saturating_add(address);
        if self.is_paged(entries) {
            return Err(Fault::Skipped(at, "chunks that an array lists in pages"));
        }
        let before = 10 + (store.offsets + self.width()) as u64;
        let length = entries.checked_mul(self.entry).and_then(|bytes| bytes.checked_add(before));
        let mut bytes = store.bytes(address, length.unwrap_or(u64::MAX))?;
        store.checked(&mut bytes, address, "an array of chunks")?;
        let mut fields = store.fields(&bytes, address);
        fields.expect(b"EADB\0", "no block of an array of chunks where there should be one")?;
        fields.take(1 + store.offsets + self.width())?;
        self.entries(&mut fields, entries, store.offsets, all)
    }

    fn entries(
        &self,
        fields: &mut Fields<'_>,
        count: u64,
        offsets: usize,
        all: &mut Vec<Chunk>,
    ) -> Result<(), Fault> {
        let rest = usize::try_from(self.entry).unwrap_or(usize::MAX) - offsets;
        for _ in 0..count {
            let address = fields.address()?;
            let size = if self.filtered { Some(fields.number(rest.saturating_sub(4))?) } else { None };
            fields.take(if self.filtered { rest.min(4) } else { rest })?;
            if let Some(address) = address.filter(|_| all.len() < self.most) {
                all.push(Chunk { address, length: size });
            }
        }
        Ok(())
    }

    /// Bytes of an index in a block's header.
    const fn width(&self) -> usize {
        (self.bits as usize).div_ceil(8)
    }

    fn is_paged(&self, entries: u64) -> bool {
        entries > 1_u64.checked_shl(self.page_bits.into()).unwrap_or(u64::MAX)
    }
}
