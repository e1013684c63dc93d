use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use bartizan_finding::{Digest, PredicateKind, Timestamp, Unexamined};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::Value;

use crate::{AttestError, canonical::canonical_json, shown::shown, strict::read_json};

/// The most bytes of a statement that are written or read.
pub const MAX_STATEMENT: usize = 512 * 1024;

/// A statement lists at most this many things that were not examined; their number goes on.
pub const MAX_UNEXAMINED: usize = 100;

const MAX_SUBJECTS: usize = 1024;
const MAX_NAME: usize = 1024;
const TYPE: &str = "https://in-toto.io/Statement/v1";
const WHAT: &str = "statement";

/// An in-toto Statement v1 (<https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>): what was seen
/// of which bytes. It says nothing about the machine it was made on.
///
/// [`Statement::to_bytes`] and [`Statement::parse`] hold the same rules, so that what was written can be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// What it is about: 1 to 1024 subjects with different names.
    pub subjects: Vec<Subject>,
    /// What kind of thing it says of them.
    pub kind: PredicateKind,
    /// What it says of them.
    pub predicate: Predicate,
}

/// Something that a statement is about. The digest identifies it, the name helps people.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Subject {
    /// A relative path, or the id of an asset, element, flow, group, project or person.
    pub name: String,
    /// SHA-256 of the file, of the folder (see [`crate::directory_digest`]), or of the canonical JSON of what has no
    /// bytes of its own.
    pub digest: Digest,
}

/// What a statement says. The same fields serve all kinds; what is peculiar to one is in `counts` and `facts`.
///
/// It holds counts and facts, never a verdict: whether a control is satisfied is decided by the control's own
/// criterion when status is computed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Predicate {
    /// What made it.
    pub tool: Tool,
    /// The project it was made for.
    pub project: ProjectRef,
    /// The name of the collector, which the trust file ties to the signing key.
    pub collector: String,
    /// The rule-set version of each crate that took part.
    pub rule_sets: BTreeMap<String, u32>,
    /// What the check was told: limits, families, seeds.
    pub parameters: BTreeMap<String, Value>,
    /// Findings or outcomes by rule (`PKL007`), variant (`SEC001/stripe-live`) or measure (`attempts`). A rule that
    /// ran and found nothing is counted as 0 or not at all.
    pub counts: BTreeMap<String, u64>,
    /// What else is known about the subjects.
    pub facts: BTreeMap<String, Value>,
    /// Whether all planned work was done. False wherever something was not examined.
    pub complete: bool,
    /// What was not examined.
    pub unexamined: NotExamined,
    /// When the bytes were read, which for a cached result is earlier than `collected`.
    pub bytes_read_at: Timestamp,
    /// When the statement was made.
    pub collected: Timestamp,
    /// When it stops counting. A control may ask for fresher evidence than this.
    pub expires: Timestamp,
}

/// A program and its version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// The name, such as `bartizan`.
    pub name: String,
    /// The version.
    pub version: String,
}

/// A project at one revision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectRef {
    /// The name in the project file.
    pub name: String,
    /// The root over the digests of its security-relevant parts.
    pub root: Digest,
}

/// How much was not examined, and the first of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotExamined {
    /// How many things were not examined.
    pub total: u64,
    /// The first [`MAX_UNEXAMINED`] of them.
    pub listed: Vec<Unexamined>,
}

impl NotExamined {
    /// Counts all and keeps the first [`MAX_UNEXAMINED`], in their sorted order so that equal runs say equal things.
    pub fn of(all: impl IntoIterator<Item = Unexamined>) -> Self {
        let mut listed: Vec<_> = all.into_iter().collect();
        listed.sort_unstable();
        let total = listed.len() as u64;
        listed.truncate(MAX_UNEXAMINED);
        Self { total, listed }
    }
}

impl Statement {
    /// The canonical JSON (RFC 8785) that is signed. Refused are statements that [`Statement::parse`] would refuse.
    pub fn to_bytes(&self) -> Result<Vec<u8>, AttestError> {
        self.check()?;
        let subject = self.subjects.iter().map(|subject| WireSubject {
            name: subject.name.clone(),
            digest: BTreeMap::from([("sha256".to_owned(), subject.digest.hex())]),
        });
        let wire = Wire {
            r#type: TYPE.into(),
            subject: subject.collect(),
            predicate_type: self.kind.uri().into(),
            predicate: &self.predicate,
        };
        let value = serde_json::to_value(&wire).map_err(|error| AttestError::malformed(WHAT, error))?;
        let bytes = canonical_json(&value)?;
        AttestError::check_size(WHAT, bytes.len(), MAX_STATEMENT)?;
        Ok(bytes)
    }

