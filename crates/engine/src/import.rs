//! Statements that were made elsewhere are taken into the log: each is judged as if it had been made here, held
//! against the project and its bytes, and recorded with the rest of its bundle or not at all.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::BufRead,
};

use bartizan_attest::{BundleReader, Envelope, Expect, Seen, TOLERANCE, Verified};
use bartizan_finding::{AssetId, Digest, PredicateKind, Timestamp};
use bartizan_ledger::{Draft, Head, Ledger, Subjects};
use bartizan_project::{Asset, Project};
use rayon::prelude::*;
use serde_json::Value;

use crate::{
    bytes::{self, Bytes},
    check::Request,
    desk::Desk,
    error::EngineError,
    gather::{Gathered, Trusted},
    inspect,
    observer::{Observer, Stage},
    plan::Plan,
    record::MADE,
    source::Source,
};

/// What became of a bundle.
#[derive(Debug)]
pub struct Imported {
    /// The statements that were taken in, in the order of the bundle. None where anything was refused, unless a part
    /// was asked for.
    pub taken: Vec<Taken>,
    /// How many were recorded before, or stand in the bundle twice.
    pub known: u64,
    /// What was refused, and why.
    pub refused: Vec<RefusedLine>,
    /// Statements whose subject could not be compared with bytes, because there are none here.
    pub not_compared: u64,
    /// The head of the log afterwards.
    pub head: Head,
}

/// A statement that was taken in.
#[derive(Clone, Debug)]
pub struct Taken {
    /// Its line in the bundle, from 1.
    pub line: u64,
    /// Its entry in the log.
    pub index: u64,
    /// What kind it is.
    pub kind: PredicateKind,
    /// Who made it.
    pub collector: String,
    /// The name of its first subject.
    pub subject: String,
    /// The proof that it is in the log (C2SP tlog-proof), which can be verified without it.
    pub proof: String,
}

/// A line of a bundle that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedLine {
    /// Its number, from 1; 0 for the bundle as a whole.
    pub line: u64,
    /// Why, as a fragment that reads well after a colon.
    pub why: String,
}

/// Takes a bundle into the log of the project that `request` names. `part` takes what counts even where other lines
/// are refused.
pub fn import(
    request: &Request,
    bundle: impl BufRead,
    part: bool,
    observer: &dyn Observer,
) -> Result<Imported, EngineError> {
    observer.stage(Stage::Load);
    let source = Source::declared(&request.path, request.config.as_deref())?
        .ok_or_else(|| EngineError::NotDeclared(request.path.clone()))?;
    let mut desk = Desk::open(request, &source)?;
    desk.check_recording()?;
    let mut refused = Vec::new();
    let lines = read(bundle, &mut refused);
    observer.stage(Stage::Inspect);
    let judged = judge(lines, &desk, &mut refused);
    let known = Known::of(&desk.state.ledger, &desk.gathered);
    let ground = Ground::survey(&source, &judged, &known, observer);
    let mut sorted = Sorted { refused, ..Sorted::default() };
    for line in judged {
        sorted.sort(line, &ground, &known);
    }
    sorted.miss(&known);
    observer.stage(Stage::Record);
    let Sorted { taken, known, mut refused, not_compared, .. } = sorted;
    refused.sort_by_key(|refused| refused.line);
    if !refused.is_empty() && !part {
        return Ok(Imported {
            taken: Vec::new(),
            known,
            refused,
            not_compared,
            head: desk.state.ledger.head()?,
        });
    }
    let taken = append(&mut desk, taken)?;
    Ok(Imported { taken, known, refused, not_compared, head: desk.state.ledger.head()? })
}

/// A line whose statement may be made by whoever signed it.
struct Judged {
    line: u64,
    envelope: Envelope,
    digest: Digest,
    verified: Verified,
}

impl Judged {
    fn subjects(&self) -> Vec<(String, Digest)> {
        let subjects = &self.verified.statement.subjects;
        subjects.iter().map(|subject| (subject.name.clone(), subject.digest)).collect()
    }

    const fn kind(&self) -> PredicateKind {
        self.verified.statement.kind
    }

