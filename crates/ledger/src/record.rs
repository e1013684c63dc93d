//! What an entry of the log says.

use std::borrow::Cow;

use bartizan_attest::KeyFingerprint;
use bartizan_finding::{Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{bundle::MAX_ENTRY, merkle};

/// The most subjects that a record lists one by one.
pub const MAX_SUBJECTS: usize = 32;

/// The longest text in a record, in bytes.
pub const MAX_TEXT: usize = 256;

/// The largest envelope in bytes.
pub const MAX_ENVELOPE: u64 = 16 << 20;

/// An entry of the log. In the log it is the canonical JSON (RFC 8785) of these values, at most 4096 bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// When it was recorded, in whole milliseconds; never earlier than the entry before.
    pub logged_at: Timestamp,
    /// Who had it recorded: a collector's name or a person.
    pub actor: String,
    /// What was recorded.
    pub content: Content,
}

/// What an entry records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// A signed statement, which lies among the blobs.
    Statement(Statement),
    /// The removal of a statement's envelope from the blobs; its entry stays.
    Tombstone {
        /// The digest of the envelope that was removed.
        erased: Digest,
        /// Why.
        reason: String,
    },
}

/// What an entry says of a signed statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// The digest of the envelope's bytes.
    pub envelope: Digest,
    /// How many bytes the envelope has.
    pub size: u64,
    /// The predicate type, such as `urn:bartizan:model-scan:v1`.
    pub predicate: String,
    /// What the statement is about.
    pub subjects: Subjects,
    /// When the evidence was collected.
    pub collected: Timestamp,
    /// When it stops counting.
    pub expires: Option<Timestamp>,
    /// The key that signed the envelope, as the envelope says: nothing was verified when this was recorded.
    pub key: KeyFingerprint,
}

/// The digests of what a statement is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subjects {
    /// At most [`MAX_SUBJECTS`], sorted, each once.
    Listed(Vec<Digest>),
    /// More than that: how many, and the Merkle root (RFC 6962) over the sorted digests.
    Root {
        /// The root.
        root: Digest,
        /// How many there are.
        count: u64,
    },
}

impl Subjects {
    /// The subjects with these digests, in any order.
    pub fn of(digests: impl IntoIterator<Item = Digest>) -> Self {
        let mut digests: Vec<_> = digests.into_iter().collect();
        digests.sort_unstable();
        digests.dedup();
        if digests.len() <= MAX_SUBJECTS {
            return Self::Listed(digests);
        }
        let leaves: Vec<_> = digests.iter().map(|digest| merkle::leaf_hash(digest.as_bytes())).collect();
        Self::Root { root: merkle::root_of(&leaves), count: leaves.len() as u64 }
    }

    /// Whether exactly these are the subjects.
    pub fn are(&self, digests: impl IntoIterator<Item = Digest>) -> bool {
        *self == Self::of(digests)
    }
}

/// Bytes or values that are no record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// It is not JSON of the right shape.
    #[error("not the JSON of a record (at byte {at})")]
    Json {
        /// Where the reader stopped.
        at: usize,
    },
    /// It is of a later version of the program.
    #[error("version {0} of the record format is not known here")]
    Version(u64),
    /// A value is not one that the format allows.
    #[error("{field} {why}")]
    Value {
        /// The name of the value.
        field: &'static str,
        /// What is wrong with it.
        why: &'static str,
    },
    /// It would be longer than 4096 bytes.
    #[error("longer than {MAX_ENTRY} bytes")]
    Long,
    /// It reads as a record but is not its canonical form.
    #[error("not in canonical form")]
    NotCanonical,
}

