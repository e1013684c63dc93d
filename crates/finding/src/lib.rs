//! The shared words of Bartizan.
//!
//! Everything that one part of the program says to another about what it saw is said with these types: a
//! [`Rule`] describes what can be wrong, an [`Occurrence`] is one place where it is, a [`Finding`] is what people
//! read (one per rule, asset and place), and [`Unexamined`] is what could not be looked at. This crate knows no
//! file, no clock, no network and no other crate of the project.

extern crate self as bartizan_finding;

mod code;
mod digest;
mod finding;
mod ids;
mod location;
mod loss;
mod occurrence;
mod predicate;
mod redacted;
mod rule;
mod severity;
mod shown;
mod status;
mod unexamined;

pub use bartizan_finding_derive::Rule;
pub use code::{BadRuleCode, RuleCode};
pub use digest::{BadDigest, Digest, Hasher};
pub use finding::{Finding, FindingSet, Fingerprint, MAX_SAMPLES, Sample, SuppressedBy, Suppression};
pub use ids::{ActorId, AssetId, BadId, ControlId, ElementId, GateId, GroupId};
pub use jiff::Timestamp;
pub use location::Location;
pub use loss::LossKind;
pub use occurrence::Occurrence;
pub use predicate::PredicateKind;
pub use redacted::{LengthClass, Redacted, SameValue};
pub use rule::{Rule, RuleMeta, Variant, registry_faults};
pub use severity::{BadSeverity, Confidence, Severity};
pub use shown::hides;
pub use status::Status;
pub use unexamined::Unexamined;
