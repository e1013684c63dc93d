//! One pass over a project: load, derive, plan, inspect, record, assess.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use bartizan_assure::Assessment;
use bartizan_attest::directory_digest;
use bartizan_dataset::Classification;
use bartizan_finding::{
    AssetId, Finding, FindingSet, Location, Occurrence, PredicateKind, Severity, Suppression, Timestamp,
    Unexamined,
};
use bartizan_ledger::{Head, Verification};
use bartizan_project::Project;
use jiff::civil::Date;
use rayon::prelude::*;
use serde_json::json;

use crate::{
    desk::Desk,
    error::EngineError,
    gather::Gathered,
    inspect::{Detectors, Inspected, inspect},
    observer::{Observer, Stage},
    plan::Plan,
    record::{Claim, Recorded},
    rules::DigestDiffers,
    source::Source,
    state::{Seed, State},
    threats,
};

/// What is asked of a check.
#[derive(Clone, Debug)]
pub struct Request {
    /// A folder, a file, or a project file.
    pub path: PathBuf,
    /// The project file, where it is not the one that is found from `path`.
    pub config: Option<PathBuf>,
    /// The state folder, where it is not the one beside the project file.
    pub state: Option<PathBuf>,
    /// Where the last known heads of logs are kept, if anywhere.
    pub heads: Option<PathBuf>,
    /// From which severity on a finding counts against the outcome.
    pub fail_on: Severity,
    /// The time.
    pub now: Timestamp,
    /// Randomness, for runs without keys of their own.
    pub seed: Seed,
    /// The version of the program.
    pub version: &'static str,
}

/// Everything that a check has learned. [`crate::outcome::report`] turns it into a report.
#[derive(Debug)]
pub struct Checked {
    /// What was checked.
    pub source: Source,
    /// The threats and risks that were derived.
    pub threats: bartizan_threat::Model,
    /// What is wrong, worst first.
    pub findings: Vec<Finding>,
    /// What could not be looked at, with the asset it belongs to.
    pub unexamined: Vec<(Option<AssetId>, Unexamined)>,
    /// What was found at the paths of the assets.
    pub assets: BTreeMap<AssetId, Bytes>,
    /// How each control stands.
    pub assessment: Assessment,
    /// The log, as far as it is believed.
    pub gathered: Gathered,
    /// What the run added to it.
    pub recorded: Recorded,
    /// The head of the log after the run.
    pub head: Head,
    /// The audit of the log before the run; nothing where there was none to audit.
    pub audit: Option<Verification>,
    /// Why what the run states does not outlive it, where that is so.
    pub not_recorded: Option<String>,
    /// Whether root and collector keys lie on one machine.
    pub self_attested: bool,
    /// When the key that signed what the run states runs out; nothing where the trust file does not name it.
    pub key_until: Option<Timestamp>,
    /// The time that ages were judged by.
    pub as_of: Timestamp,
}

impl Checked {
    /// The day by which decisions are judged.
    pub fn today(&self) -> Date {
        self.as_of.to_zoned(jiff::tz::TimeZone::UTC).date()
    }
}

/// What was found at the path of an asset.
#[derive(Clone, Debug, Default)]
pub struct Bytes {
    /// Its files: name, size, and digest where all of it could be read.
    pub files: Vec<(String, u64, Option<bartizan_finding::Digest>)>,
    /// The digest of the file or folder as a whole.
    pub whole: Option<bartizan_finding::Digest>,
}