impl Record {
    /// The bytes of the entry.
    ///
    /// # Panics
    /// Never: text, numbers and lists are always JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>, RecordError> {
        self.check()?;
        let mut wire = Wire { actor: (&*self.actor).into(), logged_at: self.logged_at, v: 1, ..Wire::EMPTY };
        match &self.content {
            Content::Statement(statement) => {
                wire.kind = STATEMENT.into();
                wire.envelope = Some(statement.envelope.into());
                wire.size = Some(statement.size);
                wire.predicate = Some((&*statement.predicate).into());
                wire.collected = Some(statement.collected);
                wire.expires = statement.expires;
                wire.key = Some(statement.key.to_string().into());
                match &statement.subjects {
                    Subjects::Listed(digests) => {
                        wire.subjects = Some(digests.iter().map(|digest| (*digest).into()).collect());
                    }
                    Subjects::Root { root, count } => {
                        wire.subjects_root = Some((*root).into());
                        wire.subjects_count = Some(*count);
                    }
                }
            }
            Content::Tombstone { erased, reason } => {
                wire.kind = TOMBSTONE.into();
                wire.erased = Some((*erased).into());
                wire.reason = Some((&**reason).into());
            }
        }
        let bytes = serde_json::to_vec(&wire).expect("a struct of text, numbers and lists is always JSON");
        if bytes.len() > MAX_ENTRY { Err(RecordError::Long) } else { Ok(bytes) }
    }

    /// Reads the bytes of an entry, whose spelling may be other than canonical.
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        if bytes.len() > MAX_ENTRY {
            return Err(RecordError::Long);
        }
        let wire: Wire<'_> =
            serde_json::from_slice(bytes).map_err(|error| RecordError::Json { at: error.column() })?;
        if wire.v != 1 {
            return Err(RecordError::Version(wire.v));
        }
        let content = match &*wire.kind {
            STATEMENT => Content::Statement(wire.statement()?),
            TOMBSTONE => Content::Tombstone {
                erased: need("erased", wire.erased)?.0,
                reason: need("reason", wire.reason)?.into_owned(),
            },
            _ => return Err(RecordError::Value { field: "type", why: "is not known" }),
        };
        let record = Self { logged_at: wire.logged_at, actor: wire.actor.into_owned(), content };
        record.check()?;
        Ok(record)
    }

    /// Reads the bytes of an entry and accepts only the canonical spelling.
    pub fn parse_canonical(bytes: &[u8]) -> Result<Self, RecordError> {
        let record = Self::parse(bytes)?;
        if record.to_bytes()? == bytes { Ok(record) } else { Err(RecordError::NotCanonical) }
    }

    fn check(&self) -> Result<(), RecordError> {
        check_text("actor", &self.actor)?;
        match &self.content {
            Content::Tombstone { reason, .. } => check_text("reason", reason),
            Content::Statement(statement) => {
                check_text("predicate", &statement.predicate)?;
                let fault = match &statement.subjects {
                    Subjects::Listed(list) if list.len() > MAX_SUBJECTS => Some("are more than 32"),
                    Subjects::Listed(list) if !list.is_sorted_by(|a, b| a < b) => {
                        Some("are not sorted, each once")
                    }
                    // Larger numbers are not exact in JSON (RFC 8785, 3.2.2.3).
                    Subjects::Root { count, .. } if !(33..1 << 53).contains(count) => {
                        Some("have a root, for which they are too few")
                    }
                    _ => None,
                };
                if let Some(why) = fault {
                    return Err(RecordError::Value { field: "subjects", why });
                }
                if statement.size > MAX_ENVELOPE {
                    return Err(RecordError::Value { field: "size", why: "is over 16 MiB" });
                }
                Ok(())
            }
        }
    }
}

const STATEMENT: &str = "statement";
const TOMBSTONE: &str = "tombstone";

/// The JSON of every record. The fields stand in the order of their names, which is what RFC 8785 asks for.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire<'a> {
    #[serde(borrow)]
    actor: Text<'a>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    collected: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    envelope: Option<Hex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    erased: Option<Hex>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<Timestamp>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    key: Option<Text<'a>>,
    logged_at: Timestamp,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    predicate: Option<Text<'a>>,
    #[serde(borrow, default, skip_serializing_if = "Option::is_none")]
    reason: Option<Text<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subjects: Option<Vec<Hex>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subjects_count: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    subjects_root: Option<Hex>,
    #[serde(borrow, rename = "type")]
    kind: Text<'a>,
    v: u64,
}

impl Wire<'_> {
    const EMPTY: Self = Self {
        actor: Text(Cow::Borrowed("")),
        collected: None,
        envelope: None,
        erased: None,
        expires: None,
        key: None,
        logged_at: Timestamp::UNIX_EPOCH,
        predicate: None,
        reason: None,
        size: None,
        subjects: None,
        subjects_count: None,
        subjects_root: None,
        kind: Text(Cow::Borrowed("")),
        v: 1,
    };

    fn statement(&self) -> Result<Statement, RecordError> {
        let subjects = match (&self.subjects, self.subjects_root, self.subjects_count) {
            (Some(list), None, None) => Subjects::Listed(list.iter().map(|hex| hex.0).collect()),
            (None, Some(root), Some(count)) => Subjects::Root { root: root.0, count },
            _ => {
                return Err(RecordError::Value {
                    field: "subjects",
                    why: "are neither a list nor a root and count",
                });
            }
        };
        let key = need("key", self.key.as_deref())?;
        Ok(Statement {
            envelope: need("envelope", self.envelope)?.0,
            size: need("size", self.size)?,
            predicate: need("predicate", self.predicate.as_deref())?.to_owned(),
            subjects,
            collected: need("collected", self.collected)?,
            expires: self.expires,
            key: key.parse().map_err(|_| RecordError::Value { field: "key", why: "is no fingerprint" })?,
        })
    }
}

