//! Compressed files, right and wrong.
//!
//! Gzip, zlib and bzip2 are compressed; of the other formats the form is written that holds the bytes as they are, and
//! LZMA without any repetition.

use std::io::Write as _;

use flate2::{
    Compression, Crc,
    write::{GzEncoder, ZlibEncoder},
};

use crate::{
    Sample,
    pickle::{Pickle, system},
    zip::{Member, zip},
};

const FAMILY: &str = "compressed";

/// One member of gzip.
pub fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// One stream of zlib.
pub fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// One stream of bzip2.
pub fn bzip2(data: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::new(1));
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// One frame of Zstandard with the bytes as they are.
pub fn zstd(data: &[u8]) -> Vec<u8> {
    // A single segment whose length is stated in four bytes.
    let length = u32::try_from(data.len()).unwrap();
    let mut file = [b"\x28\xb5\x2f\xfd\xa0".as_slice(), &length.to_le_bytes()].concat();
    let blocks: Vec<_> = data.chunks(1 << 16).collect();
    for (index, block) in blocks.iter().enumerate() {
        let last = u32::from(index + 1 == blocks.len());
        let header = u32::try_from(block.len()).unwrap() << 3 | last;
        file.extend([&header.to_le_bytes()[..3], block].concat());
    }
    if blocks.is_empty() {
        file.extend([1, 0, 0]);
    }
    file
}

/// One frame of LZ4 with the bytes as they are, in blocks of 64 KiB.
pub fn lz4(data: &[u8]) -> Vec<u8> {
    let mut file = b"\x04\x22\x4d\x18\x60\x40\x82".to_vec();
    for block in data.chunks(1 << 16) {
        let header = u32::try_from(block.len()).unwrap() | 1 << 31;
        file.extend([&header.to_le_bytes(), block].concat());
    }
    file.extend([0; 4]);
    file
}

/// A frame of Zstandard or LZ4 that is to be skipped.
pub fn skipped(data: &[u8]) -> Vec<u8> {
    [b"\x50\x2a\x4d\x18".as_slice(), &u32::try_from(data.len()).unwrap().to_le_bytes(), data].concat()
}

/// The chunks of LZMA2 with the bytes as they are.
pub fn lzma2(data: &[u8]) -> Vec<u8> {
    let mut chunks = Vec::new();
    for (index, chunk) in data.chunks(1 << 16).enumerate() {
        let length = u16::try_from(chunk.len() - 1).unwrap();
        chunks.extend([&[if index == 0 { 1 } else { 2 }], length.to_be_bytes().as_slice(), chunk].concat());
    }
    chunks.push(0);
    chunks
}

fn crc(bytes: &[u8]) -> [u8; 4] {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum().to_le_bytes()
}

