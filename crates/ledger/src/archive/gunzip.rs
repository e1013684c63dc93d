//! One gzip member (RFC 1952), inflated a piece at a time and no further than is allowed.

use std::io::{self, Read};

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::ArchiveError;

/// Compressed bytes that are held at one time.
const STEP: usize = 64 * 1024;

/// The header that the writer makes: magic, method 8, no optional fields, no time. The last two bytes say how hard
/// was compressed, and on which system.
const HEADER: [u8; 8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0];

#[derive(Debug)]
pub(super) struct Gunzip<R> {
    input: R,
    buffer: Vec<u8>,
    /// What of the buffer is not consumed.
    start: usize,
    end: usize,
    inflate: Decompress,
    crc: Crc,
    ended: bool,
    limit: u64,
}

impl<R: Read> Gunzip<R> {
    pub(super) fn new(input: R, limit: u64) -> Result<Self, ArchiveError> {
        let buffer = vec![0; STEP];
        let inflate = Decompress::new(false);
        let mut gunzip =
            Self { input, buffer, start: 0, end: 0, inflate, crc: Crc::new(), ended: false, limit };
        let header: [u8; 10] = gunzip.take().ok_or(ArchiveError::Gzip("it is no gzip file"))??;
        if header[..3] != HEADER[..3] {
            return Err(ArchiveError::Gzip("it is no gzip file"));
        }
        if header[..8] != HEADER {
            return Err(ArchiveError::Gzip("its gzip header has fields that archives do not have here"));
        }
        Ok(gunzip)
    }

    /// Fills `out` as far as there are bytes, and says how many.
    pub(super) fn read(&mut self, out: &mut [u8]) -> Result<usize, ArchiveError> {
        let mut filled = 0;
        while filled < out.len() && !self.ended {
            if self.inflate.total_out() >= self.limit {
                return Err(self.too_much());
            }
            let more = self.refill()?;
            let (read, written) = (self.inflate.total_in(), self.inflate.total_out());
            let room = usize::try_from(self.limit - written).unwrap_or(usize::MAX).min(out.len() - filled);
            let target = &mut out[filled..filled + room];
            let status = self
                .inflate
                .decompress(&self.buffer[self.start..self.end], target, FlushDecompress::None)
                .map_err(|_| ArchiveError::Gzip("its data cannot be inflated"))?;
            let read = usize::try_from(self.inflate.total_in() - read).unwrap_or(usize::MAX);
            let written = usize::try_from(self.inflate.total_out() - written).unwrap_or(usize::MAX);
            self.start = self.start.saturating_add(read).min(self.end);
            filled += written.min(room);
            self.ended = status == Status::StreamEnd;
            if !self.ended && read == 0 && written == 0 {
                let why = if more { "its data cannot be inflated" } else { "it ends before its data does" };
                return Err(ArchiveError::Gzip(why));
            }
        }
        self.crc.update(&out[..filled]);
        Ok(filled)
    }

    /// Reads to the end, which must have come: checksum and length, and nothing after them.
    pub(super) fn finish(mut self) -> Result<(), ArchiveError> {
        if self.read(&mut [0])? > 0 {
            return Err(ArchiveError::Tar("it goes on after its end"));
        }
        let trailer: [u8; 8] = self.take().ok_or(ArchiveError::Gzip("it ends before its checksum"))??;
        let [a, b, c, d, length @ ..] = trailer;
        if u32::from_le_bytes([a, b, c, d]) != self.crc.sum() {
            return Err(ArchiveError::Gzip("its checksum is wrong"));
        }
        // The length modulo 2³² (RFC 1952, section 2.3.1).
        if u64::from(u32::from_le_bytes(length)) != self.inflate.total_out() & 0xffff_ffff {
            return Err(ArchiveError::Gzip("its length is wrong"));
        }
        if self.refill()? {
            return Err(ArchiveError::Gzip("it goes on after its end"));
        }
        Ok(())
    }

    /// The next bytes of the file itself; nothing where it ends before.
    fn take<const N: usize>(&mut self) -> Option<Result<[u8; N], ArchiveError>> {
        let mut taken = [0; N];
        for byte in &mut taken {
            match self.refill() {
                Ok(true) => {}
                Ok(false) => return None,
                Err(error) => return Some(Err(error)),
            }
            *byte = self.buffer[self.start];
            self.start += 1;
        }
        Some(Ok(taken))
    }

    /// Whether there are bytes that are not consumed, after reading some where there were none.
    fn refill(&mut self) -> Result<bool, ArchiveError> {
        while self.start == self.end {
            match self.input.read(&mut self.buffer) {
                Ok(0) => return Ok(false),
                Ok(count) => (self.start, self.end) = (0, count.min(self.buffer.len())),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    const fn too_much(&self) -> ArchiveError {
        ArchiveError::TooMuch { limit: self.limit, what: "bytes" }
    }
}