    const fn collected(&self) -> Timestamp {
        self.verified.statement.predicate.collected
    }
}

fn read(bundle: impl BufRead, refused: &mut Vec<RefusedLine>) -> Vec<(u64, Envelope)> {
    let mut lines = Vec::new();
    for line in BundleReader::new(bundle) {
        match line {
            Ok(line) => lines.push((line.number, line.envelope)),
            Err(fault) => refused.push(RefusedLine { line: fault.line, why: fault.why.to_string() }),
        }
    }
    if lines.is_empty() && refused.is_empty() {
        refused.push(RefusedLine { line: 0, why: "the bundle holds no statement".to_owned() });
    }
    lines
}

fn judge(lines: Vec<(u64, Envelope)>, desk: &Desk, refused: &mut Vec<RefusedLine>) -> Vec<Judged> {
    let trust = &desk.state.trust;
    let expect = Expect { project: trust.project(), predicate: None };
    let seen = Seen { logged_at: None, witnessed: None, as_of: desk.as_of };
    let judge = |(line, envelope): (u64, Envelope)| match trust.judge(&envelope, &expect, &seen) {
        Ok(verified) => Ok(Judged { line, digest: envelope.digest(), envelope, verified }),
        Err(refusal) => Err(RefusedLine { line, why: refusal.to_string() }),
    };
    let judged: Vec<_> = lines.into_par_iter().map(judge).collect();
    let mut counts = Vec::with_capacity(judged.len());
    for one in judged {
        match one {
            Ok(judged) => counts.push(judged),
            Err(line) => refused.push(line),
        }
    }
    counts
}

/// A kind of statement, and the names and digests of what it is about.
type About = (PredicateKind, Vec<(String, Digest)>);

/// What is recorded already.
struct Known<'a> {
    ledger: &'a Ledger,
    envelopes: BTreeSet<Digest>,
    newest: BTreeMap<About, (u64, &'a Trusted)>,
}

impl<'a> Known<'a> {
    fn of(ledger: &'a Ledger, gathered: &'a Gathered) -> Self {
        let all = || gathered.trusted.iter();
        let about = |(index, one): (&u64, &'a Trusted)| ((one.kind, one.subjects.clone()), (*index, one));
        let envelopes = all().map(|(_, one)| one.envelope).collect();
        Self { ledger, envelopes, newest: all().map(about).collect() }
    }

    /// Whether an envelope was recorded. Of those that no longer matter the log has the bytes and nothing else is
    /// held in memory.
    fn holds(&self, envelope: &Digest) -> bool {
        self.envelopes.contains(envelope) || self.ledger.blob(envelope).is_ok()
    }
}

/// What the statements of a bundle are held against.
struct Ground<'a> {
    project: &'a Project,
    assets: BTreeMap<AssetId, Bytes>,
    /// Files that are here, by name.
    files: BTreeMap<String, Digest>,
    /// Digests of what is not a file.
    subjects: BTreeSet<Digest>,
    /// Envelopes that are recorded or in the bundle: what approvals are about.
    envelopes: BTreeSet<Digest>,
}

impl<'a> Ground<'a> {
    /// Hashes the files of every asset that the bundle speaks of.
    fn survey(source: &'a Source, judged: &[Judged], known: &Known<'_>, observer: &dyn Observer) -> Self {
        let project = &source.project;
        let subjects = judged.iter().filter(|one| is_of_bytes(one.kind())).flat_map(Judged::subjects);
        let spoken_of: BTreeSet<_> = subjects.filter_map(|(name, _)| asset_of(project, &name)).collect();
        let mut plan = Plan::new(project, &source.root, source.ignore());
        plan.tasks.retain(|task| spoken_of.contains(&task.asset));
        observer.planned(plan.tasks.len() as u64, plan.bytes());
        let hashed: Vec<_> = plan.tasks.par_iter().map(|task| inspect::hash(task, observer)).collect();
        let assets = bytes::bytes_of(project, &plan, &hashed);
        let mut files = BTreeMap::new();
        let mut subjects: BTreeSet<_> = project.subjects().into_values().collect();
        subjects.insert(project.root());
        subjects.extend(project.assets.values().filter_map(|asset| asset.digest));
        for bytes in assets.values() {
            subjects.extend(bytes.whole);
            files.extend(bytes.files.iter().filter_map(|(name, _, digest)| Some((name.clone(), (*digest)?))));
        }
        let envelopes = known.envelopes.iter().copied().chain(judged.iter().map(|one| one.digest)).collect();
        Self { project, assets, files, subjects, envelopes }
    }

