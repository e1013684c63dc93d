//! Finds the assets of an LLM system in a folder, and proposes a project file for it.
//!
//! [`discover`] looks at the names of files and at the start of those that say more: code, configuration, names of
//! variables. It runs nothing, follows nothing and reads no secret: of a `.env` file it takes the names, of a tool's
//! configuration no argument but the package. [`project_file`] writes down what was found as a commented
//! `bartizan.toml`, and leaves open what cannot be known. The listing and a bounded reader come from the caller: this
//! crate opens no file itself.

mod code;
mod discover;
mod environment;
mod found;
mod group;
mod lexical;
mod mcp;
mod project_file;
mod tables;
mod toml_text;
mod tree;
mod undeclared;

pub use discover::discover;
pub use found::{Found, Framework, Inventory, Kind, Provider, Role, Store, Tool};
pub use project_file::{Answers, Pins, project_file};
pub use tree::{File, Limits, Tree};
pub use undeclared::undeclared_text;
