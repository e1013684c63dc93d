//! The project behind the console: what the console asks of the engine, the log and the system.

mod link;

use std::path::PathBuf;

use bartizan_console::{Failure, Host, LogEntry, LogHead, LogStatement, Watch};
use bartizan_engine::{
    EngineError, Observer, Source, Stage, check,
    log::{Log, Shown},
    outcome, registry,
};
use bartizan_finding::{RuleMeta, Severity, Timestamp};
use bartizan_ledger::{Content, Entry, Subjects};
use bartizan_project::ProjectError;
use bartizan_report::{sarif, v1::Report};

use self::link::LinkFile;
use crate::{arguments::Global, commands, environment::Environment, output};

/// One project, served until the program ends.
#[derive(Debug)]
pub(crate) struct Served {
    path: PathBuf,
    fail_on: Severity,
    organisation: Option<PathBuf>,
    global: Global,
    heads: Option<PathBuf>,
    link: LinkFile,
}

impl Served {
    /// `label` tells this console from others over the same project: it is a part of the names of its files.
    pub(crate) fn new(
        path: PathBuf,
        label: &str,
        fail_on: Severity,
        global: &Global,
        environment: &Environment,
    ) -> anyhow::Result<Self> {
        let declared = Source::declared(&path, global.config.as_deref())?;
        let state = declared.as_ref().map(|source| commands::state_folder(source, global));
        let state = state.filter(|folder| folder.is_dir());
        let state = state.map(|folder| folder.join(format!("console{label}.link")));
        let runtime = &environment.runtime;
        let runtime = runtime.as_ref().map(|folder| folder.join(format!("bartizan-console{label}.link")));
        Ok(Self {
            path,
            fail_on,
            organisation: environment.organisation(None)?,
            global: global.clone(),
            heads: environment.heads.clone(),
            link: LinkFile::new(state.into_iter().chain(runtime).collect()),
        })
    }

    /// What to tell the one who started the console.
    pub(crate) fn instructions(&self) -> String {
        let next = match self.link.path() {
            Some(path) => format!("The next link then stands in {}.", path.display()),
            None => "For another, start `bartizan up` again.".to_owned(),
        };
        format!("The link works once. {next} Ctrl-C stops the console.")
    }

    /// Takes the link away, when nobody can come in any more.
    pub(crate) fn forget_link(&self) {
        self.link.forget();
    }

    fn log(&self) -> Result<Option<Log>, Failure> {
        let source =
            Source::declared(&self.path, self.global.config.as_deref()).map_err(|error| failure(&error))?;
        let Some(source) = source else { return Ok(None) };
        Log::open(&source, &commands::state_folder(&source, &self.global)).map_err(|error| failure(&error))
    }
}

impl Host for Served {
    fn check(&self, watch: &dyn Watch) -> Result<Report, Failure> {
        let mut request =
            commands::check::request(self.path.clone(), self.fail_on, &self.global, self.heads.clone())
                .map_err(|error| Failure::new(format!("{error:#}")))?;
        request.organisation.clone_from(&self.organisation);
        let checked = check(&request, &Watched(watch)).map_err(|error| failure(&error))?;
        outcome::report(&request, &checked, Environment::now()).map_err(|error| failure(&error))
    }

    fn log_head(&self) -> Result<Option<LogHead>, Failure> {
        let Some(log) = self.log()? else { return Ok(None) };
        // Anchors that do not verify are findings of a check and count for nothing here.
        let read = || {
            let view = log.ledger()?.view()?;
            let (anchors, _) = log.anchors(&view)?;
            Ok((view.head().clone(), anchors))
        };
        let (head, anchors) = read().map_err(|error: EngineError| failure(&error))?;
        Ok(Some(LogHead {
            origin: log.identity().origin().to_string(),
            size: head.size,
            root: head.root,
            checkpoint: head.note,
            anchors: outcome::anchors(&anchors),
        }))
    }

