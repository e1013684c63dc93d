//! From results to recorded statements.
//!
//! Only what says something new is appended; the run's own `check-run` statement stands by the rest, and so keeps it
//! from growing old (see docs/adr/0001-one-statement-per-file.md).

use std::collections::BTreeMap;

use bartizan_attest::{Envelope, NotExamined, Predicate, ProjectRef, SigningKey, Statement, Subject, Tool};
use bartizan_finding::{
    AssetId, Confidence, Digest, Finding, Fingerprint, PredicateKind, RuleCode, Severity, Timestamp,
    Unexamined,
};
use bartizan_ledger::{Draft, Subjects};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    error::EngineError,
    gather::{Gathered, STANDS_BY},
    state::State,
    suppress::SubjectsOf,
};

/// The fact of a `check-run` statement that counts the run's findings by severity, without those that the project
/// file ignores.
pub const RUN_FINDINGS: &str = "run.findings";

/// The fact of a `check-run` statement that counts the findings that the project file ignores.
pub const RUN_IGNORED: &str = "run.ignored";

/// The fact of a `check-run` statement that counts what the run did not look at.
pub const RUN_UNEXAMINED: &str = "run.unexamined";

/// The fact of a `check-run` statement that lists the first [`MAX_LISTED`] of those that stand, worst first, so that an exception
/// can be held against them later.
pub const RUN_LISTED: &str = "run.listed";

/// The fact of a `check-run` statement that lists the envelopes that the run made, so that a bundle from which one was
/// taken out is noticed.
pub const MADE: &str = "statements.made";

/// How many findings a `check-run` statement lists.
pub const MAX_LISTED: usize = 500;

/// A finding as a `check-run` statement lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// How bad it is.
    pub severity: Severity,
    /// The rule.
    pub rule: RuleCode,
    /// The row of the rule's table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The asset that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<AssetId>,
    /// Where it is.
    pub place: String,
    /// The digest of what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Digest>,
    /// The subjects of the statements that count it.
    pub counted_for: Vec<Digest>,
}

impl Listed {
    pub(crate) fn of(finding: &Finding, subjects: &SubjectsOf<'_>) -> Self {
        Self {
            fingerprint: finding.fingerprint,
            severity: finding.severity,
            rule: finding.rule.clone(),
            variant: finding.variant.clone(),
            asset: finding.asset.clone(),
            place: finding.place.clone(),
            subject: subjects.of(finding),
            counted_for: subjects.counted_for(finding),
        }
    }

    /// The finding, as far as it was listed: what an exception is held against.
    pub fn finding(&self) -> Finding {
        Finding {
            rule: self.rule.clone(),
            variant: self.variant.clone(),
            severity: self.severity,
            confidence: Confidence::High,
            asset: self.asset.clone(),
            place: self.place.clone(),
            message: String::new(),
            count: 1,
            samples: Vec::new(),
            fingerprint: self.fingerprint,
            suppressed: None,
        }
    }
}

/// How long a statement of a check counts by its own word. Controls ask for fresher evidence than this.
const EXPIRES_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A `check-run` statement lists at most this many envelopes; a larger run makes several.
const LISTED_AT_MOST: usize = 4_000;

/// What a statement will say, apart from who says it and when.
#[derive(Clone, Debug)]
pub struct Claim {
    /// What kind of statement.
    pub kind: PredicateKind,
    /// Name and digest of what it is about.
    pub subject: (String, Digest),
    /// Rule-set versions.
    pub rule_sets: BTreeMap<String, u32>,
    /// What the check was told.
    pub parameters: BTreeMap<String, Value>,
    /// Findings by rule.
    pub counts: BTreeMap<String, u64>,
    /// What else is known.
    pub facts: BTreeMap<String, Value>,
    /// What was not examined.
    pub unexamined: Vec<Unexamined>,
}

/// Who states, about which project, and when.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Name and version of the program.
    pub tool: Tool,
    /// Name and root of the project.
    pub project: ProjectRef,
    /// When the bytes were read: the start of the run.
    pub read_at: Timestamp,
    /// When the statements are made.
    pub now: Timestamp,
}

/// What a run says of itself, besides which statements it stands by.
#[derive(Clone, Debug, Default)]
pub struct RunSays {
    /// Findings about the log itself, by rule.
    pub counts: BTreeMap<String, u64>,
    /// What is known about the log.
    pub facts: BTreeMap<String, Value>,
}

/// What became of the claims of a run.
#[derive(Debug, Default)]
pub struct Recorded {
    /// Indexes of the statements that were appended, in the order of the claims, and of the `check-run`.
    pub added: Vec<u64>,
    /// Indexes of statements that said the same already.
    pub unchanged: Vec<u64>,
}

