//! A file with holes: runs of data with zeros between them.

use std::io;

use crate::read::ReadAt;

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
