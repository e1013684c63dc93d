//! Builds texts that look like secrets, at run time: none stands in the source.

use super::checks::{base_62, crc_32};

pub(crate) const LOWER_HEX: &[u8] = b"0123456789abcdef";
pub(crate) const CAPITALS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
pub(crate) const ALNUM: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
pub(crate) const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
pub(crate) const BECH32: &[u8] = b"QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L";
pub(crate) const DIGITS: &[u8] = b"0123456789";

/// `length` characters of `alphabet`, the same every time. The multiplier is Knuth's for 64 bits (MMIX).
pub(crate) fn random(alphabet: &[u8], length: usize) -> String {
    let mut state = 0x5EED_u64.wrapping_add(length as u64);
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        char::from(alphabet[(state >> 33) as usize % alphabet.len()])
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// A GitHub token with a right checksum.
pub(crate) fn github(start: &str) -> String {
    let body = random(ALNUM, 30);
    let checksum = base_62(crc_32(body.as_bytes())).map(char::from);
    format!("{start}{body}{}", checksum.iter().collect::<String>())
}

/// A private key of the given label, with `encoded` characters in lines of 64.
pub(crate) fn pem(label: &str, encoded: usize, line_end: &str) -> String {
    let body: Vec<_> = random(ALNUM, encoded)
        .into_bytes()
        .chunks(64)
        .map(|line| String::from_utf8_lossy(line).into_owned())
        .collect();
    let dashes = "-".repeat(5);
    format!(
        "{dashes}BEGIN {label}{dashes}{line_end}{}{line_end}{dashes}END {label}{dashes}",
        body.join(line_end)
    )
}
