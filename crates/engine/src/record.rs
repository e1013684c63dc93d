//! From results to recorded statements.
//!
//! Only what says something new is appended; the run's own `check-run` statement stands by the rest, and so keeps it
//! from growing old (see docs/adr/0001-one-statement-per-file.md).

use std::collections::BTreeMap;

use bartizan_attest::{Envelope, NotExamined, Predicate, ProjectRef, SigningKey, Statement, Subject, Tool};
use bartizan_finding::{Digest, PredicateKind, Timestamp, Unexamined};
use bartizan_ledger::{Draft, Subjects};
use jiff::SignedDuration;
use serde_json::{Value, json};

use crate::{
    error::EngineError,
    gather::{Gathered, STANDS_BY},
    state::State,
};

/// The fact of a `check-run` statement that counts the run's findings by severity.
pub const RUN_FINDINGS: &str = "run.findings";

/// How long a statement of a check counts by its own word. Controls ask for fresher evidence than this.
const EXPIRES_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A `check-run` statement lists at most this many envelopes; a larger run makes several.
const LISTED_AT_MOST: usize = 6_000;

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
    drafts.extend(check_runs(state, frame, &stands_by, drafts.len(), run)?);
    let receipts = state.ledger.append(&drafts, frame.now)?;
    recorded.added.extend(receipts.iter().map(|receipt| receipt.index));
    Ok(recorded)
}

/// The statements of the run as a whole: one, or several where it stands by very many.
fn check_runs(
    state: &State,
    frame: &Frame,
    stands_by: &[String],
    new: usize,
    run: &RunSays,
) -> Result<Vec<Draft>, EngineError> {
    let parts: Vec<&[String]> =
        if stands_by.is_empty() { vec![&[]] } else { stands_by.chunks(LISTED_AT_MOST).collect() };
    let of = parts.len();
    let statement = |(number, part): (usize, &[String])| {
        let mut facts = run.facts.clone();
        facts.insert(STANDS_BY.to_owned(), json!(part));
        facts.insert("statements.new".to_owned(), json!(new));
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

impl Frame {
    fn statement(&self, collector: &str, claim: Claim) -> Statement {
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
