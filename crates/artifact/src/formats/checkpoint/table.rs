//! Tables of `LevelDB`: blocks of sorted keys, and a block that says where they are.
//!
//! <https://github.com/google/leveldb/blob/main/doc/table_format.md>

use std::ops::Range;

use super::rules;
use crate::{formats::crc::Crc32c, read::Halt, scope::Scope};

/// Bytes at the end that say where the blocks are that say where the others are.
pub(super) const FOOTER: usize = 48;
/// The last bytes of a table, as a number.
pub(super) const MAGIC: u64 = 0xdb47_7524_8b80_fb57;
/// Bytes behind each block: how it is packed, and a checksum.
const TRAILER: usize = 5;
/// Added to a turned checksum, so that one of bytes that hold checksums is not trivial (`LevelDB`, `util/crc32c.h`).
const MASK: u32 = 0xa282_ead8;
/// The longest key that is followed, in bytes. Names of variables have some 200.
const LONGEST_KEY: usize = 4096;

/// Hears of a key and its value.
pub(super) type Show<'s, 'l, 'f> = dyn FnMut(&[u8], &[u8], &mut Scope<'l, 'f>) -> Result<(), Halt> + 's;

/// Hears of a key, where its value is, and whether it comes behind the one before it; `false` ends the block.
type OnEntry<'s> = dyn FnMut(&[u8], Range<usize>, Option<bool>) -> bool + 's;

/// Shows all keys of a table and their values, in the order of the table, and tells what is wrong with it.
pub(super) fn read<'l, 'f>(
    bytes: &[u8],
    scope: &mut Scope<'l, 'f>,
    show: &mut Show<'_, 'l, 'f>,
) -> Result<(), Halt> {
    let size = bytes.len() as u64;
    let end = bytes.len().saturating_sub(FOOTER);
    let mut footer = Cursor { bytes, at: end };
    let (Some(meta), Some(index)) = (footer.handle(end), footer.handle(end)) else {
        broken(scope, end, bytes.len(), "the end of the table leads nowhere");
        return Ok(());
    };
    let padding = bytes.get(footer.at..bytes.len() - 8).unwrap_or_default();
    if padding.iter().any(|byte| *byte != 0) {
        unexplained(scope, footer.at, bytes.len() - 8);
    }
    let Some(entries) = block(bytes, &index, scope) else { return Ok(()) };
    let mut reached = 0;
    let mut last = Vec::new();
    let mut ordered = true;
    let mut fault = Ok(());
    let walked = each(bytes, entries, &mut |separator, place, _| {
        let handle = Cursor { bytes, at: place.start }.handle(end);
        let Some(place) = handle.filter(|handle| handle.start >= reached) else {
            broken(scope, place.start, place.end, "a block lies outside of the table, or in another one");
            return false;
        };
        if place.start > reached {
            unexplained(scope, reached, place.start);
        }
        reached = place.end + TRAILER;
        let Some(entries) = block(bytes, &place, scope) else { return true };
        let walked = each(bytes, entries, &mut |key, value, sorted| {
            // The first key of a block is whole, and is held against what the index says of the block before.
            ordered &= sorted.unwrap_or(last.is_empty() || *key > *last) && key <= separator;
            fault = show(key, bytes.get(value).unwrap_or_default(), scope);
            fault.is_ok()
        });
        if let Err((at, why)) = walked {
            broken(scope, at, place.end, why);
        }
        separator.clone_into(&mut last);
        fault.is_ok()
    });
    fault?;
    if let Err((at, why)) = walked {
        broken(scope, at, index.end, why);
    }
    if !ordered {
        let message = "the keys are not in order, so that what is found depends on how it is looked for";
        scope.add(rules::KeyOrder::META, 0, size, message);
    }
    // Behind the blocks of keys come one of settings, which is empty, and the index itself.
    if let Some(block) = block(bytes, &meta, scope)
        && !block.entries.is_empty()
    {
        unexplained(scope, block.entries.start, block.entries.end);
    }
    for place in [meta, index] {
        if place.start != reached {
            unexplained(scope, reached.min(place.start), place.start.max(reached));
        }
        reached = place.end + TRAILER;
    }
    if reached != end {
        unexplained(scope, reached.min(end), end.max(reached));
    }
    Ok(())
}

fn broken(scope: &mut Scope<'_, '_>, start: usize, end: usize, why: &str) {
    let (start, end) = (start as u64, end.max(start) as u64);
    scope.add(rules::Malformed::META, start, end, why);
    scope.unexamined(start, end, format!("behind the point where {why}"));
}

fn unexplained(scope: &mut Scope<'_, '_>, start: usize, end: usize) {
    let message = "bytes that belong to no block of the table";
    scope.add(rules::Unaccounted::META, start as u64, end as u64, message);
}

