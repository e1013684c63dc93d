//! The bytes of a member, decompressed as they stream by.

use std::{
    cell::{Cell, RefCell},
    io,
};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::directory::Entry;
use crate::read::{Halt, Pass, ReadAt, STEP};

const STORED: u16 = 0;
const DEFLATED: u16 = 8;

/// How the bytes of a member compare with what the directory says about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Whole,
    Checksum,
    Length(&'static str),
    /// More was decompressed than is allowed.
    TooMuch,
}

/// A member, read from its first byte to its last. It can be read like a file, but in order only.
pub(super) struct Member<'m, 'a> {
    stream: RefCell<Stream<'m, 'a>>,
    /// As the directory says.
    size: u64,
    crc: u32,
    budget: &'m Cell<u64>,
}

struct Stream<'m, 'a> {
    pass: &'m mut Pass<'a>,
    /// Compressed bytes that are still in the file.
    left: u64,
    inflate: Option<Decompress>,
    /// Bytes that were given so far, and their checksum.
    given: u64,
    crc: Crc,
    ended: bool,
    broken: bool,
    too_much: bool,
    halt: Option<Halt>,
}

impl<'m, 'a> Member<'m, 'a> {
    /// The member whose bytes come next; none where the method is not known.
    pub(super) fn new(pass: &'m mut Pass<'a>, entry: &Entry, budget: &'m Cell<u64>) -> Option<Self> {
        let inflate = match entry.method {
            STORED => None,
            DEFLATED => Some(Decompress::new(false)),
            _ => return None,
        };
        let stream = Stream {
            pass,
            left: entry.packed,
            inflate,
            given: 0,
            crc: Crc::new(),
            ended: false,
            broken: false,
            too_much: false,
            halt: None,
        };
        Some(Self { stream: RefCell::new(stream), size: entry.size, crc: entry.crc, budget })
    }

    /// Passes what was not read, and compares.
    pub(super) fn drain(self) -> Result<Outcome, Halt> {
        let mut stream = self.stream.into_inner();
        if stream.inflate.is_none() && stream.halt.is_none() {
            let Stream { pass, crc, left, .. } = &mut stream;
            pass.each(*left, &mut |piece| crc.update(piece))?;
            stream.given += std::mem::take(&mut stream.left);
        } else {
            let mut scratch = vec![0; STEP];
            while stream.fill(&mut scratch, self.budget) > 0 {}
        }
        if let Some(halt) = stream.halt {
            return Err(halt);
        }
        Ok(if stream.too_much {
            Outcome::TooMuch
        } else if stream.broken {
            Outcome::Length("the member's data cannot be decompressed")
        } else if stream.given != self.size {
            Outcome::Length("the member is longer or shorter than the directory states")
        } else if stream.left > 0 {
            Outcome::Length("the member's compressed data ends before the place that the directory states")
        } else if stream.crc.sum() != self.crc {
            Outcome::Checksum
        } else {
            Outcome::Whole
        })
    }
}

impl ReadAt for Member<'_, '_> {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut stream = self.stream.borrow_mut();
        if offset != stream.given {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "a member can be read in order only"));
        }
        Ok(stream.fill(buffer, self.budget))
    }
}

impl Stream<'_, '_> {
    /// Gives the next bytes; none at the end, which the fields explain.
    fn fill(&mut self, buffer: &mut [u8], budget: &Cell<u64>) -> usize {
        if self.ended || self.halt.is_some() || buffer.is_empty() {
            return 0;
        }
        let count = match self.next(buffer, budget) {
            Ok(count) => count,
            Err(halt) => {
                self.halt = Some(halt);
                0
            }
        };
        self.crc.update(buffer.get(..count).unwrap_or_default());
        self.given += count as u64;
        self.ended |= count == 0;
        count
    }

    fn next(&mut self, buffer: &mut [u8], budget: &Cell<u64>) -> Result<usize, Halt> {
        let Some(inflate) = &mut self.inflate else {
            let chunk = self.pass.chunk()?;
            let count = chunk.len().min(buffer.len()).min(usize::try_from(self.left).unwrap_or(usize::MAX));
            buffer[..count].copy_from_slice(&chunk[..count]);
            self.pass.advance(count);
            self.left -= count as u64;
            return Ok(count);
        };
        let room = buffer.len().min(usize::try_from(budget.get()).unwrap_or(usize::MAX));
        if room == 0 {
            self.too_much = true;
            return Ok(0);
        }
        loop {
            let chunk = self.pass.chunk()?;
            let input = &chunk[..chunk.len().min(usize::try_from(self.left).unwrap_or(usize::MAX))];
            let (read, written) = (inflate.total_in(), inflate.total_out());
            let status = inflate.decompress(input, &mut buffer[..room], FlushDecompress::None);
            let read = inflate.total_in() - read;
            let written = inflate.total_out() - written;
            self.pass.advance(usize::try_from(read).unwrap_or(usize::MAX));
            self.left -= read;
            budget.set(budget.get().saturating_sub(written));
            let end = match status {
                Ok(Status::StreamEnd) => true,
                Ok(Status::Ok | Status::BufError) => {
                    // Without input or progress nothing more will come.
                    let stuck = read == 0 && written == 0;
                    self.broken |= stuck;
                    stuck
                }
                Err(_) => {
                    self.broken = true;
                    true
                }
            };
            self.ended |= end;
            if end || written > 0 {
                return Ok(usize::try_from(written).unwrap_or(0));
            }
        }
    }
}
