//! Finds the assets of an LLM system in a folder, proposes a project file for it, and holds one against what is there.
//!
//! [`discover`] looks at the names of files and at the start of those that say more: code, configuration, names of
//! variables. It runs nothing, follows nothing and reads no secret: of a `.env` file it takes the names, of a tool's
//! configuration no argument but the package. [`project_file`] writes down what was found as a commented
//! `bartizan.toml`, and leaves open what cannot be known. The listing and a bounded reader come from the caller: this
//! crate opens no file itself.
//!
//! [`undeclared`](undeclared()) says what was found and stands in no project file; [`losses`](losses()) says what earlier
//! assessments had and this one has not. Both are rules of the family REC.

mod calls;
mod code;
mod declared;
mod discover;
mod environment;
mod folders;
mod found;
mod group;
mod lexical;
mod losses;
mod lost_occurrences;
mod mcp;
mod project_file;
mod reconcile;
mod registry;
pub mod rules;
mod tables;
mod toml_text;
mod tree;
mod undeclared;

pub use declared::{Declared, MAX_FACT_BYTES, Names, Resting};
pub use discover::discover;
pub use folders::is_installed;
pub use found::{Endpoint, Evidence, Found, Framework, Inventory, Kind, Provider, Role, Store, Told, Tool};
pub use losses::{Agreed, Lost, losses, not_compared};
pub use lost_occurrences::lost_occurrences;
pub use project_file::{Answers, Pins, project_file};
pub use reconcile::{Undeclared, UndeclaredKind, stanza_for, undeclared};
pub use registry::{RULE_SET, rules};
pub use tree::{File, Limits, Tree};
pub use undeclared::undeclared_text;
