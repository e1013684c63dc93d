//! Files of weights in Core ML packages.

use crate::{Sample, pickle::system};

const FAMILY: &str = "coreml";
const PATH: &str = "m.mlpackage/Data/com.apple.CoreML/weights/weight.bin";

/// The header of a part that begins at `at`.
pub fn header(at: u64, kind: u32, length: u64) -> Vec<u8> {
    let mut bytes = 0xdead_beef_u32.to_le_bytes().to_vec();
    bytes.extend(kind.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend((at + 64).to_le_bytes());
    bytes.resize(64, 0);
    bytes
}

/// A file that says that it has `count` parts.
pub fn weights_of(count: u32, parts: &[(u32, &[u8])]) -> Vec<u8> {
    let mut bytes = [count.to_le_bytes(), 2_u32.to_le_bytes()].concat();
    bytes.resize(64, 0);
    for (kind, part) in parts {
        bytes.resize(bytes.len().next_multiple_of(64), 0);
        bytes.extend(header(bytes.len() as u64, *kind, part.len() as u64));
        bytes.extend(*part);
    }
    bytes
}

/// A file of parts, each with the number of its type.
pub fn weights(parts: &[(u32, &[u8])]) -> Vec<u8> {
    weights_of(parts.len() as u32, parts)
}

/// The files of weights, hostile and benign.
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, bytes: Vec<u8>, codes| Sample::hostile(FAMILY, what, PATH, bytes, codes);
    let benign = |what: &str, bytes: Vec<u8>| Sample::benign(FAMILY, what, PATH, bytes);
    let two: [(u32, &[u8]); 2] = [(2, &[0; 100]), (1, &[0; 30])];
    let with = |at: usize, value: u64| {
        let mut bytes = weights(&two);
        bytes[at..at + 8].copy_from_slice(&value.to_le_bytes());
        bytes
    };
    vec![
        hostile("part that ends behind the file", with(72, 1 << 20), &["CML006"]),
        hostile("part beyond all files", with(72, u64::MAX), &["CML006"]),
        hostile("part elsewhere", with(80, 0), &["CML006"]),
        hostile("part at an offset beyond all files", with(80, u64::MAX - 7), &["CML006"]),
        hostile("part that is too short", with(72, 8), &["CML006"]),
        hostile("fewer parts than it says", weights_of(9, &two), &["CML006"]),
        hostile("more parts than it says", weights_of(1, &two), &["CML006"]),
        hostile("bytes behind", [weights(&two), vec![7; 200]].concat(), &["CML006"]),
        hostile("cut off in a part", weights(&two)[..180].to_vec(), &["CML006"]),
        hostile("program in weights", weights(&[(3, b"\x7fELF\x02\x01\x01\0\0\0\0\0")]), &["CML007"]),
        hostile("pickle in weights", weights(&[(2, &[0; 64]), (3, &system().stop())]), &["CML007"]),
        hostile("script in weights", weights(&[(3, b"#!/bin/sh\ntrue\n")]), &["CML007"]),
        benign("weights", weights(&two)),
        benign("weights of one part", weights(&[(1, &[0; 64])])),
        benign("packed weights", weights(&[(8, &[0x21; 7]), (11, &[0x21; 3]), (16, &[0x21; 3])])),
        benign("weights without numbers", weights(&[(2, &[]), (2, &[0; 4])])),
    ]
}
