//! What tells a secret from a placeholder.

use std::collections::BTreeSet;

/// Shannon entropy of the bytes' frequencies, in bits per byte.
pub(crate) fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in text {
        counts[usize::from(byte)] += 1;
    }
    let length = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|&count| {
            let share = f64::from(count) / length;
            -share * share.log2()
        })
        .sum()
}

/// The least entropy of a random text of this length and alphabet that one in a thousand falls below, roughly:
/// measured over samples of the table's own forms, with room.
pub(crate) fn random_enough(text: &[u8]) -> bool {
    let hexadecimal = text.iter().all(u8::is_ascii_hexdigit);
    let floor = match (text.len(), hexadecimal) {
        (0..=15, _) => 2.5,
        (16..=23, _) => 2.8,
        (_, true) => 2.9,
        (24..=31, false) => 3.3,
        (_, false) => 3.6,
    };
    entropy(text) >= floor && !placeholder(text)
}

/// Whether the text says of itself that it is no secret, or was typed by walking over the keyboard.
pub(crate) fn placeholder(text: &[u8]) -> bool {
    const SAYS_SO: &[&str] = &[
        "example",
        "placeholder",
        "your",
        "xxxx",
        "redacted",
        "changeme",
        "change_me",
        "dummy",
        "insert",
        "replace",
        "12345678",
        "abcdefgh",
        "deadbeef",
        "00000000",
        "secretkey",
        "accesskey",
        "mytoken",
        "sample",
    ];
    let text = text.to_ascii_lowercase();
    SAYS_SO.iter().any(|word| text.windows(word.len()).any(|window| window == word.as_bytes()))
}

/// Whether letters change case as often as in random text rather than as in names of code.
pub(crate) fn changes_case(text: &[u8]) -> bool {
    let letters: Vec<_> = text.iter().filter(|byte| byte.is_ascii_alphabetic()).collect();
    let changes = letters
        .windows(2)
        .filter(|pair| pair[0].is_ascii_uppercase() != pair[1].is_ascii_uppercase())
        .count();
    changes * 4 >= letters.len()
}

/// How many different bytes there are.
pub(crate) fn distinct(text: &[u8]) -> usize {
    text.iter().collect::<BTreeSet<_>>().len()
}

/// Whether the last six characters are the CRC-32 of those before, in base 62, as GitHub makes its tokens since 2021.
/// Source: <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>
pub(crate) fn github_checksum(body: &[u8]) -> bool {
    let Some((random, checksum)) = body.split_last_chunk::<6>() else { return false };
    base_62(crc_32(random)) == *checksum
}

/// Six digits of base 62, with digits before capitals before small letters.
pub(crate) fn base_62(mut value: u32) -> [u8; 6] {
    const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut out = [b'0'; 6];
    for place in out.iter_mut().rev() {
        *place = DIGITS[(value % 62) as usize];
        value /= 62;
    }
    out
}

/// CRC-32 of IEEE 802.3, a bit at a time: it runs on a few dozen bytes of a candidate.
pub(crate) fn crc_32(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xEDB8_8320 * (crc & 1));
        }
    }
    !crc
}

/// Decodes base64 or base64url without padding, up to the first byte that is neither; at most 768 bytes of it.
pub(crate) fn base_64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for &byte in text.iter().take(1024) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => break,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
            held &= (1 << bits) - 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crc_32_is_the_one_of_ieee_802_3() {
        assert_eq!(crc_32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn github_checksums_hold_for_the_body_they_were_made_of() {
        let body = b"zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ";
        assert_eq!(&base_62(crc_32(body)), b"0mLq17");
        assert!(github_checksum(&[&body[..], b"0mLq17"].concat()));
        assert!(!github_checksum(&[&body[..], b"0mLq18"].concat()));
        assert!(!github_checksum(b"short"));
    }

    #[test]
    fn random_text_passes_and_what_people_type_does_not() {
        for yes in ["k8Jq2ZpX0vRt7YwB3nMd9sLf", "9f86d081884c7d659a2feaa0c55ad015"] {
            assert!(random_enough(yes.as_bytes()), "{yes}");
        }
        for no in [
            "xxxxxxxxxxxxxxxxxxxxxxxx",
            "aaaabbbbaaaabbbbaaaabbbb",
            "YourTokenGoesHere1234qwer",
            "0000000011111111",
        ] {
            assert!(!random_enough(no.as_bytes()), "{no}");
        }
    }

    #[test]
    fn base_64_stops_at_what_is_none() {
        assert_eq!(base_64(b"eyJhbGciOiJIUzI1NiJ9.x"), b"{\"alg\":\"HS256\"}");
        assert_eq!(base_64(b"_-8"), [0xFF, 0xEF]);
    }
}
