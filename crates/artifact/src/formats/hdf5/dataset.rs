//! Arrays: where their bytes are, in this file or in another one (HDF5 File Format Specification 3.0, sections
//! IV.A.2.h, IV.A.2.i and IV.A.2.l, and "Disk Format: Level 1A").

use flate2::{Decompress, FlushDecompress};

use super::{
    extensible,
    heap::{LocalHeap, Reference, value},
    store::{Fault, Fields, Store, shown},
    tree,
};

/// Chunks of one array that are looked at; the first ones, for each is a block of numbers like the others.
const LOOKED_AT: usize = 4096;
/// Deepest tree of chunks that is followed.
const DEEPEST: u8 = 32;

/// Where the elements are.
#[derive(Clone, Debug)]
pub(super) enum Layout {
    /// In the header itself.
    Compact { at: u64, length: u64 },
    /// In one piece; nowhere yet without an address.
    Contiguous { address: Option<u64>, length: Option<u64> },
    /// In pieces of these extents.
    Chunked { extents: Vec<u64>, index: Index, address: Option<u64> },
    /// In other arrays.
    Virtual(Option<Reference>),
}

/// How chunks are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Index {
    /// A tree of version 1, with keys of so many offsets.
    Tree1(u8),
    /// One chunk; its bytes where it is filtered.
    Single(Option<u64>),
    /// All chunks behind one another.
    Implicit,
    FixedArray,
    ExtensibleArray,
    Tree2,
}

impl Layout {
    /// Reads the message. `element` is the size of an element, `rank` the number of dimensions.
    pub(super) fn read(mut fields: Fields<'_>, base: u64) -> Result<Self, Fault> {
        let version = fields.u8()?;
        match version {
            1 | 2 => Self::first(fields, base),
            3..=5 => {
                let class = fields.u8()?;
                match class {
                    0 => {
                        let length = u64::from(fields.u16()?);
                        let at = fields.position();
                        fields.take(usize::try_from(length).unwrap_or(usize::MAX))?;
                        Ok(Self::Compact { at: at - base, length })
                    }
                    1 => Ok(Self::Contiguous { address: fields.address()?, length: Some(fields.length()?) }),
                    2 if version == 3 => {
                        let rank = fields.u8()?;
                        let address = fields.address()?;
                        let mut extents =
                            (0..rank).map(|_| fields.u32().map(u64::from)).collect::<Result<Vec<_>, _>>()?;
                        extents.pop();
                        Ok(Self::Chunked { extents, index: Index::Tree1(rank), address })
                    }
                    2 => Self::fourth(fields),
                    3 => {
                        let collection = fields.address()?;
                        let index = fields.u32()?;
                        Ok(Self::Virtual(collection.map(|collection| Reference { collection, index })))
                    }
                    _ => Err(fields.broken("a layout of an unknown class")),
                }
            }
            _ => Err(Fault::Skipped(fields.position(), "a layout of an unknown version")),
        }
    }

    /// Versions 1 and 2, before version 1.6.3 of the library.
    fn first(mut fields: Fields<'_>, base: u64) -> Result<Self, Fault> {
        let (rank, class) = (fields.u8()?, fields.u8()?);
        fields.take(5)?;
        let address = if class == 0 { None } else { fields.address()? };
        let mut extents = (0..rank).map(|_| fields.u32().map(u64::from)).collect::<Result<Vec<_>, _>>()?;
        match class {
            0 => {
                let length = u64::from(fields.u32()?);
                let at = fields.position();
                fields.take(usize::try_from(length).unwrap_or(usize::MAX))?;
                Ok(Self::Compact { at: at - base, length })
            }
            1 => Ok(Self::Contiguous { address, length: None }),
            2 => {
                extents.pop();
                Ok(Self::Chunked { extents, index: Index::Tree1(rank), address })
            }
            _ => Err(fields.broken("a layout of an unknown class")),
        }
    }

    /// Chunks of version 4 and later.
    fn fourth(mut fields: Fields<'_>) -> Result<Self, Fault> {
        let (flags, rank, width) = (fields.u8()?, fields.u8()?, fields.u8()?);
        let mut extents = (0..rank).map(|_| fields.number(width.into())).collect::<Result<Vec<_>, _>>()?;
        extents.pop();
        let index = match fields.u8()? {
            1 if flags & 2 != 0 => {
                let bytes = fields.length()?;
                fields.u32()?;
                Index::Single(Some(bytes))
            }
            1 => Index::Single(None),
            2 => Index::Implicit,
            3 => fields.u8().map(|_| Index::FixedArray)?,
            4 => fields.take(5).map(|_| Index::ExtensibleArray)?,
            5 => fields.take(6).map(|_| Index::Tree2)?,
            _ => return Err(fields.broken("an index of chunks of an unknown kind")),
        };
        Ok(Self::Chunked { extents, index, address: fields.address()? })
    }
}