    /// Reads a statement of at most [`MAX_STATEMENT`] bytes. Fields that are not known are passed over; a name that
    /// stands twice, a kind that is not known, a subject without SHA-256 and contradictions are refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, AttestError> {
        let read = read_json::<Wire<'_, Predicate>>(WHAT, bytes, MAX_STATEMENT);
        // Of a statement in another form, the type says more than the first field that is not as it is here.
        let wire = read.map_err(|error| foreign(bytes).unwrap_or(error))?;
        let kind = wire.kind()?;
        let subjects = wire.subject.into_iter().map(WireSubject::read).collect::<Result<_, _>>()?;
        let statement = Self { subjects, kind, predicate: wire.predicate };
        statement.check()?;
        Ok(statement)
    }

    fn check(&self) -> Result<(), AttestError> {
        let predicate = &self.predicate;
        let names: BTreeSet<_> = self.subjects.iter().map(|subject| subject.name.as_str()).collect();
        let texts = [&predicate.tool.name, &predicate.project.name, &predicate.collector];
        let count_names = predicate.counts.keys().map(String::as_str);
        let why = if !(1..=MAX_SUBJECTS).contains(&self.subjects.len()) {
            "it has no subject or more than 1024"
        } else if names.len() != self.subjects.len() {
            "two of its subjects have one name"
        } else if !names.into_iter().all(is_name) || !texts.into_iter().all(|text| is_name(text)) {
            "a name in it is empty, longer than 1024 bytes or has a control character"
        } else if !count_names.into_iter().all(is_count_name) {
            "a count in it has a name with other characters than letters, digits, `-`, `_`, `.` and `/`"
        } else if predicate.unexamined.listed.len() > MAX_UNEXAMINED
            || predicate.unexamined.listed.len() as u64 > predicate.unexamined.total
        {
            "it lists more that was not examined than it counts, or more than 100"
        } else if predicate.complete && predicate.unexamined.total > 0 {
            "it says that it is complete and that something was not examined"
        } else if predicate.bytes_read_at > predicate.collected {
            "it was collected before the bytes were read"
        } else if predicate.collected > predicate.expires {
            "it expires before it was collected"
        } else {
            return Ok(());
        };
        Err(AttestError::malformed(WHAT, why))
    }
}

#[derive(Serialize, Deserialize)]
struct Wire<'a, P> {
    #[serde(rename = "_type", borrow)]
    r#type: Cow<'a, str>,
    subject: Vec<WireSubject>,
    #[serde(rename = "predicateType", borrow)]
    predicate_type: Cow<'a, str>,
    predicate: P,
}

impl<P> Wire<'_, P> {
    fn kind(&self) -> Result<PredicateKind, AttestError> {
        let malformed = |why: String| AttestError::malformed(WHAT, why);
        if self.r#type != TYPE {
            return Err(malformed(format!("its type is `{}`", shown(&self.r#type))));
        }
        PredicateKind::from_uri(&self.predicate_type).ok_or_else(|| {
            malformed(format!("its predicate type `{}` is not known", shown(&self.predicate_type)))
        })
    }
}

/// Says so where `bytes` are a statement of a type or kind that is not known.
fn foreign(bytes: &[u8]) -> Option<AttestError> {
    let wire = read_json::<Wire<'_, IgnoredAny>>(WHAT, bytes, MAX_STATEMENT).ok()?;
    wire.kind().err()
}

#[derive(Serialize, Deserialize)]
struct WireSubject {
    #[serde(default)]
    name: String,
    /// Other algorithms may stand beside SHA-256 and are passed over.
    digest: BTreeMap<String, String>,
}

impl WireSubject {
    fn read(self) -> Result<Subject, AttestError> {
        let hex = self.digest.get("sha256").filter(|hex| !hex.starts_with("sha256:"));
        let digest = hex.and_then(|hex| hex.parse().ok());
        let digest = digest.ok_or_else(|| AttestError::malformed(WHAT, "a subject has no SHA-256 digest"))?;
        Ok(Subject { name: self.name, digest })
    }
}

fn is_name(text: &str) -> bool {
    (1..=MAX_NAME).contains(&text.len()) && !text.contains(char::is_control)
}

fn is_count_name(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte))
}

