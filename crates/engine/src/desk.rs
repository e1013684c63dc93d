//! Keys, log and time of one run: opened, audited, read, added to, and asked for the status.

use std::collections::BTreeMap;

use bartizan_assure::{Assessment, Scope, assess};
use bartizan_attest::{Envelope, ProjectRef, Tool, as_of, write_bundle};
use bartizan_finding::{Finding, FindingSet, Location, Occurrence, Severity, Timestamp, Unexamined};
use bartizan_ledger::{Anchor, AnchorFault, Audit, Completeness, Content, Head, LedgerError, Verification};
use bartizan_project::Project;
use jiff::civil::Date;
use serde_json::{Value, json};

use crate::{
    check::{Request, day},
    claims::counted,
    error::EngineError,
    files,
    gather::Gathered,
    heads::Heads,
    index::Index,
    outside,
    record::{
        Claim, Frame, Listed, MAX_LISTED, RUN_FINDINGS, RUN_IGNORED, RUN_LISTED, RUN_UNEXAMINED, Recorded,
        RunSays, record,
    },
    source::Source,
    standing::Standing,
    state::{State, StateError},
    suppress::SubjectsOf,
};

/// Keys, log and time of one run.
pub(crate) struct Desk {
    pub(crate) state: State,
    heads: Option<Heads>,
    pub(crate) audit: Option<Verification>,
    pub(crate) gathered: Gathered,
    pub(crate) anchors: Vec<Anchor>,
    index: Option<Index>,
    pub(crate) as_of: Timestamp,
    clock: Option<Occurrence>,
    /// What was seen of a log that the run then could not write.
    carried: Vec<Occurrence>,
    /// What of the recording could not be done.
    pub(crate) gaps: Vec<Unexamined>,
}

impl Desk {
    /// Opens the state of the project, audits its log and reads it. A log that does not hold up is left alone: the
    /// run then records into memory.
    pub(crate) fn open(request: &Request, source: &Source) -> Result<Self, EngineError> {
        let folder = request.state.clone().unwrap_or_else(|| source.state_folder());
        let mut gaps = Vec::new();
        let signer = request.mode.signer();
        let in_memory =
            |why: &str| State::in_memory(&source.project.name, &request.seed, signer, why, request.now);
        let opened = if signer.is_some() {
            in_memory("What the run states is in the bundle; it counts where a log takes it in.")
        } else if source.is_inferred() && request.state.is_none() {
            in_memory("Nobody has declared this project: there is no bartizan.toml.")
        } else {
            match State::open(&folder, &source.project) {
                Err(StateError::Absent) => {
                    in_memory("The project has no keys yet; `bartizan key new` makes them.")
                }
                Ok(_) if !files::is_writable(&folder.join("ledger")) => {
                    in_memory("The project's ledger cannot be written: the folder is read-only.")
                }
                Err(StateError::Ledger(error)) if is_work_not_done(&error) => {
                    gaps.push(gap(&error));
                    in_memory(&not_recorded(&error))
                }
                opened => opened,
            }
        };
        let mut state = opened?;
        let wanted = request.heads.as_ref().filter(|_| state.not_recorded.is_none());
        // A home that cannot be written remembers nothing; the audit then says that truncation cannot be excluded.
        let heads = wanted.and_then(|folder| Heads::open(folder).ok());
        let mut audit = None;
        if state.not_recorded.is_none() {
            let seen = heads.as_ref().map(|heads| see(heads, &state)).transpose()?.flatten();
            let found = bartizan_ledger::verify(
                &**state.ledger.fs(),
                state.ledger.identity().keys(),
                // Whoever only asks for the status reads every envelope that counts; the others are left to a check.
                &Audit { head: seen.as_ref(), blobs: !request.mode.is_assess(), ..Audit::default() },
            );
            if !found.is_whole() {
                let why = "The log did not pass its audit, so nothing was added to it; see `bartizan ledger verify`.";
                state = in_memory(why)?;
            }
            audit = Some(found);
        }
        let view = state.ledger.view()?;
        let time = as_of(request.now, view.newest_logged_at()?);
        let recorded = state.not_recorded.is_none();
        let mut anchors = Vec::new();
        if recorded {
            let (found, faults) = outside::anchors(&folder)?.verified(&view, &state.trust)?;
            gaps.extend(faults.iter().filter(|fault| fault.counts()).map(contradicts));
            anchors = found;
        }
        let index = recorded.then(|| Index::new(&folder));
        let gathered = Index::gather(index.as_ref(), &state, &view, &anchors, time.time)?;
        let clock = time.occurrence(Location::file("the system clock"));
        Ok(Self {
            state,
            heads,
            audit,
            gathered,
            anchors,
            index,
            as_of: time.time,
            clock,
            carried: Vec::new(),
            gaps,
        })
    }

