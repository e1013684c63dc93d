//! Where a project stands apart from its bytes: what people have decided, and whether what is declared agrees with
//! what is there and with what was declared before.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::BufReader,
    path::Path,
};

use bartizan_assure::{
    AgreedLoss, AssetBytes, Counted, Current, Decided, DecisionFault, Decisions, Evidence, InScope, Scope,
    Stated, agreed_losses, approvals, decided, decisions, scope,
};
use bartizan_attest::{BundleReader, Statement};
use bartizan_finding::{
    AssetId, Digest, Finding, FindingSet, GateId, LossKind, PredicateKind, Severity, Timestamp, Unexamined,
};
use bartizan_inventory::{Agreed, Declared, Lost, Undeclared};
use bartizan_project::Project;
use serde_json::{Value, json};

use crate::{
    bytes::Bytes,
    error::EngineError,
    files,
    gather::{Gathered, Trusted},
    record::{Listed, RUN_LISTED},
    source::Source,
};

/// The most bytes of a gate's policy file that are read.
pub const MAX_POLICY: u64 = 256 * 1024;

/// The fact of an `assessment` statement that says what was declared, derived and in scope.
pub const DECLARED: &str = "declared";

/// What people have decided, and what was lost or is undeclared.
#[derive(Debug, Default)]
pub struct Standing {
    /// Every request, with who agreed and where it stands.
    pub decided: Vec<Decided>,
    /// Approvals and requests that are not in order.
    pub faults: Vec<DecisionFault>,
    /// What was seen and nobody declared.
    pub undeclared: Vec<Undeclared>,
    /// Where nobody could look whether something is undeclared.
    pub unseen: Vec<Unexamined>,
    /// What an earlier assessment had and this one has not.
    pub lost: Vec<Lost>,
    /// Of which kinds there were too many to be written down, so that nobody can tell what is lost.
    pub not_compared: BTreeSet<LossKind>,
    /// The entries of earlier assessments that cannot be read, so that nobody can tell what they had.
    pub unreadable: Vec<u64>,
    /// What people agreed may be lost; [`Lost::agreed`] points into it.
    pub agreed: Vec<AgreedLoss>,
    /// Whether an earlier assessment was there to compare with.
    pub compared: bool,
    /// The findings that the newest recorded run of this revision lists.
    pub listed: Vec<Listed>,
    /// Who agreed to the release of what, folded from what each person signed.
    pub releases: Vec<Evidence>,
    /// The policy file of each gate, or why it cannot be read.
    pub policies: BTreeMap<GateId, Result<String, String>>,
    /// What is declared, derived and in scope now.
    pub declared: Declared,
}

/// What [`Standing::of`] looks at.
pub(crate) struct Grounds<'a> {
    pub(crate) source: &'a Source,
    pub(crate) threats: &'a bartizan_threat::Model,
    pub(crate) assets: &'a BTreeMap<AssetId, Bytes>,
    pub(crate) scope: &'a Scope,
    pub(crate) gathered: &'a Gathered,
    /// What earlier assessments had that are in no log here.
    pub(crate) previous: Vec<Declared>,
    pub(crate) as_of: Timestamp,
}

impl Standing {
    pub(crate) fn of(grounds: &Grounds<'_>) -> Self {
        let project = &grounds.source.project;
        let mut standing = Self::of_people(project, grounds.assets, grounds.gathered, grounds.as_of);
        standing.policies = policies(project, &grounds.source.root);
        standing.declared = declared(grounds, &standing.policies);
        let (history, unreadable) = history(grounds.gathered);
        standing.unreadable = unreadable;
        standing.agreed.retain(|one| one.holds || was_used(one, &history));
        let may_go: Vec<_> = standing.agreed.iter().map(may_go).collect();
        let before = grounds.previous.iter().map(|declared| (0, declared.clone()));
        let history: Vec<_> =
            before.chain(history.into_iter().map(|one| (one.index, one.declared))).collect();
        standing.lost = bartizan_inventory::losses(&history, &standing.declared, &may_go);
        standing.not_compared = bartizan_inventory::not_compared(&history, &standing.declared);
        standing.compared = !history.is_empty();
        (standing.undeclared, standing.unseen) = undeclared(grounds.source);
        standing
    }

    /// What people have decided, without the project's folder.
    pub(crate) fn of_people(
        project: &Project,
        assets: &BTreeMap<AssetId, Bytes>,
        gathered: &Gathered,
        as_of: Timestamp,
    ) -> Self {
        let stated = stated(gathered);
        let (decided, mut faults) = decided(&stated, &current(project, assets), as_of);
        let (releases, more) = approvals(&stated, as_of);
        faults.extend(more);
        let agreed = agreed_losses(&decided);
        let listed = listed(gathered, project);
        Self { decided, faults, agreed, listed, releases, ..Self::default() }
    }