/// Text that is borrowed from the entry where it has no escapes. (A plain `Cow` would always be copied.)
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Text<'_> {
    fn into_owned(self) -> String {
        self.0.into_owned()
    }
}

impl std::ops::Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl From<String> for Text<'_> {
    fn from(text: String) -> Self {
        Self(Cow::Owned(text))
    }
}

/// A digest as 64 digits, without `sha256:`.
#[derive(Clone, Copy)]
struct Hex(Digest);

impl From<Digest> for Hex {
    fn from(digest: Digest) -> Self {
        Self(digest)
    }
}

impl Serialize for Hex {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0.hex())
    }
}

impl<'de> Deserialize<'de> for Hex {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(HexVisitor)
    }
}

struct HexVisitor;

impl serde::de::Visitor<'_> for HexVisitor {
    type Value = Hex;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("64 hexadecimal digits")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Hex, E> {
        decode_hex(text.as_bytes())
            .map(Hex)
            .ok_or_else(|| E::custom("not 64 hexadecimal digits in lower case"))
    }
}

/// A million records are read for a status, with several digests each: a table is four times as fast as
/// `char::to_digit`.
fn decode_hex(text: &[u8]) -> Option<Digest> {
    let text: &[u8; 64] = text.try_into().ok()?;
    let mut bytes = [0; 32];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        let (high, low) = (NIBBLES[usize::from(pair[0])], NIBBLES[usize::from(pair[1])]);
        if high | low > 15 {
            return None;
        }
        *byte = high << 4 | low;
    }
    Some(Digest::from_bytes(bytes))
}

/// The value of each lower-case hexadecimal digit, and 0xff for what is none.
const NIBBLES: [u8; 256] = {
    let mut table = [0xff; 256];
    let mut value = 0;
    while value < 16 {
        table[b"0123456789abcdef"[value] as usize] = value as u8;
        value += 1;
    }
    table
};

fn need<T>(field: &'static str, value: Option<T>) -> Result<T, RecordError> {
    value.ok_or(RecordError::Value { field, why: "is missing" })
}

fn check_text(field: &'static str, text: &str) -> Result<(), RecordError> {
    let why = if text.is_empty() {
        "is empty"
    } else if text.len() > MAX_TEXT {
        "is longer than 256 bytes"
    } else if text.chars().any(char::is_control) {
        "has a control character"
    } else {
        return Ok(());
    };
    Err(RecordError::Value { field, why })
}

#[cfg(test)]
mod tests {
    use bartizan_attest::SigningKey;
    use proptest::prelude::*;

    use super::*;

    fn sample() -> Record {
        Record {
            logged_at: "2026-03-01T10:00:00.25Z".parse().unwrap(),
            actor: "ci \"quoted\" é".to_owned(),
            content: Content::Statement(Statement {
                envelope: Digest::of(b"envelope"),
                size: 812,
                predicate: "urn:bartizan:model-scan:v1".to_owned(),
                subjects: Subjects::of([Digest::of(b"b"), Digest::of(b"a")]),
                collected: "2026-03-01T09:59:58Z".parse().unwrap(),
                expires: Some("2026-06-01T00:00:00Z".parse().unwrap()),
                key: SigningKey::from_seed([7; 32]).fingerprint(),
            }),
        }
    }

    fn text(record: &Record) -> String {
        String::from_utf8(record.to_bytes().unwrap()).unwrap()
    }

