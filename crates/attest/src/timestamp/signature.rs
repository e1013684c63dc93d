//! The algorithms that authorities sign with.

use der::{
    Decode as _, Sequence,
    asn1::{ObjectIdentifier, UintRef},
};
use ring::{digest, signature};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use super::TimestampFault;
use crate::VerifyingKey;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

// Hashes: NIST's register and, for SHA-1, RFC 3279, section 2.1.
pub(super) const SHA256: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = oid("2.16.840.1.101.3.4.2.3");
// Keys: RFC 3279, section 2.3; RFC 5480, section 2.1; RFC 8410, section 3.
const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = oid("1.2.840.10045.2.1");
const P256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = oid("1.3.132.0.34");
const ED25519: ObjectIdentifier = oid("1.3.101.112");
// Signatures: RFC 8017, appendix C; RFC 5758, section 3.2.
const RSA_SHA256: ObjectIdentifier = oid("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = oid("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = oid("1.2.840.113549.1.1.13");
const ECDSA_SHA256: ObjectIdentifier = oid("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = oid("1.2.840.10045.4.3.3");

/// The longest RSA modulus whose signatures are verified, in bytes: 4096 bits.
const MAX_MODULUS: usize = 512;

/// A hash that a signature may be made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    pub(super) fn of(algorithm: ObjectIdentifier) -> Result<Self, TimestampFault> {
        match algorithm {
            SHA256 => Ok(Self::Sha256),
            SHA384 => Ok(Self::Sha384),
            SHA512 => Ok(Self::Sha512),
            other => Err(not_understood(format!("the hash {other}"))),
        }
    }

    pub(super) fn digest(self, bytes: &[u8]) -> digest::Digest {
        let algorithm = match self {
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, bytes)
    }
}

/// SHA-1, with which the older of two attributes names a certificate (RFC 2634, section 5.4.1). It holds no signature.
pub(super) fn sha1(bytes: &[u8]) -> digest::Digest {
    digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes)
}

/// Verifies a signature over `message` by the certified key.
///
/// The algorithm of a CMS signer may be the key's own, with the hash in a field beside it (`hash`); where both say
/// which hash it is, they have to agree.
pub(super) fn verify(
    key: &SubjectPublicKeyInfoOwned,
    algorithm: ObjectIdentifier,
    hash: Option<Hash>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), TimestampFault> {
    let unknown = || not_understood(format!("the signature algorithm {algorithm}"));
    let stated = match algorithm {
        RSA_SHA256 | ECDSA_SHA256 => Some(Hash::Sha256),
        RSA_SHA384 | ECDSA_SHA384 => Some(Hash::Sha384),
        RSA_SHA512 => Some(Hash::Sha512),
        RSA | ED25519 => None,
        _ => return Err(unknown()),
    };
    if stated.zip(hash).is_some_and(|(stated, hash)| stated != hash) {
        return Err(TimestampFault::BadSignature);
    }
    let hash = stated.or(hash);
    let bytes =
        key.subject_public_key.as_bytes().ok_or_else(|| not_understood("the public key".to_owned()))?;
    let curve = key.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    let with: &dyn signature::VerificationAlgorithm = match (key.algorithm.oid, algorithm, hash) {
        (RSA, RSA | RSA_SHA256 | RSA_SHA384 | RSA_SHA512, Some(hash)) => {
            check_modulus(bytes)?;
            match hash {
                Hash::Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
                Hash::Sha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
                Hash::Sha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            }
        }
        (EC, ECDSA_SHA256 | ECDSA_SHA384, Some(hash)) => match (curve, hash) {
            (Some(P256), Hash::Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
            (Some(P256), Hash::Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
            (Some(P384), Hash::Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
            (Some(P384), Hash::Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
            _ => return Err(not_understood("the elliptic curve of the key".to_owned())),
        },
        (ED25519, ED25519, _) => {
            // The same strict rules as for our own keys.
            let key = bytes.try_into().ok().and_then(|bytes| VerifyingKey::from_bytes(bytes).ok());
            let key = key.ok_or_else(|| not_understood("the Ed25519 key".to_owned()))?;
            return if key.verify(message, signature) { Ok(()) } else { Err(TimestampFault::BadSignature) };
        }
        _ => return Err(unknown()),
    };
    let verified = signature::UnparsedPublicKey::new(with, bytes).verify(message, signature);
    verified.map_err(|_| TimestampFault::BadSignature)
}

/// Refuses what takes long to verify. What is too short the verifier itself refuses, below 2048 bits.
fn check_modulus(bytes: &[u8]) -> Result<(), TimestampFault> {
    match RsaPublicKey::from_der(bytes) {
        Ok(key) if key.modulus.as_bytes().len() <= MAX_MODULUS => Ok(()),
        Ok(_) => Err(not_understood("an RSA key of more than 4096 bits".to_owned())),
        Err(_) => Err(not_understood("the RSA key".to_owned())),
    }
}

/// RFC 8017, appendix A.1.1.
#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

fn not_understood(what: String) -> TimestampFault {
    TimestampFault::NotUnderstood { what }
}
