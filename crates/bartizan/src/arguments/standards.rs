use bartizan_standards::{Edition, Reference};
use clap::Subcommand;

use super::ListFormat;

/// What can be done with the frameworks that people ask about.
#[derive(Debug, Subcommand)]
pub(crate) enum StandardsCommand {
    /// List the editions with what is held of each, its licence and its source
    List {
        /// How
        #[arg(long, default_value = "text")]
        format: ListFormat,
    },
    /// List the entries of an edition, and the controls that name them
    Show {
        /// An edition, such as owasp-llm:2026
        edition: Edition,
        /// How
        #[arg(long, default_value = "text")]
        format: ListFormat,
    },
    /// Say what became of an entry in other editions
    Migrate {
        /// An entry with its edition, such as owasp-llm:2023/LLM10
        reference: Reference,
        /// The edition to look in [default: every other one of the same framework]
        #[arg(long, value_name = "EDITION")]
        to: Option<Edition>,
        /// How
        #[arg(long, default_value = "text")]
        format: ListFormat,
    },
}
