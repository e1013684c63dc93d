//! Threats, as rules over the system model of a project.
//!
//! [`derive()`] looks at elements, flows, assets and the paths between them, and says for each threat why it
//! holds (the path), who is able to, how likely and how bad it is with the reasons for both, and which controls
//! treat it. The same project gives the same bytes every time. This crate reads no file, sends nothing and asks
//! no model: every threat can be traced to lines of the project file.

mod derive;
mod facts;
mod level;
mod model;
mod registry;
pub mod rules;
mod search;
mod sink;
mod system;

pub use derive::derive;
pub use facts::facts;
pub use level::Level;
pub use model::{Model, Node, Risk, Threat, ThreatId, Treated};
pub use registry::{RULE_SET, rules};