/// A chunk: its address and its bytes as they are stored, where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Chunk {
    pub(super) address: u64,
    pub(super) length: Option<u64>,
}

/// The first chunks of an array.
pub(super) fn chunks(store: &mut Store<'_, '_>, index: Index, address: u64) -> Result<Vec<Chunk>, Fault> {
    let mut all = Vec::new();
    match index {
        Index::Single(length) => all.push(Chunk { address, length }),
        Index::Implicit => all.push(Chunk { address, length: None }),
        Index::Tree1(rank) => first_tree(store, address, rank, &mut all)?,
        Index::Tree2 => {
            let offsets = store.offsets;
            tree::records(store, address, &[tree::CHUNKS, tree::FILTERED_CHUNKS], &mut |_, record, _| {
                let field = record.get(..offsets.min(8)).unwrap_or_default();
                let address = field.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte));
                if all.len() < LOOKED_AT {
                    all.push(Chunk { address, length: None });
                }
            })?;
        }
        Index::FixedArray => fixed_array(store, address, &mut all)?,
        Index::ExtensibleArray => extensible::chunks(store, address, LOOKED_AT, &mut all)?,
    }
    Ok(all)
}

fn first_tree(store: &mut Store<'_, '_>, root: u64, rank: u8, all: &mut Vec<Chunk>) -> Result<(), Fault> {
    let mut pending = vec![(root, None)];
    while let Some((address, level)) = pending.pop() {
        let at = store.base.saturating_add(address);
        if !store.first(address)? {
            return Err(Fault::Broken(at, "a node of a tree of chunks that is met twice"));
        }
        let head = 8 + 2 * store.offsets as u64;
        let bytes = store.bytes(address, head)?;
        let mut fields = store.fields(&bytes, address);
        fields.expect(b"TREE\x01", "no tree of chunks where there should be one")?;
        let own = fields.u8()?;
        if own > DEEPEST || level.is_some_and(|level: u8| own + 1 != level) {
            return Err(fields.broken("a tree of chunks with another depth than there should be"));
        }
        let count = u64::from(fields.u16()?);
        let entry = 8 + 8 * u64::from(rank) + store.offsets as u64;
        let bytes = store.bytes(address + head, count * entry)?;
        let mut fields = store.fields(&bytes, address + head);
        for _ in 0..count {
            let length = u64::from(fields.u32()?);
            fields.take(4 + 8 * usize::from(rank))?;
            let child =
                fields.address()?.ok_or_else(|| fields.broken("a tree with a branch that leads nowhere"))?;
            if own > 0 {
                pending.push((child, Some(own)));
            } else if all.len() < LOOKED_AT {
                all.push(Chunk { address: child, length: Some(length) });
            }
        }
    }
    Ok(())
}

fn fixed_array(store: &mut Store<'_, '_>, address: u64, all: &mut Vec<Chunk>) -> Result<(), Fault> {
    let length = 4 + 4 + store.lengths + store.offsets + 4;
    let mut bytes = store.bytes(address, length as u64)?;
    store.checked(&mut bytes, address, "the header of an array of chunks")?;
    let mut fields = store.fields(&bytes, address);
    fields.expect(b"FAHD\0", "no array of chunks where there should be one")?;
    let (client, entry, bits) = (fields.u8()?, u64::from(fields.u8()?), fields.u8()?);
    let count = fields.length()?;
    let Some(block) = fields.address()? else { return Ok(()) };
    if bits < 64 && count > 1 << bits {
        return Err(Fault::Skipped(fields.position(), "chunks that an array lists in pages"));
    }
    let before = 4 + 1 + 1 + store.offsets as u64;
    let whole = count.checked_mul(entry).and_then(|bytes| bytes.checked_add(before + 4));
    let whole = whole.ok_or_else(|| fields.broken("an array of chunks without an end"))?;
    let mut bytes = store.bytes(block, whole)?;
    store.checked(&mut bytes, block, "an array of chunks")?;
    let mut fields = store.fields(&bytes, block);
    fields.expect(b"FADB\0", "no array of chunks where there should be one")?;
    fields.take(1 + store.offsets)?;
    let rest = entry.checked_sub(store.offsets as u64).and_then(|rest| usize::try_from(rest).ok());
    let rest = rest.ok_or_else(|| fields.broken("an array whose entries are too short"))?;
    for _ in 0..count.min(LOOKED_AT as u64) {
        let address = fields.address()?;
        let length = if client == 1 { Some(fields.number(rest.saturating_sub(4))?) } else { None };
        fields.take(if client == 1 { rest.min(4) } else { rest })?;
        all.extend(address.map(|address| Chunk { address, length }));
    }
    Ok(())
}

