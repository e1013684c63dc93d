use std::path::PathBuf;

use bartizan_ledger::LedgerError;
use bartizan_project::ProjectError;

use crate::{heads::HeadsError, state::StateError};

/// Why a check could not be made at all.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// The project file cannot be read or has faults.
    #[error(transparent)]
    Project(#[from] ProjectError),
    /// There is nothing in the folder.
    #[error("there is nothing to check in {}", .0.display())]
    NothingToCheck(PathBuf),
    /// What is in the folder cannot be put into a project.
    #[error("cannot infer a project from {}: {}", path.display(), faults.join("; "))]
    NotInferred {
        /// The folder.
        path: PathBuf,
        /// What the parser said.
        faults: Vec<String>,
    },
    /// Keys, trust or ledger cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What was last seen of the log cannot be read or kept.
    #[error(transparent)]
    Heads(#[from] HeadsError),
    /// A statement cannot be made.
    #[error("cannot make a statement")]
    Statement(#[from] bartizan_attest::AttestError),
}
