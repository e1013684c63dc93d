//! Decompression, a piece at a time and into buffers of a fixed size.
//!
//! Each decoder takes what it needs from a [`Feed`] and holds no more than its window. Windows come from the file and
//! are bounded by [`Limits::window_bytes`].

mod lz4;
mod lzma;

use std::io::Read as _;

use flate2::{Crc, Decompress, FlushDecompress, Status};
use lz4::Lz4;
pub(crate) use lzma::{Filter, Raw};
use lzma::{Lzma, OVERHEAD, Xz, ZipLzma, raw_lzma, raw_lzma2};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

use crate::{Limits, feed::Feed, read::Halt};

/// How bytes are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Codec {
    /// Not at all.
    Stored,
    /// RFC 1951.
    Deflate,
    /// RFC 1950.
    Zlib,
    /// RFC 1952, one or more members.
    Gzip,
    /// One or more streams.
    Bzip2,
    /// One or more streams.
    Xz,
    /// The format of `lzma` before xz, with its own header.
    Lzma,
    /// RFC 8878, one or more frames.
    Zstd,
    /// The frame format, one or more frames.
    Lz4,
    /// The data of `lzma` alone; what its header says stands elsewhere.
    RawLzma(Raw),
    /// The blocks of xz alone.
    RawLzma2(Raw),
    /// Method 14 of ZIP archives (APPNOTE.TXT 5.8.8): a short header, and data that is so long, or ends itself.
    ZipLzma(Option<u64>),
}

/// Why a decoder gives no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The data is not what its codec allows.
    Broken(&'static str),
    /// The data asks for a larger window than is held.
    Window,
    /// The pass ended.
    Halted(Halt),
}

impl From<Halt> for Fault {
    fn from(halt: Halt) -> Self {
        match halt {
            Halt::End => Self::Broken(ENDS),
            halt => Self::Halted(halt),
        }
    }
}

const ENDS: &str = "the compressed data ends too early";
const BROKEN: &str = "the data cannot be decompressed";
const CHECK: &str = "the decompressed data does not have the checksum that follows it";

/// Gives decompressed bytes.
pub(crate) trait Decode {
    /// Fills the start of `out`, which is not empty; 0 only at the end of the data.
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault>;
}

impl Codec {
    /// Whether a decoder holds more than some 64 KiB.
    pub(crate) const fn has_window(self) -> bool {
        !matches!(self, Self::Stored | Self::Deflate | Self::Zlib | Self::Gzip)
    }

    /// A decoder for the data that `feed` gives.
    pub(crate) fn decoder<'p>(self, limits: &Limits) -> Box<dyn Decode + 'p> {
        let window = u32::try_from(limits.window_bytes >> 10).unwrap_or(u32::MAX - 1 - OVERHEAD) + OVERHEAD;
        match self {
            Self::Stored => Box::new(Copy),
            Self::Deflate => Box::new(Flate(Decompress::new(false))),
            Self::Zlib => Box::new(Flate(Decompress::new(true))),
            Self::Gzip => Box::new(Gzip::default()),
            Self::Bzip2 => Box::new(Bzip2::new(limits.window_bytes)),
            Self::Xz => Box::new(Xz::new(window)),
            Self::Lzma => Box::new(Lzma::new(window)),
            // Its buffer is copied as it grows, so that a window takes up to twice its size.
            Self::Zstd => Box::new(Zstd::new(limits.window_bytes / 2)),
            Self::Lz4 => Box::new(Lz4::new(limits.window_bytes)),
            Self::RawLzma(raw) => raw_lzma(raw, window),
            Self::RawLzma2(raw) => raw_lzma2(raw, window),
            Self::ZipLzma(size) => Box::new(ZipLzma::new(size, window)),
        }
    }
}

struct Copy;

impl Decode for Copy {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        Ok(feed.take(out)?)
    }
}

struct Flate(Decompress);

impl Decode for Flate {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        loop {
            let (read, written) = (self.0.total_in(), self.0.total_out());
            let status = feed.with(|input| {
                let status = self.0.decompress(input, out, FlushDecompress::None);
                (usize::try_from(self.0.total_in() - read).unwrap_or(usize::MAX), status)
            })?;
            let count = usize::try_from(self.0.total_out() - written).unwrap_or(usize::MAX);
            match status {
                // What comes in front of a fault is kept, as other readers keep it; the next call fails again.
                Err(_) if count == 0 => return Err(Fault::Broken(BROKEN)),
                Err(_) | Ok(Status::StreamEnd) => return Ok(count),
                Ok(_) if count > 0 => return Ok(count),
                Ok(_) if self.0.total_in() == read => return Err(Fault::Broken(ENDS)),
                Ok(_) => {}
            }
        }
    }
}

/// RFC 1952: members behind one another, each with a header, a checksum and its length. Zeros may follow.
#[derive(Default)]
struct Gzip {
    member: Option<(Flate, Crc)>,
    members: u64,
}

impl Gzip {
    /// Passes a header; whether there is one.
    fn header(&self, feed: &Feed<'_>) -> Result<bool, Fault> {
        if self.members > 0 && !feed.starts_with(&[0x1f, 0x8b])? {
            return Ok(false);
        }
        let fixed: [u8; 10] = feed.array()?;
        if fixed[..3] != [0x1f, 0x8b, 8] || fixed[3] & 0xe0 != 0 {
            return Err(Fault::Broken("the header is not one of gzip"));
        }
        let flags = fixed[3];
        if flags & 4 != 0 {
            let length: [u8; 2] = feed.array()?;
            for _ in 0..u16::from_le_bytes(length) {
                feed.array::<1>()?;
            }
        }
        // A name and a comment, each with a zero behind it.
        for flag in [8, 16] {
            while flags & flag != 0 && feed.array::<1>()? != [0] {}
        }
        if flags & 2 != 0 {
            feed.array::<2>()?;
        }
        Ok(true)
    }
}

