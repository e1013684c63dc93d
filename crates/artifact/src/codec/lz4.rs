//! Frames of LZ4 (LZ4 Frame Format, version 1.6.4). The blocks in them are decompressed by `lz4_flex`; its own reader of
//! frames takes the end of the file between two blocks, and an empty block, for the end of the frame.

use super::{BROKEN, CHECK, Decode, ENDS, Fault};
use crate::feed::Feed;

/// Start of a frame.
const MAGIC: [u8; 4] = [0x04, 0x22, 0x4d, 0x18];
/// What a block may refer to before its start, where blocks are linked.
const REACH: usize = 64 << 10;

/// One or more frames.
pub(super) struct Lz4 {
    window: u64,
    frame: Option<Frame>,
    frames: u64,
    packed: Vec<u8>,
    /// The last block, of which the first bytes were given.
    block: Vec<u8>,
    from: usize,
    /// What came before it, where blocks are linked.
    before: Vec<u8>,
}

struct Frame {
    /// Largest block in bytes.
    most: usize,
    linked: bool,
    block_sums: bool,
    size: Option<u64>,
    given: u64,
    sum: Option<Xxh32>,
}

impl Lz4 {
    pub(super) fn new(window: u64) -> Self {
        Self {
            window,
            frame: None,
            frames: 0,
            packed: Vec::new(),
            block: Vec::new(),
            from: 0,
            before: Vec::new(),
        }
    }

    /// Passes a header; none where no frame follows.
    fn header(&self, feed: &Feed<'_>) -> Result<Option<Frame>, Fault> {
        if !feed.starts_with(&MAGIC)? {
            return if self.frames == 0 { Err(Fault::Broken(BROKEN)) } else { Ok(None) };
        }
        feed.array::<4>()?;
        let [flags, descriptor]: [u8; 2] = feed.array()?;
        let mut header = vec![flags, descriptor];
        if flags >> 6 != 1 || flags & 2 != 0 || descriptor & 0x8f != 0 {
            return Err(Fault::Broken(BROKEN));
        }
        let most = match descriptor >> 4 {
            4 => 64 << 10,
            5 => 256 << 10,
            6 => 1 << 20,
            7 => 4 << 20,
            _ => return Err(Fault::Broken(BROKEN)),
        };
        let size = if flags & 8 == 0 {
            None
        } else {
            let size: [u8; 8] = feed.array()?;
            header.extend(size);
            Some(u64::from_le_bytes(size))
        };
        if flags & 1 != 0 {
            return Err(Fault::Broken("the data needs a dictionary that is not in the file"));
        }
        let [sum]: [u8; 1] = feed.array()?;
        let mut hash = Xxh32::new();
        hash.update(&header);
        if (hash.finish() >> 8) as u8 != sum {
            return Err(Fault::Broken(CHECK));
        }
        // A block is held packed and unpacked.
        if 2 * most as u64 > self.window {
            return Err(Fault::Window);
        }
        Ok(Some(Frame {
            most,
            linked: flags & 0x20 == 0,
            block_sums: flags & 0x10 != 0,
            size,
            given: 0,
            sum: (flags & 4 != 0).then(Xxh32::new),
        }))
    }

    /// Decompresses the next block; whether there was one.
    fn block(&mut self, feed: &Feed<'_>) -> Result<bool, Fault> {
        let Some(frame) = &mut self.frame else { return Ok(false) };
        let word = u32::from_le_bytes(feed.array()?);
        if word == 0 {
            if let Some(sum) = &frame.sum
                && u32::from_le_bytes(feed.array()?) != sum.finish()
            {
                return Err(Fault::Broken(CHECK));
            }
            if frame.size.is_some_and(|size| size != frame.given) {
                return Err(Fault::Broken("the data is not as long as its header says"));
            }
            return Ok(false);
        }
        let length = (word & 0x7fff_ffff) as usize;
        if length > frame.most {
            return Err(Fault::Broken(BROKEN));
        }
        self.packed.resize(length, 0);
        let mut filled = 0;
        while filled < length {
            match feed.take(&mut self.packed[filled..])? {
                0 => return Err(Fault::Broken(ENDS)),
                count => filled += count,
            }
        }
        if frame.block_sums {
            let mut sum = Xxh32::new();
            sum.update(&self.packed);
            if u32::from_le_bytes(feed.array()?) != sum.finish() {
                return Err(Fault::Broken(CHECK));
            }
        }
        if frame.linked {
            let keep = self.block.len().min(REACH);
            let room = REACH - keep;
            let drop = self.before.len().saturating_sub(room);
            self.before.drain(..drop);
            self.before.extend_from_slice(&self.block[self.block.len() - keep..]);
        }
        self.from = 0;
        if word >> 31 == 1 {
            std::mem::swap(&mut self.block, &mut self.packed);
        } else {
            self.block.resize(frame.most, 0);
            let result =
                lz4_flex::block::decompress_into_with_dict(&self.packed, &mut self.block, &self.before);
            let Ok(count) = result else {
                self.block.clear();
                return Err(Fault::Broken(BROKEN));
            };
            self.block.truncate(count);
        }
        frame.given += self.block.len() as u64;
        if let Some(sum) = &mut frame.sum {
            sum.update(&self.block);
        }
        Ok(true)
    }
}

