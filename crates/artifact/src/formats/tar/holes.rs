//! A file with holes: runs of data with zeros between them.

use std::io;

use super::extended::{MOST_RUNS, Sparse};
use super::header::BLOCK;
use crate::read::ReadAt;

/// Where the data of a file with holes belongs.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Bytes that the runs themselves take in front of the data.
    pub(super) from: u64,
    pub(super) runs: Vec<(u64, u64)>,
    /// Bytes of the file with its holes.
    pub(super) size: u64,
}

impl Layout {
    /// What the records of an extended header say; `head` is the start of the data, where the runs may stand.
    pub(super) fn of(stated: &Sparse, head: &[u8]) -> Result<Self, &'static str> {
        let layout = || {
            let size = u64::try_from(stated.real?).ok()?;
            let (from, runs) = if stated.is_inline() { inline(head)? } else { (0, listed(stated)?) };
            Some(Self { from, runs, size })
        };
        layout().ok_or("the records about a file with holes make no sense")
    }
}

/// The runs in records (versions 0.0 and 0.1).
fn listed(stated: &Sparse) -> Option<Vec<(u64, u64)>> {
    let Some(map) = &stated.map else {
        let number = |value: &i128| u64::try_from(*value).ok();
        let pairs = stated.offsets.iter().zip(&stated.lengths);
        let pairs = pairs.map(|(offset, length)| Some((number(offset)?, number(length)?)));
        return if stated.offsets.len() == stated.lengths.len() { pairs.collect() } else { None };
    };
    let numbers = std::str::from_utf8(map).ok()?.split(',').take(2 * MOST_RUNS);
    let numbers: Vec<u64> = numbers.map(|number| number.parse().ok()).collect::<Option<_>>()?;
    Some(numbers.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect())
}

/// The runs in front of the data (version 1.0), and how many bytes they take: a count and two numbers for each, in lines.
fn inline(bytes: &[u8]) -> Option<(u64, Vec<(u64, u64)>)> {
    let mut rest = bytes;
    let mut number = || {
        let end = rest.iter().take(24).position(|byte| *byte == b'\n')?;
        let value = std::str::from_utf8(&rest[..end]).ok()?.parse::<u64>().ok()?;
        rest = &rest[end + 1..];
        Some(value)
    };
    let count = number().filter(|count| *count <= MOST_RUNS as u64)?;
    let mut runs = Vec::new();
    for _ in 0..count {
        runs.push((number()?, number()?));
    }
    let used = (bytes.len() - rest.len()).next_multiple_of(BLOCK);
    (used <= bytes.len()).then_some((used as u64, runs))
}

/// Shows runs of data, which lie packed behind one another, at their places in the file.
pub(super) struct Holes<'d> {
    data: &'d dyn ReadAt,
    /// Offset in the file, length, and offset in the data; in order and apart.
    runs: Vec<(u64, u64, u64)>,
    size: u64,
}

impl<'d> Holes<'d> {
    /// A file of `size` bytes; why there is none.
    pub(super) fn new(data: &'d dyn ReadAt, runs: &[(u64, u64)], size: u64) -> Result<Self, &'static str> {
        let (mut placed, mut end, mut at) = (Vec::new(), 0_u64, 0_u64);
        for (offset, length) in runs.iter().copied().filter(|(_, length)| *length > 0) {
            if offset < end {
                return Err("the runs of a file with holes overlap or are out of order");
            }
            placed.push((offset, length, at));
            let next = offset.checked_add(length).filter(|end| *end <= size);
            end = next.ok_or("a run of a file with holes lies behind the end of the file")?;
            at += length;
        }
        if at != data.len() {
            return Err("the runs of a file with holes are not as long as its data");
        }
        Ok(Self { data, runs: placed, size })
    }

    /// Bytes of the holes.
    pub(super) fn empty(&self) -> u64 {
        self.size.saturating_sub(self.data.len())
    }
}

impl ReadAt for Holes<'_> {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let room = buffer.len().min(usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX));
        let buffer = &mut buffer[..room];
        let next = self.runs.partition_point(|(start, length, _)| start + length <= offset);
        let Some((start, length, at)) = self.runs.get(next).copied() else {
            buffer.fill(0);
            return Ok(room);
        };
        if offset < start {
            let zeros = room.min(usize::try_from(start - offset).unwrap_or(usize::MAX));
            buffer[..zeros].fill(0);
            return Ok(zeros);
        }
        let within = offset - start;
        let count = room.min(usize::try_from(length - within).unwrap_or(usize::MAX));
        self.data.read_at(at + within, &mut buffer[..count])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_stand_at_their_places() {
        let data = b"abcdef".as_slice();
        let file = Holes::new(&data, &[(2, 3), (5, 1), (8, 2)], 11).unwrap();
        let mut all = Vec::new();
        let mut buffer = [0; 4];
        while let Ok(count @ 1..) = file.read_at(all.len() as u64, &mut buffer) {
            all.extend_from_slice(&buffer[..count]);
        }
        assert_eq!(all, b"\0\0abcd\0\0ef\0");
        assert_eq!(file.empty(), 5);
        for (runs, size) in
            [([(2, 3), (4, 3)], 11), ([(5, 3), (2, 3)], 11), ([(0, 3), (9, 3)], 11), ([(0, 3), (4, 2)], 11)]
        {
            assert!(Holes::new(&data, &runs, size).is_err());
        }
    }
}
