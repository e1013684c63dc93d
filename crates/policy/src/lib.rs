//! Cedar behind one small door: gates and organisation rules.
//!
//! A [`Gate`] is a policy in the [Cedar language](https://docs.cedarpolicy.com) at a transition: may this principal
//! do this with this resource, given these [`Facts`]? It has one `permit`, which says who may pass, and any number of
//! `forbid` rules, each with a name, the control that it asks about, and the remedy. Texts are held against a
//! [`Schema`] that is generated from the catalogue, so a control that does not exist is an error of the text and not
//! a rule that never applies.
//!
//! [`decide`] allows only if Cedar allows and no rule erred. Three kinds of rules refuse:
//!
//! * rules of the **organisation** ([`Organisation`]), which nothing overrides;
//! * **built-in** rules (`bartizan.*`), which apply at every gate;
//! * rules of the **gate** itself.
//!
//! A break-glass in force overrides the built-in rules and the gate's own `forbid` rules. It overrides neither the
//! organisation nor the gate's `permit`: an emergency may excuse missing evidence, but it makes nobody a member of
//! the platform team.
//!
//! ```
//! use bartizan_policy::{Facts, Gate, Organisation, Principal, Question, Resource, Schema, Verdict, Vocabulary, decide};
//!
//! let schema = Schema::generate(&Vocabulary {
//!     controls: ["model-integrity", "model-scan"].map(str::to_owned).into(),
//!     roles: ["platform-engineer".to_owned()].into(),
//!     ..Vocabulary::default()
//! })?;
//! let gate = Gate::parse("deploy", "policies/deploy.cedar", r#"
//!     @id("platform-may-deploy")
//!     permit (principal in Role::"platform-engineer", action == Action::"deploy", resource);
//!
//!     @id("weights-are-scanned")
//!     @control("model-scan")
//!     @fix("Run `bartizan check`, and mend what it finds in the weights.")
//!     forbid (principal, action == Action::"deploy", resource)
//!     unless { context.satisfied.contains(Control::"model-scan") };
//! "#, &schema)?;
//! let question = Question {
//!     action: "deploy".to_owned(),
//!     principal: Principal::Person {
//!         name: "tomas@example.com".to_owned(),
//!         groups: ["platform".to_owned()].into(),
//!         roles: ["platform-engineer".to_owned()].into(),
//!     },
//!     resource: Resource::Project { name: "helpdesk".to_owned() },
//!     facts: Facts { checked: true, log_verified: true, reconciled: true, ..Facts::default() },
//! };
//! let ruling = decide(&gate, &Organisation::none(), &question);
//! assert_eq!(ruling.verdict, Verdict::Deny);
//! assert_eq!(ruling.refusals[0].why, "model-scan is not judged here");
//! # Ok::<_, bartizan_policy::PolicyError>(())
//! ```
//!
//! This crate knows no file, no clock and no ledger: facts arrive computed, identities arrive proven.

mod builtin;
mod decide;
mod explain;
mod facts;
mod fault;
mod gate;
mod organisation;
mod question;
mod read;
mod scan;
mod schema;
mod stack;
mod starter;
mod status;
mod walk;

pub use bartizan_finding::Status;
pub use decide::{Refusal, Ruling, Verdict, decide};
pub use facts::{Facts, FindingCounts};
pub use fault::{Fault, PolicyError};
pub use gate::Gate;
pub use organisation::Organisation;
pub use question::{Principal, Question, Resource};
pub use read::{Effect, Rule, RuleSource};
pub use scan::{MAX_DEPTH, MAX_OPERATORS, MAX_RULES, MAX_TEXT};
pub use schema::{Schema, TRANSITIONS, Vocabulary};
pub use starter::starter;