    /// What decisions mean for status. The findings are those that the newest recorded run of this revision lists, so
    /// that everybody who reads the log comes to the same status.
    pub(crate) fn decisions(&self) -> Decisions {
        let findings: Vec<Finding> = self.listed.iter().map(Listed::finding).collect();
        let counted = self.listed.iter().zip(&findings).map(|(listed, finding)| Counted {
            finding,
            subject: listed.subject,
            counted_for: listed.counted_for.clone(),
        });
        let mut decisions = decisions(&self.decided, &counted.collect::<Vec<_>>());
        decisions.approvals.clone_from(&self.releases);
        decisions
    }

    /// The decisions that hold.
    pub fn in_force(&self) -> impl Iterator<Item = &Decided> {
        self.decided.iter().filter(|one| one.state.holds())
    }

    /// What was lost and nobody agreed to.
    pub fn missing(&self) -> impl Iterator<Item = &Lost> {
        self.lost.iter().filter(|lost| lost.agreed.is_none())
    }

    /// What nobody declared and should have: of medium severity or worse.
    pub fn unaccounted(&self) -> impl Iterator<Item = &Undeclared> {
        self.undeclared.iter().filter(|one| one.severity >= Severity::Medium)
    }

    /// Whether declared and observed agree. What nobody could look at or compare agrees with nothing.
    pub fn is_reconciled(&self) -> bool {
        let is_seen = self.unseen.is_empty() && self.not_compared.is_empty() && self.unreadable.is_empty();
        is_seen && self.missing().next().is_none() && self.unaccounted().next().is_none()
    }

    /// What an `assessment` statement says of it.
    pub(crate) fn facts(&self) -> BTreeMap<String, Value> {
        BTreeMap::from([
            (DECLARED.to_owned(), self.declared.to_fact()),
            ("reconcile.undeclared".to_owned(), json!(self.unaccounted().count())),
            ("reconcile.unseen".to_owned(), json!(self.unseen.len())),
            ("reconcile.lost".to_owned(), json!(self.missing().count())),
            ("reconcile.not-compared".to_owned(), json!(self.not_compared.len() + self.unreadable.len())),
            ("decisions.in-force".to_owned(), json!(self.in_force().count())),
        ])
    }

    /// What is wrong, as findings.
    pub(crate) fn findings(&self) -> FindingSet {
        let mut findings = FindingSet::new();
        for one in &self.undeclared {
            findings.push(None, one.occurrence.clone());
        }
        for occurrence in bartizan_inventory::lost_occurrences(&self.lost) {
            findings.push(None, occurrence);
        }
        findings
    }
}

/// The newest run that counts and was about the project as it is declared now: the one that was made last, whenever
/// it was recorded. An older one that is handed in late says nothing of what was found since.
pub(crate) fn newest_run<'g>(gathered: &'g Gathered, project: &Project) -> Option<&'g Trusted> {
    let root = project.root();
    let runs = gathered.trusted.values().filter(|one| one.kind == PredicateKind::CheckRun);
    let current = runs.filter(|run| run.subjects.iter().any(|(_, digest)| *digest == root));
    current.max_by_key(|run| (run.predicate.collected, run.index))
}

/// What that run lists.
pub(crate) fn listed(gathered: &Gathered, project: &Project) -> Vec<Listed> {
    let fact = newest_run(gathered, project).and_then(|run| run.predicate.facts.get(RUN_LISTED));
    fact.and_then(|listed| serde_json::from_value(listed.clone()).ok()).unwrap_or_default()
}

/// What is in scope of each control.
pub(crate) fn scope_of(project: &Project, assets: &BTreeMap<AssetId, Bytes>) -> Scope {
    let bytes = assets.iter().map(|(id, bytes)| {
        let files = bytes.files.iter().map(|(name, _, digest)| (name.clone(), *digest)).collect();
        (id.clone(), AssetBytes { whole: bytes.whole, files })
    });
    scope(bartizan_standards::controls(), project, &bytes.collect())
}

/// What people have stated, oldest first.
pub(crate) fn stated(gathered: &Gathered) -> Vec<Stated> {
    let of_people = |kind| matches!(kind, PredicateKind::Exception | PredicateKind::Approval);
    let people = gathered.trusted.iter().filter(|(_, trusted)| of_people(trusted.kind));
    let stated = people.map(|(index, trusted)| Stated {
        index: *index,
        envelope: trusted.envelope,
        kind: trusted.kind,
        signer: trusted.predicate.collector.clone(),
        key: trusted.key.to_string(),
        collected: trusted.predicate.collected,
        expires: trusted.predicate.expires,
        subjects: trusted.subjects.iter().map(|(_, digest)| *digest).collect(),
        facts: trusted.predicate.facts.clone(),
    });
    stated.collect()
}

/// What there is now that a decision can be about.
fn current(project: &Project, assets: &BTreeMap<AssetId, Bytes>) -> Current {
    let mut subjects: BTreeSet<Digest> = project.subjects().into_values().collect();
    subjects.insert(project.root());
    for bytes in assets.values() {
        subjects.extend(bytes.whole);
        subjects.extend(bytes.files.iter().filter_map(|(_, _, digest)| *digest));
    }
    Current { subjects, project: project.root() }
}

