use bartizan_finding as internal;
use internal::{LengthClass, RuleMeta};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A text that came from a file is cut after this many characters; a longer one helps no reader and would let a
/// hostile file set the size of the report.
const MAX_TEXT: usize = 2_000;

/// One thing wrong: everything one rule saw of one asset in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The rule's code, such as `PKL001`.
    pub rule: String,
    /// The row of the rule's table, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The rule in one sentence.
    pub title: String,
    /// How bad it is.
    pub severity: Severity,
    /// How sure the rule is.
    pub confidence: Confidence,
    /// Id of the asset, where it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// File and member, file and column, key, or elements: without line, row or offset.
    pub place: String,
    /// What was seen first.
    pub message: String,
    /// How often.
    pub count: u64,
    /// The first places.
    pub samples: Vec<Sample>,
    /// What to do about it, in Markdown.
    pub fix: String,
    /// Ids of the controls that it speaks against.
    pub controls: Vec<String>,
    /// Names the finding across runs and machines: 64 hexadecimal digits.
    pub fingerprint: String,
    /// Why it does not count against the outcome, where it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suppressed: Option<Suppression>,
}

impl Finding {
    /// Joins a finding and its rule's words.
    pub fn new(finding: &internal::Finding, rule: &RuleMeta) -> Self {
        Self {
            rule: finding.rule.to_string(),
            variant: finding.variant.clone(),
            title: rule.title.to_owned(),
            severity: finding.severity.into(),
            confidence: finding.confidence.into(),
            asset: finding.asset.as_ref().map(ToString::to_string),
            place: cut(&finding.place),
            message: cut(&finding.message),
            count: finding.count,
            samples: finding.samples.iter().map(Sample::from).collect(),
            fix: rule.fix.to_owned(),
            controls: rule.controls.iter().map(ToString::to_string).collect(),
            fingerprint: finding.fingerprint.hex(),
            suppressed: finding.suppressed.as_ref().map(Suppression::from),
        }
    }

    /// Code and variant, as commands take them: `SEC001/stripe-live`.
    pub fn name(&self) -> String {
        match &self.variant {
            Some(variant) => format!("{}/{variant}", self.rule),
            None => self.rule.clone(),
        }
    }
}

/// What a rule that found something is about, in Markdown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RuleText {
    /// Its code.
    pub code: String,
    /// The rule in one sentence.
    pub title: String,
    /// What it finds.
    pub what: String,
    /// Why that matters.
    pub why: String,
    /// Where to read on: addresses and ids in public lists.
    pub references: Vec<String>,
}

impl From<&RuleMeta> for RuleText {
    fn from(rule: &RuleMeta) -> Self {
        Self {
            code: rule.code.to_string(),
            title: rule.title.to_owned(),
            what: rule.what.to_owned(),
            why: rule.why.to_owned(),
            references: rule.references.iter().map(|one| (*one).to_owned()).collect(),
        }
    }
}

/// One of a finding's places.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Sample {
    /// The location in words.
    pub at: String,
    /// The location in parts.
    pub location: Location,
    /// What may be said about the value there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redacted: Option<Redacted>,
}

impl From<&internal::Sample> for Sample {
    fn from(sample: &internal::Sample) -> Self {
        Self {
            at: cut(&sample.location.to_string()),
            location: Location::from(&sample.location),
            redacted: sample.redacted.as_ref().map(Redacted::from),
        }
    }
}

/// Something that should have been looked at and was not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unexamined {
    /// Id of the asset, where it belongs to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// The location in words.
    pub at: String,
    /// The location in parts.
    pub location: Location,
    /// Why, as a fragment that reads well after "not examined:".
    pub reason: String,
}

impl Unexamined {
    /// Says which asset it belongs to.
    pub fn new(asset: Option<&internal::AssetId>, unexamined: &internal::Unexamined) -> Self {
        Self {
            asset: asset.map(ToString::to_string),
            at: cut(&unexamined.location.to_string()),
            location: Location::from(&unexamined.location),
            reason: cut(&unexamined.reason),
        }
    }
}

/// Where something was seen. Paths are relative to the project and use `/`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Location {
    /// A span of a text file. Lines and columns count from 1, columns in characters.
    Text {
        /// The file.
        path: String,
        /// First byte of the span.
        start: u64,
        /// The byte after the span.
        end: u64,
        /// Line of the first byte.
        line: u64,
        /// Column of the first byte.
        column: u64,
    },
    /// A range of bytes in a binary file or in a member of an archive; 0 to 0 is the whole file.
    Bytes {
        /// The file.
        path: String,
        /// Names of the archive members or tensors that lead to the bytes, outermost first.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        members: Vec<String>,
        /// First byte of the range.
        start: u64,
        /// The byte after the range.
        end: u64,
    },
    /// A field of a record. Rows count from 1.
    Record {
        /// The file.
        path: String,
        /// The record.
        row: u64,
        /// JSON pointer (RFC 6901) or column name; empty for the record as a whole.
        column: String,
    },
    /// A span of the project file. Lines and columns count from 1.
    Project {
        /// The table or key, such as `asset.tickets.path`.
        key: String,
        /// First byte of the span.
        start: u64,
        /// The byte after the span.
        end: u64,
        /// Line of the first byte.
        line: u64,
        /// Column of the first byte.
        column: u64,
    },
    /// An element, or a path of elements along flows.
    Model {
        /// Ids of the elements, in the order of the flows.
        elements: Vec<String>,
    },
    /// A turn of a conversation.
    Turn {
        /// The run or recording.
        run: String,
        /// The turn, counted from 1.
        turn: u64,
    },
}