/// The entries of a block, of which the checksum was looked at, and behind them the places at which keys are whole.
struct Entries {
    entries: Range<usize>,
    restarts: Range<usize>,
}

fn block(bytes: &[u8], place: &Range<usize>, scope: &mut Scope<'_, '_>) -> Option<Entries> {
    let (contents, trailer) = bytes.get(place.clone()).zip(bytes.get(place.end..place.end + TRAILER))?;
    let mut crc = Crc32c::new();
    crc.update(contents);
    crc.update(trailer.get(..1)?);
    let want = u32::from_le_bytes(trailer.get(1..)?.try_into().ok()?);
    if crc.sum().rotate_right(15).wrapping_add(MASK) != want {
        let message = "a block does not have the checksum that stands behind it";
        scope.add(rules::WrongChecksum::META, place.start as u64, place.end as u64, message);
    }
    if trailer.first() != Some(&0) {
        let (start, end) = (place.start as u64, place.end as u64);
        scope.unexamined(start, end, "a block that is compressed, as TensorFlow does not write them");
        return None;
    }
    let count = contents.last_chunk::<4>().map_or(0, |count| u32::from_le_bytes(*count));
    let length = usize::try_from(count).ok().and_then(|count| count.checked_add(1)?.checked_mul(4));
    let start = length.filter(|_| count > 0).and_then(|length| contents.len().checked_sub(length));
    let Some(start) = start else {
        broken(scope, place.start, place.end, "a block is shorter than the list at its end");
        return None;
    };
    let middle = place.start + start;
    Some(Entries { entries: place.start..middle, restarts: middle..place.end - 4 })
}

/// Shows each key of a block.
fn each(bytes: &[u8], block: Entries, show: &mut OnEntry<'_>) -> Result<(), (usize, &'static str)> {
    let Entries { entries, restarts } = block;
    let mut restarts = bytes
        .get(restarts)
        .unwrap_or_default()
        .chunks_exact(4)
        .map(|four| four.iter().rev().fold(0_usize, |value, byte| value << 8 | usize::from(*byte)))
        .peekable();
    let mut cursor = Cursor { bytes: bytes.get(..entries.end).unwrap_or_default(), at: entries.start };
    let mut key: Vec<u8> = Vec::new();
    while cursor.at < entries.end {
        let at = cursor.at;
        let head = (cursor.varint(), cursor.varint(), cursor.varint());
        let (Some(shared), Some(own), Some(length)) = head else {
            return Err((at, "an entry has a number that does not end, or is too long"));
        };
        let left = entries.end - cursor.at;
        let fits = own.checked_add(length).is_some_and(|both| both <= left) && shared <= key.len();
        if !fits {
            return Err((at, "an entry is longer than its block, or shares more with another than that has"));
        }
        if shared.saturating_add(own) > LONGEST_KEY {
            return Err((at, "a key is longer than any name"));
        }
        // Who looks for a key begins at one of these places.
        if restarts.next_if_eq(&(at - entries.start)).is_some() {
            if shared > 0 {
                return Err((at, "a key that should be whole is not"));
            }
        } else if at == entries.start {
            return Err((at, "the list at the end of a block does not begin with its start"));
        }
        let (from, to) = (cursor.at, cursor.at + own);
        let rest = bytes.get(from..to).unwrap_or_default();
        let sorted = (at > entries.start).then(|| key.get(shared..).is_some_and(|last| rest > last));
        key.truncate(shared);
        key.extend_from_slice(rest);
        cursor.at = to + length;
        if !show(&key, to..to + length, sorted) {
            return Ok(());
        }
    }
    // A block without entries has one place, its start.
    if restarts.next_if_eq(&0).is_some() && entries.is_empty() {
        return Ok(());
    }
    match restarts.next() {
        Some(_) => Err((entries.end, "the list at the end of a block leads into the middle of an entry")),
        None => Ok(()),
    }
}

struct Cursor<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Cursor<'_> {
    /// A number of variable length; none where it does not end, is written longer than it needs to be, or is no offset.
    fn varint(&mut self) -> Option<usize> {
        let mut value = 0_u64;
        for index in 0..9 {
            let byte = *self.bytes.get(self.at)?;
            self.at += 1;
            value |= u64::from(byte & 0x7f) << (7 * index);
            if byte == 0 && index > 0 {
                return None;
            }
            if byte & 0x80 == 0 {
                return usize::try_from(value).ok();
            }
        }
        None
    }

    /// The place of a block that ends, with what stands behind it, before `end`.
    fn handle(&mut self, end: usize) -> Option<Range<usize>> {
        let (start, size) = (self.varint()?, self.varint()?);
        let stop = start.checked_add(size)?;
        (stop.checked_add(TRAILER)? <= end).then_some(start..stop)
    }
}
