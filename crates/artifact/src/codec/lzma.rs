//! LZMA in its containers: xz, the format before it, and alone, as archives hold it.

use std::io;

use lzma_rust2::{Action, FilterConfig, Lzma2Stream, LzmaStream, StreamResult, XzStream};

use super::{BROKEN, Decode, ENDS, Fault};
use crate::feed::Feed;

/// What an archive says about data of LZMA and LZMA2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Raw {
    /// `(pb * 5 + lp) * 9 + lc`; LZMA2 states it itself.
    pub(crate) properties: u8,
    pub(crate) window: u32,
    /// The length when unpacked.
    pub(crate) size: u64,
    pub(crate) filter: Filter,
}

/// What the decompressed bytes pass through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    None,
    /// Each byte is the difference from the one so far in front of it.
    Delta(u32),
    /// Jumps in programs for x86.
    X86,
    Ppc,
    Ia64,
    Arm,
    ArmThumb,
    Sparc,
    Arm64,
    RiscV,
}

impl Filter {
    fn config(self) -> Vec<FilterConfig> {
        vec![match self {
            Self::None => return Vec::new(),
            Self::Delta(distance) => FilterConfig::new_delta(distance),
            Self::X86 => FilterConfig::new_bcj_x86(0),
            Self::Ppc => FilterConfig::new_bcj_ppc(0),
            Self::Ia64 => FilterConfig::new_bcj_ia64(0),
            Self::Arm => FilterConfig::new_bcj_arm(0),
            Self::ArmThumb => FilterConfig::new_bcj_arm_thumb(0),
            Self::Sparc => FilterConfig::new_bcj_sparc(0),
            Self::Arm64 => FilterConfig::new_bcj_arm64(0),
            Self::RiscV => FilterConfig::new_bcj_risc_v(0),
        }]
    }
}

pub(super) struct Xz {
    stream: XzStream,
    broken: bool,
    window: u32,
    ended: bool,
}

impl Xz {
    pub(super) fn new(window: u32) -> Self {
        Self { stream: XzStream::new_mem_limit(false, window), window, broken: false, ended: false }
    }
}

impl Decode for Xz {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        while !self.ended {
            let (count, ended) = pump(feed, &mut self.stream, &mut self.broken, out)?;
            if ended {
                // Zeros between streams fill words. Bytes that are no stream are left, as Python leaves them.
                while feed.starts_with(&[0; 4])? {
                    feed.array::<4>()?;
                }
                self.ended = !feed.starts_with(b"\xfd7zXZ\0")?;
                self.stream = XzStream::new_mem_limit(false, self.window);
            }
            if count > 0 {
                return Ok(count);
            }
        }
        Ok(0)
    }
}

pub(super) struct Lzma {
    stream: LzmaStream,
    broken: bool,
    ended: bool,
    /// Whether a mark may follow data whose length is stated, as Python's encoder writes it.
    marker: bool,
}

impl Lzma {
    /// A file with a header of its own.
    pub(super) fn new(window: u32) -> Self {
        Self { stream: LzmaStream::new_mem_limit(window, None), broken: false, ended: false, marker: false }
    }
}

impl Decode for Lzma {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        if self.ended {
            return Ok(0);
        }
        let (count, ended) = pump(feed, &mut self.stream, &mut self.broken, out)?;
        self.ended = ended;
        if ended && self.marker && feed.left() <= MARKER {
            while feed.left() > 0 {
                feed.array::<1>()?;
            }
        }
        Ok(count)
    }
}

/// A decoder of `lzma_rust2`.
trait Engine {
    fn process(&mut self, input: &[u8], out: &mut [u8], action: Action) -> io::Result<StreamResult>;

    /// Bytes that were given so far, also by a call that failed.
    fn total_out(&self) -> u64;
}

macro_rules! engine {
    ($($stream:ty),*) => {$(
        impl Engine for $stream {
            fn process(&mut self, input: &[u8], out: &mut [u8], action: Action) -> io::Result<StreamResult> {
                self.process(input, out, action)
            }

            fn total_out(&self) -> u64 {
                self.total_out()
            }
        }
    )*};
}

engine!(XzStream, LzmaStream, Lzma2Stream);

