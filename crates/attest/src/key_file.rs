use base64::{Engine as _, engine::general_purpose::STANDARD};
use pkcs8::{
    AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef, LineEnding, ObjectIdentifier, PrivateKeyInfoRef,
    SecretDocument,
    der::{Document, asn1::OctetStringRef},
    pkcs5::{
        EncryptionScheme,
        pbes2::{self, Kdf, ScryptParams},
    },
};
use zeroize::Zeroizing;

use crate::{AttestError, SigningKey, VerifyingKey};

/// The most bytes of a key file that are read.
const MAX_KEY_FILE: usize = 16 * 1024;

/// `id-Ed25519` of RFC 8410, section 3.
const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");

/// The scrypt cost of keys that we write: N = 2^14, r = 8, p = 5. OWASP's password storage cheat sheet counts it
/// as strong as N = 2^17 with p = 1, and at 16 MiB it stays under the 32 MiB that OpenSSL grants scrypt unasked.
const SCRYPT: (u64, u16, u16) = (1 << 14, 8, 5);

/// What is granted to a file that others wrote: 128 · N · r bytes of memory, and N · r · p steps. OWASP's strongest
/// choice fits.
const MAX_SCRYPT_MEMORY: u64 = 256 << 20;
const MAX_SCRYPT_STEPS: u64 = 1 << 23;
const MAX_PBKDF2_ROUNDS: u32 = 10_000_000;

const PRIVATE: &str = "private key";
const PUBLIC: &str = "public key";

/// How a private key is encrypted: PKCS#8 with scrypt and AES-256-CBC (RFC 8018, RFC 7914).
///
/// Salt and initialization vector are random bytes that are used once.
pub struct Sealing<'a> {
    /// What the key is opened with.
    pub passphrase: &'a [u8],
    /// Makes equal passphrases give unequal keys.
    pub salt: [u8; 16],
    /// Starts the cipher's chain.
    pub iv: [u8; 16],
}

impl SigningKey {
    /// The PKCS#8 PEM of the key (RFC 8410), encrypted where `sealing` says with what.
    pub fn to_pem(&self, sealing: Option<&Sealing<'_>>) -> Result<Zeroizing<String>, AttestError> {
        let malformed = |error: pkcs8::Error| AttestError::malformed(PRIVATE, error);
        // RFC 8410, section 7: an OCTET STRING of 32 bytes within the OCTET STRING of PKCS#8.
        let mut inner = Zeroizing::new([0; 34]);
        inner[..2].copy_from_slice(&[0x04, 0x20]);
        inner[2..].copy_from_slice(self.seed());
        let algorithm = AlgorithmIdentifierRef { oid: ED25519, parameters: None };
        let inner = OctetStringRef::new(inner.as_slice()).map_err(|error| malformed(error.into()))?;
        let info = PrivateKeyInfoRef::new(algorithm, inner);
        let (label, document) = match sealing {
            None => ("PRIVATE KEY", SecretDocument::try_from(&info)),
            Some(sealing) => {
                let parameters = sealing.parameters()?;
                ("ENCRYPTED PRIVATE KEY", info.encrypt_with_params(parameters, sealing.passphrase))
            }
        };
        document.map_err(malformed)?.to_pem(label, LineEnding::LF).map_err(|error| malformed(error.into()))
    }

    /// Reads a PKCS#8 PEM. An encrypted key needs its passphrase; a plain one ignores it.
    ///
    /// The cost that an encrypted file asks for is bounded: 256 MiB of memory for scrypt, ten million rounds for
    /// PBKDF2.
    pub fn from_pem(pem: &str, passphrase: Option<&[u8]>) -> Result<Self, AttestError> {
        AttestError::check_size(PRIVATE, pem.len(), MAX_KEY_FILE)?;
        let malformed = |why: &str| AttestError::malformed(PRIVATE, why);
        let (label, document) = SecretDocument::from_pem(pem).map_err(|_| malformed("not a PEM document"))?;
        match label {
            "PRIVATE KEY" => from_info(document.as_bytes()),
            "ENCRYPTED PRIVATE KEY" => {
                let sealed = EncryptedPrivateKeyInfoRef::try_from(document.as_bytes())
                    .map_err(|_| malformed("not an encrypted PKCS#8 document"))?;
                check_cost(&sealed.encryption_algorithm)?;
                let passphrase = passphrase.ok_or(AttestError::PassphraseNeeded)?;
                let opened = sealed.decrypt(passphrase).map_err(|_| AttestError::WrongPassphrase)?;
                // A wrong passphrase leaves well-formed padding once in 256 times; what follows is then noise.
                from_info(opened.as_bytes()).map_err(|_| AttestError::WrongPassphrase)
            }
            _ => Err(malformed("not a PKCS#8 private key")),
        }
    }