/// Checks a project.
pub fn check(request: &Request, observer: &dyn Observer) -> Result<Checked, EngineError> {
    observer.stage(Stage::Load);
    let source = Source::find(&request.path, request.config.as_deref())?;
    observer.stage(Stage::Derive);
    let mut desk = Desk::open(request, &source)?;
    let today = desk.today();
    let threats = bartizan_threat::derive(&source.project, today);

    observer.stage(Stage::Plan);
    let plan = Plan::new(&source.project, &source.root, source.ignore());
    if plan.tasks.is_empty() && plan.unexamined.is_empty() && source.project.elements.is_empty() {
        return Err(EngineError::NothingToCheck(source.root));
    }
    observer.planned(plan.tasks.len() as u64, plan.bytes());

    observer.stage(Stage::Inspect);
    let inspected = inspect_all(&plan, &source.project, &desk.state, observer);

    observer.stage(Stage::Record);
    let assets = bytes_of(&source.project, &plan, &inspected);
    let mut findings = declared_findings(&source, &plan, &threats, today);
    let mut claims = file_claims(&plan, &inspected);
    claims.extend(integrity_claims(&source.project, &assets, &mut findings));
    claims.push(assessment_claim(&source.project, &threats, &findings));
    let mut unexamined: Vec<_> =
        plan.unexamined.iter().map(|(asset, gap)| (Some(asset.clone()), gap.clone())).collect();
    for (task, inspected) in plan.tasks.iter().zip(inspected) {
        unexamined.extend(inspected.unexamined.into_iter().map(|gap| (Some(task.asset.clone()), gap)));
        findings.merge(inspected.findings);
    }
    let recorded = desk.record(request, &source.project, claims, &findings)?;
    findings.merge(desk.findings());
    unexamined.extend(desk.gaps.drain(..).map(|gap| (None, gap)));

    observer.stage(Stage::Assess);
    let assessment = desk.assess(&source.project, &assets);
    let mut findings = findings.finish();
    let used = suppress(&mut findings, &source.project, today);
    if unexamined.is_empty() && !source.is_inferred() {
        findings.extend(unused_ignores(&source.project, &used));
    }
    Ok(Checked {
        threats,
        findings,
        unexamined,
        assets,
        assessment,
        recorded,
        head: desk.state.ledger.head()?,
        audit: desk.audit,
        not_recorded: desk.state.not_recorded,
        self_attested: desk.state.trust.self_attested(),
        key_until: desk
            .state
            .trust
            .collector(&desk.state.collector.fingerprint())
            .map(|collector| collector.until),
        as_of: desk.as_of,
        gathered: desk.gathered,
        source,
    })
}

fn inspect_all(plan: &Plan, project: &Project, state: &State, observer: &dyn Observer) -> Vec<Inspected> {
    let detectors = Detectors::new(plan, Some(&state.same_value));
    let one = |task: &crate::plan::Task| {
        let declared = project.assets.get(&task.asset).map(|asset| asset.classification.as_str());
        let classification = declared.and_then(|word| word.parse().ok()).unwrap_or(Classification::Internal);
        inspect(task, classification, &detectors, &plan.limits, observer)
    };
    plan.tasks.par_iter().map(one).collect()
}

/// What is wrong with what the project declares, and with the system that it declares.
fn declared_findings(
    source: &Source,
    plan: &Plan,
    model: &bartizan_threat::Model,
    today: Date,
) -> FindingSet {
    let mut findings = FindingSet::new();
    for (asset, occurrence) in &plan.occurrences {
        findings.push(Some(asset), occurrence.clone());
    }
    if !source.is_inferred() {
        let declared = bartizan_project::check(&source.project, today);
        let unused = bartizan_project::unused_treatments(&source.project, &model.unused_treatments);
        for occurrence in declared.into_iter().chain(unused).chain(threats::occurrences(model)) {
            findings.push(None, occurrence);
        }
    }
    findings
}

/// One statement for each file whose digest is known.
fn file_claims(plan: &Plan, inspected: &[Inspected]) -> Vec<Claim> {
    let claim = |(task, seen): (&crate::plan::Task, &Inspected)| {
        let (counts, facts) = counted(&seen.findings, seen.facts.clone());
        Some(Claim {
            kind: task.predicate(),
            subject: (task.file.name.clone(), seen.digest?),
            rule_sets: seen.rule_sets.clone(),
            parameters: BTreeMap::from([("asset.kind".to_owned(), json!(task.kind.as_str()))]),
            counts,
            facts,
            unexamined: seen.unexamined.clone(),
        })
    };
    plan.tasks.iter().zip(inspected).filter_map(claim).collect()
}

/// One statement for each asset that the project pins, and a finding where its bytes are others.
fn integrity_claims(
    project: &Project,
    assets: &BTreeMap<AssetId, Bytes>,
    findings: &mut FindingSet,
) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (id, asset) in &project.assets {
        let (Some(pinned), Some(found)) = (asset.digest, assets.get(id).and_then(|bytes| bytes.whole)) else {
            continue;
        };
        let mut wrong = FindingSet::new();
        if pinned != found {
            let path = asset.path.as_ref().map_or("", |path| path.as_str());
            let message = format!("`{id}` has the digest {found}, and the project pins {pinned}");
            let occurrence = Occurrence::new(DigestDiffers::META, Location::file(path), message);
            wrong.push(Some(id), occurrence);
        }
        let facts = BTreeMap::from([
            ("digest.matches".to_owned(), json!(pinned == found)),
            ("digest.pinned".to_owned(), json!(pinned)),
        ]);
        let (counts, facts) = counted(&wrong, facts);
        claims.push(Claim {
            kind: PredicateKind::IntegrityCheck,
            subject: (id.to_string(), found),
            rule_sets: BTreeMap::new(),
            parameters: BTreeMap::new(),
            counts,
            facts,
            unexamined: Vec::new(),
        });
        findings.merge(wrong);
    }
    claims
}

