//! The statement that a gate decided, signed by the collector that evaluated it and by whoever asked.

use std::collections::BTreeMap;

use bartizan_attest::{Envelope, NotExamined, Predicate, ProjectRef, SigningKey, Statement, Subject, Tool};
use bartizan_finding::{AssetId, Digest, PredicateKind, Timestamp};
use bartizan_ledger::{Draft, Subjects};
use bartizan_project::{Project, SubjectRef};
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Ruled;
use crate::{
    check::{Checked, Request},
    error::EngineError,
    state::State,
};

/// How long a deployer may rest on a decision. Evidence or a break-glass that runs out earlier ends it earlier.
const HOLDS_FOR: SignedDuration = SignedDuration::from_hours(24);

/// A decision that was recorded.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Its entry in the log.
    pub index: u64,
    /// The signed statement.
    pub envelope: Envelope,
    /// The proof that it is in the log.
    pub proof: String,
    /// When it ends.
    pub expires: Timestamp,
}

/// Facts of a `gate-decision` statement that a deployer holds against what is expected.
pub(super) mod fact {
    pub(crate) const GATE: &str = "gate.id";
    pub(crate) const ALLOWED: &str = "gate.allowed";
    pub(crate) const ORGANISATION: &str = "gate.organisation";
    pub(crate) const PRINCIPAL: &str = "gate.principal";
    pub(crate) const BREAK_GLASS: &str = "gate.break-glass";
}

/// Records what a gate has ruled, in the project's log.
pub fn record(checked: &Checked, request: &Request, ruled: &Ruled) -> Result<Decision, EngineError> {
    checked.check_recording()?;
    let folder = request.state.clone().unwrap_or_else(|| checked.source.state_folder());
    let state = State::open(&folder, &checked.source.project)?;
    let expires = expires(checked, ruled);
    let statement = statement(checked, request, ruled, &state.collector_name, expires)?;
    let envelope = sign(&statement, &state.collector, request.principal.as_ref())?;
    let draft = Draft::Statement {
        envelope: envelope.to_bytes(),
        predicate: statement.kind.uri(),
        subjects: Subjects::of(statement.subjects.iter().map(|subject| subject.digest)),
        collected: checked.as_of,
        expires: Some(expires),
        key: state.collector.fingerprint(),
        actor: state.collector_name.clone(),
    };
    let receipts = state.ledger.append(&[draft], checked.as_of)?;
    let index = receipts.first().map_or(0, |receipt| receipt.index);
    let view = state.ledger.view()?;
    if let Some(heads) = request.heads.as_ref().and_then(|folder| crate::heads::Heads::open(folder).ok()) {
        heads.keep_state(&state, view.head())?;
    }
    Ok(Decision { index, envelope, proof: bartizan_ledger::prove(&view, index)?, expires })
}

fn sign(
    statement: &Statement,
    collector: &SigningKey,
    asked: Option<&SigningKey>,
) -> Result<Envelope, EngineError> {
    let mut envelope = Envelope::sign(statement, collector)?;
    if let Some(key) = asked {
        envelope.countersign(key);
    }
    Ok(envelope)
}

/// The earliest of: a day from now, the end of the evidence that counts, the end of the break-glass. A refusal holds the
/// whole day: so long an earlier decision that it replaces could go on counting.
fn expires(checked: &Checked, ruled: &Ruled) -> Timestamp {
    let day = checked.as_of.checked_add(HOLDS_FOR).unwrap_or(Timestamp::MAX);
    if !ruled.result.verdict.passes() {
        return day;
    }
    let evidence = checked.assessment.expires.filter(|at| *at > checked.as_of);
    let broken = ruled.result.break_glass.as_ref();
    let broken = broken.and_then(|id| checked.standing.decided.iter().find(|one| one.id == *id));
    [evidence, broken.map(|one| one.expires)].into_iter().flatten().fold(day, Timestamp::min)
}

fn statement(
    checked: &Checked,
    request: &Request,
    ruled: &Ruled,
    collector: &str,
    expires: Timestamp,
) -> Result<Statement, EngineError> {
    let project = &checked.source.project;
    Ok(Statement {
        subjects: subjects(checked, ruled)?,
        kind: PredicateKind::GateDecision,
        predicate: Predicate {
            tool: Tool { name: "bartizan".to_owned(), version: request.version.to_owned() },
            project: ProjectRef { name: project.name.clone(), root: project.root() },
            collector: collector.to_owned(),
            rule_sets: BTreeMap::new(),
            parameters: facts_decided_from(ruled),
            counts: BTreeMap::new(),
            facts: facts(ruled),
            complete: true,
            unexamined: NotExamined::default(),
            bytes_read_at: checked.as_of,
            collected: checked.as_of,
            expires,
        },
    })
}

/// What passes: the asset's bytes; for the project its declaration and the bytes of each asset, so that whoever
/// deploys one of them can hold what they have against the decision.
fn subjects(checked: &Checked, ruled: &Ruled) -> Result<Vec<Subject>, EngineError> {
    const AT_MOST: usize = 1_000;
    let subject = |name: &str, digest| Subject { name: name.to_owned(), digest };
    let project = &checked.source.project;
    if let Some(asset) = &ruled.asset {
        let digest = bytes(checked, asset).or_else(|| hosted(project, asset));
        let digest = digest.ok_or_else(|| EngineError::NoBytes(asset.clone()))?;
        return Ok(vec![subject(asset.as_str(), digest)]);
    }
    let mut subjects = vec![subject(&format!("project {}", project.name), project.root())];
    let assets = project.assets.keys().filter_map(|id| Some(subject(id.as_str(), bytes(checked, id)?)));
    subjects.extend(assets.take(AT_MOST));
    Ok(subjects)
}

/// The digest of an asset's bytes. What lies elsewhere, such as an image in a registry, is its pinned digest.
fn bytes(checked: &Checked, id: &AssetId) -> Option<Digest> {
    let declared = checked.source.project.assets.get(id)?;
    let pinned = declared.digest.filter(|_| declared.path.is_none());
    checked.assets.get(id).and_then(|bytes| bytes.whole).or(pinned)
}

/// A model that a provider hosts has no bytes here and is what the project declares of it.
fn hosted(project: &Project, id: &AssetId) -> Option<Digest> {
    let declared = project.assets.get(id)?;
    declared.path.is_none().then(|| project.subject(&SubjectRef::Asset(id.clone()))).flatten()
}

fn facts(ruled: &Ruled) -> BTreeMap<String, Value> {
    let result = &ruled.result;
    let refused_by: Vec<_> = result.refusals.iter().map(|refusal| &refusal.rule).collect();
    BTreeMap::from([
        (fact::GATE.to_owned(), json!(ruled.gate)),
        (fact::ALLOWED.to_owned(), json!(result.verdict.passes())),
        ("gate.verdict".to_owned(), json!(result.verdict)),
        (fact::PRINCIPAL.to_owned(), json!(result.principal)),
        ("gate.resource".to_owned(), json!(result.resource)),
        ("gate.refused-by".to_owned(), json!(refused_by)),
        ("gate.policy".to_owned(), json!(ruled.policy)),
        (fact::ORGANISATION.to_owned(), json!(ruled.organisation)),
        (fact::BREAK_GLASS.to_owned(), json!(result.break_glass)),
    ])
}

fn facts_decided_from(ruled: &Ruled) -> BTreeMap<String, Value> {
    BTreeMap::from([("facts".to_owned(), json!(ruled.facts))])
}
