use bartizan_finding::{Digest, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Severity;

/// The program that wrote the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `bartizan`.
    pub name: String,
    /// Its version, such as `0.1.0`.
    pub version: String,
}

/// What was checked. It holds no path of the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Project {
    /// The name in the project file, or the folder's name where the project is inferred.
    pub name: String,
    /// `model-producer`, `system-producer` or `acquirer`.
    pub role: String,
    /// Whether there was no project file and one was made up from what is in the folder.
    pub inferred: bool,
    /// SHA-256 over the security-relevant fields of the project file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub root: Option<Digest>,
}

/// When and how it was checked. All times are UTC, RFC 3339.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Run {
    /// The time that ages and expiries are judged by.
    pub as_of: Timestamp,
    /// When the run started.
    pub started: Timestamp,
    /// When the run ended.
    pub finished: Timestamp,
    /// Where its statements went.
    pub recorded: Recorded,
    /// Whether the key that says whom to believe and the key that signs the evidence lie on one machine.
    pub self_attested: bool,
    /// Whether the network was left alone.
    pub offline: bool,
    /// Which earlier report the findings were held against, by the name of its file, where one was named. Findings
    /// that stood in it are suppressed as not new.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
}

/// Where the statements of a run went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Recorded {
    /// Nowhere: the run leaves no evidence.
    NotRecorded {
        /// Why, as a sentence.
        reason: String,
    },
    /// Into the project's log.
    Ledger {
        /// Entries in the log after the run.
        size: u64,
        /// Root of the Merkle tree over them.
        #[schemars(with = "String")]
        root: Digest,
        /// How many statements the run added.
        added: u64,
        /// Whether somebody on another host has seen this head; who that is stands in the report's anchors, and
        /// without an anchor no format says that it is witnessed.
        witnessed: bool,
    },
    /// Into a file that another machine takes into its log.
    Bundle {
        /// How many statements it holds.
        statements: u64,
    },
}

/// What follows for the caller: four judgements, kept apart, and the exit code that they give together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Outcome {
    /// 0 done; 1 findings, gate or red team; 2 usage; 3 nothing to check; 4 incomplete; 5 verification failed.
    pub exit_code: u8,
    /// From which severity on a finding counts against the outcome.
    pub fail_on: Severity,
    /// Whether anything is wrong.
    pub findings: Part<Findings>,
    /// Whether the gates that were asked allow.
    pub gates: Part<Gates>,
    /// Whether all planned work was done.
    pub coverage: Part<Coverage>,
    /// Whether signatures, digests and the log hold.
    pub verification: Part<Verification>,
}

/// A judgement: a word for programs and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "{W}Part")]
pub struct Part<W> {
    /// One of a closed list.
    pub word: W,
    /// What it means here.
    pub sentence: String,
}

impl<W> Part<W> {
    /// Joins a word and its sentence.
    pub fn new(word: W, sentence: impl Into<String>) -> Self {
        Self { word, sentence: sentence.into() }
    }
}

/// Whether anything is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Findings {
    /// No finding that counts.
    None,
    /// Findings, all of them below the threshold.
    Below,
    /// Findings at or over the threshold.
    AtOrOver,
}

/// Whether the gates allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Gates {
    /// No gate was asked.
    NotAsked,
    /// Every gate that was asked allows.
    Allow,
    /// A gate that was asked denies.
    Deny,
}

/// Whether all planned work was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Coverage {
    /// All of it.
    Complete,
    /// Not all of it; see `unexamined`.
    Incomplete,
    /// There was nothing to do.
    Nothing,
}

/// Whether signatures, digests and the log hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verification {
    /// There was nothing to verify.
    NotAsked,
    /// Everything that was verified holds.
    Verified,
    /// Something does not hold.
    Failed,
}

/// An asset that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Asset {
    /// Its id in the project.
    pub id: String,
    /// `dataset`, `model`, `prompt`…
    pub kind: String,
    /// Relative to the project; absent where it is not a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// How many files.
    pub files: u64,
    /// How many bytes.
    pub bytes: u64,
    /// Of the file, or of the folder with its names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub digest: Option<Digest>,
}

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// What and why.
    pub sentence: String,
    /// The command that does it or shows it, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
}

impl Step {
    /// A step with its command.
    pub fn new(sentence: impl Into<String>, command: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), command: Some(command.into()) }
    }
}
