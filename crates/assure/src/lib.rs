//! Controls and evidence to facts, status and posture.
//!
//! [`assess`] takes plain data — which subjects are in [`Scope`], what [`Evidence`] the ledger holds, what people
//! have decided, and a time — and says of each control where it stands and why. It reads no file, no clock and no
//! ledger, and it verifies no signature: whoever gathers the evidence says which of it was refused.
//!
//! Nothing is satisfied by default. A control without evidence is `unknown`; one whose subjects do not exist is
//! `not-applicable`, with the reason.

mod assess;
mod assessment;
mod decision;
mod evidence;
mod items;
mod judge;
mod reading;
mod scope;
mod status;

pub use assess::assess;
pub use assessment::{
    Assessment, BaselineAssessment, ClauseAssessment, ControlAssessment, EdgeAssessment, GroupAssessment,
    ItemAssessment, Refused, SubjectAssessment, TaskAssessment,
};
pub use decision::{Basis, Claim, ClaimKind, Consideration, Decisions, Exception};
pub use evidence::Evidence;
pub use scope::{AssetBytes, InScope, Scope, Subject, scope};
pub use status::{Status, Tally};
