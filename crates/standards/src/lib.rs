//! Framework ids, names, paraphrases and crosswalks; the controls catalogue.
//!
//! Everything here is data: the tasks of the Secure Software Development Framework (NIST SP 800-218, version 1.1)
//! and of its generative-AI profile (NIST SP 800-218A, July 2024), the roles of the lifecycle, the ten
//! considerations, and the [`Control`]s with the evidence that each of them asks for. Ids, structure and
//! cross-references are those of the publications; every sentence is our own, and the official wording can be
//! added by the user with [`import_catalog`]. This crate knows no project, no file and no evidence.
//!
//! ```
//! use bartizan_finding::{ControlId, PredicateKind};
//!
//! let scan = bartizan_standards::control(&ControlId::new("model-scan")).ok_or("no such control")?;
//! assert!(scan.reads(PredicateKind::ModelScan));
//! for reference in scan.covers.iter().chain(&scan.covers_part) {
//!     assert!(bartizan_standards::task(reference).is_some());
//! }
//! # Ok::<(), &str>(())
//! ```

mod audience;
mod baseline;
mod catalogue;
mod consideration;
mod control;
mod criterion;
mod framework;
mod import;
mod reference;
mod role;

pub use audience::Audience;
pub use baseline::Baseline;
pub use catalogue::{control, controls};
pub use consideration::Consideration;
pub use control::{About, Clause, Control, Edge, Means, ScopeKind, Strength};
pub use criterion::{Criterion, RulePrefix};
pub use framework::{
    ChangeStatus, Group, GroupId, Item, ItemKind, Practice, Priority, Task, groups, item, items, practices,
    task, tasks,
};
pub use import::{ImportError, MAX_CATALOG_BYTES, OfficialTexts, import_catalog};
pub use reference::{BadReference, Edition, Reference};
pub use role::{LifecycleRole, role, roles};
