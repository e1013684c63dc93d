//! What is asked of an authority and what it answers (RFC 3161, section 2.4).

use bartizan_finding::{Digest, Timestamp};
use der::{
    Decode, Encode as _, Reader as _, Sequence, SliceReader, Tag, Tagged as _,
    asn1::{AnyRef, BitStringRef, ObjectIdentifier, OctetStringRef, UintRef, Utf8StringRef},
};
use jiff::SignedDuration;
use x509_cert::{ext::Extension, spki::AlgorithmIdentifierRef};

use super::{
    MAX_TOKEN, TimestampFault,
    cms::{elements, implicit},
    signature::SHA256,
};
use crate::{AttestError, shown::shown};

/// The most bytes of a serial number: RFC 3161 asks for room for 160 bits.
const MAX_SERIAL: usize = 32;

/// The statuses of `PKIStatus`, by number (RFC 3161, section 2.4.2).
const STATUS: [&str; 6] =
    ["granted", "granted with modifications", "rejection", "waiting", "revocation warning", "revocation"];

/// The bits of `PKIFailureInfo` and what they mean (the same).
const FAILURES: [(usize, &str); 8] = [
    (0, "the algorithm is not supported"),
    (2, "the request is not permitted"),
    (5, "the data has the wrong format"),
    (14, "the time source is not available"),
    (15, "the policy is not supported"),
    (16, "the extension is not supported"),
    (17, "the additional information is not available"),
    (25, "the authority has failed"),
];

#[derive(Sequence)]
struct Request<'a> {
    version: u8,
    imprint: MessageImprint<'a>,
    nonce: u64,
    certificates: bool,
}

#[derive(Sequence)]
struct MessageImprint<'a> {
    algorithm: AlgorithmIdentifierRef<'a>,
    hash: &'a OctetStringRef,
}

/// The DER of a request.
pub(super) fn request(imprint: &Digest, nonce: u64) -> Result<Vec<u8>, der::Error> {
    let algorithm = AlgorithmIdentifierRef { oid: SHA256, parameters: Some(AnyRef::NULL) };
    let imprint = MessageImprint { algorithm, hash: OctetStringRef::new(imprint.as_bytes())? };
    Request { version: 1, imprint, nonce, certificates: true }.to_der()
}

/// The DER of the token in a response that grants one.
pub(super) fn token_of(response: &[u8]) -> Result<&[u8], TimestampFault> {
    AttestError::check_size("time stamp response", response.len(), MAX_TOKEN)?;
    let mut reader = SliceReader::new(response)?;
    let (status, token) = reader.sequence(|reader| {
        let status = AnyRef::decode(reader)?;
        let token = if reader.is_finished() { None } else { Some(reader.tlv_bytes()?) };
        Ok::<_, der::Error>((status, token))
    })?;
    reader.finish()?;
    let (number, said, failures) = status.sequence(|reader| {
        let number = u8::decode(reader)?;
        let said = next_if::<AnyRef<'_>>(reader, Tag::Sequence)?;
        let failures = next_if::<BitStringRef<'_>>(reader, Tag::BitString)?;
        Ok::<_, der::Error>((number, said, failures))
    })?;
    if let (0 | 1, Some(token)) = (number, token) {
        return Ok(token);
    }
    let mut words: Vec<String> = failures
        .into_iter()
        .flat_map(|bits| FAILURES.iter().filter(move |(bit, _)| bits.get(*bit) == Some(true)))
        .map(|(_, words)| (*words).to_owned())
        .collect();
    for text in elements(said.map_or(&[][..], AnyRef::value), 16, "texts")? {
        words.push(format!("`{}`", shown(Utf8StringRef::from_der(text)?.as_str())));
    }
    if number <= 1 {
        words.push("there is no token".to_owned());
    }
    let status = STATUS.get(usize::from(number)).copied().unwrap_or("a status that is not known");
    Err(TimestampFault::NotGranted { status, why: words.join(", ") })
}

/// `TSTInfo`: what the authority signs.
pub(super) struct Info<'a> {
    pub(super) policy: ObjectIdentifier,
    pub(super) serial: UintRef<'a>,
    pub(super) at: Timestamp,
    pub(super) accuracy: Option<SignedDuration>,
    pub(super) nonce: Option<UintRef<'a>>,
    imprint: MessageImprint<'a>,
}

