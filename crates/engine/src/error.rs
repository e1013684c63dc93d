use std::{io, path::PathBuf};

use bartizan_attest::{KeyFingerprint, TimestampFault};
use bartizan_finding::{AssetId, GateId};
use bartizan_ledger::{LedgerError, anchor::witness::AnswerFault};
use bartizan_policy::PolicyError;
use bartizan_project::{Project, ProjectError};

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
    /// There is no project file, and without one nothing can be recorded.
    #[error("there is no bartizan.toml in {} or above", .0.display())]
    NotDeclared(PathBuf),
    /// The log cannot be added to.
    #[error("nothing can be recorded: {0}")]
    NotRecorded(String),
    /// The key may not sign that.
    #[error("{key} may not sign this: {why}")]
    NotEntitled {
        /// The key.
        key: KeyFingerprint,
        /// Why.
        why: String,
    },
    /// A request of a person is not in order.
    #[error("this cannot be asked for: {0}")]
    Decision(String),
    /// The project declares no such gate.
    #[error("the project declares no gate `{gate}`{}", known_gates(known))]
    NoSuchGate {
        /// What was asked for.
        gate: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The project declares no such asset.
    #[error("the project declares no asset `{0}`")]
    NoSuchAsset(String),
    /// An asset that is asked about cannot be read, so there is nothing that a statement could be about.
    #[error("the bytes of the asset `{0}` cannot be read, so nobody could hold a decision against them")]
    NoBytes(AssetId),
    /// The organisation's rules cannot be read.
    #[error("cannot use the organisation's rules in {}: {why}", folder.display())]
    Organisation {
        /// The folder.
        folder: PathBuf,
        /// Why.
        why: String,
    },
    /// A policy cannot be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The log did not pass its audit.
    #[error("the log does not hold, so nothing is added to it; see `bartizan ledger verify`")]
    Broken,
    /// Keys, trust or ledger cannot be used.
    #[error(transparent)]
    State(#[from] StateError),
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// What was last seen of the log cannot be read or kept.
    #[error(transparent)]
    Heads(#[from] HeadsError),
    /// A time stamp does not count.
    #[error("the time stamp does not count")]
    Stamp(#[source] TimestampFault),
    /// A time stamp is over something else.
    #[error("the time stamp is over none of the newest heads of this log")]
    NotThisLog,
    /// The answer of a witness cannot be read.
    #[error(transparent)]
    Answer(#[from] AnswerFault),
    /// A cosigned checkpoint does not count.
    #[error("the checkpoint does not count: {0}")]
    Anchor(String),
    /// The bundle of an earlier run cannot be used.
    #[error("cannot compare with {}: {why}", path.display())]
    Previous {
        /// The file.
        path: PathBuf,
        /// Why.
        why: String,
    },
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Something cannot be written.
    #[error("cannot write {what}")]
    Write {
        /// What.
        what: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A statement cannot be made.
    #[error("cannot make a statement")]
    Statement(#[from] bartizan_attest::AttestError),
}

impl EngineError {
    /// Says which gates there are.
    pub(crate) fn no_such_gate(gate: &GateId, project: &Project) -> Self {
        Self::NoSuchGate {
            gate: gate.to_string(),
            known: project.gates.keys().map(ToString::to_string).collect(),
        }
    }
}

fn known_gates(known: &[String]) -> String {
    if known.is_empty() {
        "; it declares none".to_owned()
    } else {
        format!("; it declares {}", known.join(", "))
    }
}
