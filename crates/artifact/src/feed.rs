//! Packed bytes on their way from a pass to a decoder.

use std::{
    cell::{Cell, RefCell},
    io,
    rc::Rc,
};

use crate::read::{Halt, Pass};

/// What a decoder takes at one time.
const PIECE: usize = 16 * 1024;

/// Bytes that are taken from the pass in order, or looked at out of order without passing them.
pub(crate) trait Source {
    /// The next bytes; none at the end.
    fn next(&self, out: &mut [u8]) -> Result<usize, Halt>;

    /// The bytes at an offset of the pass; none at the end.
    fn at(&self, offset: u64, out: &mut [u8]) -> Result<usize, Halt>;
}

/// A pass that several decoders share, one after another.
pub(crate) struct Shared<'s, 'a>(RefCell<&'s mut Pass<'a>>);

impl<'s, 'a> Shared<'s, 'a> {
    pub(crate) fn new(pass: &'s mut Pass<'a>) -> Self {
        Self(RefCell::new(pass))
    }
}

impl Source for Shared<'_, '_> {
    fn next(&self, out: &mut [u8]) -> Result<usize, Halt> {
        let mut pass = self.0.borrow_mut();
        let chunk = pass.chunk()?;
        let count = chunk.len().min(out.len());
        out[..count].copy_from_slice(&chunk[..count]);
        pass.advance(count);
        Ok(count)
    }

    fn at(&self, offset: u64, out: &mut [u8]) -> Result<usize, Halt> {
        self.0.borrow_mut().look(offset, out)
    }
}

/// A run of packed bytes that a decoder takes from its start to its end. Clones take from the same run.
#[derive(Clone)]
pub(crate) struct Feed<'p>(Rc<State<'p>>);

struct State<'p> {
    source: &'p dyn Source,
    /// Where the next bytes are looked at; none where they are taken in order.
    at: Cell<Option<u64>>,
    /// Bytes that were not yet taken from the source.
    left: Cell<u64>,
    piece: RefCell<Piece>,
    halt: Cell<Option<Halt>>,
}

#[derive(Default)]
struct Piece {
    bytes: Vec<u8>,
    from: usize,
}

impl<'p> Feed<'p> {
    /// The next `length` bytes of the pass, in order.
    pub(crate) fn ordered(source: &'p dyn Source, length: u64) -> Self {
        Self::new(source, None, length)
    }

    /// `length` bytes from an offset on, which the pass does not move for.
    pub(crate) fn aside(source: &'p dyn Source, offset: u64, length: u64) -> Self {
        Self::new(source, Some(offset), length)
    }

    fn new(source: &'p dyn Source, at: Option<u64>, length: u64) -> Self {
        Self(Rc::new(State {
            source,
            at: Cell::new(at),
            left: Cell::new(length),
            piece: RefCell::default(),
            halt: Cell::new(None),
        }))
    }

    /// Bytes that no decoder has taken yet.
    pub(crate) fn left(&self) -> u64 {
        let piece = self.0.piece.borrow();
        self.0.left.get() + (piece.bytes.len() - piece.from) as u64
    }

    /// Why the source gave no more, where it was not its end.
    pub(crate) fn halted(&self) -> Option<Halt> {
        self.0.halt.get()
    }

    /// Shows the bytes at hand, none at the end, and takes as many as `use_some` says.
    pub(crate) fn with<T>(&self, use_some: impl FnOnce(&[u8]) -> (usize, T)) -> Result<T, Halt> {
        let mut piece = self.0.piece.borrow_mut();
        if piece.from == piece.bytes.len() {
            self.refill(&mut piece, PIECE)?;
        }
        let (taken, value) = use_some(&piece.bytes[piece.from..]);
        piece.from = (piece.from + taken).min(piece.bytes.len());
        Ok(value)
    }

    /// The next bytes, at least one unless the run ended.
    pub(crate) fn take(&self, out: &mut [u8]) -> Result<usize, Halt> {
        let at_hand = {
            let piece = self.0.piece.borrow();
            piece.bytes.len() - piece.from
        };
        // What is not decoded goes from the pass to its reader without a stop.
        if at_hand == 0 { self.pull(out) } else { self.with(|input| copy(input, out)) }
    }

    /// The next `N` bytes.
    pub(crate) fn array<const N: usize>(&self) -> Result<[u8; N], Halt> {
        let mut array = [0; N];
        let mut filled = 0;
        while filled < N {
            match self.with(|input| copy(input, &mut array[filled..]))? {
                0 => return Err(Halt::End),
                count => filled += count,
            }
        }
        Ok(array)
    }

    /// The next `N` bytes, which stay; none where there are fewer.
    pub(crate) fn peek<const N: usize>(&self) -> Result<Option<[u8; N]>, Halt> {
        let mut piece = self.0.piece.borrow_mut();
        while piece.bytes.len() - piece.from < N {
            if !self.refill(&mut piece, PIECE)? {
                return Ok(None);
            }
        }
        Ok(piece.bytes[piece.from..].first_chunk().copied())
    }

    /// Whether the next bytes are these.
    pub(crate) fn starts_with<const N: usize>(&self, bytes: &[u8; N]) -> Result<bool, Halt> {
        Ok(self.peek()?.is_some_and(|next: [u8; N]| next == *bytes))
    }

    /// Adds to what is at hand; whether something came.
    fn refill(&self, piece: &mut Piece, room: usize) -> Result<bool, Halt> {
        piece.bytes.drain(..piece.from);
        piece.from = 0;
        let filled = piece.bytes.len();
        piece.bytes.resize(filled + room, 0);
        let pulled = self.pull(&mut piece.bytes[filled..]);
        piece.bytes.truncate(filled + pulled.as_ref().map_or(0, |count| *count));
        pulled.map(|count| count > 0)
    }

    fn pull(&self, out: &mut [u8]) -> Result<usize, Halt> {
        let State { source, at, left, halt, .. } = &*self.0;
        let room = out.len().min(usize::try_from(left.get()).unwrap_or(usize::MAX));
        if room == 0 {
            return Ok(0);
        }
        let count = match at.get() {
            None => source.next(&mut out[..room]),
            Some(offset) => source.at(offset, &mut out[..room]),
        };
        let count = count.inspect_err(|error| halt.set(Some(*error)))?;
        at.set(at.get().map(|offset| offset + count as u64));
        // A source that ends early leaves the rest unsaid.
        left.set(if count == 0 { 0 } else { left.get() - count as u64 });
        Ok(count)
    }
}

impl io::Read for Feed<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        Feed::take(self, out).map_err(|_| io::ErrorKind::Other.into())
    }
}

fn copy(from: &[u8], to: &mut [u8]) -> (usize, usize) {
    let count = from.len().min(to.len());
    to[..count].copy_from_slice(&from[..count]);
    (count, count)
}