fn policies(project: &Project, root: &Path) -> BTreeMap<GateId, Result<String, String>> {
    let real_root = root.canonicalize().ok();
    let read = |path: &str| {
        let path = root.join(path);
        // Opening does not follow a link at the end of the path; here is what lies before it.
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        if let (Some(folder), Some(root)) = (folder, &real_root)
            && !folder.starts_with(root)
        {
            return Err("a link in its path leads out of the project's folder".to_owned());
        }
        let bytes = files::read(&path, MAX_POLICY).map_err(|error| files::plain(&error))?;
        String::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())
    };
    project.gates.iter().map(|(id, gate)| (id.clone(), read(gate.policy.as_str()))).collect()
}

fn declared(grounds: &Grounds<'_>, policies: &BTreeMap<GateId, Result<String, String>>) -> Declared {
    // A threat rests on the elements of its path, a control on what is in its scope: when those go, so do they.
    let threats = grounds.threats.threats.iter().map(|threat| {
        let path: Vec<_> = threat.path.iter().map(|node| node.as_str().to_owned()).collect();
        (threat.id.to_string(), path)
    });
    let controls = grounds.scope.controls.iter().filter_map(|(id, of)| match of {
        InScope::Subjects(subjects) => {
            let rests_on: BTreeSet<_> = subjects.iter().map(|subject| subject.id.clone()).collect();
            Some((id.to_string(), rests_on.into_iter().collect::<Vec<_>>()))
        }
        InScope::NotApplicable(_) => None,
    });
    // A policy that cannot be read is another policy than the one that was read before.
    let digest = |text: &Result<String, String>| Digest::of(text.as_deref().unwrap_or_default().as_bytes());
    let gates = policies.iter().map(|(id, text)| (id.to_string(), digest(text))).collect();
    Declared::of(&grounds.source.project, threats, controls, gates)
}

/// What one assessment had.
struct Past {
    index: u64,
    collected: Timestamp,
    declared: Declared,
}

/// An agreement for the comparison.
fn may_go(one: &AgreedLoss) -> Agreed {
    Agreed { kind: one.kind, id: one.id.clone(), digest: one.digest, index: one.index }
}

/// Whether the thing was given up while the agreement held: then it stays given up.
fn was_used(one: &AgreedLoss, history: &[Past]) -> bool {
    history.iter().any(|past| {
        // An agreement to a policy names its text, so it agrees to no other.
        let lacks =
            one.kind == LossKind::GatePolicy || past.declared.set(one.kind).has(&one.id) == Some(false);
        past.index > one.index && past.collected < one.until && lacks
    })
}

/// What the assessments of an earlier bundle had. Who signed it is not asked: on a runner nobody knows whose word
/// counts, and whoever takes the new bundle in compares it with the log.
pub(crate) fn previous(bundle: &Path) -> Result<Vec<Declared>, EngineError> {
    let failed = |why: String| EngineError::Previous { path: bundle.to_owned(), why };
    let file = files::open(bundle).map_err(|error| failed(files::plain(&error)))?;
    let mut found = Vec::new();
    for line in BundleReader::new(BufReader::new(file)) {
        let line = line.map_err(|fault| failed(fault.to_string()))?;
        let statement = Statement::parse(line.envelope.payload());
        let statement = statement.map_err(|error| failed(format!("line {}: {error}", line.number)))?;
        if let Some(fact) = statement.predicate.facts.get(DECLARED) {
            found.push(
                Declared::from_fact(fact).map_err(|why| failed(format!("line {}: {why}", line.number)))?,
            );
        }
    }
    if found.is_empty() {
        return Err(failed("it holds no assessment".to_owned()));
    }
    Ok(found)
}

/// What each assessment that counts had, oldest first, and the entries of those that cannot be read.
fn history(gathered: &Gathered) -> (Vec<Past>, Vec<u64>) {
    let assessments = gathered.trusted.iter().filter(|(_, one)| one.kind == PredicateKind::Assessment);
    let (mut past, mut unreadable) = (Vec::new(), Vec::new());
    for (index, one) in assessments {
        // One that a collector made which compares nothing does not say what was declared.
        let Some(fact) = one.predicate.facts.get(DECLARED) else { continue };
        match Declared::from_fact(fact) {
            Ok(declared) => past.push(Past { index: *index, collected: one.predicate.collected, declared }),
            Err(_) => unreadable.push(*index),
        }
    }
    (past, unreadable)
}

/// What is in the folder and stands in no project file, and what nobody could look at. Nobody has declared anything of
/// an inferred project.
fn undeclared(source: &Source) -> (Vec<Undeclared>, Vec<Unexamined>) {
    if source.is_inferred() {
        return (Vec::new(), Vec::new());
    }
    let listing = files::list(&source.root, "", files::Ignore::GitIgnored);
    let inventory = crate::inventory::take(&listing);
    (bartizan_inventory::undeclared(&inventory, &source.project), inventory.unexamined)
}
