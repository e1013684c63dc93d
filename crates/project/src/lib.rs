//! The project file `bartizan.toml`: what an LLM system is made of, who works on it and what was decided about
//! it.
//!
//! [`parse`] turns text into a [`Project`] or into all of its [`Fault`]s at once, each with its place, what was
//! expected and the nearest known name. A [`Project`] that exists is valid: every reference resolves, every path
//! stays inside, every word is one of the known ones. [`Project::subject`] and [`Project::root`] give digests of
//! what the project says, which evidence is recorded for.
//!
//! This crate reads one file and follows none of the paths in it.

mod fault;
mod load;
mod model;
mod parse;
mod read;
mod registry;
pub mod rules;
mod schema;
mod span;
mod subject;
mod values;
mod words;

pub use fault::Fault;
pub use load::{Discovery, FILE_NAME, Loaded, MAX_BYTES, ProjectError, discover, load, resolve};
pub use model::{
    Actor, Asset, BUILT_IN_ZONES, Element, Flow, Gate, Group, Ignore, LimitSet, Limits, Project, Source,
    Treatment, TrustPins, Zone,
};
pub use parse::{FORMAT, MAX_ELEMENTS, MAX_ENTRIES, MAX_FLOWS, Parsed, parse};
pub use registry::{RULE_SET, check, missing_path, rules, unused_ignores, unused_treatments};
pub use schema::schema;
pub use span::Span;
pub use subject::{SECURITY_RELEVANT, SubjectRef};
pub use values::{
    Effect, Fingerprint, FlowId, HostedModel, Licence, Member, PathPattern, RelPath, ThreatScope, Url, ZoneId,
};
pub use words::{
    ActorKind, Approval, AssetKind, Baseline, Capability, Classification, DataClass, Decision, ElementKind,
    GroupRole, Isolation, ProjectRole, Verb, ZoneTrust,
};