    /// What is wrong with a subject, if anything; `Ok(false)` where there is nothing to compare it with.
    fn hold(&self, kind: PredicateKind, name: &str, digest: Digest) -> Result<bool, String> {
        let shown = || bartizan_artifact::escape(name, 120);
        match kind {
            PredicateKind::ModelScan | PredicateKind::DataScan => {
                let Some(asset) = asset_of(self.project, name) else {
                    return Err(format!("its subject `{}` belongs to no asset of this project", shown()));
                };
                let pinned = self.project.assets.get(&asset).and_then(|asset| {
                    asset.digest.filter(|_| asset.path.as_ref().is_some_and(|path| path.as_str() == name))
                });
                match self.files.get(name).copied().or(pinned) {
                    Some(here) if here == digest => Ok(true),
                    Some(_) => Err(format!("its subject `{}` has other bytes here", shown())),
                    None => Ok(false),
                }
            }
            PredicateKind::IntegrityCheck => {
                let Some((id, asset)) = named(self.project, name) else {
                    return Err(format!("its subject `{}` is no asset of this project", shown()));
                };
                let here = self.assets.get(id).and_then(|bytes| bytes.whole).or(asset.digest);
                match here {
                    Some(here) if here == digest => Ok(true),
                    Some(_) => Err(format!("its subject `{}` has other bytes here", shown())),
                    None => Ok(false),
                }
            }
            PredicateKind::Assessment | PredicateKind::CheckRun if digest == self.project.root() => Ok(true),
            PredicateKind::Assessment | PredicateKind::CheckRun => {
                Err("it is about another revision of the project file".to_owned())
            }
            PredicateKind::Approval if self.envelopes.contains(&digest) => Ok(true),
            // Whether a decision is about what there is now is asked each time that it is looked at.
            PredicateKind::Exception | PredicateKind::TrainingRecord => Ok(true),
            _ if self.subjects.contains(&digest) || self.files.values().any(|here| *here == digest) => {
                Ok(true)
            }
            _ => Err(format!("its subject `{}` is nothing of this project", shown())),
        }
    }
}

/// Kinds whose subjects are files or folders.
const fn is_of_bytes(kind: PredicateKind) -> bool {
    !matches!(
        kind,
        PredicateKind::Assessment
            | PredicateKind::CheckRun
            | PredicateKind::Exception
            | PredicateKind::Trust
            | PredicateKind::TrainingRecord
    )
}

/// The asset of that id.
fn named<'p>(project: &'p Project, name: &str) -> Option<(&'p AssetId, &'p Asset)> {
    project.assets.iter().find(|(id, _)| id.as_str() == name)
}

/// The asset of that id, or the one whose path is nearest above the file.
fn asset_of(project: &Project, name: &str) -> Option<AssetId> {
    if let Some((id, _)) = named(project, name) {
        return Some(id.clone());
    }
    let above = |path: &str| {
        let path = path.trim_end_matches('/');
        path == "." || name == path || name.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))
    };
    let holds = project.assets.iter().filter_map(|(id, asset)| Some((id, asset.path.as_ref()?)));
    let nearest = holds.filter(|(_, path)| above(path.as_str())).max_by_key(|(_, path)| path.as_str().len());
    nearest.map(|(id, _)| id.clone())
}

/// The lines of a bundle by what becomes of them.
#[derive(Default)]
struct Sorted {
    taken: Vec<Judged>,
    known: u64,
    refused: Vec<RefusedLine>,
    not_compared: u64,
    /// Every envelope that the bundle holds, whatever became of it.
    held: BTreeSet<Digest>,
    /// The envelopes among them that were refused.
    turned_away: BTreeSet<Digest>,
    /// What the runs in the bundle say that they made: line, and envelopes.
    made: Vec<(u64, Vec<Digest>)>,
}