/// Moves a decoder on until it gives something or ends: how many bytes it gave, and whether it ended. What it gives in
/// front of a fault is kept, as other readers keep it; the fault is `broken` and follows with the next call.
fn pump(
    feed: &Feed<'_>,
    engine: &mut impl Engine,
    broken: &mut bool,
    out: &mut [u8],
) -> Result<(usize, bool), Fault> {
    if *broken {
        return Err(Fault::Broken(BROKEN));
    }
    loop {
        let before = engine.total_out();
        // The decoder takes up to 20 bytes more than it needs and keeps them; at the end they are given singly, so that
        // what follows the data is not taken for part of it.
        let most = usize::try_from(feed.left().saturating_sub(AHEAD).max(1)).unwrap_or(usize::MAX);
        let step = feed.with(|input| {
            let input = &input[..input.len().min(most)];
            let last = input.is_empty();
            let result = engine.process(input, out, if last { Action::Finish } else { Action::Run });
            let read = result.as_ref().map_or(0, |result| result.bytes_consumed);
            (read, result.map(|result| (result, last)))
        })?;
        let (result, last) = match step {
            Ok(step) => step,
            Err(error) if error.kind() == io::ErrorKind::OutOfMemory => return Err(Fault::Window),
            Err(_) => {
                *broken = true;
                let count = usize::try_from(engine.total_out().saturating_sub(before)).unwrap_or(0);
                return if count == 0 {
                    Err(Fault::Broken(BROKEN))
                } else {
                    Ok((count.min(out.len()), false))
                };
            }
        };
        let ended = matches!(result.status, lzma_rust2::Status::StreamEnd);
        if ended || result.bytes_produced > 0 {
            return Ok((result.bytes_produced, ended));
        }
        if last || result.bytes_consumed == 0 {
            return Err(Fault::Broken(ENDS));
        }
    }
}

/// What cannot be decompressed at all.
struct Refuse(Fault);

impl Decode for Refuse {
    fn decode(&mut self, _: &Feed<'_>, _: &mut [u8]) -> Result<usize, Fault> {
        Err(self.0)
    }
}

pub(super) fn raw_lzma<'p>(raw: Raw, limit: u32) -> Box<dyn Decode + 'p> {
    let Raw { properties, size, .. } = raw;
    // No more of a window is ever used than there is data.
    let window = u32::try_from(size).unwrap_or(u32::MAX).min(raw.window).max(SMALLEST_WINDOW);
    let (lc, rest) = (u32::from(properties % 9), properties / 9);
    let (lp, pb) = (u32::from(rest % 5), rest / 5);
    match lzma_rust2::lzma_get_memory_usage(window, lc, lp) {
        Ok(need) if need > limit => return Box::new(Refuse(Fault::Window)),
        Ok(_) if pb <= 4 => {}
        _ => return Box::new(Refuse(Fault::Broken(BROKEN))),
    }
    let stream = LzmaStream::new_with_props(size, properties, window, None);
    match stream.and_then(|mut stream| stream.set_filters(&raw.filter.config()).map(|()| stream)) {
        Ok(stream) => Box::new(Lzma { stream, broken: false, ended: false, marker: true }),
        Err(_) => Box::new(Refuse(Fault::Broken(BROKEN))),
    }
}

pub(super) fn raw_lzma2<'p>(raw: Raw, limit: u32) -> Box<dyn Decode + 'p> {
    let window = u32::try_from(raw.size).unwrap_or(u32::MAX).min(raw.window).max(SMALLEST_WINDOW);
    if lzma_rust2::lzma2_get_memory_usage(window) > limit {
        return Box::new(Refuse(Fault::Window));
    }
    let mut stream = Lzma2Stream::new(window);
    match stream.set_filters(&raw.filter.config()) {
        Ok(()) => Box::new(Lzma2 { stream, broken: false, ended: false }),
        Err(_) => Box::new(Refuse(Fault::Broken(BROKEN))),
    }
}

/// More bytes than decoders of LZMA look ahead.
const AHEAD: u64 = 64;
/// What decoders of LZMA take beside their window, in KiB.
pub(super) const OVERHEAD: u32 = 512;
/// Most bytes of the mark for the end of LZMA data, with those that the encoder gives out at last.
const MARKER: u64 = 16;
/// The smallest window of LZMA.
const SMALLEST_WINDOW: u32 = 4096;

struct Lzma2 {
    stream: Lzma2Stream,
    broken: bool,
    ended: bool,
}

impl Decode for Lzma2 {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        if self.ended {
            return Ok(0);
        }
        let (count, ended) = pump(feed, &mut self.stream, &mut self.broken, out)?;
        self.ended = ended;
        Ok(count)
    }
}

/// The version of the program that wrote it in two bytes, the length of the properties in two, the properties.
pub(super) struct ZipLzma<'p> {
    size: Option<u64>,
    window: u32,
    inner: Option<Box<dyn Decode + 'p>>,
}

impl ZipLzma<'_> {
    pub(super) fn new(size: Option<u64>, window: u32) -> Self {
        Self { size, window, inner: None }
    }
}

impl Decode for ZipLzma<'_> {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        if self.inner.is_none() {
            let [_, _, 5, 0, properties, d0, d1, d2, d3]: [u8; 9] = feed.array()? else {
                return Err(Fault::Broken("the header is not one of LZMA"));
            };
            let raw = Raw {
                properties,
                window: u32::from_le_bytes([d0, d1, d2, d3]),
                size: self.size.unwrap_or(u64::MAX),
                filter: Filter::None,
            };
            self.inner = Some(raw_lzma(raw, self.window));
        }
        let Some(inner) = &mut self.inner else { return Ok(0) };
        inner.decode(feed, out)
    }
}
