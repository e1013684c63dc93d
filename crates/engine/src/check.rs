//! One pass over a project: load, derive, plan, inspect, record, assess.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
};

use bartizan_assure::Assessment;
use bartizan_attest::{KeyFingerprint, SigningKey, Trust};
use bartizan_finding::{AssetId, Finding, FindingSet, GateId, Severity, Timestamp, Unexamined};
use bartizan_ledger::{Anchor, Head, Verification};
use bartizan_project::Project;
use jiff::civil::Date;
use rayon::prelude::*;

use crate::{
    bytes::{self, Bytes},
    claims,
    desk::{self, Desk, Run},
    error::EngineError,
    gather::Gathered,
    inspect::{self, Detectors, Inspected, inspect},
    observer::{Observer, Stage},
    plan::Plan,
    record::{Claim, Recorded},
    source::Source,
    standing::{self, Grounds, Standing, scope_of},
    state::{Seed, Signer, State},
    suppress::{self, SubjectsOf},
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
    /// What becomes of what is seen.
    pub mode: Mode,
    /// Findings that are not new.
    pub baseline: Option<Baseline>,
    /// A bundle whose assessments what is declared is compared with, where there is no log that has them.
    pub previous: Option<PathBuf>,
    /// The gates that decide the outcome too.
    pub gates: Vec<GateId>,
    /// A folder of policies that no project can override.
    pub organisation: Option<PathBuf>,
    /// The key of whoever would pass a gate; the local collector where it is absent.
    pub principal: Option<SigningKey>,
}

impl Request {
    /// A check of a path that fails on findings at or over high, with a log beside the project file, and asks no gate.
    pub fn new(path: PathBuf, now: Timestamp, seed: Seed, version: &'static str) -> Self {
        Self {
            path,
            config: None,
            state: None,
            heads: None,
            fail_on: Severity::High,
            now,
            seed,
            version,
            mode: Mode::default(),
            baseline: None,
            previous: None,
            gates: Vec::new(),
            organisation: None,
            principal: None,
        }
    }
}

/// What becomes of what is seen.
#[derive(Clone, Debug, Default)]
pub enum Mode {
    /// Files are inspected, and what is seen goes into the project's log.
    #[default]
    Record,
    /// Files are inspected, and what is seen is signed by this collector and handed out ([`Checked::bundle`]).
    Bundle(Box<Signer>),
    /// Files are only hashed; status comes from what is recorded.
    Assess,
}

impl Mode {
    /// Who signs, where it is not the local collector.
    pub(crate) const fn signer(&self) -> Option<&Signer> {
        match self {
            Self::Bundle(signer) => Some(signer),
            Self::Record | Self::Assess => None,
        }
    }

    /// Whether files are only hashed and nothing is recorded.
    pub(crate) const fn is_assess(&self) -> bool {
        matches!(self, Self::Assess)
    }
}

/// The findings of an earlier run.
#[derive(Clone, Debug)]
pub struct Baseline {
    /// What people call it: the name of its file.
    pub name: String,
    /// What it found.
    pub report: bartizan_report::v1::Report,
}

/// Everything that a check has learned. [`crate::outcome::report`] turns it into a report.
#[derive(Debug)]
pub struct Checked {
    /// What was checked.
    pub source: Source,
    /// Whether files were only hashed.
    pub hashed_only: bool,
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
    /// What people decided, and whether declared and observed agree.
    pub standing: Standing,
    /// Who outside has seen the log.
    pub anchors: Vec<Anchor>,
    /// What the run added to it.
    pub recorded: Recorded,
    /// The statements of the run, as a file that another log takes in; only where that was asked for.
    pub bundle: Option<Vec<u8>>,
    /// The head of the log after the run.
    pub head: Head,
    /// The audit of the log before the run; nothing where there was none to audit.
    pub audit: Option<Verification>,
    /// Why what the run states does not outlive it, where that is so.
    pub not_recorded: Option<String>,
    /// Whose evidence counts.
    pub trust: Trust,
    /// The key that signs what the run states.
    pub collector: KeyFingerprint,
    /// Whether root and collector keys lie on one machine.
    pub self_attested: bool,
    /// When the key that signed what the run states runs out; nothing where the trust file does not name it.
    pub key_until: Option<Timestamp>,
    /// The time that ages were judged by.
    pub as_of: Timestamp,
}

impl Checked {
    /// Says why nothing can be added to the log, where that is so.
    pub(crate) fn check_recording(&self) -> Result<(), EngineError> {
        desk::check_recording(self.not_recorded.as_ref(), self.audit.as_ref())
    }

    /// The day by which decisions are judged.
    pub fn today(&self) -> Date {
        day(self.as_of)
    }
}

