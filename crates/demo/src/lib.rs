//! Writes the example projects from a seed.
//!
//! *Helpdesk* is a support assistant with retrieval and a refund tool, as a careful team would run it. *Compromised*
//! is the same with faults planted in it; [`planted`] lists them, and so does the README that is written beside them.
//! Nothing hostile is stored: what looks malicious is built while writing, from a seed, and does nothing.
//!
//! Same kind and seed, same bytes. Times in the content come from the seed, not from a clock.

mod folder;
mod model;
mod pickle;
mod plant;
mod project;
mod random;
mod tickets;
mod tokenizer;

use std::{io, path::Path, path::PathBuf};

pub use plant::{Fact, Planted, PlantedEvidence, Shown, Signer, planted, planted_evidence, recorded};

/// The line of the written `bartizan.toml` that stands where the table `[trust]` belongs: whoever makes the keys puts
/// their fingerprints in its place. Left alone it is a comment.
pub const PLACE_FOR_PINS: &str = "# {{trust}}\n";

/// Which project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As a careful team would run it.
    Helpdesk,
    /// The same with planted faults.
    Compromised,
}

/// What was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// How many files.
    pub files: u64,
    /// How many bytes in all.
    pub bytes: u64,
}

/// Why nothing, or not all, was written.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// Something is there already; it is left alone.
    #[error("`{}` is not an empty folder", .0.display())]
    Occupied(PathBuf),
    /// A file or folder could not be written.
    #[error("`{}` could not be written", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Writes a project into `dir`, which does not exist yet or is an empty folder.
pub fn write(kind: Kind, dir: &Path, seed: u64) -> Result<Written, DemoError> {
    project::content(kind, seed).write(dir)
}
