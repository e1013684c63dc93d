//! Pickles that lie in strings: as they are, in base64 or hexadecimal digits, compressed, or several of these.

use super::opcode::{HIGHEST_PROTOCOL, PROTO};
use crate::{
    Limits,
    codec::Codec,
    feed::{Feed, Source},
    read::Halt,
};

/// Bytes of a string that decide whether it is worth a closer look.
pub(super) const GLANCE: usize = 64;
/// The shortest pickle that does something is longer; so is its text in base64.
const LEAST: u64 = 4;
const LEAST_TEXT: u64 = 16;
/// Digits of an encoded string that are decoded for a glance.
const DIGITS: usize = 32;

/// The length below which a string is not looked at.
pub(super) const fn least(text: bool) -> u64 {
    if text { LEAST_TEXT } else { LEAST }
}

/// Whether a string that starts like this may hold a pickle, so that it is worth running or decoding.
pub(super) fn is_candidate(head: &[u8], text: bool) -> bool {
    // In a text of one line there is no pickle that imports anything.
    may_be_pickle(head) && (!text || head.contains(&b'\n')) || packing(head).is_some() || may_be_encoded(head)
}

/// Whether data starts with an opcode that programs start with.
fn may_be_pickle(data: &[u8]) -> bool {
    matches!(data, [PROTO, 0..=HIGHEST_PROTOCOL, ..] | [b'c' | b'(' | b']' | b'}' | b')', _, _, ..])
}

fn may_be_encoded(head: &[u8]) -> bool {
    let digits = head.get(..DIGITS).unwrap_or(head);
    if (digits.len() as u64) < LEAST_TEXT || !digits.iter().all(|byte| is_digit(*byte)) {
        return false;
    }
    [decode_hex(digits), decode_base64(digits)].into_iter().flatten().any(|start| {
        matches!(*start, [PROTO, 0..=HIGHEST_PROTOCOL, ..])
            || packing(&start).is_some()
            || matches!(*start, [b'c' | b'(', ..])
            || start.iter().all(|byte| is_digit(*byte))
    })
}

/// What a string holds, where it is packed or encoded: at most so many bytes of it.
pub(super) fn unwrap(data: &[u8], most: usize, limits: &Limits) -> Option<Vec<u8>> {
    if let Some(codec) = packing(data) {
        return unpack(data, codec, most, limits);
    }
    if (data.len() as u64) < LEAST_TEXT {
        return None;
    }
    // A text of hexadecimal digits is one of base64 as well, and nobody means that.
    decode_hex(data).or_else(|| decode_base64(data)).filter(|decoded| is_candidate(decoded, false))
}

/// What a text of hexadecimal digits or base64 stands for, compressed or not.
pub(super) fn decode(text: &[u8], limits: &Limits) -> Option<Vec<u8>> {
    if (text.len() as u64) < LEAST_TEXT {
        return None;
    }
    let decoded = decode_hex(text).or_else(|| decode_base64(text))?;
    let unpacked = packing(&decoded).and_then(|codec| unpack(&decoded, codec, GLANCE * GLANCE, limits));
    Some(unpacked.unwrap_or(decoded))
}

fn packing(head: &[u8]) -> Option<Codec> {
    match head {
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some(Codec::Zlib),
        [0x1f, 0x8b, 8, ..] => Some(Codec::Gzip),
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', ..] => Some(Codec::Bzip2),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Codec::Xz),
        [0x5d, 0, 0, _, 0, ..] => Some(Codec::Lzma),
        _ => None,
    }
}

fn unpack(data: &[u8], codec: Codec, most: usize, limits: &Limits) -> Option<Vec<u8>> {
    let source = Slice(data);
    let feed = Feed::aside(&source, 0, data.len() as u64);
    let mut decoder = codec.decoder(limits);
    let mut out = vec![0; most];
    let mut filled = 0;
    while filled < most {
        match decoder.decode(&feed, &mut out[filled..]) {
            Ok(0) | Err(_) => break,
            Ok(count) => filled += count,
        }
    }
    out.truncate(filled);
    (filled > 0).then_some(out)
}

/// Bytes in memory, for a decoder.
struct Slice<'d>(&'d [u8]);

impl Source for Slice<'_> {
    fn next(&self, _: &mut [u8]) -> Result<usize, Halt> {
        Ok(0)
    }

    fn at(&self, offset: u64, out: &mut [u8]) -> Result<usize, Halt> {
        let rest = usize::try_from(offset).ok().and_then(|offset| self.0.get(offset..)).unwrap_or_default();
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        Ok(count)
    }
}

/// Whether the byte stands in a text of base64, of either alphabet, or breaks its lines.
const fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=' | b'\n' | b'\r')
}

fn decode_hex(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 2);
    let mut half = None;
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        let digit = u8::try_from(char::from(*byte).to_digit(16)?).ok()?;
        half = match half {
            None => Some(digit << 4),
            Some(high) => {
                out.push(high | digit);
                None
            }
        };
    }
    (!out.is_empty()).then_some(out)
}

/// Decodes either alphabet of RFC 4648; what follows the padding is not looked at.
fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = bits << 6 | u32::from(digit);
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count & 0xff) as u8);
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoded_pickles_are_candidates_and_words_are_not() {
        for text in [
            "gASVIQAAAAAAAACMBXBvc2l4",
            "8004952100000000000000",
            "eJxrYJmqwAABPVK5mQWZ",
            "H4sIAAAAAAAAA2tgmcAAAAAA",
        ] {
            assert!(is_candidate(text.as_bytes(), true), "{text}");
        }
        for text in
            ["tokenizer.model.is.here", "[PAD]", "the quick brown fox jumps", "embeddings_word_vectors_"]
        {
            assert!(!is_candidate(text.as_bytes(), true), "{text}");
        }
        assert!(is_candidate(b"cposix\nsystem\n(", true));
        assert!(!is_candidate(b"(not a pickle but a note)", true));
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        let limits = Limits::default();
        let pickle = b"\x80\x04cposix\nsystem\n.";
        let hex = "800463706f7369780a73797374656d0a2e";
        assert_eq!(unwrap(hex.as_bytes(), 100, &limits).as_deref(), Some(pickle.as_slice()));
        let text = b"gARjcG9zaXgKc3lzdGVtCi4=";
        assert_eq!(unwrap(text, 100, &limits).as_deref(), Some(pickle.as_slice()));
        let mut packed = flate2::Compress::new(flate2::Compression::default(), true);
        let mut out = Vec::with_capacity(100);
        packed.compress_vec(pickle, &mut out, flate2::FlushCompress::Finish).unwrap();
        assert_eq!(unwrap(&out, 100, &limits).as_deref(), Some(pickle.as_slice()));
        assert_eq!(unwrap(b"plain words and nothing else", 100, &limits), None);
    }
}