impl Decode for Gzip {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        loop {
            if self.member.is_none() {
                if !self.header(feed)? {
                    return Ok(0);
                }
                self.member = Some((Flate(Decompress::new(false)), Crc::new()));
                self.members += 1;
            }
            let Some((flate, crc)) = &mut self.member else { continue };
            let count = flate.decode(feed, out)?;
            if count > 0 {
                crc.update(&out[..count]);
                return Ok(count);
            }
            let want = (crc.sum(), crc.amount());
            self.member = None;
            let have = (u32::from_le_bytes(feed.array()?), u32::from_le_bytes(feed.array()?));
            if have != want {
                return Err(Fault::Broken(CHECK));
            }
        }
    }
}

struct Bzip2 {
    stream: Option<bzip2::Decompress>,
    window: u64,
    broken: bool,
    ended: bool,
}

impl Bzip2 {
    fn new(window: u64) -> Self {
        Self { stream: None, window, broken: false, ended: false }
    }

    /// The decoder of the stream that starts here, where its blocks are not too large.
    fn start(&self, feed: &Feed<'_>) -> Result<bzip2::Decompress, Fault> {
        // Blocks have so many times 100,000 bytes, each of which takes four.
        if let Some([b'B', b'Z', b'h', digit @ b'1'..=b'9']) = feed.peek()?
            && u64::from(digit - b'0') * 400_000 > self.window
        {
            return Err(Fault::Window);
        }
        Ok(bzip2::Decompress::new(false))
    }
}

impl Decode for Bzip2 {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        while !self.ended {
            if self.broken {
                return Err(Fault::Broken(BROKEN));
            }
            if self.stream.is_none() {
                self.stream = Some(self.start(feed)?);
            }
            let Some(stream) = &mut self.stream else { continue };
            let (read, written) = (stream.total_in(), stream.total_out());
            let status = feed.with(|input| {
                let status = stream.decompress(input, out);
                (usize::try_from(stream.total_in() - read).unwrap_or(usize::MAX), status)
            })?;
            let count = usize::try_from(stream.total_out() - written).unwrap_or(usize::MAX);
            let stuck = stream.total_in() == read;
            match status {
                Err(_) if count > 0 => self.broken = true,
                Err(_) => return Err(Fault::Broken(BROKEN)),
                Ok(bzip2::Status::StreamEnd) if feed.starts_with(b"BZh")? => {
                    self.stream = None;
                }
                Ok(bzip2::Status::StreamEnd) => self.ended = true,
                Ok(_) if count == 0 && stuck => return Err(Fault::Broken(ENDS)),
                Ok(_) => {}
            }
            if count > 0 {
                return Ok(count);
            }
        }
        Ok(0)
    }
}

struct Zstd {
    frame: FrameDecoder,
    started: bool,
    frames: u64,
}

impl Zstd {
    fn new(window: u64) -> Self {
        let mut frame = FrameDecoder::new();
        frame.set_max_window_size(window);
        Self { frame, started: false, frames: 0 }
    }

    /// Starts the next frame, past those that are to be skipped; whether there is one.
    fn start(&mut self, feed: &Feed<'_>) -> Result<bool, Fault> {
        self.frames += u64::from(skippable(feed)?);
        if !feed.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])? {
            return Ok(false);
        }
        self.started = true;
        self.frames += 1;
        self.frame.reset(feed.clone()).map(|()| true).map_err(|error| Self::fault(feed, &error))
    }

    fn fault(feed: &Feed<'_>, error: &ruzstd::decoding::errors::FrameDecoderError) -> Fault {
        use ruzstd::decoding::errors::FrameDecoderError as Error;
        match feed.halted() {
            Some(halt) => halt.into(),
            None if matches!(error, Error::WindowSizeTooBig { .. }) => Fault::Window,
            None => Fault::Broken(BROKEN),
        }
    }
}

impl Decode for Zstd {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        loop {
            if !self.started && !self.start(feed)? {
                return if self.frames == 0 { Err(Fault::Broken(BROKEN)) } else { Ok(0) };
            }
            let count = self.frame.read(out).map_err(|_| Fault::Broken(BROKEN))?;
            if count > 0 {
                return Ok(count);
            }
            if self.frame.is_finished() {
                let sums = (self.frame.get_checksum_from_data(), self.frame.get_calculated_checksum());
                if matches!(sums, (Some(stated), Some(computed)) if stated != computed) {
                    return Err(Fault::Broken(CHECK));
                }
                self.started = false;
                continue;
            }
            let step = self.frame.decode_blocks(feed.clone(), BlockDecodingStrategy::UptoBlocks(1));
            step.map_err(|error| Self::fault(feed, &error))?;
        }
    }
}

/// Passes frames of Zstandard and LZ4 that are to be skipped; how many.
fn skippable(feed: &Feed<'_>) -> Result<u32, Fault> {
    let mut frames = 0_u32;
    while let Some(head) = feed.peek::<4>()?
        && matches!(u32::from_le_bytes(head), 0x184d_2a50..=0x184d_2a5f)
    {
        feed.array::<4>()?;
        let mut left = u32::from_le_bytes(feed.array()?) as usize;
        let mut scratch = [0; 4096];
        while left > 0 {
            let room = left.min(scratch.len());
            match feed.take(&mut scratch[..room])? {
                0 => return Err(Fault::Broken(ENDS)),
                count => left -= count,
            }
        }
        frames = frames.saturating_add(1);
    }
    Ok(frames)
}

#[cfg(test)]
mod tests;