    /// Says why nothing can be recorded, where that is so.
    pub(crate) fn check_recording(&self) -> Result<(), EngineError> {
        check_recording(self.state.not_recorded.as_ref(), self.audit.as_ref())
    }

    pub(crate) fn today(&self) -> Date {
        day(self.as_of)
    }

    /// What is wrong with the log's content and the clock.
    pub(crate) fn findings(&self) -> FindingSet {
        let mut findings = FindingSet::new();
        for occurrence in self.gathered.occurrences().chain(&self.carried).chain(self.clock.as_ref()) {
            findings.push(None, occurrence.clone());
        }
        findings
    }

    pub(crate) fn record(
        &mut self,
        request: &Request,
        project: &Project,
        claims: Vec<Claim>,
        run: &Run<'_>,
    ) -> Result<Recorded, EngineError> {
        let frame = Frame {
            tool: Tool { name: "bartizan".to_owned(), version: request.version.to_owned() },
            project: ProjectRef { name: project.name.clone(), root: project.root() },
            read_at: self.as_of,
            now: self.as_of,
        };
        let mut facts = BTreeMap::from([
            ("ledger.witnessed".to_owned(), json!(!self.anchors.is_empty())),
            ("ledger.entries".to_owned(), json!(self.gathered.size)),
        ]);
        facts.extend(run.facts());
        if let Some(verified) = self.audit.as_ref().and_then(verified) {
            facts.insert("ledger.verified".to_owned(), json!(verified));
        }
        let (counts, facts) = counted(&self.findings(), facts);
        let says = RunSays { counts, facts };
        let recorded = match record(&self.state, &self.gathered, &frame, claims.clone(), &says) {
            Err(EngineError::Ledger(error)) if is_work_not_done(&error) => {
                self.retreat(request, project, &error)?;
                record(&self.state, &self.gathered, &frame, claims, &says)?
            }
            recorded => recorded?,
        };
        let view = self.state.ledger.view()?;
        self.gathered.read_on(&self.state.ledger, &view, &self.state.trust, &self.anchors, self.as_of)?;
        if let Err(error) = self.keep_head() {
            self.gaps.push(gap(&error));
        }
        Ok(recorded)
    }

    /// Remembers the head of the log outside the project.
    pub(crate) fn keep_head(&self) -> Result<(), EngineError> {
        let head = self.state.ledger.head()?;
        Ok(self.heads.as_ref().map_or(Ok(()), |heads| heads.keep_state(&self.state, &head))?)
    }

    /// Goes on in memory where the log cannot be written, so that what was found is shown all the same.
    fn retreat(
        &mut self,
        request: &Request,
        project: &Project,
        error: &LedgerError,
    ) -> Result<(), EngineError> {
        self.carried = self.gathered.occurrences().cloned().collect();
        self.gaps.push(gap(error));
        self.state = State::in_memory(&project.name, &request.seed, None, not_recorded(error), request.now)?;
        self.gathered = Gathered::default();
        self.anchors.clear();
        self.index = None;
        self.heads = None;
        Ok(())
    }

    pub(crate) fn assess(&self, scope: &Scope, standing: &Standing) -> Assessment {
        let catalogue = bartizan_standards::controls();
        assess(catalogue, scope, &self.gathered.evidence(), &standing.decisions(), self.as_of)
    }