impl Decode for Lz4 {
    fn decode(&mut self, feed: &Feed<'_>, out: &mut [u8]) -> Result<usize, Fault> {
        loop {
            let rest = self.block.get(self.from..).unwrap_or_default();
            if !rest.is_empty() {
                let count = rest.len().min(out.len());
                out[..count].copy_from_slice(&rest[..count]);
                self.from += count;
                return Ok(count);
            }
            if self.frame.is_none() {
                self.frames += u64::from(super::skippable(feed)?);
                self.frame = self.header(feed)?;
                if self.frame.is_none() {
                    return Ok(0);
                }
                self.frames += 1;
                self.block.clear();
                self.before.clear();
            } else if !self.block(feed)? {
                self.frame = None;
            }
        }
    }
}

/// XXH32 with the seed 0 (xxHash, fast digest algorithm, version 0.1.1).
#[derive(Clone)]
struct Xxh32 {
    lanes: [u32; 4],
    pending: Vec<u8>,
    length: u64,
}

const P1: u32 = 0x9e37_79b1;
const P2: u32 = 0x85eb_ca77;
const P3: u32 = 0xc2b2_ae3d;
const P4: u32 = 0x27d4_eb2f;
const P5: u32 = 0x1656_67b1;

impl Xxh32 {
    fn new() -> Self {
        let lanes = [P1.wrapping_add(P2), P2, 0, 0_u32.wrapping_sub(P1)];
        Self { lanes, pending: Vec::new(), length: 0 }
    }

    fn update(&mut self, mut bytes: &[u8]) {
        self.length += bytes.len() as u64;
        if !self.pending.is_empty() {
            let take = bytes.len().min(16 - self.pending.len());
            self.pending.extend_from_slice(&bytes[..take]);
            bytes = &bytes[take..];
            if self.pending.len() < 16 {
                return;
            }
            let stripe = std::mem::take(&mut self.pending);
            self.stripe(&stripe);
        }
        let mut stripes = bytes.chunks_exact(16);
        for stripe in &mut stripes {
            self.stripe(stripe);
        }
        self.pending.extend_from_slice(stripes.remainder());
    }

    fn stripe(&mut self, stripe: &[u8]) {
        for (lane, word) in self.lanes.iter_mut().zip(stripe.chunks_exact(4)) {
            *lane = lane.wrapping_add(word_of(word).wrapping_mul(P2)).rotate_left(13).wrapping_mul(P1);
        }
    }

    fn finish(&self) -> u32 {
        let mut hash = if self.length >= 16 {
            let [a, b, c, d] = self.lanes;
            let [a, b, c, d] = [a.rotate_left(1), b.rotate_left(7), c.rotate_left(12), d.rotate_left(18)];
            a.wrapping_add(b).wrapping_add(c).wrapping_add(d)
        } else {
            P5
        };
        hash = hash.wrapping_add(self.length as u32);
        let mut words = self.pending.chunks_exact(4);
        for word in &mut words {
            hash = hash.wrapping_add(word_of(word).wrapping_mul(P3)).rotate_left(17).wrapping_mul(P4);
        }
        for byte in words.remainder() {
            hash = hash.wrapping_add(u32::from(*byte).wrapping_mul(P5)).rotate_left(11).wrapping_mul(P1);
        }
        hash = (hash ^ hash >> 15).wrapping_mul(P2);
        hash = (hash ^ hash >> 13).wrapping_mul(P3);
        hash ^ hash >> 16
    }
}

fn word_of(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        for (text, want) in [("", 0x02cc_5d05), ("a", 0x550d_7456), ("abc", 0x32d1_53ff)] {
            let mut hash = Xxh32::new();
            hash.update(text.as_bytes());
            assert_eq!(hash.finish(), want, "{text}");
        }
        let (mut whole, mut parts) = (Xxh32::new(), Xxh32::new());
        let bytes: Vec<u8> = (0..=255).collect();
        whole.update(&bytes);
        bytes.chunks(7).for_each(|part| parts.update(part));
        assert_eq!(whole.finish(), parts.finish());
    }
}
