//! Positioned reads, and the one pass over a file that feeds hash and reader from the same bytes.

use std::{
    fs::{File, Metadata, OpenOptions},
    io,
    ops::ControlFlow,
    os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

use bartizan_finding::{Digest, Hasher};

/// A file is read in steps of this many bytes. Larger steps gain nothing measurable over SHA-256 and cost memory.
pub const STEP: usize = 64 * 1024;

/// Something with a length whose bytes can be read at any offset, without a cursor that readers would share.
///
/// Files are read and not mapped: a mapped file that shrinks ends the process.
pub trait ReadAt {
    /// The number of bytes, as it was when the reader was made.
    fn len(&self) -> u64;

    /// Reads at `offset` into `buffer` and says how many bytes came; 0 only at the end or for an empty buffer.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;

    /// Whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether the bytes are known to have changed since the reader was made. Memory never does.
    fn changed(&self) -> io::Result<bool> {
        Ok(false)
    }
}

impl ReadAt for &[u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

impl ReadAt for Vec<u8> {
    fn len(&self) -> u64 {
        Self::len(self) as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.as_slice().read_at(offset, buffer)
    }
}

/// A regular file.
#[derive(Debug)]
pub struct FileReader {
    file: File,
    stamp: Stamp,
}

/// What the file system says about a file's contents without reading them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            size: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl FileReader {
    /// Opens a file. A pipe, socket, device or folder is refused, and opening one does not wait for its other end.
    pub fn open(path: &Path) -> io::Result<Self> {
        let flags = rustix::fs::OFlags::NONBLOCK.bits().cast_signed();
        Self::new(OpenOptions::new().read(true).custom_flags(flags).open(path)?)
    }

    /// Takes a file that is already open.
    pub fn new(file: File) -> io::Result<Self> {
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        Ok(Self { file, stamp: Stamp::of(&metadata) })
    }
}

impl ReadAt for FileReader {
    fn len(&self) -> u64 {
        self.stamp.size
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(buffer, offset)
    }

    fn changed(&self) -> io::Result<bool> {
        Ok(Stamp::of(&self.file.metadata()?) != self.stamp)
    }
}

/// Hears how many bytes have been read so far, and may end the pass.
pub(crate) type Watch<'a> = dyn FnMut(u64) -> ControlFlow<()> + 'a;

/// Why a pass gives no more bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Halt {
    /// The file ended.
    End,
    /// The watcher ended the pass.
    Cancelled,
    /// The file gave fewer bytes than its length promised.
    Shrunk,
    /// The system could not read; the pass holds the error.
    Failed,
}

/// One pass over a file: each byte is read once, hashed, and offered to a format's reader in order.
pub(crate) struct Pass<'a> {
    reader: &'a dyn ReadAt,
    watch: &'a mut Watch<'a>,
    hasher: Option<Hasher>,
    /// Whether bytes that are skipped need not be read.
    sparse: bool,
    /// Bytes that were not read.
    passed_over: u64,
    buffer: Vec<u8>,
    /// The unread part of `buffer`.
    from: usize,
    to: usize,
    /// Offset in the file of `buffer[to]`, which is also the number of bytes read.
    read: u64,
    size: u64,
    tail: Vec<u8>,
    halted: Option<Halt>,
    failure: Option<io::Error>,
}

/// The end of a pass.
pub(crate) struct Finished {
    /// Of all bytes, if all were read and the file stayed as it was.
    pub(crate) digest: Option<Digest>,
    pub(crate) bytes_read: u64,
    pub(crate) tail: Vec<u8>,
    pub(crate) ending: Ending,
}

/// How a pass ended.
#[derive(Debug)]
pub(crate) enum Ending {
    Complete,
    Cancelled,
    /// The file's length or times changed, with what was seen.
    Changed(&'static str),
    Failed(io::Error),
}

/// The last bytes are kept: a ZIP archive is found from its end, at most 22 + 65,535 bytes long.
const TAIL: u64 = 22 + 65_535;

impl<'a> Pass<'a> {
    pub(crate) fn new(reader: &'a dyn ReadAt, watch: &'a mut Watch<'a>) -> Self {
        Self { hasher: Some(Hasher::new()), ..Self::over(reader, watch) }
    }

