//! Bounded, non-executing readers of model files, one folder per format, and the rules over them.
//!
//! [`inspect`] reads a file once and says what it is, what it holds, what is wrong with it and what could not be
//! looked at. Reading a file never executes it, opens no other path, and allocates nothing from a length that the
//! file claims. This crate knows no project, no clock and no network; what a finding means for a release is decided
//! elsewhere.

mod codec;
mod content;
pub mod convert;
mod escape;
mod feed;
mod foreign;
mod format;
mod formats;
mod inspect;
mod inspection;
mod json;
mod limits;
mod names;
mod outline;
mod packed;
mod problems;
mod read;
mod registry;
mod relate;
mod rules;
mod scope;
mod text;

pub use escape::escape;
pub use format::Format;
pub use formats::config::is_config;
pub use inspect::{inspect, inspect_structure};
pub use inspection::{FileClass, Inspection};
pub use limits::Limits;
pub use outline::{Outline, Reference, ReferenceKind};
pub use read::{FileReader, ReadAt, STEP};
pub use registry::{RULE_SET, rules};
pub use relate::{explain, relate};
pub use rules::ExecutableFile;
