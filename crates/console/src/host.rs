//! What the console asks of the program that serves it: checks, the log, rules, time and randomness.

use std::fmt;

use bartizan_finding::{Digest, RuleMeta, Timestamp};
use bartizan_report::v1::{Anchor, Report};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

/// The program that serves the console. Its methods may read files and take long: they are called on threads that
/// may wait.
pub trait Host: Send + Sync + 'static {
    /// Checks the project and reports. `watch` is told of progress and asked whether to stop.
    fn check(&self, watch: &dyn Watch) -> Result<Report, Failure>;

    /// The head of the log; nothing where the project has no log.
    fn log_head(&self) -> Result<Option<LogHead>, Failure>;

    /// Up to `count` entries from `first` on, in order.
    fn log_entries(&self, first: u64, count: u64) -> Result<Vec<LogEntry>, Failure>;

    /// One entry with its statement and proof; nothing where the log has no such entry.
    fn log_statement(&self, index: u64) -> Result<Option<LogStatement>, Failure>;

    /// All rules, by code.
    fn rules(&self) -> Vec<&'static RuleMeta>;

    /// A report in a format that only the program makes, such as SARIF; nothing where it does not know the format.
    fn render(&self, report: &Report, format: &str) -> Option<String>;

    /// The time, to the second.
    fn now(&self) -> Timestamp;

    /// 32 bytes of the system's randomness.
    fn randomness(&self) -> Result<[u8; 32], Failure>;

    /// A new link by which one person can come in is in force; `link` is the whole address. The host keeps it where
    /// only the owner of the process can read it.
    fn link_renewed(&self, link: &str);
}

/// Told what a check is doing; asked whether to go on. Called from several threads at once.
pub trait Watch: Sync {
    /// A stage begins: a word such as `inspect`.
    fn stage(&self, stage: &'static str);
    /// The plan is made: this much will be read.
    fn planned(&self, files: u64, bytes: u64);
    /// This many more bytes were read.
    fn read(&self, bytes: u64);
    /// One more file is done.
    fn file_done(&self, path: &str);
    /// Whether to stop.
    fn cancelled(&self) -> bool;
}

/// Why something could not be done: a sentence and what it rests on, outermost first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Failure {
    /// What could not be done, as a fragment that reads well at the start of a line.
    pub message: String,
    /// Faults with their places, such as those of a project file.
    pub details: Vec<String>,
}

impl Failure {
    /// A failure without details.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), details: Vec::new() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.message)
    }
}

impl std::error::Error for Failure {}

/// The head of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LogHead {
    /// The log's name.
    pub origin: String,
    /// Entries.
    pub size: u64,
    /// Root of the Merkle tree over them (RFC 9162).
    #[schemars(with = "String")]
    pub root: Digest,
    /// The signed checkpoint (C2SP tlog-checkpoint), as it is written.
    pub checkpoint: String,
    /// Who outside has seen the log, as far as it was verified; while there is nobody, it is not witnessed.
    pub anchors: Vec<Anchor>,
}

/// An entry of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LogEntry {
    /// Its place, from 0.
    pub index: u64,
    /// When it was appended.
    pub logged_at: Timestamp,
    /// Who appended it.
    pub actor: String,
    /// Its leaf hash.
    #[schemars(with = "String")]
    pub hash: Digest,
    /// `model-scan`, `check-run`…; `erased` for the note that an envelope was erased.
    pub kind: String,
    /// Digests of what it is about, where they are listed.
    #[schemars(with = "Vec<String>")]
    pub subjects: Vec<Digest>,
    /// The envelope.
    #[schemars(with = "Option<String>")]
    pub envelope: Option<Digest>,
    /// When what it says was collected.
    pub collected: Option<Timestamp>,
    /// When it stops counting by its own word.
    pub expires: Option<Timestamp>,
    /// Why the envelope was erased, where it was.
    pub erased: Option<String>,
}

/// An entry with what it stands for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct LogStatement {
    /// The entry.
    pub entry: LogEntry,
    /// The in-toto statement, where the envelope can be read.
    pub statement: Option<Value>,
    /// The DSSE envelope, as it was recorded.
    pub envelope: Option<String>,
    /// Whether it counts.
    pub counts: bool,
    /// Who signed it, or why it does not count, as a sentence.
    pub verdict: String,
    /// The proof that the entry is in the log (C2SP tlog-proof), which can be verified without it.
    pub proof: String,
}