#[cfg(test)]
pub(crate) mod tests {
    use bartizan_finding::Location;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    pub(crate) fn sample() -> Statement {
        let at = |text: &str| text.parse().unwrap();
        Statement {
            subjects: vec![Subject { name: "model/a.safetensors".to_owned(), digest: Digest::of(b"a") }],
            kind: PredicateKind::ModelScan,
            predicate: Predicate {
                tool: Tool { name: "bartizan".to_owned(), version: "0.1.0".to_owned() },
                project: ProjectRef { name: "helpdesk".to_owned(), root: Digest::of(b"root") },
                collector: "ci".to_owned(),
                rule_sets: BTreeMap::from([("artifact".to_owned(), 1)]),
                parameters: BTreeMap::new(),
                counts: BTreeMap::from([("PKL007".to_owned(), 2)]),
                facts: BTreeMap::from([("format".to_owned(), json!("safetensors"))]),
                complete: true,
                unexamined: NotExamined::default(),
                bytes_read_at: at("2026-05-01T11:59:58Z"),
                collected: at("2026-05-01T12:00:00Z"),
                expires: at("2026-05-31T12:00:00Z"),
            },
        }
    }

    #[test]
    fn a_statement_reads_as_in_toto_wants_it() {
        let bytes = sample().to_bytes().unwrap();
        let value: Value = serde_json::from_slice(&bytes).unwrap();
        insta::assert_snapshot!(serde_json::to_string_pretty(&value).unwrap(), @r#"
        {
          "_type": "https://in-toto.io/Statement/v1",
          "predicate": {
            "bytesReadAt": "2026-05-01T11:59:58Z",
            "collected": "2026-05-01T12:00:00Z",
            "collector": "ci",
            "complete": true,
            "counts": {
              "PKL007": 2
            },
            "expires": "2026-05-31T12:00:00Z",
            "facts": {
              "format": "safetensors"
            },
            "parameters": {},
            "project": {
              "name": "helpdesk",
              "root": "sha256:4813494d137e1631bba301d5acab6e7bb7aa74ce1185d456565ef51d737677b2"
            },
            "ruleSets": {
              "artifact": 1
            },
            "tool": {
              "name": "bartizan",
              "version": "0.1.0"
            },
            "unexamined": {
              "listed": [],
              "total": 0
            }
          },
          "predicateType": "urn:bartizan:model-scan:v1",
          "subject": [
            {
              "digest": {
                "sha256": "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
              },
              "name": "model/a.safetensors"
            }
          ]
        }
        "#);
    }

    #[test]
    fn unknown_fields_and_algorithms_are_passed_over() {
        let with = edited(|value| {
            value["predicate"]["later"] = json!({"a": [1]});
            value["subject"][0]["digest"]["sha512"] = json!("00");
            value["also"] = json!(true);
        });
        assert_eq!(Statement::parse(&with), Ok(sample()));
    }

    #[test]
    fn contradictions_and_foreign_statements_are_refused() {
        type Edit = fn(&mut Value);
        let cases: &[(&str, Edit)] = &[
            ("its type is", |v| v["_type"] = json!("https://in-toto.io/Statement/v0.1")),
            ("is not known", |v| v["predicateType"] = json!("https://slsa.dev/provenance/v1")),
            ("no subject", |v| v["subject"] = json!([])),
            ("no SHA-256", |v| v["subject"][0]["digest"] = json!({"sha512": "00"})),
            ("no SHA-256", |v| v["subject"][0]["digest"]["sha256"] = json!("sha256:00")),
            ("have one name", |v| {
                let twice = v["subject"][0].clone();
                v["subject"].as_array_mut().unwrap().push(twice);
            }),
            ("control character", |v| v["subject"][0]["name"] = json!("a\u{1b}[2J")),
            ("a name in it is empty", |v| v["predicate"]["collector"] = json!("")),
            ("other characters", |v| v["predicate"]["counts"] = json!({"a b": 1})),
            ("complete and", |v| v["predicate"]["unexamined"]["total"] = json!(1)),
            ("than it counts", |v| {
                let at = json!({"kind": "bytes", "path": "a", "start": 0, "end": 0});
                v["predicate"]["unexamined"]["listed"] = json!([{"location": at, "reason": "unreadable"}]);
            }),
            ("before the bytes were read", |v| v["predicate"]["bytesReadAt"] = json!("2026-05-02T00:00:00Z")),
            ("before it was collected", |v| v["predicate"]["expires"] = json!("2026-05-01T11:59:59Z")),
            ("expected a JSON object", |v| v["predicate"] = json!([])),
            ("missing field `collected`", |v| {
                v["predicate"].as_object_mut().unwrap().remove("collected");
            }),
            ("invalid type", |v| v["predicate"]["counts"]["PKL007"] = json!(1.5)),
            ("invalid value", |v| v["predicate"]["counts"]["PKL007"] = json!(-1)),
            ("invalid type", |v| v["predicate"]["complete"] = json!("true")),
            ("2^53", |v| v["predicate"]["facts"]["n"] = json!(u64::MAX)),
        ];
        for (why, edit) in cases {
            let error = Statement::parse(&edited(edit)).unwrap_err().to_string();
            assert!(error.contains(why), "{why}: {error}");
        }
        // The type says more than that a predicate in another form has no tool.
        let provenance = json!({"_type": TYPE, "subject": [], "predicate": {"buildDefinition": {}},
            "predicateType": "https://slsa.dev/provenance/v1"});
        let error = Statement::parse(provenance.to_string().as_bytes()).unwrap_err().to_string();
        assert!(error.contains("`https://slsa.dev/provenance/v1` is not known"), "{error}");
        let twice = String::from_utf8(sample().to_bytes().unwrap()).unwrap();
        let twice = twice.replace(r#""complete":true"#, r#""complete":true,"complete":false"#);
        assert!(Statement::parse(twice.as_bytes()).unwrap_err().to_string().contains("stands twice"));
        assert!(matches!(
            Statement::parse(&vec![b' '; MAX_STATEMENT + 1]),
            Err(AttestError::TooLarge { .. })
        ));
    }

    #[test]
    fn what_could_not_be_read_back_is_not_written() {
        let mut statement = sample();
        statement.predicate.complete = true;
        statement.predicate.unexamined.total = 1;
        assert!(statement.to_bytes().is_err());
        statement = sample();
        statement.predicate.counts.insert("PKL001".to_owned(), 1 << 53);
        assert!(statement.to_bytes().is_err());
        statement = sample();
        statement.predicate.facts.insert("big".to_owned(), json!("x".repeat(MAX_STATEMENT)));
        assert!(matches!(statement.to_bytes(), Err(AttestError::TooLarge { .. })));
    }

    #[test]
    fn what_was_not_examined_is_counted_and_cut() {
        let all = (0..250).rev().map(|n| Unexamined::new(Location::file(format!("{n:03}")), "unreadable"));
        let listed = NotExamined::of(all);
        assert_eq!((listed.total, listed.listed.len()), (250, MAX_UNEXAMINED));
        assert_eq!(listed.listed[0].location, Location::file("000"));
    }

    prop_compose! {
        fn statements()(
            names in proptest::collection::btree_set("[ -~é€\u{1F600}]{1,20}", 1..5),
            kind in proptest::sample::select(PredicateKind::ALL.to_vec()),
            counts in proptest::collection::btree_map("[A-Z]{3}[0-9]{3}(/[a-z-]{1,8})?", 0..1_u64 << 53, 0..5),
            facts in proptest::collection::btree_map(".{0,8}", json_values(), 0..4),
            times in proptest::array::uniform3(-377_705_023_201_i64..=253_402_207_200),
            nanos in 0..1_000_000_000_i32,
            unexamined in proptest::collection::vec(".{0,20}", 0..3),
            collector in "[a-z0-9-]{1,12}",
            rule_set: u32,
        ) -> Statement {
            let mut times = times.map(|seconds| Timestamp::new(seconds.clamp(-62_000_000_000, 253_000_000_000), nanos).unwrap());
            times.sort_unstable();
            let unexamined =
                NotExamined::of(unexamined.into_iter().map(|path| Unexamined::new(Location::file(path), "unreadable")));
            let mut statement = sample();
            statement.subjects =
                names.into_iter().map(|name| Subject { digest: Digest::of(name.as_bytes()), name }).collect();
            statement.kind = kind;
            statement.predicate = Predicate {
                collector,
                rule_sets: BTreeMap::from([("detect".to_owned(), rule_set)]),
                counts,
                facts,
                complete: unexamined.total == 0,
                unexamined,
                bytes_read_at: times[0],
                collected: times[1],
                expires: times[2],
                ..statement.predicate
            };
            statement
        }
    }

    fn json_values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            (-(1_i64 << 53) + 1..1 << 53).prop_map(Value::from),
            ".{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(".{0,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_reads_back_the_same(statement in statements()) {
            let bytes = statement.to_bytes().unwrap();
            let read = Statement::parse(&bytes).unwrap();
            prop_assert_eq!(&read, &statement);
            prop_assert_eq!(read.to_bytes().unwrap(), bytes);
        }

        #[test]
        fn changed_bytes_never_panic(at: proptest::sample::Index, byte: u8, cut: proptest::sample::Index) {
            let mut bytes = sample().to_bytes().unwrap();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            let _ = Statement::parse(&bytes);
            bytes.truncate(cut.index(bytes.len()));
            prop_assert!(Statement::parse(&bytes).is_err());
        }
    }

    fn edited(edit: impl FnOnce(&mut Value)) -> Vec<u8> {
        let mut value = serde_json::from_slice(&sample().to_bytes().unwrap()).unwrap();
        edit(&mut value);
        serde_json::to_vec(&value).unwrap()
    }
}