    /// A pass without a hash, for bytes that another pass already read.
    pub(crate) fn over(reader: &'a dyn ReadAt, watch: &'a mut Watch<'a>) -> Self {
        let size = reader.len();
        let capacity = usize::try_from(size).map_or(2 * STEP, |size| size.min(2 * STEP));
        Self {
            reader,
            watch,
            hasher: None,
            sparse: false,
            passed_over: 0,
            buffer: vec![0; capacity],
            from: 0,
            to: 0,
            read: 0,
            size,
            tail: Vec::new(),
            halted: None,
            failure: None,
        }
    }

    /// A pass that reads only what is looked at, and has no hash.
    pub(crate) fn sparse(reader: &'a dyn ReadAt, watch: &'a mut Watch<'a>) -> Self {
        Self { sparse: true, ..Self::over(reader, watch) }
    }

    /// The length that the file had at the start.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Offset of the next byte.
    pub(crate) const fn position(&self) -> u64 {
        self.read - (self.to - self.from) as u64
    }

    /// The next bytes without passing them: `count` (at most [`STEP`]), or fewer at the end of the file.
    pub(crate) fn peek(&mut self, count: usize) -> Result<&[u8], Halt> {
        let count = count.min(STEP);
        while self.to - self.from < count && self.read < self.size {
            self.step()?;
        }
        Ok(&self.buffer[self.from..self.to.min(self.from + count)])
    }

    /// Bytes that are at hand, at least one unless the file ended. Pass them with [`Self::advance`].
    pub(crate) fn chunk(&mut self) -> Result<&[u8], Halt> {
        if self.from == self.to && self.read < self.size {
            self.step()?;
        }
        Ok(&self.buffer[self.from..self.to])
    }

    /// Passes `count` bytes, of those that were peeked at.
    pub(crate) fn advance(&mut self, count: usize) {
        self.from = (self.from + count).min(self.to);
    }

    /// The next byte.
    pub(crate) fn byte(&mut self) -> Result<u8, Halt> {
        let byte = *self.chunk()?.first().ok_or(Halt::End)?;
        self.advance(1);
        Ok(byte)
    }

    /// The next `N` bytes.
    pub(crate) fn take<const N: usize>(&mut self) -> Result<[u8; N], Halt> {
        let bytes = self.peek(N)?.try_into().map_err(|_| Halt::End)?;
        self.advance(N);
        Ok(bytes)
    }

    /// Passes `count` bytes and shows them, in pieces.
    pub(crate) fn each(&mut self, count: u64, show: &mut dyn FnMut(&[u8])) -> Result<(), Halt> {
        let mut left = count;
        while left > 0 {
            let chunk = self.chunk()?;
            let piece = chunk.len().min(usize::try_from(left).unwrap_or(usize::MAX));
            if piece == 0 {
                return Err(Halt::End);
            }
            show(&chunk[..piece]);
            self.advance(piece);
            left -= piece as u64;
        }
        Ok(())
    }

    /// Reads `count` bytes at `offset` without passing anything: what a format keeps at the end of the file and needs
    /// first. They are read again, and hashed, when the pass comes to them.
    pub(crate) fn ahead(&mut self, offset: u64, count: usize) -> Result<Vec<u8>, Halt> {
        let mut bytes = Vec::new();
        while bytes.len() < count {
            let filled = bytes.len();
            bytes.resize(count.min(filled + STEP), 0);
            let read = self.look(offset.saturating_add(filled as u64), &mut bytes[filled..])?;
            if read == 0 {
                self.halted = Some(Halt::Shrunk);
                return Err(Halt::Shrunk);
            }
            bytes.truncate(filled + read);
        }
        Ok(bytes)
    }