impl From<&internal::Location> for Location {
    fn from(location: &internal::Location) -> Self {
        use internal::Location as From;
        match location {
            From::Text { path, start, end, line, column } => {
                Self::Text { path: cut(path), start: *start, end: *end, line: *line, column: *column }
            }
            From::Bytes { path, members, start, end } => {
                let members = members.iter().map(|member| cut(member)).collect();
                Self::Bytes { path: cut(path), members, start: *start, end: *end }
            }
            From::Record { path, row, column } => {
                Self::Record { path: cut(path), row: *row, column: cut(column) }
            }
            From::Project { key, start, end, line, column } => {
                Self::Project { key: cut(key), start: *start, end: *end, line: *line, column: *column }
            }
            From::Model { elements } => Self::Model { elements: elements.clone() },
            From::Turn { run, turn } => Self::Turn { run: cut(run), turn: *turn },
        }
    }
}

/// What may be said about a secret or a personal datum.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Redacted {
    /// What it is, such as `e-mail` or `stripe-live`.
    pub kind: String,
    /// Roughly how long it is, in bytes: `up-to8`, `up-to16`, `up-to32`, `up-to128` or `longer`.
    pub length: String,
    /// At most two characters; absent for short identifiers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preview: Option<String>,
    /// Says which findings hold the same value, under a key that is not in the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_value: Option<SameValue>,
}

/// Equal for equal values, comparable only under one key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SameValue {
    /// Names the key.
    pub key_id: String,
    /// HMAC-SHA-256 of kind and value, the first 16 bytes in hexadecimal.
    pub mac: String,
}

impl From<&internal::Redacted> for Redacted {
    fn from(redacted: &internal::Redacted) -> Self {
        let same_value = redacted.same_value.as_ref();
        Self {
            kind: redacted.kind.clone().into_owned(),
            length: match redacted.length {
                LengthClass::UpTo8 => "up-to8",
                LengthClass::UpTo16 => "up-to16",
                LengthClass::UpTo32 => "up-to32",
                LengthClass::UpTo128 => "up-to128",
                LengthClass::Longer => "longer",
            }
            .to_owned(),
            preview: redacted.preview.clone(),
            same_value: same_value
                .map(|value| SameValue { key_id: value.key_id.clone(), mac: value.mac.clone() }),
        }
    }
}

/// Why a finding is shown and counted but does not decide the outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppression {
    /// What lets it pass.
    #[serde(default)]
    pub by: SuppressedBy,
    /// The exception, by its id, where it is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
    /// The reason that was given.
    pub reason: String,
    /// The day it ends, `YYYY-MM-DD`; absent for a baseline, which ends when it is replaced.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires: Option<String>,
}

impl Suppression {
    /// By what and until when, as a fragment: `ignored until 2027-03-01`, `not new`.
    pub fn label(&self) -> String {
        let what = match (self.by, &self.decision) {
            (SuppressedBy::Ignore, _) => "ignored".to_owned(),
            (SuppressedBy::Exception, Some(id)) => format!("excepted by {id}"),
            (SuppressedBy::Exception, None) => "excepted".to_owned(),
            (SuppressedBy::Baseline, _) => "not new".to_owned(),
        };
        match &self.expires {
            Some(day) => format!("{what} until {day}"),
            None => what,
        }
    }
}

/// What lets a finding pass.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SuppressedBy {
    /// An `[[ignore]]` entry of the project file.
    #[default]
    Ignore,
    /// A recorded exception.
    Exception,
    /// It stood in the baseline that the caller named, so it is not new.
    Baseline,
}

impl From<&internal::Suppression> for Suppression {
    fn from(suppression: &internal::Suppression) -> Self {
        let (by, decision) = match &suppression.by {
            internal::SuppressedBy::Ignore => (SuppressedBy::Ignore, None),
            internal::SuppressedBy::Exception(id) => (SuppressedBy::Exception, Some(id.clone())),
            internal::SuppressedBy::Baseline => (SuppressedBy::Baseline, None),
        };
        Self { by, decision, reason: cut(&suppression.reason), expires: suppression.expires.clone() }
    }
}

/// How bad it is if the finding is true. Ordered from the least to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; nothing to mend.
    Info,
    /// Mend it when convenient.
    Low,
    /// Mend it before the next release.
    Medium,
    /// Mend it before this release.
    High,
    /// Stop: using the asset endangers those who use it.
    Critical,
}

impl Severity {
    /// All severities, worst first.
    pub const WORST_FIRST: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl From<internal::Severity> for Severity {
    fn from(severity: internal::Severity) -> Self {
        match severity {
            internal::Severity::Info => Self::Info,
            internal::Severity::Low => Self::Low,
            internal::Severity::Medium => Self::Medium,
            internal::Severity::High => Self::High,
            internal::Severity::Critical => Self::Critical,
        }
    }
}

/// How sure the rule is that what it found is what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// A hint.
    Low,
    /// Usually right.
    Medium,
    /// Follows from the format, a checksum or a proof.
    High,
}

impl Confidence {
    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl From<internal::Confidence> for Confidence {
    fn from(confidence: internal::Confidence) -> Self {
        match confidence {
            internal::Confidence::Low => Self::Low,
            internal::Confidence::Medium => Self::Medium,
            internal::Confidence::High => Self::High,
        }
    }
}

/// Cut, where it is too long, with an ellipsis to show it.
fn cut(text: &str) -> String {
    let mut chars = text.chars();
    let mut kept: String = chars.by_ref().take(MAX_TEXT).collect();
    if chars.next().is_some() {
        kept.push('…');
    }
    kept
}
