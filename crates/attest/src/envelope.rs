use std::borrow::Cow;

use bartizan_finding::Digest;
use base64::{
    Engine as _, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig, general_purpose::STANDARD},
};
use serde::{Deserialize, Serialize};

use crate::{AttestError, SigningKey, Statement, VerifyingKey, strict::read_json};

/// The most bytes of an envelope that are read: a statement in base64 and its signatures.
pub const MAX_ENVELOPE: usize = 1024 * 1024;

/// The payload type of statements.
pub const IN_TOTO_PAYLOAD: &str = "application/vnd.in-toto+json";

/// The payload type of trust files.
pub const TRUST_PAYLOAD: &str = "application/vnd.bartizan.trust+toml";

const MAX_SIGNATURES: usize = 16;
const WHAT: &str = "envelope";

/// A DSSE envelope (<https://github.com/secure-systems-lab/dsse>): bytes, their type, and signatures over both.
///
/// Parsing verifies nothing. [`crate::Trust::judge`] and [`crate::Trust::open`] do, and hand out what was verified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Envelope {
    payload_type: String,
    payload: Vec<u8>,
    signatures: Vec<Signature>,
}

/// A signature of an envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    /// The fingerprint of the key, as the signer or anyone after it wrote it: not signed, a hint and no more.
    pub keyid: String,
    /// The signature.
    pub sig: Vec<u8>,
}

/// The pre-authentication encoding: the bytes that a DSSE signature is made over.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let head = format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len());
    [head.as_bytes(), payload].concat()
}

impl Envelope {
    /// A statement, signed.
    pub fn sign(statement: &Statement, key: &SigningKey) -> Result<Self, AttestError> {
        Ok(Self::sign_bytes(IN_TOTO_PAYLOAD, statement.to_bytes()?, key))
    }

    /// Any bytes, signed.
    pub fn sign_bytes(payload_type: &str, payload: Vec<u8>, key: &SigningKey) -> Self {
        let mut envelope = Self { payload_type: payload_type.to_owned(), payload, signatures: Vec::new() };
        envelope.countersign(key);
        envelope
    }

    /// Adds a signature of `key`.
    pub fn countersign(&mut self, key: &SigningKey) {
        let sig = key.sign(&pae(&self.payload_type, &self.payload)).to_vec();
        self.signatures.push(Signature { keyid: key.fingerprint().to_string(), sig });
    }

    /// Reads an envelope of at most [`MAX_ENVELOPE`] bytes and 16 signatures. Base64 may be standard or URL-safe,
    /// padded or not; fields that are not known are passed over.
    pub fn parse(bytes: &[u8]) -> Result<Self, AttestError> {
        let wire = read_json::<Wire<'_>>(WHAT, bytes, MAX_ENVELOPE)?;
        if wire.signatures.len() > MAX_SIGNATURES {
            return Err(AttestError::malformed(WHAT, "more than 16 signatures"));
        }
        let signatures = wire.signatures.into_iter().map(|signature| {
            Ok(Signature { keyid: signature.keyid.unwrap_or_default(), sig: decode(&signature.sig)? })
        });
        Ok(Self {
            payload: decode(&wire.payload)?,
            payload_type: wire.payload_type.into_owned(),
            signatures: signatures.collect::<Result<_, _>>()?,
        })
    }

    /// The canonical JSON of the envelope, which is what is stored.
    ///
    /// # Panics
    /// Never: an envelope holds strings only, and each has a JSON form.
    pub fn to_bytes(&self) -> Vec<u8> {
        let signatures = self.signatures.iter().map(|signature| WireSignature {
            keyid: (!signature.keyid.is_empty()).then(|| signature.keyid.clone()),
            sig: STANDARD.encode(&signature.sig).into(),
        });
        let wire = Wire {
            payload: STANDARD.encode(&self.payload).into(),
            payload_type: self.payload_type.as_str().into(),
            signatures: signatures.collect(),
        };
        serde_json_canonicalizer::to_vec(&wire)
            .expect("an envelope holds strings only, and each has a JSON form")
    }

    /// The SHA-256 of [`Envelope::to_bytes`], by which the ledger refers to it.
    pub fn digest(&self) -> Digest {
        Digest::of(&self.to_bytes())
    }

    /// How the payload is to be read. Not verified.
    pub fn payload_type(&self) -> &str {
        &self.payload_type
    }

    /// The signed bytes. Not verified.
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The signatures. Not verified.
    pub fn signatures(&self) -> &[Signature] {
        &self.signatures
    }

    /// Whether one of the signatures is by `key`, whatever the hints say.
    pub fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        let signed = pae(&self.payload_type, &self.payload);
        self.signatures.iter().any(|signature| key.verify(&signed, &signature.sig))
    }
}

/// Texts are lent from the JSON where nothing in them is escaped.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow)]
    payload: Cow<'a, str>,
    #[serde(borrow)]
    payload_type: Cow<'a, str>,
    #[serde(borrow)]
    signatures: Vec<WireSignature<'a>>,
}

#[derive(Serialize, Deserialize)]
struct WireSignature<'a> {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keyid: Option<String>,
    #[serde(borrow)]
    sig: Cow<'a, str>,
}