    /// Reads the content of a private key file that has these permission bits (`st_mode`), and refuses one that
    /// others than its owner can use.
    pub fn load(content: &[u8], mode: u32, passphrase: Option<&[u8]>) -> Result<Self, AttestError> {
        refuse_exposed(mode)?;
        AttestError::check_size(PRIVATE, content.len(), MAX_KEY_FILE)?;
        let pem = std::str::from_utf8(content).map_err(|_| AttestError::malformed(PRIVATE, "not text"))?;
        Self::from_pem(pem, passphrase)
    }
}

/// Refuses a private key file whose permission bits (`st_mode`) let group or others read, write or execute it.
pub fn refuse_exposed(mode: u32) -> Result<(), AttestError> {
    let others = mode & 0o077;
    if others == 0 { Ok(()) } else { Err(AttestError::Exposed { mode: mode & 0o7777 }) }
}

impl VerifyingKey {
    /// The SPKI PEM of the key (RFC 8410).
    pub fn to_pem(&self) -> String {
        // 44 bytes are 60 characters of base64, which fit on the one line of 64 that PEM allows.
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
            STANDARD.encode(self.to_spki_der())
        )
    }

    /// Reads an SPKI PEM.
    pub fn from_pem(pem: &str) -> Result<Self, AttestError> {
        AttestError::check_size(PUBLIC, pem.len(), MAX_KEY_FILE)?;
        let read =
            Document::from_pem(pem).map_err(|_| AttestError::malformed(PUBLIC, "not a PEM document"))?;
        match read {
            ("PUBLIC KEY", document) => Self::from_spki_der(document.as_bytes()),
            _ => Err(AttestError::malformed(PUBLIC, "not an SPKI public key")),
        }
    }
}

impl Sealing<'_> {
    fn parameters(&self) -> Result<pbes2::Parameters, AttestError> {
        let salt = pbes2::Salt::new(self.salt).map_err(|error| AttestError::malformed(PRIVATE, error))?;
        let (cost_parameter, block_size, parallelization) = SCRYPT;
        let scrypt = ScryptParams { salt, cost_parameter, block_size, parallelization, key_length: None };
        let encryption = pbes2::EncryptionScheme::Aes256Cbc { iv: self.iv };
        Ok(pbes2::Parameters { kdf: Kdf::Scrypt(scrypt), encryption })
    }
}

fn from_info(der: &[u8]) -> Result<SigningKey, AttestError> {
    let malformed = |why: &str| AttestError::malformed(PRIVATE, why);
    let info = PrivateKeyInfoRef::try_from(der).map_err(|_| malformed("not a PKCS#8 document"))?;
    if info.algorithm.oid != ED25519 || info.algorithm.parameters.is_some() {
        return Err(malformed("not an Ed25519 key"));
    }
    let seed = info.private_key.as_bytes().strip_prefix(&[0x04, 0x20]);
    let seed = seed.and_then(|seed| <[u8; 32]>::try_from(seed).ok()).map(Zeroizing::new);
    let key = SigningKey::from_seed(*seed.ok_or_else(|| malformed("not an Ed25519 key"))?);
    // A file that names another public key than its own would have signatures computed over the wrong key.
    let stated = info.public_key.and_then(|public| public.as_bytes());
    if stated.is_some_and(|stated| stated != key.verifying_key().as_bytes().as_slice()) {
        return Err(malformed("the public key in it is not that of the private key"));
    }
    Ok(key)
}