impl Sorted {
    fn sort(&mut self, line: Judged, ground: &Ground<'_>, known: &Known<'_>) {
        let refuse = |why: String| RefusedLine { line: line.line, why };
        if !self.held.insert(line.digest) {
            self.known += 1;
            return;
        }
        if line.kind() == PredicateKind::CheckRun {
            let Some(made) = digests(line.verified.statement.predicate.facts.get(MADE)) else {
                self.turned_away.insert(line.digest);
                self.refused.push(refuse("it does not list the statements that its run made".to_owned()));
                return;
            };
            self.made.push((line.line, made));
        }
        if known.holds(&line.digest) {
            self.known += 1;
            return;
        }
        if let Some((index, newer)) = known.newest.get(&(line.kind(), line.subjects())) {
            let again = newer.predicate == line.verified.statement.predicate;
            if again {
                self.known += 1;
                return;
            }
            if newer.predicate.collected.duration_since(line.collected()) > TOLERANCE {
                let why = format!(
                    "it was collected {}, and entry {index} says something newer about the same subject",
                    line.collected()
                );
                self.turned_away.insert(line.digest);
                self.refused.push(refuse(why));
                return;
            }
        }
        for (name, digest) in line.subjects() {
            match ground.hold(line.kind(), &name, digest) {
                Ok(true) => {}
                Ok(false) => self.not_compared += 1,
                Err(why) => {
                    self.turned_away.insert(line.digest);
                    self.refused.push(refuse(why));
                    return;
                }
            }
        }
        self.taken.push(line);
    }

    /// A run names what it made, so a bundle from which a statement was taken out is noticed. Where a part is asked
    /// for, a run of which something is refused does not count either: what it says of all of them would not hold.
    fn miss(&mut self, known: &Known<'_>) {
        for (line, made) in std::mem::take(&mut self.made) {
            let count =
                |missing: &dyn Fn(&Digest) -> bool| made.iter().filter(|digest| missing(digest)).count();
            let gone = count(&|digest| !self.held.contains(digest) && !known.holds(digest));
            let refused = count(&|digest| self.turned_away.contains(digest));
            let statements =
                |count| if count == 1 { "1 statement".to_owned() } else { format!("{count} statements") };
            let why = match (gone, refused) {
                (0, 0) => continue,
                (0, refused) => format!("its run made {} that do not count here", statements(refused)),
                (gone, _) => format!("its run made {} that the bundle does not hold", statements(gone)),
            };
            self.taken.retain(|taken| taken.line != line);
            self.refused.push(RefusedLine { line, why });
        }
    }
}

/// The digests of a list, all of them or none.
fn digests(fact: Option<&Value>) -> Option<Vec<Digest>> {
    fact?.as_array()?.iter().map(|hex| hex.as_str()?.parse().ok()).collect()
}

fn append(desk: &mut Desk, taken: Vec<Judged>) -> Result<Vec<Taken>, EngineError> {
    let actor = desk.state.collector_name.clone();
    let draft = |one: &Judged| Draft::Statement {
        envelope: one.envelope.to_bytes(),
        predicate: one.kind().uri(),
        subjects: Subjects::of(one.verified.statement.subjects.iter().map(|subject| subject.digest)),
        collected: one.collected(),
        expires: Some(one.verified.statement.predicate.expires),
        key: one.verified.key,
        actor: actor.clone(),
    };
    let drafts: Vec<_> = taken.iter().map(draft).collect();
    let receipts = desk.state.ledger.append(&drafts, desk.as_of)?;
    desk.keep_head()?;
    let view = desk.state.ledger.view()?;
    let taken = taken.into_iter().zip(receipts).map(|(one, receipt)| {
        let subject = one.verified.statement.subjects.first();
        Ok(Taken {
            line: one.line,
            index: receipt.index,
            kind: one.kind(),
            subject: subject.map_or_else(String::new, |subject| subject.name.clone()),
            collector: one.verified.collector.clone(),
            proof: bartizan_ledger::prove(&view, receipt.index)?,
        })
    });
    taken.collect()
}
