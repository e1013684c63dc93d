//! Model files by themselves.

#![expect(clippy::doc_markdown, reason = "the help shows these texts as they stand")]

use std::path::PathBuf;

use bartizan_finding::Severity;
use clap::{Args, Subcommand, ValueHint};

use super::{Format, ListFormat};

/// What can be done with model files.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelCommand {
    /// Say what model files are and what loading them would do, without loading them
    ///
    /// Needs no project and records nothing. Each file gets a class: finding, review (a person should look),
    /// inconclusive (not all of it could be looked at), error, or clean. Ends with 1 where a finding is at or over
    /// --fail-on, and with 4 where not all could be looked at.
    Scan(ScanArguments),
    /// Rewrite a checkpoint that is a pickle as safetensors, without loading it
    ///
    /// Takes tensors and plain metadata, nothing that would run. Reads PyTorch files (new and old, state dicts and
    /// whole modules) and pickled NumPy arrays. Each tensor is compared with its source after it was written. What is
    /// not carried over is listed; where a tensor is among it, the exit code is 4.
    Convert(ConvertArguments),
}

/// What `model convert` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct ConvertArguments {
    /// The checkpoint
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) from: PathBuf,
    /// The safetensors file to write
    #[arg(value_hint = ValueHint::FilePath)]
    pub(crate) to: PathBuf,
    /// Take the tensors below this name alone, without it: state_dict, model
    #[arg(long, value_name = "NAME")]
    pub(crate) select: Option<String>,
    /// Write over a file that is there
    #[arg(long)]
    pub(crate) force: bool,
    /// How
    #[arg(long, default_value = "text")]
    pub(crate) format: ListFormat,
}

/// What `model scan` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct ScanArguments {
    /// Files and folders [default: this folder]
    #[arg(value_hint = ValueHint::AnyPath)]
    pub(crate) paths: Vec<PathBuf>,
    /// How to report, and where to: text, json, sarif, or sarif=FILE; may be given several times
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text")]
    pub(crate) format: Vec<Format>,
    /// Write what would go to standard output to this file
    #[arg(long, short, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// From which severity on a finding makes the scan fail
    #[arg(long, value_name = "SEVERITY", default_value = "high")]
    #[arg(env = "BARTIZAN_FAIL_ON", hide_env_values = true)]
    pub(crate) fail_on: Severity,
    /// Of safetensors and GGUF read the structure alone, not the values of tensors: no digest, but fast
    #[arg(long)]
    pub(crate) structure: bool,
}
