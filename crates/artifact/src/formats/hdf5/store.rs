//! Metadata of a file, read at the places that it names.

use std::collections::{BTreeSet, VecDeque};

use super::checksum::lookup3;
use crate::read::{Halt, Pass};

/// Why a structure was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    Halt(Halt),
    /// What is wrong at an offset of the file.
    Broken(u64, &'static str),
    /// The bytes at an offset do not have the checksum behind them.
    Checksum(u64, &'static str),
    /// What is not followed, and where it starts.
    Skipped(u64, &'static str),
    /// More metadata was read than a file of this size can have need of.
    Work,
}

impl From<Halt> for Fault {
    fn from(halt: Halt) -> Self {
        Self::Halt(halt)
    }
}

/// Bytes that are read and kept at one time. Metadata lies close together, a few hundred bytes each.
const BLOCK: usize = 16 * 1024;
/// Blocks that are kept.
const KEPT: usize = 64;
/// The most bytes of one structure. The library writes heap blocks and tree nodes of at most 64 KiB by itself; a heap
/// object can be longer.
pub(super) const LONGEST: u64 = 8 << 20;
/// What a file may cost whatever its size.
const LEAST_WORK: u64 = 16 << 20;
/// Structures whose places are remembered, so that none is read twice.
const MOST_PLACES: usize = 1_000_000;

/// A file, and how its superblock says that numbers are written.
pub(super) struct Store<'p, 'a> {
    pub(super) pass: &'p mut Pass<'a>,
    /// Where the superblock stands; all addresses count from here.
    pub(super) base: u64,
    pub(super) size: u64,
    /// Bytes of an address and of a length.
    pub(super) offsets: usize,
    pub(super) lengths: usize,
    blocks: VecDeque<(u64, Vec<u8>)>,
    work: u64,
    places: BTreeSet<u64>,
}

impl<'p, 'a> Store<'p, 'a> {
    pub(super) fn new(pass: &'p mut Pass<'a>, base: u64) -> Self {
        let size = pass.size();
        Self {
            pass,
            base,
            size,
            offsets: 8,
            lengths: 8,
            blocks: VecDeque::new(),
            work: size.saturating_mul(16).max(LEAST_WORK),
            places: BTreeSet::new(),
        }
    }

    /// `length` bytes at an address.
    pub(super) fn bytes(&mut self, address: u64, length: u64) -> Result<Vec<u8>, Fault> {
        let at = self.base.saturating_add(address);
        if at.checked_add(length).is_none_or(|end| end > self.size) {
            return Err(Fault::Broken(at.min(self.size), "an address or a length leads out of the file"));
        }
        if length > LONGEST {
            return Err(Fault::Skipped(at, "a structure that is too long to be held"));
        }
        // A short read costs a look at a block all the same.
        self.work = self.work.checked_sub(length.max(64)).ok_or(Fault::Work)?;
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > BLOCK {
            return Ok(self.pass.ahead(at, length)?);
        }
        let mut bytes = Vec::with_capacity(length);
        while bytes.len() < length {
            let from = at + bytes.len() as u64;
            let number = from / BLOCK as u64;
            let block = self.block(number)?;
            let start = usize::try_from(from % BLOCK as u64).unwrap_or_default();
            let piece = block.get(start..).unwrap_or_default();
            if piece.is_empty() {
                return Err(Fault::Halt(Halt::Shrunk));
            }
            bytes.extend_from_slice(&piece[..piece.len().min(length - bytes.len())]);
        }
        Ok(bytes)
    }

    /// As many bytes of `length` as there are at an address.
    pub(super) fn some(&mut self, address: u64, length: u64) -> Result<Vec<u8>, Fault> {
        let left = self.size.saturating_sub(self.base.saturating_add(address));
        self.bytes(address, length.min(left))
    }

    fn block(&mut self, number: u64) -> Result<&[u8], Fault> {
        let held = self.blocks.iter().position(|(held, _)| *held == number);
        let at = if let Some(at) = held {
            at
        } else {
            let start = number * BLOCK as u64;
            let length = usize::try_from(self.size - start).unwrap_or(usize::MAX).min(BLOCK);
            let bytes = self.pass.ahead(start, length)?;
            if self.blocks.len() == KEPT {
                self.blocks.pop_front();
            }
            self.blocks.push_back((number, bytes));
            self.blocks.len() - 1
        };
        Ok(self.blocks.get(at).map_or(&[], |(_, bytes)| bytes))
    }

    /// Whether a structure is met for the first time.
    pub(super) fn first(&mut self, address: u64) -> Result<bool, Fault> {
        if self.places.len() >= MOST_PLACES {
            return Err(Fault::Work);
        }
        Ok(self.places.insert(address))
    }

    /// Fields over some bytes that stand at an address.
    pub(super) fn fields<'b>(&self, bytes: &'b [u8], address: u64) -> Fields<'b> {
        Fields {
            bytes,
            at: 0,
            start: self.base.saturating_add(address),
            offsets: self.offsets,
            lengths: self.lengths,
        }
    }

    /// Holds a structure against the checksum in its last four bytes, and takes that away.
    pub(super) fn checked(&self, bytes: &mut Vec<u8>, address: u64, what: &'static str) -> Result<(), Fault> {
        let at = self.base.saturating_add(address);
        let Some((body, sum)) = bytes.split_last_chunk::<4>() else {
            return Err(Fault::Broken(at, "a structure that is too short for its checksum"));
        };
        if lookup3(body) != u32::from_le_bytes(*sum) {
            return Err(Fault::Checksum(at, what));
        }
        bytes.truncate(bytes.len() - 4);
        Ok(())
    }
}