/// Signs and appends what is new among `claims`, with a `check-run` that stands by the rest.
pub fn record(
    state: &State,
    known: &Gathered,
    frame: &Frame,
    claims: Vec<Claim>,
    run: &RunSays,
) -> Result<Recorded, EngineError> {
    let key = state.collector.fingerprint();
    let mut recorded = Recorded::default();
    let mut stands_by = Vec::new();
    let mut drafts = Vec::new();
    for claim in claims {
        let statement = frame.statement(&state.collector_name, claim);
        let subjects: Vec<_> =
            statement.subjects.iter().map(|subject| (subject.name.clone(), subject.digest)).collect();
        match known.newest(statement.kind, &subjects, &key) {
            Some((index, before)) if says_the_same(&before.predicate, &statement.predicate) => {
                recorded.unchanged.push(index);
                stands_by.push(before.envelope.hex());
            }
            _ => drafts.push(draft(&statement, &state.collector, &state.collector_name)?),
        }
    }
    let new: Vec<_> = drafts.iter().filter_map(envelope_of).collect();
    drafts.extend(check_runs(state, frame, &stands_by, &new, run)?);
    let receipts = state.ledger.append(&drafts, frame.now)?;
    recorded.added.extend(receipts.iter().map(|receipt| receipt.index));
    Ok(recorded)
}

/// The statements of the run as a whole: one, or several where it stands by very many.
fn check_runs(
    state: &State,
    frame: &Frame,
    stands_by: &[String],
    new: &[String],
    run: &RunSays,
) -> Result<Vec<Draft>, EngineError> {
    let all: Vec<_> =
        stands_by.iter().map(|hex| (hex, false)).chain(new.iter().map(|hex| (hex, true))).collect();
    let parts: Vec<&[(&String, bool)]> =
        if all.is_empty() { vec![&[]] } else { all.chunks(LISTED_AT_MOST).collect() };
    let of = parts.len();
    let statement = |(number, part): (usize, &[(&String, bool)])| {
        let listed = |wanted: bool| -> Vec<_> {
            part.iter().filter(|(_, is_new)| *is_new == wanted).map(|(hex, _)| *hex).collect()
        };
        let mut facts = run.facts.clone();
        facts.insert(STANDS_BY.to_owned(), json!(listed(false)));
        facts.insert(MADE.to_owned(), json!(listed(true)));
        facts.insert("statements.new".to_owned(), json!(new.len()));
        facts.insert("statements.unchanged".to_owned(), json!(stands_by.len()));
        facts.insert("part".to_owned(), json!({"number": number + 1, "of": of}));
        let claim = Claim {
            kind: PredicateKind::CheckRun,
            subject: (frame.project.name.clone(), frame.project.root),
            rule_sets: crate::registry::rule_sets(),
            parameters: BTreeMap::new(),
            counts: run.counts.clone(),
            facts,
            unexamined: Vec::new(),
        };
        draft(&frame.statement(&state.collector_name, claim), &state.collector, &state.collector_name)
    };
    parts.into_iter().enumerate().map(statement).collect()
}

fn envelope_of(draft: &Draft) -> Option<String> {
    match draft {
        Draft::Statement { envelope, .. } => Some(Digest::of(envelope).hex()),
        Draft::Erase { .. } => None,
    }
}

impl Frame {
    pub(crate) fn statement(&self, collector: &str, claim: Claim) -> Statement {
        let unexamined = NotExamined::of(claim.unexamined);
        Statement {
            subjects: vec![Subject { name: name(&claim.subject.0), digest: claim.subject.1 }],
            kind: claim.kind,
            predicate: Predicate {
                tool: self.tool.clone(),
                project: self.project.clone(),
                collector: collector.to_owned(),
                rule_sets: claim.rule_sets,
                parameters: claim.parameters,
                counts: claim.counts,
                facts: claim.facts,
                complete: unexamined.total == 0,
                unexamined,
                bytes_read_at: self.read_at,
                collected: self.now,
                expires: self.now.checked_add(EXPIRES_AFTER).unwrap_or(Timestamp::MAX),
            },
        }
    }
}

/// A subject's name holds no control characters and is not long; the digest is what identifies it.
fn name(text: &str) -> String {
    bartizan_artifact::escape(text, 250)
}

/// Whether a statement would say what an earlier one says, times and revision of the project apart.
fn says_the_same(before: &Predicate, now: &Predicate) -> bool {
    before.tool == now.tool
        && before.project.name == now.project.name
        && before.rule_sets == now.rule_sets
        && before.parameters == now.parameters
        && before.counts == now.counts
        && before.facts == now.facts
        && before.complete == now.complete
        && before.unexamined == now.unexamined
}

/// A signed statement, ready to be appended.
pub fn draft(statement: &Statement, key: &SigningKey, actor: &str) -> Result<Draft, EngineError> {
    let envelope = Envelope::sign(statement, key)?;
    Ok(Draft::Statement {
        envelope: envelope.to_bytes(),
        predicate: statement.kind.uri(),
        subjects: Subjects::of(statement.subjects.iter().map(|subject| subject.digest)),
        collected: statement.predicate.collected,
        expires: Some(statement.predicate.expires),
        key: key.fingerprint(),
        actor: actor.to_owned(),
    })
}
