//! Bytes that lie packed inside others, read like a file.

use std::{cell::Cell, cell::RefCell, io};

use flate2::Crc;

use crate::{
    Limits,
    codec::{Codec, Decode, Fault},
    feed::{Feed, Source},
    read::{Halt, ReadAt, STEP},
};

/// What all that lies inside one file may cost.
#[derive(Debug)]
pub(crate) struct Budget {
    /// Bytes that may still be decompressed in order.
    fresh: Cell<u64>,
    /// Bytes that may still be decompressed out of order, or once more.
    again: Cell<u64>,
    /// Memory that may still be taken to hold decompressed bytes.
    memory: Cell<u64>,
}

/// Decompressing so much is no attack, whatever the size of the file.
const HARMLESS: u64 = 1 << 30;

impl Budget {
    /// For a file of `size` bytes.
    pub(crate) fn new(size: u64, limits: &Limits) -> Self {
        let fresh = limits.inflated_bytes.min(size.saturating_mul(limits.inflation).max(HARMLESS));
        Self {
            fresh: Cell::new(fresh),
            again: Cell::new(fresh.saturating_mul(2)),
            memory: Cell::new(limits.held_bytes),
        }
    }

    /// Takes what bytes that nobody packed cost, such as the zeros of a file with holes; whether there is so much.
    pub(crate) fn spend(&self, bytes: u64) -> bool {
        let left = self.fresh.get().checked_sub(bytes);
        self.fresh.set(left.unwrap_or(self.fresh.get()));
        left.is_some()
    }

    /// Takes memory, and gives it back when the value is dropped; none where there is not so much.
    pub(crate) fn hold(&self, bytes: u64) -> Option<Held<'_>> {
        self.memory.set(self.memory.get().checked_sub(bytes)?);
        Some(Held { budget: self, bytes })
    }
}

/// Memory that was taken from a [`Budget`].
pub(crate) struct Held<'b> {
    budget: &'b Budget,
    bytes: u64,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.budget.memory.set(self.budget.memory.get() + self.bytes);
    }
}

/// Decompressed bytes that are held.
pub(crate) struct Spool<'b> {
    pub(crate) bytes: Vec<u8>,
    /// Gives the memory back when it is dropped.
    _held: Held<'b>,
}

/// Where bytes lie packed, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) codec: Codec,
    /// Offset in the pass, at which it stands when it is read in order.
    pub(crate) start: u64,
    pub(crate) length: u64,
}

/// How packed bytes compare with what is said about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Whole,
    Checksum,
    Length(&'static str),
    /// More was decompressed than is allowed.
    TooMuch,
    /// A larger window is asked for than is held.
    Window,
}

/// Packed bytes. In order they come from the pass and are counted; at other places they are decompressed once more, from
/// what is held in memory where that is little.
pub(crate) struct Packed<'p> {
    source: &'p dyn Source,
    place: Place,
    size: u64,
    limits: &'p Limits,
    budget: &'p Budget,
    ordered: RefCell<Stream<'p>>,
    aside: RefCell<Aside<'p>>,
}

enum Aside<'p> {
    None,
    Whole(Spool<'p>),
    Stream(Stream<'p>),
    /// It cannot be had.
    Refused,
}

impl<'p> Packed<'p> {
    /// Bytes whose length when unpacked is said to be `size`.
    pub(crate) fn new(
        source: &'p dyn Source,
        place: Place,
        size: u64,
        limits: &'p Limits,
        budget: &'p Budget,
    ) -> Self {
        let ordered = Stream::new(Feed::ordered(source, place.length), place.codec, limits);
        Self {
            source,
            place,
            size,
            limits,
            budget,
            ordered: RefCell::new(ordered),
            aside: RefCell::new(Aside::None),
        }
    }

    /// Passes what was not read, and compares: with a CRC-32 where one is stated.
    pub(crate) fn drain(self, crc: Option<u32>) -> Result<Outcome, Halt> {
        let mut stream = self.ordered.into_inner();
        let mut scratch = vec![0; STEP];
        while stream.fill(&mut scratch, &self.budget.fresh) > 0 {}
        let left = stream.feed.left();
        Ok(match stream.fault {
            Some(Fault::Halted(halt)) => return Err(halt),
            Some(Fault::Window) => Outcome::Window,
            Some(Fault::Broken(why)) => Outcome::Length(why),
            None if stream.too_much => Outcome::TooMuch,
            None if stream.given != self.size => Outcome::Length("it is longer or shorter than is stated"),
            None if left > 0 => Outcome::Length("its compressed data ends before the place that is stated"),
            None if crc.is_some_and(|crc| crc != stream.crc.sum()) => Outcome::Checksum,
            None => Outcome::Whole,
        })
    }

    /// Reads out of order.
    pub(crate) fn aside(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let refused = || io::Error::new(io::ErrorKind::Unsupported, "decompressed too often");
        if self.place.codec == Codec::Stored {
            let left = self.place.length.saturating_sub(offset);
            let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            let at = self.place.start.saturating_add(offset);
            return self.source.at(at, &mut buffer[..room]).map_err(|_| io::ErrorKind::Other.into());
        }
        let mut aside = self.aside.borrow_mut();
        if matches!(*aside, Aside::None) {
            *aside = self.open();
        }
        match &mut *aside {
            Aside::Whole(spool) => spool.bytes.read_at(offset, buffer),
            Aside::Stream(stream) => {
                if offset < stream.given {
                    *stream = self.stream();
                }
                let mut scratch = vec![0; STEP];
                while stream.given < offset {
                    let room = usize::try_from(offset - stream.given).unwrap_or(usize::MAX).min(STEP);
                    if stream.fill(&mut scratch[..room], &self.budget.again) == 0 {
                        break;
                    }
                }
                let count = if stream.given == offset { stream.fill(buffer, &self.budget.again) } else { 0 };
                if stream.too_much { Err(refused()) } else { Ok(count) }
            }
            Aside::None | Aside::Refused => Err(refused()),
        }
    }

    /// Unpacks all into memory where it is little.
    fn open(&self) -> Aside<'p> {
        let Some(held) = self.budget.hold(self.size).filter(|_| self.size <= self.limits.spool_bytes) else {
            return Aside::Stream(self.stream());
        };
        let mut stream = self.stream();
        match stream.collect(self.size, &self.budget.again) {
            Some(bytes) => Aside::Whole(Spool { bytes, _held: held }),
            None => Aside::Refused,
        }
    }

    fn stream(&self) -> Stream<'p> {
        let feed = Feed::aside(self.source, self.place.start, self.place.length);
        Stream::new(feed, self.place.codec, self.limits)
    }
}