/// DSSE lets signers choose the alphabet and demands that verifiers take both. Text in one of them that is refused
/// there is refused in the other too.
fn decode(text: &str) -> Result<Vec<u8>, AttestError> {
    const LENIENT: GeneralPurposeConfig =
        GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
    const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
    const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);
    let decoded = STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text));
    decoded.map_err(|_| AttestError::malformed(WHAT, "a field is not base64"))
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::statement::tests::sample;

    /// The test vector of the protocol document.
    #[test]
    fn the_pre_authentication_encoding_is_that_of_the_protocol() {
        let encoded = pae("http://example.com/HelloWorld", b"hello world");
        assert_eq!(encoded, b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
        assert_eq!(pae("", b""), b"DSSEv1 0  0 ");
        // Lengths are in bytes.
        assert_eq!(pae("é", "€".as_bytes()), "DSSEv1 2 é 3 €".as_bytes());
    }

    /// The envelope of the protocol document, whose P-256 signature no key of ours has made.
    #[test]
    fn the_envelope_of_the_protocol_reads() {
        let text = r#"{"payload": "aGVsbG8gd29ybGQ=",
            "payloadType": "http://example.com/HelloWorld",
            "signatures": [{"sig": "A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA=="}]}"#;
        let envelope = Envelope::parse(text.as_bytes()).unwrap();
        assert_eq!(envelope.payload(), b"hello world");
        assert_eq!(envelope.signatures()[0].keyid, "");
        assert!(!envelope.is_signed_by(&SigningKey::from_seed([1; 32]).verifying_key()));
        let url_safe = text.replace('+', "-").replace("==", "").replace("ZA\"", "ZA\", \"later\": 1");
        assert_eq!(Envelope::parse(url_safe.as_bytes()), Ok(envelope.clone()));
        // Other encodings of the same envelope have the same digest.
        let canonical = envelope.to_bytes();
        assert_eq!(envelope.digest(), Digest::of(&canonical));
        assert_eq!(Envelope::parse(&canonical).unwrap().to_bytes(), canonical);
    }

    #[test]
    fn each_signature_counts_and_no_hint_does() {
        let (one, two) = (SigningKey::from_seed([1; 32]), SigningKey::from_seed([2; 32]));
        let mut envelope = Envelope::sign(&sample(), &one).unwrap();
        assert!(envelope.is_signed_by(&one.verifying_key()));
        assert!(!envelope.is_signed_by(&two.verifying_key()));
        envelope.countersign(&two);
        assert!(envelope.is_signed_by(&one.verifying_key()) && envelope.is_signed_by(&two.verifying_key()));
        for signature in &mut envelope.signatures {
            signature.keyid = "SHA256:anything".to_owned();
        }
        assert!(envelope.is_signed_by(&one.verifying_key()));
        assert_eq!(Envelope::parse(&envelope.to_bytes()), Ok(envelope.clone()));
        // The type is signed too.
        envelope.payload_type = TRUST_PAYLOAD.to_owned();
        assert!(!envelope.is_signed_by(&one.verifying_key()));
    }

    #[test]
    fn malformed_envelopes_are_refused() {
        let signature = r#"{"sig": "AA=="}"#;
        let many = [signature; 17].join(",");
        for (text, why) in [
            ("", "EOF"),
            ("[]", "expected a JSON object"),
            (r#"["AA==", "t", []]"#, "expected a JSON object"),
            (r#"{"payload": "AA==", "signatures": []}"#, "missing field `payloadType`"),
            (r#"{"payload": "AA==", "payloadType": "t"}"#, "missing field `signatures`"),
            (r#"{"payload": "AA==", "payloadType": "t", "signatures": [{}]}"#, "missing field `sig`"),
            (r#"{"payload": "A", "payloadType": "t", "signatures": []}"#, "not base64"),
            (r#"{"payload": "+_+_", "payloadType": "t", "signatures": []}"#, "not base64"),
            (r#"{"payload": "AB==", "payloadType": "t", "signatures": []}"#, "not base64"),
            (r#"{"payload": "", "payload": "", "payloadType": "t", "signatures": []}"#, "stands twice"),
            (&format!(r#"{{"payload": "", "payloadType": "t", "signatures": [{many}]}}"#), "more than 16"),
        ] {
            let error = Envelope::parse(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(why), "{text}: {error}");
        }
        assert!(matches!(Envelope::parse(&vec![b' '; MAX_ENVELOPE + 1]), Err(AttestError::TooLarge { .. })));
    }

    /// Any byte, but often one that leaves JSON and base64 well-formed, so that changes reach the signature.
    pub(crate) fn likely_bytes() -> impl Strategy<Value = u8> {
        prop_oneof![any::<u8>(), proptest::sample::select(b"ABYZabyz0189+/".to_vec())]
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

        /// A changed envelope is refused, or not signed, or says the same: only hints and encodings are free.
        #[test]
        fn no_change_of_the_bytes_changes_what_is_signed(at: proptest::sample::Index, byte in likely_bytes()) {
            let key = SigningKey::from_seed([1; 32]);
            let envelope = Envelope::sign(&sample(), &key).unwrap();
            let mut bytes = envelope.to_bytes();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            if let Ok(changed) = Envelope::parse(&bytes)
                && changed.is_signed_by(&key.verifying_key())
            {
                prop_assert_eq!(changed.payload(), envelope.payload());
                prop_assert_eq!(changed.payload_type(), envelope.payload_type());
            }
        }

        #[test]
        fn arbitrary_bytes_never_panic(bytes: Vec<u8>, text in "[{}\\[\\]\":,a-z\\\\0-9 ]{0,60}") {
            let _ = Envelope::parse(&bytes);
            let _ = Envelope::parse(text.as_bytes());
        }
    }
}