/// Refuses a cost that would stop the program for minutes or take its memory: the numbers are the file's.
fn check_cost(scheme: &EncryptionScheme) -> Result<(), AttestError> {
    let malformed = |why: &str| Err(AttestError::malformed(PRIVATE, why));
    let EncryptionScheme::Pbes2(parameters) = scheme else {
        return malformed("encrypted with PBES1, which is broken");
    };
    match &parameters.kdf {
        Kdf::Scrypt(scrypt) => {
            let (n, r) = (scrypt.cost_parameter, u64::from(scrypt.block_size));
            let memory = n.checked_mul(128 * r);
            let steps = n.checked_mul(r * u64::from(scrypt.parallelization));
            if n < 2 || !n.is_power_of_two() || steps.is_none_or(|steps| steps == 0) {
                return malformed("its scrypt parameters are out of range");
            }
            if memory.is_none_or(|memory| memory > MAX_SCRYPT_MEMORY)
                || steps.is_none_or(|steps| steps > MAX_SCRYPT_STEPS)
            {
                return malformed("it asks for more work to decrypt than is granted");
            }
            Ok(())
        }
        Kdf::Pbkdf2(pbkdf2) if pbkdf2.iteration_count > MAX_PBKDF2_ROUNDS => {
            malformed("it asks for more work to decrypt than is granted")
        }
        Kdf::Pbkdf2(_) => Ok(()),
        _ => malformed("encrypted under a key derivation that is not known"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SEALING: Sealing<'_> = Sealing { passphrase: b"correct horse", salt: [3; 16], iv: [4; 16] };

    /// The keys of RFC 8410, sections 10.1 and 10.3.
    #[test]
    fn the_keys_of_rfc_8410_read_and_write() {
        let seed = "D4EE72DBF913584AD5B6D8F1F769F8AD3AFE7C28CBF1D4FBE097A88F44755842";
        let key = SigningKey::from_seed(from_hex(seed).try_into().unwrap());
        let first = pem("PRIVATE KEY", "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC");
        assert_eq!(*key.to_pem(None).unwrap(), first);
        assert_eq!(SigningKey::from_pem(&first, None).unwrap().verifying_key(), key.verifying_key());
        let public = pem("PUBLIC KEY", "MCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=");
        assert_eq!(key.verifying_key().to_pem(), public);
        assert_eq!(VerifyingKey::from_pem(&public), Ok(key.verifying_key()));
        // The second form of section 10.3 carries an attribute and the public key.
        let second = pem(
            "PRIVATE KEY",
            "MHICAQEwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhCoB8wHQYKKoZIhvcNAQkJFDEPDA1DdXJkbGUg\
             Q2hhaXJzgSEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=",
        );
        let read = SigningKey::from_pem(&second, None).unwrap();
        assert_eq!(read.verifying_key(), key.verifying_key());
    }

    #[test]
    fn a_sealed_key_opens_with_its_passphrase_only() {
        let key = SigningKey::from_seed([9; 32]);
        let sealed = key.to_pem(Some(&SEALING)).unwrap();
        assert!(sealed.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----\n"));
        let opened = SigningKey::from_pem(&sealed, Some(b"correct horse")).unwrap();
        assert_eq!(opened.fingerprint(), key.fingerprint());
        assert_eq!(SigningKey::from_pem(&sealed, None).unwrap_err(), AttestError::PassphraseNeeded);
        assert_eq!(SigningKey::from_pem(&sealed, Some(b"horse")).unwrap_err(), AttestError::WrongPassphrase);
    }

    /// `openssl pkcs8 -topk8 -v2 aes-256-cbc` of OpenSSL 3.0 wrote both, once with `-scrypt` and once with
    /// `-iter 2048`; its `openssl pkey` opens the key whose digest stands last.
    #[test]
    fn sealed_keys_pass_between_openssl_and_us() {
        let key = SigningKey::from_seed([9; 32]);
        for sealed in [
            "MIGTME8GCSqGSIb3DQEFDTBCMCEGCSsGAQQB2kcECzAUBAgBOrZ9mBwdYQICQAACAQgCAQEwHQYJYIZIAWUDBAEqBBCuSPBmPoIY\
             fo6RXbw8/c9bBEDrUwhBl4Fqul7IfY7aEFIex9PMKjfZ8+hiWMKXjTNS4D3edjsj3uHB7GLDzfROit342guYNi9r6ee/lilZxuda",
            "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAiC54Nxc73VuAICCAAwDAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoE\
             EGnt2lQEC/v0Y3LX98G864IEQGxeSREDfx4gCXD5o8FPZEO9NuOUJ7xJwwJSy4xp4287Ccuhtf3KAc1g6YuM+vrbQ9+HXyjImbq8\
             8AaaPtUDR5E=",
        ] {
            let opened = SigningKey::from_pem(&pem("ENCRYPTED PRIVATE KEY", sealed), Some(b"correct horse"));
            assert_eq!(opened.unwrap().verifying_key(), key.verifying_key());
        }
        let ours = bartizan_finding::Digest::of(key.to_pem(Some(&SEALING)).unwrap().as_bytes());
        assert_eq!(ours.hex(), "656e7b3085e596d27964a24c984c93d697f6d93b4c20d73e42776daf94b28241");
    }

    #[test]
    fn a_file_may_not_ask_for_unbounded_work() {
        let scheme = |cost_parameter, block_size, parallelization| {
            let salt = pbes2::Salt::new([3; 16]).unwrap();
            let scrypt = ScryptParams { salt, cost_parameter, block_size, parallelization, key_length: None };
            let encryption = pbes2::EncryptionScheme::Aes256Cbc { iv: [4; 16] };
            EncryptionScheme::Pbes2(pbes2::Parameters { kdf: Kdf::Scrypt(scrypt), encryption })
        };
        for (n, r, p, accepted) in [
            (1 << 14, 8, 1, true),
            (1 << 14, 8, 5, true),
            (1 << 17, 8, 1, true),
            (1 << 20, 8, 1, false),
            (1 << 40, 8, 1, false),
            (1 << 63, u16::MAX, u16::MAX, false),
            (1 << 14, 8, u16::MAX, false),
            (0, 8, 1, false),
            (1, 8, 1, false),
            (3, 8, 1, false),
            (1 << 14, 0, 1, false),
            (1 << 14, 8, 0, false),
        ] {
            assert_eq!(check_cost(&scheme(n, r, p)).is_ok(), accepted, "{n} {r} {p}");
        }
        // The cost is looked at before any of the work, and before a passphrase is asked for.
        let encrypted_data = OctetStringRef::new(&[0; 48]).unwrap();
        let sealed =
            EncryptedPrivateKeyInfoRef { encryption_algorithm: scheme(1 << 40, 8, 1), encrypted_data };
        let document = SecretDocument::try_from(&sealed).unwrap();
        let costly = document.to_pem("ENCRYPTED PRIVATE KEY", LineEnding::LF).unwrap();
        for passphrase in [None, Some(b"x".as_slice())] {
            let error = SigningKey::from_pem(&costly, passphrase).unwrap_err();
            assert_eq!(
                error,
                AttestError::malformed(PRIVATE, "it asks for more work to decrypt than is granted")
            );
        }
        let rounds = |rounds| {
            let parameters = pbes2::Parameters::generate_pbkdf2_sha256_aes256cbc(rounds, &[3; 16], [4; 16]);
            check_cost(&EncryptionScheme::Pbes2(parameters.unwrap())).is_ok()
        };
        assert!(rounds(600_000));
        assert!(!rounds(100_000_000));
    }

    #[test]
    fn a_private_key_that_others_can_use_is_refused() {
        let key = SigningKey::from_seed([9; 32]);
        let pem = key.to_pem(None).unwrap();
        for (mode, accepted) in [
            (0o100_600, true),
            (0o100_400, true),
            (0o600, true),
            (0o640, false),
            (0o604, false),
            (0o620, false),
            (0o100_644, false),
            (0o777, false),
        ] {
            assert_eq!(SigningKey::load(pem.as_bytes(), mode, None).is_ok(), accepted, "{mode:o}");
        }
        let error = SigningKey::load(pem.as_bytes(), 0o100_644, None).unwrap_err();
        insta::assert_snapshot!(error, @"private key file has mode 0644: others than its owner can use it; run `chmod 600` on it");
    }

    #[test]
    fn other_documents_are_refused_without_repeating_them() {
        let key = SigningKey::from_seed([9; 32]);
        let private = key.to_pem(None).unwrap();
        let mut with_wrong_public = from_pem(&private);
        // PKCS#8 version 2 with the public key of another private key.
        with_wrong_public.splice(..5, [0x30, 0x51, 0x02, 0x01, 0x01]);
        with_wrong_public.extend([0x81, 0x21, 0x00]);
        with_wrong_public.extend(SigningKey::from_seed([8; 32]).verifying_key().as_bytes());
        let mut rsa = from_pem(&private);
        rsa[11] ^= 1;
        for (bad, why) in [
            (String::new(), "not a PEM document"),
            (private.replace("PRIVATE", "PUBLIC"), "not a PKCS#8 private key"),
            (pem("PRIVATE KEY", "AAAA"), "not a PEM document"),
            (pem("PRIVATE KEY", "MAA="), "not a PKCS#8 document"),
            (pem("PRIVATE KEY", &STANDARD.encode(&rsa)), "not an Ed25519 key"),
            (
                pem("PRIVATE KEY", &STANDARD.encode(&with_wrong_public)),
                "the public key in it is not that of the private key",
            ),
            (pem("ENCRYPTED PRIVATE KEY", "MAA="), "not an encrypted PKCS#8 document"),
        ] {
            let error = SigningKey::from_pem(&bad, Some(b"x")).unwrap_err();
            assert_eq!(error, AttestError::malformed(PRIVATE, why), "{bad}");
        }
        let public = key.verifying_key().to_pem();
        for bad in
            ["", "x", &private, &public.replace("PUBLIC", "RSA PUBLIC"), &public.replace("MCow", "MCox")]
        {
            assert!(VerifyingKey::from_pem(bad).is_err(), "{bad}");
        }
        let huge = "-".repeat(MAX_KEY_FILE + 1);
        assert!(matches!(SigningKey::from_pem(&huge, None), Err(AttestError::TooLarge { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn no_changed_key_file_panics_or_hangs(at in 0_usize..500, byte: u8, sealed: bool) {
            let key = SigningKey::from_seed([9; 32]);
            let fast = pbes2::Parameters {
                kdf: Kdf::Scrypt(ScryptParams {
                    salt: pbes2::Salt::new([3; 16]).unwrap(),
                    cost_parameter: 4,
                    block_size: 1,
                    parallelization: 1,
                    key_length: None,
                }),
                encryption: pbes2::EncryptionScheme::Aes256Cbc { iv: [4; 16] },
            };
            let plain = from_pem(&key.to_pem(None).unwrap());
            let info = PrivateKeyInfoRef::try_from(plain.as_slice()).unwrap();
            let (label, mut der) = if sealed {
                let sealed = info.encrypt_with_params(fast, b"x").unwrap();
                ("ENCRYPTED PRIVATE KEY", sealed.as_bytes().to_vec())
            } else {
                ("PRIVATE KEY", plain)
            };
            let at = at % der.len();
            der[at] = byte;
            let _ = SigningKey::from_pem(&pem(label, &STANDARD.encode(der)), Some(b"x"));
        }
    }

    fn pem(label: &str, encoded: &str) -> String {
        let lines: Vec<_> = encoded.as_bytes().chunks(64).map(String::from_utf8_lossy).collect();
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
    }

    fn from_pem(pem: &str) -> Vec<u8> {
        SecretDocument::from_pem(pem).unwrap().1.as_bytes().to_vec()
    }

    fn from_hex(hex: &str) -> Vec<u8> {
        let digits: Vec<u8> =
            hex.chars().filter_map(|c| c.to_digit(16)).map(|n| n.to_le_bytes()[0]).collect();
        digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    }
}
