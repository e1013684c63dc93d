use std::fmt;

use bartizan_finding::SameValue;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};

/// The key under which equal values are recognised as equal.
///
/// Without it nothing derived from a value leaves the engine. With it each match carries the first 16 bytes of
/// HMAC-SHA-256 (RFC 2104) over kind and value, which only a holder of the key can compare with a guess.
#[derive(Clone)]
pub struct SameValueKey {
    mac: Hmac<Sha256>,
    id: String,
}

impl SameValueKey {
    /// Takes 32 bytes of a good random source.
    pub fn new(key: &[u8; 32]) -> Self {
        let Ok(mac) = Hmac::new_from_slice(key) else { unreachable!("HMAC takes a key of any length") };
        Self { mac, id: hex(Sha256::digest(key).get(..8).unwrap_or_default()) }
    }

    /// Names the key: the first 8 bytes of its SHA-256, in hexadecimal.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn same_value(&self, kind: &str, value: &[u8]) -> SameValue {
        let mut mac = self.mac.clone();
        mac.update(kind.as_bytes());
        mac.update(b"\0");
        mac.update(value);
        let tag = mac.finalize().into_bytes();
        SameValue { key_id: self.id.clone(), mac: hex(tag.get(..16).unwrap_or_default()) }
    }
}

impl fmt::Debug for SameValueKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SameValueKey({})", self.id)
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let nibbles = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    nibbles.map(|nibble| char::from(DIGITS[usize::from(nibble)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_equal_only_under_one_key_and_kind() {
        let (one, other) = (SameValueKey::new(&[1; 32]), SameValueKey::new(&[2; 32]));
        let value = one.same_value("e-mail", b"ana@example.org");
        assert_eq!(value, one.same_value("e-mail", b"ana@example.org"));
        assert_eq!((value.key_id.len(), value.mac.len()), (16, 32));
        for different in [
            one.same_value("e-mail", b"bob@example.org"),
            one.same_value("iban", b"ana@example.org"),
            other.same_value("e-mail", b"ana@example.org"),
        ] {
            assert_ne!(value.mac, different.mac);
        }
    }

    #[test]
    fn the_mac_is_the_one_of_rfc_2104_and_the_key_stays_inside() {
        // Test case 1 of RFC 4231 has another key length; this is HMAC-SHA-256 of "k\0v" under 32 zero bytes.
        let key = SameValueKey::new(&[0; 32]);
        let mut reference = Hmac::<Sha256>::new_from_slice(&[0; 64]).unwrap();
        reference.update(b"k\0v");
        assert_eq!(key.same_value("k", b"v").mac, hex(&reference.finalize().into_bytes()[..16]));
        assert_eq!(format!("{key:?}"), "SameValueKey(66687aadf862bd77)");
    }
}