/// Fields of a structure, one behind another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fields<'b> {
    bytes: &'b [u8],
    at: usize,
    start: u64,
    offsets: usize,
    lengths: usize,
}

impl<'b> Fields<'b> {
    /// Offset in the file of the next field.
    pub(super) const fn position(&self) -> u64 {
        self.start.saturating_add(self.at as u64)
    }

    pub(super) const fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'b [u8], Fault> {
        let piece = self.at.checked_add(count).and_then(|end| self.bytes.get(self.at..end));
        let piece = piece.ok_or_else(|| self.broken("a structure ends inside a field"))?;
        self.at += count;
        Ok(piece)
    }

    /// What is left.
    pub(super) fn rest(&mut self) -> &'b [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        self.at = self.bytes.len();
        rest
    }

    /// An unsigned number of some bytes, at most eight that are not zero.
    pub(super) fn number(&mut self, width: usize) -> Result<u64, Fault> {
        let bytes = self.take(width)?;
        let (low, high) = bytes.split_at(width.min(8));
        if high.iter().any(|byte| *byte != 0) && high.iter().any(|byte| *byte != 0xff) {
            return Err(self.broken("a number beyond 64 bits"));
        }
        Ok(low.iter().rev().fold(0, |value, byte| value << 8 | u64::from(*byte)))
    }

    pub(super) fn u8(&mut self) -> Result<u8, Fault> {
        self.number(1).map(|value| value as u8)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Fault> {
        self.number(2).map(|value| value as u16)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Fault> {
        self.number(4).map(|value| value as u32)
    }

    pub(super) fn length(&mut self) -> Result<u64, Fault> {
        self.number(self.lengths)
    }

    /// An address; none where it is undefined, all bits set.
    pub(super) fn address(&mut self) -> Result<Option<u64>, Fault> {
        let undefined = if self.offsets >= 8 { u64::MAX } else { (1 << (8 * self.offsets)) - 1 };
        self.number(self.offsets).map(|value| (value != undefined).then_some(value))
    }

    /// Bytes up to a zero, which is passed.
    pub(super) fn until_zero(&mut self) -> Result<&'b [u8], Fault> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let length = rest.iter().position(|byte| *byte == 0);
        let length = length.ok_or_else(|| self.broken("a name without an end"))?;
        let name = self.take(length)?;
        self.at += 1;
        Ok(name)
    }

    pub(super) fn expect(&mut self, bytes: &[u8], what: &'static str) -> Result<(), Fault> {
        let at = self.position();
        if self.take(bytes.len())? == bytes { Ok(()) } else { Err(Fault::Broken(at, what)) }
    }

    pub(super) const fn broken(&self, what: &'static str) -> Fault {
        Fault::Broken(self.position(), what)
    }
}

/// Text of a name, whatever its bytes.
pub(super) fn shown(name: &[u8]) -> String {
    String::from_utf8_lossy(name.get(..256).unwrap_or(name)).into_owned()
}
