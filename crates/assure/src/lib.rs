//! Controls and evidence to facts, status and posture.
//!
//! [`assess`] takes plain data — which subjects are in [`Scope`], what [`Evidence`] the ledger holds, what people
//! have decided, and a time — and says of each control where it stands and why. It reads no file, no clock and no
//! ledger, and it verifies no signature: whoever gathers the evidence says which of it was refused.
//!
//! What people decide is judged apart: [`decided`] goes from their statements to [`Decided`] requests, and
//! [`decisions`] from those to what status takes from them; [`covers`], [`agreed_losses`] and [`break_glass`] say
//! what they mean for findings, losses and gates. A decision needs two people, told apart by name and by key.
//!
//! Nothing is satisfied by default. A control without evidence is `unknown`; one whose subjects do not exist is
//! `not-applicable`, with the reason.

mod age;
mod approvals;
mod assess;
mod assessment;
mod bearing;
mod decided;
mod decision;
mod evidence;
mod items;
mod judge;
mod people;
mod reading;
mod request;
mod rule_name;
mod scope;
mod status;

pub use age::evidence_age_hours;
pub use approvals::{APPROVAL_AUTHOR, OF_RELEASE, approvals};
pub use assess::assess;
pub use assessment::{
    Assessment, BaselineAssessment, ClauseAssessment, ControlAssessment, EdgeAssessment, GroupAssessment,
    ItemAssessment, Refused, SubjectAssessment, TaskAssessment,
};
pub use bearing::{AgreedLoss, Counted, agreed_losses, break_glass, covers, decisions};
pub use decided::{
    APPROVAL_OF, Current, Decided, DecisionFault, DecisionFaultKind, DecisionState, OF_DECISION,
    OF_REVOCATION, Stated, decided,
};
pub use decision::{Basis, Claim, ClaimKind, Consideration, Decisions, Exception, Reach, SetAside};
pub use evidence::Evidence;
pub use request::{Asked, ClaimScope, DecisionKind, ExceptionScope, LossItem, MAX_REASON, Request};
pub use rule_name::RuleName;
pub use scope::{AssetBytes, InScope, Scope, Subject, scope};
pub use status::Tally;

pub use bartizan_finding::Status;
