use std::{fmt, str::FromStr};

use bartizan_finding::Digest;
use base64::{Engine as _, engine::general_purpose::STANDARD_NO_PAD};
use ed25519_dalek::Signer as _;
use serde::{Deserialize, Serialize};
use zeroize::Zeroize as _;

use crate::{AttestError, shown::shown};

/// The DER of an Ed25519 `SubjectPublicKeyInfo` up to the 32 bytes of the key (RFC 8410, section 4).
pub(crate) const SPKI_PREFIX: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];

/// What a key is for. A key has one role and never a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum KeyRole {
    /// Signs the trust file and nothing else.
    Root,
    /// Signs statements.
    Collector,
    /// Signs checkpoints of the ledger.
    Log,
    /// Cosigns checkpoints of the logs of others.
    Witness,
    /// Signs time stamps.
    TimestampAuthority,
}

impl KeyRole {
    /// The word in file names and messages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Collector => "collector",
            Self::Log => "log",
            Self::Witness => "witness",
            Self::TimestampAuthority => "timestamp authority",
        }
    }
}

impl fmt::Display for KeyRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An Ed25519 private key (RFC 8032). Its memory is wiped when it is dropped, and it prints as its fingerprint.
#[derive(Clone)]
pub struct SigningKey(ed25519_dalek::SigningKey);

impl SigningKey {
    /// The key of 32 random bytes.
    pub fn from_seed(mut seed: [u8; 32]) -> Self {
        let key = ed25519_dalek::SigningKey::from_bytes(&seed);
        seed.zeroize();
        Self(key)
    }

    /// The public half.
    pub fn verifying_key(&self) -> VerifyingKey {
        VerifyingKey::of(self.0.verifying_key())
    }

    /// The fingerprint of the public half.
    pub fn fingerprint(&self) -> KeyFingerprint {
        self.verifying_key().fingerprint()
    }

    /// Signs `message`. The same message gives the same signature.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.0.sign(message).to_bytes()
    }

    pub(crate) fn seed(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.fingerprint())
    }
}

/// An Ed25519 public key that is canonically encoded and not of small order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct VerifyingKey {
    key: ed25519_dalek::VerifyingKey,
    /// Every envelope asks for it, often of several keys.
    fingerprint: KeyFingerprint,
}

impl VerifyingKey {
    /// Reads the 32 bytes of RFC 8032. Points that are not on the curve, not in their one canonical encoding, or of
    /// small order (for which signatures can be made without a private key) are refused.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self, AttestError> {
        let malformed = |why| AttestError::malformed("public key", why);
        let key = ed25519_dalek::VerifyingKey::from_bytes(bytes)
            .map_err(|_| malformed("not a point of the curve"))?;
        if key.is_weak() {
            return Err(malformed("a point of small order"));
        }
        if key.to_edwards().compress().as_bytes() != bytes {
            return Err(malformed("not canonically encoded"));
        }
        Ok(Self::of(key))
    }

    fn of(key: ed25519_dalek::VerifyingKey) -> Self {
        let fingerprint = KeyFingerprint::of_spki_der(&spki_der(key.as_bytes()));
        Self { key, fingerprint }
    }

    /// The 32 bytes of RFC 8032.
    pub fn as_bytes(&self) -> &[u8; 32] {
        self.key.as_bytes()
    }

    /// Reads the DER of a `SubjectPublicKeyInfo` (RFC 8410).
    pub fn from_spki_der(der: &[u8]) -> Result<Self, AttestError> {
        let raw = der.strip_prefix(&SPKI_PREFIX).and_then(|raw| <&[u8; 32]>::try_from(raw).ok());
        let raw =
            raw.ok_or_else(|| AttestError::malformed("public key", "not an Ed25519 key in SPKI form"))?;
        Self::from_bytes(raw)
    }

    /// The DER of the `SubjectPublicKeyInfo` (RFC 8410).
    pub fn to_spki_der(&self) -> [u8; 44] {
        spki_der(self.as_bytes())
    }

    /// Names the key: SHA-256 of its SPKI DER.
    pub fn fingerprint(&self) -> KeyFingerprint {
        self.fingerprint
    }

    /// Whether `signature` is this key's over `message`, with the strict rules: neither the scalar nor the points
    /// of the signature can be exchanged for equivalent ones.
    #[must_use]
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyingKey({})", self.fingerprint())
    }
}

fn spki_der(raw: &[u8; 32]) -> [u8; 44] {
    let mut der = [0; 44];
    let (prefix, rest) = der.split_at_mut(SPKI_PREFIX.len());
    prefix.copy_from_slice(&SPKI_PREFIX);
    rest.copy_from_slice(raw);
    der
}

/// Names a public key: `SHA256:` and the unpadded base64 of the SHA-256 of its SPKI DER, as in
/// `SHA256:zT4n…`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct KeyFingerprint([u8; 32]);

impl KeyFingerprint {
    /// The 32 bytes of the SHA-256.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The fingerprint of a key of any algorithm.
    pub(crate) fn of_spki_der(der: &[u8]) -> Self {
        Self(*Digest::of(der).as_bytes())
    }
}

impl fmt::Display for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("SHA256:{}", STANDARD_NO_PAD.encode(self.0)))
    }
}

impl fmt::Debug for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for KeyFingerprint {
    type Err = AttestError;

    fn from_str(text: &str) -> Result<Self, AttestError> {
        let decoded = text.strip_prefix("SHA256:").filter(|encoded| encoded.len() == 43);
        let decoded = decoded.and_then(|encoded| STANDARD_NO_PAD.decode(encoded).ok());
        decoded.and_then(|bytes| bytes.try_into().ok()).map(Self).ok_or_else(|| {
            let why = format!("`{}` is not `SHA256:` and 43 characters of base64", shown(text));
            AttestError::malformed("key fingerprint", why)
        })
    }
}

