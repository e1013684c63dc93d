//! Framework ids, names, paraphrases and crosswalks; the controls catalogue.
//!
//! Everything here is data: the Secure Software Development Framework (NIST SP 800-218, version 1.1) with its
//! generative-AI profile (SP 800-218A), the lists that people ask about besides ([`Edition::ALL`]), what became of an
//! entry from one edition to the next, the roles of the lifecycle, the ten considerations, and the [`Control`]s with
//! the evidence that each of them asks for. Ids, structure and cross-references are those of the publications; every
//! sentence is our own, and the official wording of the SSDF can be added by the user with [`import_catalog`]. This
//! crate knows no project, no file and no evidence.
//!
//! ```
//! use bartizan_finding::{ControlId, PredicateKind};
//!
//! let scan = bartizan_standards::control(&ControlId::new("model-scan")).ok_or("no such control")?;
//! assert!(scan.reads(PredicateKind::ModelScan));
//! for reference in scan.covers.iter().chain(&scan.covers_part) {
//!     assert!(bartizan_standards::task(reference).is_some());
//! }
//! // Ids mean nothing without their edition.
//! let theft: bartizan_standards::Reference = "owasp-llm:2023/LLM10".parse().map_err(|_| "no such entry")?;
//! let now = bartizan_standards::migrate(&theft, bartizan_standards::Edition::OwaspLlm2026);
//! assert_eq!(now[0].to.as_ref().map(ToString::to_string).as_deref(), Some("owasp-llm:2026/LLM06"));
//! # Ok::<(), &str>(())
//! ```

mod audience;
mod baseline;
mod catalogue;
mod consideration;
mod control;
mod criterion;
mod crosswalk;
mod edition;
mod entry;
mod framework;
mod import;
mod migration;
mod reference;
mod role;

pub use audience::Audience;
pub use baseline::Baseline;
pub use catalogue::{How, Naming, control, controls, naming};
pub use consideration::Consideration;
pub use control::{About, Clause, Control, Edge, Means, ScopeKind, Strength};
pub use criterion::{Criterion, RulePrefix};
pub use crosswalk::{Crossing, Source, crosswalk};
pub use edition::Edition;
pub use entry::{Entry, EntryKind, entries, entry};
pub use framework::{
    ChangeStatus, Group, GroupId, Item, ItemKind, Practice, Priority, Task, groups, item, items, practices,
    task, tasks,
};
pub use import::{ImportError, MAX_CATALOG_BYTES, OfficialTexts, import_catalog};
pub use migration::{Change, Step, migrate, namesakes};
pub use reference::{BadReference, Reference, check_reference};
pub use role::{LifecycleRole, role, roles};