    /// Reads at `offset` without passing anything, as many bytes as come at once; none at the end.
    pub(crate) fn look(&mut self, offset: u64, buffer: &mut [u8]) -> Result<usize, Halt> {
        if let Some(halt) = self.halted {
            return Err(halt);
        }
        loop {
            match self.reader.read_at(offset, buffer) {
                Ok(read) => return Ok(read),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    self.halted = Some(Halt::Failed);
                    return Err(Halt::Failed);
                }
            }
        }
    }

    /// Passes `count` bytes.
    pub(crate) fn skip(&mut self, count: u64) -> Result<(), Halt> {
        let at_hand = (self.to - self.from) as u64;
        if !self.sparse || count <= at_hand {
            return self.each(count, &mut |_| {});
        }
        let over = (count - at_hand).min(self.size - self.read);
        self.from = self.to;
        self.read += over;
        self.passed_over += over;
        if at_hand + over < count { Err(Halt::End) } else { Ok(()) }
    }

    /// Reads what is left and says how the pass went.
    pub(crate) fn finish(mut self) -> Finished {
        if self.sparse {
            let _ = self.skip(self.size - self.position());
            let from = self.size.saturating_sub(TAIL);
            self.tail = self.ahead(from, usize::try_from(self.size - from).unwrap_or(0)).unwrap_or_default();
        }
        let halt = loop {
            self.from = self.to;
            if self.read == self.size {
                break self.halted;
            }
            if let Err(halt) = self.step() {
                break Some(halt);
            }
        };
        let ending = match halt {
            None | Some(Halt::End) => self.settled(),
            Some(Halt::Cancelled) => Ending::Cancelled,
            Some(Halt::Shrunk) => Ending::Changed("it became shorter"),
            Some(Halt::Failed) => {
                Ending::Failed(self.failure.take().unwrap_or_else(|| io::ErrorKind::Other.into()))
            }
        };
        let complete = matches!(ending, Ending::Complete);
        let digest = self.hasher.filter(|_| complete).map(Hasher::finish);
        let bytes_read = self.read - self.passed_over;
        Finished { digest, bytes_read, tail: self.tail, ending }
    }

    /// Whether the file that was read to its end is still the one that was opened.
    fn settled(&self) -> Ending {
        match self.reader.read_at(self.size, &mut [0]) {
            Ok(0) => match self.reader.changed() {
                Ok(false) => Ending::Complete,
                Ok(true) => Ending::Changed("it was written to"),
                Err(error) => Ending::Failed(error),
            },
            Ok(_) => Ending::Changed("it became longer"),
            Err(error) => Ending::Failed(error),
        }
    }

    /// Reads the next step behind what is still unread.
    fn step(&mut self) -> Result<(), Halt> {
        if let Some(halt) = self.halted {
            return Err(halt);
        }
        let result = self.read_step();
        if let Err(halt) = result {
            self.halted = Some(halt);
        }
        result
    }

    fn read_step(&mut self) -> Result<(), Halt> {
        self.buffer.copy_within(self.from..self.to, 0);
        self.to -= self.from;
        self.from = 0;
        let left = usize::try_from(self.size - self.read).unwrap_or(usize::MAX);
        let end = self.buffer.len().min(self.to.saturating_add(left.min(STEP)));
        let count = loop {
            match self.reader.read_at(self.read, &mut self.buffer[self.to..end]) {
                Ok(0) => return Err(Halt::Shrunk),
                Ok(count) => break count.min(end - self.to),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.failure = Some(error);
                    return Err(Halt::Failed);
                }
            }
        };
        let fresh = &self.buffer[self.to..self.to + count];
        if let Some(hasher) = &mut self.hasher {
            hasher.update(fresh);
            let before = usize::try_from(self.size.saturating_sub(TAIL).saturating_sub(self.read))
                .unwrap_or(usize::MAX);
            self.tail.extend_from_slice(fresh.get(before..).unwrap_or_default());
        }
        self.to += count;
        self.read += count as u64;
        if (self.watch)(self.read).is_break() { Err(Halt::Cancelled) } else { Ok(()) }
    }
}