impl<'a> Info<'a> {
    pub(super) fn parse(der: &'a [u8]) -> Result<Self, TimestampFault> {
        let mut reader = SliceReader::new(der)?;
        let (version, info, time, accuracy, extensions) = reader.sequence(|reader| {
            let version = u8::decode(reader)?;
            let policy = ObjectIdentifier::decode(reader)?;
            let imprint = MessageImprint::decode(reader)?;
            let serial = UintRef::decode(reader)?;
            let time = AnyRef::decode(reader)?;
            let accuracy = next_if::<Accuracy>(reader, Tag::Sequence)?;
            next_if::<bool>(reader, Tag::Boolean)?;
            let nonce = next_if::<UintRef<'_>>(reader, Tag::Integer)?;
            implicit(reader, 0)?;
            let extensions = implicit(reader, 1)?;
            let info = Self { policy, serial, at: Timestamp::UNIX_EPOCH, accuracy: None, nonce, imprint };
            Ok::<_, der::Error>((version, info, time, accuracy, extensions))
        })?;
        reader.finish()?;
        if version != 1 {
            return Err(TimestampFault::malformed("the version of its content is not 1"));
        }
        if info.serial.as_bytes().len() > MAX_SERIAL {
            return Err(TimestampFault::malformed("its serial number is longer than 32 bytes"));
        }
        for extension in elements(extensions.unwrap_or_default(), 16, "extensions")? {
            let extension = Extension::from_der(extension)?;
            if extension.critical {
                let what = format!("the critical extension {}", extension.extn_id);
                return Err(TimestampFault::NotUnderstood { what });
            }
        }
        let at = match time.tag() {
            Tag::GeneralizedTime => generalized_time(time.value()),
            _ => None,
        };
        let at = at.ok_or_else(|| TimestampFault::malformed("its time is not a generalized time in UTC"))?;
        Ok(Self { at, accuracy: accuracy.map(Accuracy::duration), ..info })
    }

    /// Whether it is about these bytes.
    pub(super) fn is_over(&self, imprint: &Digest) -> bool {
        self.imprint.algorithm.oid == SHA256 && self.imprint.hash.as_bytes() == imprint.as_bytes()
    }

    /// Whether it answers the request with this nonce.
    pub(super) fn answers(&self, nonce: u64) -> bool {
        let wanted = nonce.to_be_bytes();
        self.nonce.is_some_and(|found| UintRef::new(&wanted).is_ok_and(|wanted| wanted == found))
    }
}

#[derive(Sequence)]
struct Accuracy {
    #[asn1(optional = "true")]
    seconds: Option<u32>,
    #[asn1(context_specific = "0", tag_mode = "IMPLICIT", optional = "true")]
    millis: Option<u16>,
    #[asn1(context_specific = "1", tag_mode = "IMPLICIT", optional = "true")]
    micros: Option<u16>,
}

impl Accuracy {
    fn duration(self) -> SignedDuration {
        let millis = SignedDuration::from_millis(self.millis.unwrap_or_default().into());
        let micros = SignedDuration::from_micros(self.micros.unwrap_or_default().into());
        SignedDuration::from_secs(self.seconds.unwrap_or_default().into()) + millis + micros
    }
}

/// `YYYYMMDDhhmmss[.s…]Z`: in UTC, to the second or finer, without zeros at the end (RFC 3161, section 2.4.2).
fn generalized_time(bytes: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(bytes).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, part)| (whole, Some(part)));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let fine =
        fraction.is_none_or(|part| (1..=9).contains(&part.len()) && digits(part) && !part.ends_with('0'));
    if whole.len() != 14 || !digits(whole) || !fine {
        return None;
    }
    let part = |from: usize, to: usize| whole.get(from..to).unwrap_or_default();
    let (date, time) = ([part(0, 4), part(4, 6), part(6, 8)], [part(8, 10), part(10, 12), part(12, 14)]);
    let fraction = fraction.map(|part| format!(".{part}")).unwrap_or_default();
    format!("{}T{}{fraction}Z", date.join("-"), time.join(":")).parse().ok()
}

/// Two digits for each byte.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

fn next_if<'a, T: Decode<'a, Error = der::Error>>(
    reader: &mut SliceReader<'a>,
    tag: Tag,
) -> Result<Option<T>, der::Error> {
    if reader.is_finished() || Tag::peek(reader)? != tag {
        return Ok(None);
    }
    T::decode(reader).map(Some)
}