/// The day of a moment, in UTC.
pub(crate) fn day(at: Timestamp) -> Date {
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
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
    let inspected = match request.mode {
        Mode::Assess => hash_all(&plan, observer),
        Mode::Record | Mode::Bundle(_) => inspect_all(&plan, &source.project, &desk.state, observer),
    };
    let assets = bytes::bytes_of(&source.project, &plan, &inspected);
    let scope = scope_of(&source.project, &assets);
    let grounds = Grounds {
        source: &source,
        threats: &threats,
        assets: &assets,
        scope: &scope,
        gathered: &desk.gathered,
        previous: request.previous.as_deref().map(standing::previous).transpose()?.unwrap_or_default(),
        as_of: desk.as_of,
    };
    let mut standing = Standing::of(&grounds);

    observer.stage(Stage::Record);
    let subjects = SubjectsOf::new(&source.project, &assets);
    let Seen { mut found, claims, mut unexamined } = seen(&grounds, &plan, &standing, inspected, today);
    let recorded = if request.mode.is_assess() {
        Recorded::default()
    } else {
        let mut findings = found.clone();
        findings.merge(desk.findings());
        let mut findings = findings.finish();
        suppress::ignore(&mut findings, &source.project, today);
        let run = Run { findings: &findings, unexamined: unexamined.len(), subjects: &subjects };
        desk.record(request, &source.project, claims, &run)?
    };
    unexamined.extend(desk.gaps.drain(..).map(|gap| (None, gap)));

    observer.stage(Stage::Assess);
    standing.listed = standing::listed(&desk.gathered, &source.project);
    let assessment = desk.assess(&scope, &standing);
    // What the run has just recorded may itself be refused, by a key that ran out.
    found.merge(desk.findings());
    let is_whole = unexamined.is_empty() && !request.mode.is_assess();
    let findings = standing_findings(found, request, &source, &standing, &subjects, is_whole, today);
    let bundle = match request.mode {
        Mode::Bundle(_) => Some(desk.bundle(&recorded)?),
        Mode::Record | Mode::Assess => None,
    };
    Ok(Checked {
        hashed_only: request.mode.is_assess(),
        threats,
        findings,
        unexamined,
        assets,
        assessment,
        standing,
        recorded,
        bundle,
        head: desk.state.ledger.head()?,
        audit: desk.audit,
        anchors: desk.anchors,
        not_recorded: desk.state.not_recorded,
        collector: desk.state.collector.fingerprint(),
        self_attested: desk.state.trust.self_attested(),
        key_until: desk
            .state
            .trust
            .collector(&desk.state.collector.fingerprint())
            .map(|collector| collector.until),
        trust: desk.state.trust,
        as_of: desk.as_of,
        gathered: desk.gathered,
        source,
    })
}

/// What a run has to say before people's decisions take part.
struct Seen {
    found: FindingSet,
    claims: Vec<Claim>,
    unexamined: Vec<(Option<AssetId>, Unexamined)>,
}

fn seen(
    grounds: &Grounds<'_>,
    plan: &Plan,
    standing: &Standing,
    inspected: Vec<Inspected>,
    today: Date,
) -> Seen {
    let Grounds { source, threats, assets, .. } = grounds;
    let mut found = declared_findings(source, plan, threats, today);
    found.merge(standing.findings());
    let mut claims = claims::file_claims(plan, &inspected);
    claims.extend(claims::integrity_claims(&source.project, assets, &mut found));
    claims.push(claims::assessment_claim(&source.project, threats, standing, &found));
    let mut unexamined: Vec<_> =
        plan.unexamined.iter().map(|(asset, gap)| (Some(asset.clone()), gap.clone())).collect();
    for (task, inspected) in plan.tasks.iter().zip(inspected) {
        unexamined.extend(inspected.unexamined.into_iter().map(|gap| (Some(task.asset.clone()), gap)));
        found.merge(inspected.findings);
    }
    // What lies in an asset is told with the asset.
    let told: BTreeSet<_> = unexamined.iter().map(|(_, gap)| gap.location.clone()).collect();
    let unseen = standing.unseen.iter().filter(|gap| !told.contains(&gap.location));
    unexamined.extend(unseen.map(|gap| (None, gap.clone())));
    Seen { found, claims, unexamined }
}

/// The findings, each with what lets it pass, if anything does.
fn standing_findings(
    found: FindingSet,
    request: &Request,
    source: &Source,
    standing: &Standing,
    subjects: &SubjectsOf<'_>,
    is_whole: bool,
    today: Date,
) -> Vec<Finding> {
    let mut findings = found.finish();
    let used = suppress::ignore(&mut findings, &source.project, today);
    suppress::except(&mut findings, &standing.decided, subjects);
    if let Some(baseline) = &request.baseline {
        suppress::since(&mut findings, baseline);
    }
    // What was not looked at may be what an entry is for.
    if is_whole && !source.is_inferred() {
        findings.extend(suppress::unused_ignores(&source.project, &used));
    }
    findings
}

fn inspect_all(plan: &Plan, project: &Project, state: &State, observer: &dyn Observer) -> Vec<Inspected> {
    let detectors = Detectors::new(plan, Some(&state.same_value));
    let one = |task: &crate::plan::Task| {
        inspect(task, inspect::classification(project, task), &detectors, &plan.limits, observer)
    };
    let mut inspected: Vec<_> = plan.tasks.par_iter().map(one).collect();
    inspect::relate(plan, project, &mut inspected);
    inspected
}

/// Hashes every file and looks no further: what is recorded about the bytes is to be asked, not made anew.
fn hash_all(plan: &Plan, observer: &dyn Observer) -> Vec<Inspected> {
    let one = |task: &crate::plan::Task| inspect::hash(task, observer);
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