fn multibyte(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

/// One stream of xz, whose window has the size that the byte stands for.
pub fn xz_window(data: &[u8], window: u8) -> Vec<u8> {
    let flags = [0, 1];
    let mut file = [b"\xfd7zXZ\0".as_slice(), &flags, &crc(&flags)].concat();
    let header = [2, 0, 0x21, 1, window, 0, 0, 0];
    let mut block = [header.as_slice(), &crc(&header)].concat();
    block.extend(lzma2(data));
    let unpadded = block.len() as u64 + 4;
    block.resize(block.len().next_multiple_of(4), 0);
    file.extend([block, crc(data).to_vec()].concat());
    let mut index = [vec![0, 1], multibyte(unpadded), multibyte(data.len() as u64)].concat();
    index.resize(index.len().next_multiple_of(4), 0);
    index.extend(crc(&index));
    let backward = u32::try_from(index.len() / 4 - 1).unwrap().to_le_bytes();
    let footer = [backward.as_slice(), &flags].concat();
    [file, index, crc(&footer).to_vec(), footer, b"YZ".to_vec()].concat()
}

/// One stream of xz.
pub fn xz(data: &[u8]) -> Vec<u8> {
    xz_window(data, 16)
}

/// The data of LZMA alone: one literal after another, with the properties 0.
pub fn lzma_data(data: &[u8]) -> Vec<u8> {
    let mut coder = RangeCoder { low: 0, range: u32::MAX, cache: 0, pending: 1, out: Vec::new() };
    let mut literals = vec![1024; 0x300];
    let mut is_match = 1024;
    for byte in data {
        coder.bit(&mut is_match, 0);
        let mut at = 1;
        for shift in (0..8).rev() {
            let bit = u32::from(byte >> shift & 1);
            coder.bit(&mut literals[at], bit);
            at = at << 1 | bit as usize;
        }
    }
    for _ in 0..5 {
        coder.shift();
    }
    coder.out
}

/// A file of the format before xz.
pub fn lzma(data: &[u8]) -> Vec<u8> {
    let header = [vec![0, 0, 0, 1, 0], (data.len() as u64).to_le_bytes().to_vec()].concat();
    [header, lzma_data(data)].concat()
}

/// The range coder of LZMA.
struct RangeCoder {
    low: u64,
    range: u32,
    cache: u8,
    pending: u64,
    out: Vec<u8>,
}

impl RangeCoder {
    fn bit(&mut self, probability: &mut u32, bit: u32) {
        let bound = (self.range >> 11) * *probability;
        if bit == 0 {
            self.range = bound;
            *probability += (2048 - *probability) >> 5;
        } else {
            self.low += u64::from(bound);
            self.range -= bound;
            *probability -= *probability >> 5;
        }
        while self.range < 1 << 24 {
            self.range <<= 8;
            self.shift();
        }
    }

    fn shift(&mut self) {
        if self.low < 0xff00_0000 || self.low > u64::from(u32::MAX) {
            let carry = (self.low >> 32) as u8;
            while self.pending > 0 {
                self.out.push(self.cache.wrapping_add(carry));
                self.cache = 0xff;
                self.pending -= 1;
            }
            self.cache = (self.low >> 24) as u8;
        }
        self.pending += 1;
        self.low = (self.low & 0x00ff_ffff) << 8;
    }
}

/// The files of this family.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, path: &str, bytes, codes| Sample::hostile(FAMILY, what, path, bytes, codes);
    let benign = |what: &str, path: &str, bytes| Sample::benign(FAMILY, what, path, bytes);
    let evil = system().stop();
    let plain = Pickle::proto(4).raw(b"N").stop();
    let damaged = |mut file: Vec<u8>, back: usize| {
        let at = file.len() - back;
        file[at] ^= 1;
        file
    };
    let deep = (0..4).fold(evil.clone(), |inner, _| gzip(&inner));
    let mixed = gzip(&bzip2(&xz(&zstd(&evil))));
    vec![
        hostile("pickle in gzip", "model.pkl.gz", gzip(&evil), &["PKL001"]),
        hostile("pickle in gzip twice", "model.pkl.gz", gzip(&gzip(&evil)), &["PKL001"]),
        hostile("pickle in gzip four times", "model.pkl.gz", deep, &["PKL001"]),
        hostile("pickle in four formats", "model.pkl.gz", mixed, &["PKL001"]),
        hostile("pickle in zlib", "model.joblib", zlib(&evil), &["PKL001"]),
        hostile("pickle in bzip2", "model.pkl.bz2", bzip2(&evil), &["PKL001"]),
        hostile("pickle in xz", "model.pkl.xz", xz(&evil), &["PKL001"]),
        hostile("pickle in zstd", "model.pkl.zst", zstd(&evil), &["PKL001"]),
        hostile("pickle in lz4", "model.pkl.lz4", lz4(&evil), &["PKL001"]),
        hostile("pickle in gzip under another name", "model.pt", gzip(&evil), &["ART002", "PKL001"]),
        hostile(
            "pickle in the second member",
            "model.pkl.gz",
            [gzip(&plain), gzip(&evil)].concat(),
            &["PKL001"],
        ),
        hostile(
            "pickle in the second stream of bzip2",
            "model.pkl.bz2",
            [bzip2(&plain), bzip2(&evil)].concat(),
            &["PKL001"],
        ),
        hostile(
            "pickle in the second stream of xz",
            "model.pkl.xz",
            [xz(&plain), xz(&evil)].concat(),
            &["PKL001"],
        ),
        hostile(
            "pickle in the second frame of zstd",
            "model.pkl.zst",
            [zstd(&plain), zstd(&evil)].concat(),
            &["PKL001"],
        ),
        hostile(
            "pickle in the second frame of lz4",
            "model.pkl.lz4",
            [lz4(&plain), lz4(&evil)].concat(),
            &["PKL001"],
        ),
        hostile(
            "pickle behind a frame that is skipped",
            "model.pkl.zst",
            [zstd(b""), skipped(b"note"), zstd(&evil)].concat(),
            &["PKL001"],
        ),
        hostile(
            "pickle in gzip with a wrong checksum",
            "model.pkl.gz",
            damaged(gzip(&evil), 8),
            &["CMP002", "PKL001"],
        ),
        hostile(
            "pickle in gzip with a wrong length",
            "model.pkl.gz",
            damaged(gzip(&evil), 4),
            &["CMP002", "PKL001"],
        ),
        hostile(
            "pickle in zstd that is cut off",
            "model.pkl.zst",
            {
                let mut file = [zstd(&evil), zstd(&evil)].concat();
                file.pop();
                file
            },
            &["CMP002", "PKL001"],
        ),
        hostile(
            "pickle in lz4 without its end",
            "model.pkl.lz4",
            {
                let mut file = lz4(&evil);
                file.truncate(file.len() - 4);
                file
            },
            &["CMP002", "PKL001"],
        ),
        hostile(
            "pickle behind compressed data",
            "model.pkl.gz",
            [gzip(&evil), system().stop()].concat(),
            &["CMP003", "PKL001"],
        ),
        hostile(
            "archive in gzip in an archive",
            "bundle.zip",
            zip(&[Member::deflated("inner.zip.gz", &gzip(&zip(&[Member::deflated("data.pkl", &evil)])))]),
            &["PKL001"],
        ),
        benign("pickle in gzip", "model.pkl.gz", gzip(&plain)),
        benign("pickle in zlib", "model.joblib", zlib(&plain)),
        benign("pickle in bzip2", "model.pkl.bz2", bzip2(&plain)),
        benign("pickle in xz", "model.pkl.xz", xz(&plain)),
        benign("pickle in zstd", "model.pkl.zst", zstd(&plain)),
        benign("pickle in lz4", "model.pkl.lz4", lz4(&plain)),
        benign("two pickles in two members", "model.pkl.gz", [gzip(&plain), gzip(&plain)].concat()),
        benign("two pickles in two frames", "model.pkl.lz4", [lz4(&plain), lz4(&plain)].concat()),
        benign(
            "archive in an archive",
            "bundle.zip",
            zip(&[Member::deflated("a.zip", &zip(&[Member::deflated("a.txt", b"text")]))]),
        ),
    ]
}