/// A filter of a pipeline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filter {
    pub(super) id: u16,
    pub(super) name: String,
}

impl Filter {
    /// Whether HDF5 itself or `h5py` brings it, so that no library is looked for: deflate, shuffle, fletcher32, szip,
    /// nbit, scaleoffset, and LZF.
    pub(super) const fn is_known(&self) -> bool {
        matches!(self.id, 1..=6 | 32000)
    }
}

/// Reads a pipeline.
pub(super) fn filters(mut fields: Fields<'_>) -> Result<Vec<Filter>, Fault> {
    let (version, count) = (fields.u8()?, fields.u8()?);
    if !(1..=2).contains(&version) {
        return Err(Fault::Skipped(fields.position(), "filters of an unknown version"));
    }
    fields.take(if version == 1 { 6 } else { 0 })?;
    let mut all = Vec::new();
    for _ in 0..count {
        let id = fields.u16()?;
        let length = if version == 1 || id >= 256 { fields.u16()? } else { 0 };
        fields.u16()?;
        let values = usize::from(fields.u16()?);
        let padded = if version == 1 { usize::from(length).next_multiple_of(8) } else { length.into() };
        let name = fields.take(padded)?;
        let name = shown(name.split(|byte| *byte == 0).next().unwrap_or_default());
        fields.take(4 * values)?;
        fields.take(if version == 1 && values % 2 == 1 { fields.left().min(4) } else { 0 })?;
        all.push(Filter { id, name });
    }
    Ok(all)
}

/// The start of a chunk that was deflated.
pub(super) fn inflated(packed: &[u8], most: usize) -> Vec<u8> {
    let mut out = vec![0; most];
    let mut stream = Decompress::new(true);
    // What cannot be decompressed gives nothing, here and in the library.
    let _ = stream.decompress(packed, &mut out, FlushDecompress::None);
    out.truncate(usize::try_from(stream.total_out()).unwrap_or(most).min(most));
    out
}

/// The files that hold an array's bytes.
pub(super) fn external(store: &mut Store<'_, '_>, body: &[u8], at: u64) -> Result<Vec<String>, Fault> {
    let mut fields = store.fields(body, at);
    fields.take(4)?;
    fields.u16()?;
    let used = fields.u16()?;
    let heap = fields.address()?.ok_or_else(|| fields.broken("external files without names"))?;
    let heap = LocalHeap::open(store, heap)?;
    let mut names = Vec::new();
    for _ in 0..used {
        let name = fields.length()?;
        fields.length()?;
        fields.length()?;
        names.push(shown(&heap.name(store, name)?));
    }
    Ok(names)
}

/// The files that a virtual array takes its elements from.
pub(super) fn sources(store: &mut Store<'_, '_>, reference: Reference) -> Result<Vec<String>, Fault> {
    let bytes = value(store, reference)?;
    let mut fields = store.fields(&bytes, reference.collection);
    let version = fields.u8()?;
    if version > 0 {
        return Err(Fault::Skipped(fields.position(), "a virtual array of an unknown version"));
    }
    let count = fields.length()?;
    let mut names = Vec::new();
    for _ in 0..count {
        names.push(shown(fields.until_zero()?));
        fields.until_zero()?;
        selection(&mut fields)?;
        selection(&mut fields)?;
    }
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Passes over a selection of elements ("Appendix C" and `H5S_*_deserialize` of the library).
fn selection(fields: &mut Fields<'_>) -> Result<(), Fault> {
    let (kind, version) = (fields.u32()?, fields.u32()?);
    let length = match (kind, version) {
        (0..=3, 1) => {
            fields.take(4)?;
            u64::from(fields.u32()?)
        }
        (2, 2) => {
            fields.take(1)?;
            u64::from(fields.u32()?)
        }
        (2, 3) => {
            let (flags, width) = (fields.u8()?, fields.u8()?);
            let rank = u64::from(fields.u32()?);
            if flags & 1 != 0 {
                rank * 4 * u64::from(width)
            } else {
                let count = fields.number(width.into())?;
                count.saturating_mul(2 * rank * u64::from(width))
            }
        }
        (1, 2) => {
            let width = fields.u8()?;
            let rank = u64::from(fields.u32()?);
            let count = fields.number(width.into())?;
            count.saturating_mul(rank * u64::from(width))
        }
        _ => return Err(fields.broken("a selection of an unknown kind")),
    };
    fields.take(usize::try_from(length).unwrap_or(usize::MAX)).map(|_| ())
}
