//! B-trees of version 2, whatever their records are (HDF5 File Format Specification 3.0, section III.A.2).

use super::store::{Fault, Store};

/// Deepest tree that is followed. With nodes of 512 bytes, six levels hold more records than any file has.
const DEEPEST: u16 = 16;
/// Bytes of a node besides records and pointers: signature, version, type and checksum.
const FRAME: u64 = 10;
/// Most records of one tree.
const MOST_RECORDS: u64 = 2_000_000;

/// The kinds of records that are asked for.
pub(super) const LINK_NAMES: u8 = 5;
pub(super) const ATTRIBUTE_NAMES: u8 = 8;
pub(super) const CHUNKS: u8 = 10;
pub(super) const FILTERED_CHUNKS: u8 = 11;

struct Shape {
    kind: u8,
    node: u64,
    record: u64,
    /// Bytes of a number of records in a node.
    count_width: usize,
    /// Bytes of a number of records below a node, by its level.
    total_widths: Vec<usize>,
}

/// Shows the records of a tree, in no order; the kind must be one of `kinds`.
pub(super) fn records(
    store: &mut Store<'_, '_>,
    address: u64,
    kinds: &[u8],
    show: &mut dyn FnMut(u8, &[u8], u64),
) -> Result<(), Fault> {
    let length = 4 + 2 + 4 + 2 + 2 + 2 + store.offsets + 2 + store.lengths + 4;
    let mut bytes = store.bytes(address, length as u64)?;
    let mut fault = store.checked(&mut bytes, address, "the header of a tree").err();
    let mut fields = store.fields(&bytes, address);
    fields.expect(b"BTHD\0", "no tree where there should be one")?;
    let kind = fields.u8()?;
    if !kinds.contains(&kind) {
        return Err(fields.broken("a tree of another kind than there should be"));
    }
    let (node, record, depth) = (u64::from(fields.u32()?), u64::from(fields.u16()?), fields.u16()?);
    fields.take(2)?;
    let (root, count, total) = (fields.address()?, u64::from(fields.u16()?), fields.length()?);
    let Some(root) = root.filter(|_| count > 0) else { return Ok(()) };
    if record == 0 || node < FRAME + record || depth > DEEPEST || node > 1 << 20 {
        return Err(fields.broken("a tree whose nodes cannot be as it says"));
    }
    if total > MOST_RECORDS {
        return Err(Fault::Skipped(fields.position(), "a tree with more records than are followed"));
    }
    let shape = Shape::new(kind, node, record, depth, store.offsets);
    let mut pending = vec![(root, depth, count)];
    while let Some((address, level, count)) = pending.pop() {
        let step = shape.node(store, address, level, count, &mut pending, show);
        match step {
            Ok(()) => {}
            Err(broken @ (Fault::Halt(_) | Fault::Work)) => return Err(broken),
            Err(broken) => {
                fault.get_or_insert(broken);
            }
        }
    }
    fault.map_or(Ok(()), Err)
}

/// Bytes that hold a number.
fn width(number: u64) -> usize {
    usize::try_from(number.max(1).ilog2() / 8 + 1).unwrap_or(8)
}

impl Shape {
    fn new(kind: u8, node: u64, record: u64, depth: u16, offsets: usize) -> Self {
        let leaf = (node - FRAME) / record;
        let count_width = width(leaf);
        let mut total_widths = vec![0];
        let mut below = leaf;
        for _ in 0..depth {
            let pointer = (offsets + count_width + total_widths.last().copied().unwrap_or_default()) as u64;
            let most = node.saturating_sub(FRAME + pointer) / (record + pointer);
            below = most.saturating_add(1).saturating_mul(below).saturating_add(most);
            total_widths.push(width(below));
        }
        Self { kind, node, record, count_width, total_widths }
    }

    fn node(
        &self,
        store: &mut Store<'_, '_>,
        address: u64,
        level: u16,
        count: u64,
        pending: &mut Vec<(u64, u16, u64)>,
        show: &mut dyn FnMut(u8, &[u8], u64),
    ) -> Result<(), Fault> {
        let at = store.base.saturating_add(address);
        if !store.first(address)? {
            return Err(Fault::Broken(at, "a node of a tree that is met twice"));
        }
        let below = usize::from(level).checked_sub(1).and_then(|below| self.total_widths.get(below));
        let pointer = below.map_or(0, |total| (store.offsets + self.count_width + total) as u64);
        let length = 6 + count * self.record + if level == 0 { 0 } else { (count + 1) * pointer } + 4;
        if length > self.node {
            return Err(Fault::Broken(at, "a node of a tree with more records than fit"));
        }
        let mut bytes = store.bytes(address, length)?;
        let mut fault = None;
        match store.checked(&mut bytes, address, "a node of a tree") {
            Err(wrong @ Fault::Checksum(..)) => fault = Some(wrong),
            other => other?,
        }
        let mut fields = store.fields(&bytes, address);
        fields.expect(
            if level == 0 { b"BTLF\0" } else { b"BTIN\0" },
            "no node of a tree where there should be one",
        )?;
        fields.expect(&[self.kind], "a node of another tree")?;
        for _ in 0..count {
            let at = fields.position();
            show(self.kind, fields.take(usize::try_from(self.record).unwrap_or(usize::MAX))?, at);
        }
        if let Some(total) = below {
            for _ in 0..=count {
                let child = fields.address()?;
                let records = fields.number(self.count_width)?;
                fields.take(*total)?;
                let child = child.ok_or_else(|| fields.broken("a tree with a branch that leads nowhere"))?;
                pending.push((child, level - 1, records));
            }
        }
        fault.map_or(Ok(()), Err)
    }
}