impl TryFrom<String> for KeyFingerprint {
    type Error = AttestError;

    fn try_from(text: String) -> Result<Self, AttestError> {
        text.parse()
    }
}

impl From<KeyFingerprint> for String {
    fn from(fingerprint: KeyFingerprint) -> Self {
        fingerprint.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key pair and signature of RFC 8032, section 7.1, test 2.
    #[test]
    fn signatures_are_those_of_rfc_8032() {
        let seed = bytes("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
        let key = SigningKey::from_seed(seed.try_into().unwrap());
        let public = bytes("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
        assert_eq!(key.verifying_key().as_bytes().as_slice(), public);
        let signature = bytes(
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c\
             387b2eaeb4302aeeb00d291612bb0c00",
        );
        assert_eq!(key.sign(&[0x72]).as_slice(), signature);
        assert!(key.verifying_key().verify(&[0x72], &signature));
    }

    #[test]
    fn a_changed_message_signature_or_key_does_not_verify() {
        let key = SigningKey::from_seed([7; 32]);
        let good = key.sign(b"message");
        assert!(key.verifying_key().verify(b"message", &good));
        assert!(!key.verifying_key().verify(b"massage", &good));
        assert!(!SigningKey::from_seed([8; 32]).verifying_key().verify(b"message", &good));
        for at in 0..64 {
            let mut bad = good;
            bad[at] ^= 1;
            assert!(!key.verifying_key().verify(b"message", &bad), "byte {at}");
        }
        assert!(!key.verifying_key().verify(b"message", &good[..63]));
        assert!(!key.verifying_key().verify(b"message", &[]));
    }

    /// The group order, little-endian: adding it to a signature's scalar gives a second encoding of the same
    /// signature, which lax verifiers take.
    #[test]
    fn a_signature_has_one_form() {
        const ORDER: [u8; 32] = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        let key = SigningKey::from_seed([7; 32]);
        let mut signature = key.sign(b"message");
        let mut carry = 0;
        for (byte, order) in signature[32..].iter_mut().zip(ORDER) {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            *byte = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
        assert!(!key.verifying_key().verify(b"message", &signature));
    }

    /// A signature whose first half is the neutral point, made with the private key of the seed: lax verifiers and
    /// batches take it, strict ones do not, and evidence must not depend on who looks.
    #[test]
    fn a_signature_of_small_order_does_not_verify() {
        use ed25519_dalek::Verifier as _;

        let mut signature = [0; 64];
        signature[0] = 1;
        let scalar = bytes("d4c5323131ff9683cfb3d30197c786c9043f1052d6c2d5293f19d6f36b911104");
        signature[32..].copy_from_slice(&scalar);
        let key = SigningKey::from_seed([7; 32]).verifying_key();
        let read = ed25519_dalek::Signature::from_bytes(&signature);
        assert!(key.key.verify(b"message", &read).is_ok());
        assert!(ed25519_dalek::verify_batch(&[b"message"], &[read], &[key.key]).is_ok());
        assert!(!key.verify(b"message", &signature));
    }

    #[test]
    fn keys_that_need_no_private_key_are_refused() {
        let mut identity = [0; 32];
        identity[0] = 1;
        let mut order_two = [0xff; 32];
        order_two[0] = 0xec;
        order_two[31] = 0x7f;
        // p + 3, little-endian: the point with y = 3, which is of large order, in its second encoding.
        let mut y_of_three = [0xff; 32];
        y_of_three[0] = 0xf0;
        y_of_three[31] = 0x7f;
        for (bytes, why) in [
            (identity, "a point of small order"),
            (order_two, "a point of small order"),
            ([0; 32], "a point of small order"),
            ([2; 32], "not a point of the curve"),
            (y_of_three, "not canonically encoded"),
        ] {
            let error = VerifyingKey::from_bytes(&bytes).unwrap_err();
            assert_eq!(error, AttestError::malformed("public key", why));
        }
    }

    /// The public key of RFC 8410, section 10.1; its fingerprint as `openssl pkey -pubin -outform DER` and
    /// `sha256sum` give it.
    #[test]
    fn spki_and_fingerprint_are_what_other_tools_make() {
        let raw = bytes("19bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb0c5c38ad703166e1");
        let key = VerifyingKey::from_bytes(raw.as_slice().try_into().unwrap()).unwrap();
        assert_eq!(VerifyingKey::from_spki_der(&key.to_spki_der()), Ok(key));
        insta::assert_snapshot!(key.fingerprint(), @"SHA256:oekVYFTgT6yJmunydRMs3Ael28TqLCrTof/G4NJTaB8");
        assert_eq!(key.fingerprint().to_string().parse(), Ok(key.fingerprint()));
        for bad in ["", "SHA256:", "SHA256:AAAA", "sha256:00", &format!("{}=", key.fingerprint())] {
            assert!(bad.parse::<KeyFingerprint>().is_err(), "{bad}");
        }
        assert!(VerifyingKey::from_spki_der(&raw).is_err());
    }

    #[test]
    fn a_private_key_prints_as_its_fingerprint() {
        let key = SigningKey::from_seed([7; 32]);
        assert_eq!(format!("{key:?}"), format!("SigningKey({})", key.fingerprint()));
    }

    fn bytes(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> =
            hex.chars().filter_map(|c| c.to_digit(16)).map(|n| n.to_le_bytes()[0]).collect();
        digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }
}