    #[test]
    fn an_entry_is_canonical_json() {
        let tombstone = Record {
            content: Content::Tombstone { erased: Digest::of(b"x"), reason: "asked for".to_owned() },
            ..sample()
        };
        let many = Subjects::of((0..40_u8).map(|number| Digest::of(&[number])));
        let mut rooted = sample();
        if let Content::Statement(statement) = &mut rooted.content {
            statement.subjects = many;
            statement.expires = None;
        }
        for record in [sample(), tombstone, rooted] {
            let bytes = record.to_bytes().unwrap();
            let value: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
            assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), bytes);
            assert_eq!(Record::parse_canonical(&bytes), Ok(record));
        }
        assert_eq!(
            text(&Record {
                content: Content::Tombstone { erased: Digest::of(b""), reason: "r".to_owned() },
                ..sample()
            }),
            concat!(
                r#"{"actor":"ci \"quoted\" é","erased":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","#,
                r#""logged_at":"2026-03-01T10:00:00.25Z","reason":"r","type":"tombstone","v":1}"#
            )
        );
    }

    #[test]
    fn what_is_no_record_is_named() {
        let good = text(&sample());
        let value = |field, why| RecordError::Value { field, why };
        let cases = [
            (good.replace("\"v\":1", "\"v\":2"), RecordError::Version(2)),
            (good.replace("\"type\":\"statement\"", "\"type\":\"other\""), value("type", "is not known")),
            (good.replace("\"type\":\"statement\"", "\"type\":\"tombstone\""), value("erased", "is missing")),
            (good.replace("\"size\":812,", ""), value("size", "is missing")),
            (good.replace("\"size\":812,", "\"size\":99999999,"), value("size", "is over 16 MiB")),
            (good.replace("SHA256:", "MD5:"), value("key", "is no fingerprint")),
            (good.replace("urn:bartizan:model-scan:v1", ""), value("predicate", "is empty")),
            (good.replace("urn:", "urn:\\u0007"), value("predicate", "has a control character")),
            (good.replace("urn:", &"u".repeat(300)), value("predicate", "is longer than 256 bytes")),
            (good.replace("\"subjects\":[", "\"subjects\":[\"00\","), RecordError::Json { at: 0 }),
            (good.replace("\"size\":812,", "\"size\":812,\"size\":812,"), RecordError::Json { at: 0 }),
            (good.replace("\"size\":812,", "\"size\":812,\"smuggled\":1,"), RecordError::Json { at: 0 }),
            (format!("{good} "), RecordError::NotCanonical),
            (good.replace("10:00:00.25Z", "11:00:00.25+01:00"), RecordError::NotCanonical),
            ("x".repeat(5000), RecordError::Long),
            (String::new(), RecordError::Json { at: 0 }),
            ("[".repeat(4000), RecordError::Json { at: 0 }),
        ];
        for (bytes, expected) in cases {
            assert_ne!(bytes, good);
            let error = Record::parse_canonical(bytes.as_bytes()).unwrap_err();
            match (&error, &expected) {
                (RecordError::Json { .. }, RecordError::Json { .. }) => {}
                _ => assert_eq!(error, expected, "{bytes}"),
            }
        }
        let mut unsorted = sample();
        if let Content::Statement(statement) = &mut unsorted.content {
            statement.subjects = Subjects::Listed(vec![Digest::of(b"x"); 2]);
        }
        assert_eq!(unsorted.to_bytes(), Err(value("subjects", "are not sorted, each once")));
    }

    #[test]
    fn the_longest_record_is_an_entry() {
        let mut record = sample();
        record.actor = "\"".repeat(MAX_TEXT);
        if let Content::Statement(statement) = &mut record.content {
            statement.subjects = Subjects::of((0..32_u8).map(|number| Digest::of(&[number])));
            statement.predicate = "\\".repeat(MAX_TEXT);
            statement.size = MAX_ENVELOPE;
        }
        assert!(record.to_bytes().unwrap().len() <= MAX_ENTRY);
    }

    #[test]
    fn subjects_do_not_depend_on_order() {
        let digests: Vec<_> = (0..100_u8).map(|number| Digest::of(&[number])).collect();
        let reversed = digests.iter().rev().copied();
        assert!(Subjects::of(digests.clone()).are(reversed));
        assert!(!Subjects::of(digests.clone()).are(digests[1..].iter().copied()));
    }

    proptest! {
        #[test]
        fn any_bytes_are_a_record_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Record::parse(&bytes);
        }

        #[test]
        fn a_changed_byte_is_no_canonical_record_of_the_same(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = sample().to_bytes().unwrap();
            let at = at.index(bytes.len());
            prop_assume!(bytes[at] != byte);
            bytes[at] = byte;
            prop_assert_ne!(Record::parse_canonical(&bytes), Ok(sample()));
        }
    }
}