/// The statement about the project as declared.
fn assessment_claim(project: &Project, threats: &bartizan_threat::Model, findings: &FindingSet) -> Claim {
    let (counts, facts) = counted(findings, bartizan_threat::facts(project, threats));
    let of_project = |name: &str| name.starts_with("PRJ") || name.starts_with("THR");
    Claim {
        kind: PredicateKind::Assessment,
        subject: (project.name.clone(), project.root()),
        rule_sets: crate::registry::rule_sets(),
        parameters: BTreeMap::from([("role".to_owned(), json!(project.role.as_str()))]),
        counts: counts.into_iter().filter(|(name, _)| of_project(name)).collect(),
        facts,
        unexamined: Vec::new(),
    }
}

/// The counts of a set of findings, and the facts with what they say about severities.
pub(crate) fn counted(
    findings: &FindingSet,
    mut facts: BTreeMap<String, serde_json::Value>,
) -> (BTreeMap<String, u64>, BTreeMap<String, serde_json::Value>) {
    let by_severity = findings.counts_by_severity();
    if !by_severity.is_empty() {
        facts.insert("counts.by-severity".to_owned(), json!(by_severity));
    }
    (findings.counts(), facts)
}

/// What lies at the path of each asset, as far as it could be read.
fn bytes_of(project: &Project, plan: &Plan, inspected: &[Inspected]) -> BTreeMap<AssetId, Bytes> {
    let mut assets: BTreeMap<AssetId, Bytes> = BTreeMap::new();
    for (task, seen) in plan.tasks.iter().zip(inspected) {
        let files = &mut assets.entry(task.asset.clone()).or_default().files;
        files.push((task.file.name.clone(), seen.size, seen.digest));
    }
    let passed_over: BTreeSet<_> = plan.unexamined.iter().map(|(asset, _)| asset).collect();
    for (id, bytes) in &mut assets {
        let path =
            project.assets.get(id).and_then(|asset| asset.path.as_ref()).map_or("", |path| path.as_str());
        // A folder of which something was passed over has no digest: nobody knows all that is in it.
        bytes.whole =
            if passed_over.contains(id) { None } else { whole(path.trim_end_matches('/'), &bytes.files) };
    }
    assets
}

fn whole(
    path: &str,
    files: &[(String, u64, Option<bartizan_finding::Digest>)],
) -> Option<bartizan_finding::Digest> {
    if let [(name, _, digest)] = files
        && name == path
    {
        return *digest;
    }
    let entries: Vec<_> = files
        .iter()
        .map(|(name, size, digest)| {
            let below = name.strip_prefix(path).map_or(name.as_str(), |rest| rest.trim_start_matches('/'));
            Some((below, *size, (*digest)?))
        })
        .collect::<Option<_>>()?;
    directory_digest(&entries).ok()
}

/// Marks the findings that the project file ignores, and says which of its entries did something.
fn suppress(findings: &mut [Finding], project: &Project, today: Date) -> BTreeSet<usize> {
    let mut used = BTreeSet::new();
    for finding in findings.iter_mut().filter(|finding| finding.severity < Severity::High) {
        let path =
            finding.samples.first().and_then(|sample| sample.location.path()).unwrap_or(&finding.place);
        let ignore = project.ignores.iter().enumerate().find(|(_, ignore)| {
            ignore.rule == finding.rule && today <= ignore.expires && ignore.path.matches(path)
        });
        if let Some((number, ignore)) = ignore {
            used.insert(number);
            finding.suppressed =
                Some(Suppression { reason: ignore.reason.clone(), expires: ignore.expires.to_string() });
        }
    }
    used
}

fn unused_ignores(project: &Project, used: &BTreeSet<usize>) -> Vec<Finding> {
    let mut findings = FindingSet::new();
    for occurrence in bartizan_project::unused_ignores(project, used) {
        findings.push(None, occurrence);
    }
    findings.finish()
}