    /// The statements that the run added, as a bundle.
    pub(crate) fn bundle(&self, recorded: &Recorded) -> Result<Vec<u8>, EngineError> {
        let view = self.state.ledger.view()?;
        let mut envelopes = Vec::with_capacity(recorded.added.len());
        for index in &recorded.added {
            if let Content::Statement(statement) = &view.entry(*index)?.record.content {
                envelopes.push(Envelope::parse(&self.state.ledger.blob(&statement.envelope)?)?);
            }
        }
        let mut bundle = Vec::new();
        write_bundle(&mut bundle, &envelopes).expect("memory can be written to");
        Ok(bundle)
    }
}

/// What a run found, for the statement about the run as a whole.
pub(crate) struct Run<'a> {
    /// All findings; those that the project file ignores are marked.
    pub(crate) findings: &'a [Finding],
    /// How many things were not examined.
    pub(crate) unexamined: usize,
    /// What each finding is about.
    pub(crate) subjects: &'a SubjectsOf<'a>,
}

impl Run<'_> {
    fn facts(&self) -> BTreeMap<String, Value> {
        let standing = self.findings.iter().filter(|finding| finding.suppressed.is_none());
        let ignored = self.findings.len() - standing.clone().count();
        let mut by_severity: BTreeMap<Severity, u64> = BTreeMap::new();
        for finding in standing.clone() {
            *by_severity.entry(finding.severity).or_insert(0) += 1;
        }
        let noted = standing.filter(|finding| finding.severity > Severity::Info);
        let listed: Vec<_> =
            noted.take(MAX_LISTED).map(|finding| Listed::of(finding, self.subjects)).collect();
        BTreeMap::from([
            (RUN_FINDINGS.to_owned(), json!(by_severity)),
            (RUN_LISTED.to_owned(), json!(listed)),
            (RUN_IGNORED.to_owned(), json!(ignored)),
            (RUN_UNEXAMINED.to_owned(), json!(self.unexamined)),
        ])
    }
}

/// Says why nothing can be recorded, where that is so: a log that does not hold is another matter than none.
pub(crate) fn check_recording(
    not_recorded: Option<&String>,
    audit: Option<&Verification>,
) -> Result<(), EngineError> {
    match not_recorded {
        Some(_) if audit.is_some_and(|audit| !audit.is_whole()) => Err(EngineError::Broken),
        Some(why) => Err(EngineError::NotRecorded(why.clone())),
        None => Ok(()),
    }
}

/// Whether the log holds since it was last seen; nothing where it was not seen before, and so cannot be compared.
fn verified(audit: &Verification) -> Option<bool> {
    match audit.completeness {
        _ if !audit.is_whole() => Some(false),
        Completeness::Since { .. } => Some(true),
        Completeness::Refuted => Some(false),
        Completeness::Unknown => None,
    }
}

/// Whether the disk or another process kept the log from being used, which says nothing against what it holds.
const fn is_work_not_done(error: &LedgerError) -> bool {
    matches!(
        error,
        LedgerError::ReadOnly { .. }
            | LedgerError::Full { .. }
            | LedgerError::Io { .. }
            | LedgerError::Busy
            | LedgerError::Poisoned
    )
}

fn gap(error: &dyn std::fmt::Display) -> Unexamined {
    Unexamined::new(
        Location::file(crate::state::STATE_FOLDER),
        format!("what was found could not be recorded: {error}"),
    )
}

/// An anchor that contradicts the log.
fn contradicts(fault: &AnchorFault) -> Unexamined {
    let folder = Location::file(crate::state::STATE_FOLDER);
    Unexamined::new(folder, format!("who has seen the log cannot be told: {fault}"))
}

fn not_recorded(error: &LedgerError) -> String {
    format!("The log cannot be used: {error}.")
}

/// What is remembered of the log; a trust file older than the one that is remembered is refused.
fn see(heads: &Heads, state: &State) -> Result<Option<Head>, EngineError> {
    let origin = state.ledger.identity().origin();
    if let Some(known) = heads.last_trust(origin)? {
        state.trust.follows(&known).map_err(StateError::Trust)?;
    }
    Ok(heads.last(origin, state.ledger.identity().keys())?)
}