    fn log_entries(&self, first: u64, count: u64) -> Result<Vec<LogEntry>, Failure> {
        let Some(log) = self.log()? else { return Ok(Vec::new()) };
        let read = || -> Result<Vec<Entry>, EngineError> {
            let view = log.ledger()?.view()?;
            let last = first.saturating_add(count).min(view.len());
            Ok(view.entries(first.min(last)..last).collect::<Result<_, _>>()?)
        };
        Ok(read().map_err(|error| failure(&error))?.iter().map(entry).collect())
    }

    fn log_statement(&self, index: u64) -> Result<Option<LogStatement>, Failure> {
        let Some(log) = self.log()? else { return Ok(None) };
        match log.statement(index, Environment::now()) {
            Ok(shown) => Ok(Some(statement(shown))),
            Err(EngineError::Ledger(bartizan_ledger::LedgerError::OutOfRange { .. })) => Ok(None),
            Err(error) => Err(failure(&error)),
        }
    }

    fn rules(&self) -> Vec<&'static RuleMeta> {
        registry::rules()
    }

    fn render(&self, report: &Report, format: &str) -> Option<String> {
        (format == "sarif").then(|| sarif::render(report, &registry::rules()))
    }

    fn now(&self) -> Timestamp {
        Environment::now()
    }

    fn randomness(&self) -> Result<[u8; 32], Failure> {
        Environment::seed().map_err(|error| Failure::new(format!("{error:#}")))
    }

    fn link_renewed(&self, link: &str) {
        let kept = self.randomness().map_err(|error| error.to_string()).and_then(|chance| {
            let failed = |(path, error): (PathBuf, _)| format!("{}: {error}", path.display());
            self.link.keep(link, chance).map_err(failed)
        });
        if let Err(error) = kept {
            output::talk(&format!("bartizan: the link cannot be kept in a file: {error}"));
        }
    }
}

/// Hands on what a check tells.
struct Watched<'a>(&'a dyn Watch);

impl Observer for Watched<'_> {
    fn stage(&self, stage: Stage) {
        self.0.stage(stage.word());
    }

    fn planned(&self, files: u64, bytes: u64) {
        self.0.planned(files, bytes);
    }

    fn read(&self, bytes: u64) {
        self.0.read(bytes);
    }

    fn file_done(&self, path: &str) {
        self.0.file_done(path);
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

/// An error with its causes, and the faults of a project file one by one.
fn failure(error: &EngineError) -> Failure {
    let details = match error {
        EngineError::Project(ProjectError::Faulty { path, faults, .. }) => faults
            .iter()
            .map(|fault| {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                format!("{file}:{fault}")
            })
            .collect(),
        _ => Vec::new(),
    };
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        message.push_str(&format!(": {error}"));
        cause = error.source();
    }
    Failure { message, details }
}

fn entry(entry: &Entry) -> LogEntry {
    let record = &entry.record;
    let common = LogEntry {
        index: entry.index,
        logged_at: record.logged_at,
        actor: record.actor.clone(),
        hash: entry.hash,
        kind: "erased".to_owned(),
        subjects: Vec::new(),
        envelope: None,
        collected: None,
        expires: None,
        erased: None,
    };
    match &record.content {
        Content::Statement(content) => LogEntry {
            kind: kind(&content.predicate),
            subjects: match &content.subjects {
                Subjects::Listed(digests) => digests.clone(),
                Subjects::Root { .. } => Vec::new(),
            },
            envelope: Some(content.envelope),
            collected: Some(content.collected),
            expires: content.expires,
            ..common
        },
        Content::Tombstone { erased, reason } => {
            LogEntry { envelope: Some(*erased), erased: Some(reason.clone()), ..common }
        }
    }
}

/// `model-scan` for `urn:bartizan:model-scan:v1`; another's type stays as it is.
fn kind(predicate: &str) -> String {
    let own = predicate.strip_prefix("urn:bartizan:").and_then(|kind| kind.strip_suffix(":v1"));
    own.unwrap_or(predicate).to_owned()
}

fn statement(shown: Shown) -> LogStatement {
    let (counts, verdict) = match shown.verdict {
        Ok(sentence) => (true, sentence),
        Err(sentence) => (false, sentence),
    };
    LogStatement {
        entry: entry(&shown.entry),
        statement: shown.statement,
        envelope: shown.envelope.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
        counts,
        verdict,
        proof: shown.proof,
    }
}
