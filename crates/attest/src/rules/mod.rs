//! The rules over evidence, the clock and the trust file, one file each.

mod altered_evidence;
mod clock_behind;
mod future_dated;
mod malformed_evidence;
mod other_project;
mod revoked_key;
mod trust_file_refused;
mod unknown_key;

pub use altered_evidence::AlteredEvidence;
pub use clock_behind::ClockBehind;
pub use future_dated::FutureDated;
pub use malformed_evidence::MalformedEvidence;
pub use other_project::OtherProject;
pub use revoked_key::RevokedKey;
pub use trust_file_refused::TrustFileRefused;
pub use unknown_key::UnknownKey;
