//! What went wrong, as people read it, and the exit code that goes with it.

use std::{fmt::Write as _, io::Write as _, path::Path};

use bartizan_engine::{EngineError, heads::HeadsError, state::StateError};
use bartizan_ledger::LedgerError;
use bartizan_project::{Fault, ProjectError};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Severity};

use crate::exit::Exit;

/// Says on standard error what went wrong, and with which code to end.
pub(crate) fn report(error: &anyhow::Error) -> Exit {
    let (text, exit) = match error.downcast_ref::<EngineError>() {
        Some(error) => (of_engine(error), exit_of_engine(error)),
        None => match error.downcast_ref::<StateError>() {
            Some(state) => (chain(error.as_ref()), exit_of_state(state)),
            None => (chain(error.as_ref()), exit_of_other(error)),
        },
    };
    let _ = writeln!(std::io::stderr(), "{}", text.trim_end());
    exit
}

fn of_engine(error: &EngineError) -> String {
    match error {
        EngineError::Project(ProjectError::Faulty { path, text, faults }) => of_project(path, text, faults),
        EngineError::NothingToCheck(path) => format!(
            "bartizan: there is nothing to check in {}\nMake an example with `bartizan demo helpdesk DIR`, or name a folder with a model or data.",
            path.display()
        ),
        error => chain(error),
    }
}

/// Each fault with the line it stands in.
fn of_project(path: &Path, text: &str, faults: &[Fault]) -> String {
    let handler =
        GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_wrap_lines(false);
    let mut out = String::new();
    for fault in faults {
        let mut help = format!("expected {}", fault.expected);
        if let Some(nearest) = &fault.nearest {
            let _ = write!(help, "; did you mean `{nearest}`?");
        }
        let span = fault.span.start..fault.span.end.max(fault.span.start);
        let diagnostic = MietteDiagnostic::new(fault.message.clone())
            .with_severity(Severity::Error)
            .with_help(help)
            .with_label(LabeledSpan::at(span, fault.key.clone()));
        let source = NamedSource::new(path.display().to_string(), text.to_owned());
        let report = miette::Report::new(diagnostic).with_source_code(source);
        if handler.render_report(&mut out, report.as_ref()).is_err() {
            let _ = writeln!(out, "{}:{}:{}: {}", path.display(), fault.line, fault.column, fault.message);
        }
    }
    let _ = writeln!(out, "bartizan: {} in {}", count(faults.len()), path.display());
    out
}

fn count(faults: usize) -> String {
    if faults == 1 { "1 fault".to_owned() } else { format!("{faults} faults") }
}

/// An error and its causes in one sentence.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut text = format!("bartizan: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        let _ = write!(text, ": {error}");
        cause = error.source();
    }
    // A message can quote a file or a name that somebody made up.
    bartizan_artifact::escape(&text, 2_000)
}

fn exit_of_engine(error: &EngineError) -> Exit {
    match error {
        EngineError::Project(_)
        | EngineError::NotInferred { .. }
        | EngineError::NotDeclared(_)
        | EngineError::NotRecorded(_)
        | EngineError::NotEntitled { .. }
        | EngineError::Decision(_)
        | EngineError::NoSuchGate { .. }
        | EngineError::NoSuchAsset(_)
        | EngineError::Organisation { .. }
        | EngineError::Previous { .. }
        | EngineError::Policy(_) => Exit::Usage,
        EngineError::Broken
        | EngineError::Stamp(_)
        | EngineError::NotThisLog
        | EngineError::Answer(_)
        | EngineError::Anchor(_) => Exit::VerificationFailed,
        EngineError::NothingToCheck(_) => Exit::Nothing,
        EngineError::State(error) => exit_of_state(error),
        EngineError::Ledger(error) | EngineError::Heads(HeadsError::Log(error)) => exit_of_ledger(error),
        EngineError::Heads(HeadsError::Io { .. } | HeadsError::Folder(_))
        | EngineError::Statement(_)
        | EngineError::NoBytes(_)
        | EngineError::Read { .. }
        | EngineError::Write { .. } => Exit::Incomplete,
    }
}

fn exit_of_state(error: &StateError) -> Exit {
    match error {
        StateError::Absent
        | StateError::Exists { .. }
        | StateError::Folder(_)
        | StateError::Key { .. }
        | StateError::Edit(_) => Exit::Usage,
        StateError::Trust(_) | StateError::OtherKey { .. } => Exit::VerificationFailed,
        StateError::Io { .. } => Exit::Incomplete,
        StateError::Ledger(error) => exit_of_ledger(error),
    }
}

/// What contradicts a signature or a digest is a failed verification; what the disk refuses is work not done.
pub(crate) fn exit_of_ledger(error: &LedgerError) -> Exit {
    match error {
        LedgerError::CheckpointGone
        | LedgerError::Checkpoint(_)
        | LedgerError::BadCheckpoint(_)
        | LedgerError::Damaged { .. }
        | LedgerError::BlobMissing(_)
        | LedgerError::BlobAltered(_) => Exit::VerificationFailed,
        LedgerError::Absent | LedgerError::OutOfRange { .. } => Exit::Usage,
        _ => Exit::Incomplete,
    }
}

fn exit_of_other(error: &anyhow::Error) -> Exit {
    error.downcast_ref::<LedgerError>().map_or(Exit::Usage, exit_of_ledger)
}