impl ReadAt for Packed<'_> {
    fn len(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut ordered = self.ordered.borrow_mut();
        if offset == ordered.given {
            return Ok(ordered.fill(buffer, &self.budget.fresh));
        }
        drop(ordered);
        self.aside(offset, buffer)
    }
}

/// What a compressed file holds whose length nobody states.
pub(crate) enum Measured<'b> {
    /// All of it; it was little.
    Whole(Spool<'b>),
    /// So many bytes.
    Length(u64),
}

/// How many bytes come out, and how many packed ones are left behind their end; or why nobody knows.
pub(crate) fn measure<'p>(
    source: &'p dyn Source,
    place: Place,
    limits: &'p Limits,
    budget: &'p Budget,
) -> Result<(Measured<'p>, u64, Option<Outcome>), Halt> {
    let mut stream = Stream::new(Feed::aside(source, place.start, place.length), place.codec, limits);
    let held = budget.hold(limits.spool_bytes);
    let mut bytes = stream.collect(if held.is_some() { limits.spool_bytes } else { 0 }, &budget.fresh);
    let mut scratch = vec![0; STEP];
    let small = stream.given;
    while stream.fill(&mut scratch, &budget.again) > 0 {}
    if stream.given > small {
        bytes = None;
    }
    let outcome = match stream.fault {
        Some(Fault::Halted(halt)) => return Err(halt),
        Some(Fault::Window) => Some(Outcome::Window),
        Some(Fault::Broken(why)) => Some(Outcome::Length(why)),
        None => stream.too_much.then_some(Outcome::TooMuch),
    };
    let measured = match (bytes, held) {
        (Some(bytes), Some(held)) => Measured::Whole(Spool { bytes, _held: held }),
        _ => Measured::Length(stream.given),
    };
    Ok((measured, stream.feed.left(), outcome))
}

struct Stream<'p> {
    feed: Feed<'p>,
    decoder: Box<dyn Decode + 'p>,
    /// Bytes that were given so far, and their checksum.
    given: u64,
    crc: Crc,
    free: bool,
    ended: bool,
    fault: Option<Fault>,
    too_much: bool,
}

impl<'p> Stream<'p> {
    fn new(feed: Feed<'p>, codec: Codec, limits: &Limits) -> Self {
        Self {
            decoder: codec.decoder(limits),
            feed,
            given: 0,
            crc: Crc::new(),
            free: codec == Codec::Stored,
            ended: false,
            fault: None,
            too_much: false,
        }
    }

    /// Gives the next bytes; none at the end, which the fields explain.
    fn fill(&mut self, buffer: &mut [u8], budget: &Cell<u64>) -> usize {
        if self.ended || buffer.is_empty() {
            return 0;
        }
        let left = if self.free { u64::MAX } else { budget.get() };
        let room = buffer.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let before = self.feed.left();
        let count = if room == 0 {
            self.too_much = true;
            0
        } else {
            self.decoder.decode(&self.feed, &mut buffer[..room]).unwrap_or_else(|fault| {
                self.fault = Some(fault);
                0
            })
        };
        if !self.free {
            // Data may be taken without giving anything.
            let taken = (before - self.feed.left()).min(u64::from(u32::MAX));
            budget.set(left.saturating_sub(taken.max(count as u64)));
        }
        self.crc.update(&buffer[..count]);
        self.given += count as u64;
        self.ended = count == 0;
        count
    }

    /// The first bytes, at most `most`; none where they cannot be decompressed.
    fn collect(&mut self, most: u64, budget: &Cell<u64>) -> Option<Vec<u8>> {
        let most = usize::try_from(most).ok()?;
        let mut bytes = Vec::new();
        while bytes.len() < most {
            let filled = bytes.len();
            bytes.resize(most.min(filled + STEP), 0);
            let count = self.fill(&mut bytes[filled..], budget);
            bytes.truncate(filled + count);
            if count == 0 {
                break;
            }
        }
        (self.fault.is_none() && !self.too_much).then_some(bytes)
    }
}
