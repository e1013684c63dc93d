//! Decompression, a piece at a time and into buffers of a fixed size.
//!
//! Each decoder takes what it needs from a [`Feed`] and holds no more than its window. Windows come from the file and
//! are bounded by [`Limits::window_bytes`].

use std::io::{self, Read as _};

use flate2::{Crc, Decompress, FlushDecompress, Status};
use lzma_rust2::{Action, LzmaStream, StreamResult, XzStream};
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
    /// A decoder for the data that `feed` gives.
    pub(crate) fn decoder<'p>(self, feed: &Feed<'p>, limits: &Limits) -> Box<dyn Decode + 'p> {
        let window = u32::try_from(limits.window_bytes >> 10).unwrap_or(u32::MAX - 1);
        match self {
            Self::Stored => Box::new(Copy),
            Self::Deflate => Box::new(Flate(Decompress::new(false))),
            Self::Zlib => Box::new(Flate(Decompress::new(true))),
            Self::Gzip => Box::new(Gzip::default()),
            Self::Bzip2 => Box::new(Bzip2(bzip2::Decompress::new(false), false)),
            Self::Xz => Box::new(Xz { stream: XzStream::new_mem_limit(true, window), ended: false }),
            Self::Lzma => Box::new(Lzma { stream: LzmaStream::new_mem_limit(window, None), ended: false }),
            Self::Zstd => Box::new(Zstd::new(limits.window_bytes)),
            Self::Lz4 => Box::new(Lz4(FrameDecoder4::new(feed.clone()))),
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
                Err(_) => return Err(Fault::Broken(BROKEN)),
                Ok(Status::StreamEnd) => return Ok(count),
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

/// A decoder, and whether its stream ended: it takes no more calls then.
struct Bzip2(bzip2::Decompress, bool);

impl Decode for Bzip2 {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        if self.1 {
            return Ok(0);
        }
        loop {
            let (read, written) = (self.0.total_in(), self.0.total_out());
            let status = feed.with(|input| {
                let status = self.0.decompress(input, out);
                (usize::try_from(self.0.total_in() - read).unwrap_or(usize::MAX), status)
            })?;
            let count = usize::try_from(self.0.total_out() - written).unwrap_or(usize::MAX);
            match status {
                Err(_) => return Err(Fault::Broken(BROKEN)),
                Ok(bzip2::Status::StreamEnd) if feed.starts_with(b"BZh")? => {
                    self.0 = bzip2::Decompress::new(false);
                    if count > 0 {
                        return Ok(count);
                    }
                }
                Ok(bzip2::Status::StreamEnd) => {
                    self.1 = true;
                    return Ok(count);
                }
                Ok(_) if count > 0 => return Ok(count),
                Ok(_) if self.0.total_in() == read => return Err(Fault::Broken(ENDS)),
                Ok(_) => {}
            }
        }
    }
}

struct Xz {
    stream: XzStream,
    ended: bool,
}

impl Decode for Xz {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        if self.ended {
            return Ok(0);
        }
        let (count, ended) = pump(feed, |input, action| self.stream.process(input, out, action))?;
        self.ended = ended;
        Ok(count)
    }
}

struct Lzma {
    stream: LzmaStream,
    ended: bool,
}

impl Decode for Lzma {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        if self.ended {
            return Ok(0);
        }
        let (count, ended) = pump(feed, |input, action| self.stream.process(input, out, action))?;
        self.ended = ended;
        Ok(count)
    }
}

/// Moves a decoder of `lzma_rust2` on until it gives something or ends: how many bytes it gave, and whether it ended.
pub(crate) fn pump(
    feed: &Feed<'_>,
    mut process: impl FnMut(&[u8], Action) -> io::Result<StreamResult>,
) -> Result<(usize, bool), Fault> {
    loop {
        let step = feed.with(|input| {
            let last = input.is_empty();
            let result = process(input, if last { Action::Finish } else { Action::Run });
            let read = result.as_ref().map_or(0, |result| result.bytes_consumed);
            (read, result.map(|result| (result, last)))
        })?;
        let (result, last) = step.map_err(|error| match error.kind() {
            io::ErrorKind::OutOfMemory => Fault::Window,
            _ => Fault::Broken(BROKEN),
        })?;
        let ended = matches!(result.status, lzma_rust2::Status::StreamEnd);
        if ended || result.bytes_produced > 0 {
            return Ok((result.bytes_produced, ended));
        }
        if last || result.bytes_consumed == 0 {
            return Err(Fault::Broken(ENDS));
        }
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
        loop {
            let Some(head) = feed.peek::<4>()? else { return Ok(false) };
            match u32::from_le_bytes(head) {
                0x184d_2a50..=0x184d_2a5f => {
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
                    self.frames += 1;
                }
                0xfd2f_b528 => break,
                _ => return Ok(false),
            }
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

struct Lz4<'p>(FrameDecoder4<'p>);

type FrameDecoder4<'p> = lz4_flex::frame::FrameDecoder<Feed<'p>>;

impl Decode for Lz4<'_> {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        self.0.read(out).map_err(|error| match (feed.halted(), error.kind()) {
            (Some(halt), _) => halt.into(),
            (None, io::ErrorKind::UnexpectedEof) => Fault::Broken(ENDS),
            (None, _) => Fault::Broken(BROKEN),
        })
    }
}
