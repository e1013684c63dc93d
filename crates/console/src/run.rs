//! What is running.

mod check;
mod meter;

use bartizan_finding::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;

pub(crate) use check::{Current, Runs};

use crate::host::Failure;

/// What is running, and how the last run failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct RunState {
    /// Counts the runs that ended since the start; a page made of an older one is out of date.
    pub(crate) generation: u64,
    /// The run that goes on.
    pub(crate) running: Option<Progress>,
    /// Why the newest run made no report, where it did not.
    pub(crate) failure: Option<Failure>,
}

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Progress {
    /// When it began.
    pub(crate) started: Timestamp,
    /// What it does: `load`, `derive`, `plan`, `inspect`, `record` or `assess`.
    pub(crate) stage: &'static str,
    /// Files that will be read; 0 until the plan is made.
    pub(crate) files: u64,
    /// Bytes that will be read; 0 until the plan is made.
    pub(crate) bytes: u64,
    /// Files that were read.
    pub(crate) files_done: u64,
    /// Bytes that were read.
    pub(crate) bytes_done: u64,
    /// Whether it was asked to stop.
    pub(crate) cancelling: bool,
}
