use bartizan_finding::{ControlId, Digest, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Evidence, RuleName};

/// What people have decided. Whoever gathers them has verified who signed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Decisions {
    /// Decisions to live with something.
    pub exceptions: Vec<Exception>,
    /// Claims that a control does not apply, or is someone else's.
    pub claims: Vec<Claim>,
    /// Decisions on what SP 800-218A only asks to consider.
    pub considered: Vec<Consideration>,
    /// What people agreed to, folded by [`approvals`](crate::approvals). Status reads `approval` evidence here and
    /// nowhere else, so that no number of approvers that a statement claims can count.
    pub approvals: Vec<Evidence>,
}

/// A decision to live with what speaks against a control for one subject. Other bytes void it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exception {
    /// The control.
    pub control: ControlId,
    /// The subject.
    pub subject: Digest,
    /// What is lived with.
    pub reach: Reach,
    /// Why.
    pub reason: String,
    /// Who owns the consequences.
    pub owner: String,
    /// Who asked for it.
    pub requester: String,
    /// Who agreed: someone other than the requester.
    pub approver: String,
    /// When it ends.
    pub expires: Timestamp,
    /// What is done instead.
    #[serde(default)]
    pub compensating: Option<String>,
}

/// What of a control an exception is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// Whatever is missing or fails.
    Control,
    /// What is counted of these; what else is missing or fails stays so.
    Rules(Vec<SetAside>),
}

/// Counts of a statement that do not speak against the control.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SetAside {
    /// Of a rule, with all rows of its table, or of one row.
    Rule(RuleName),
    /// Of findings that were looked at one by one.
    Findings {
        /// The key of the counts, exactly: `SEC001` or `SEC001/stripe-live`.
        key: String,
        /// How often they were seen, at the severities that the control asks about; a larger count holds something
        /// that nobody looked at.
        most: u64,
    },
}

/// A claim that evidence is not to be expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// The control.
    pub control: ControlId,
    /// The subject, or all of them.
    pub subject: Option<Digest>,
    /// What is claimed.
    pub kind: ClaimKind,
    /// Why.
    pub reason: String,
    /// On what it rests.
    pub basis: Basis,
    /// When it ends.
    pub expires: Timestamp,
}

/// What is claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimKind {
    /// The control means nothing here.
    NotApplicable,
    /// Someone else takes care of it.
    Inherited,
}

/// On what a claim rests.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// A person who agreed.
    Approver(String),
    /// A supplier's statement, by its digest.
    Supplier(Digest),
}

/// A decision on an item of SP 800-218A that asks to consider something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consideration {
    /// The item, such as `PS.1.1.C1`.
    pub item: String,
    /// Whether it is to be done.
    pub adopted: bool,
    /// Why.
    pub reason: String,
    /// Who decided.
    pub approver: String,
    /// When it is to be considered again.
    pub expires: Timestamp,
}

impl SetAside {
    /// Whether this many of a key of a statement's counts, of severities that count, are lived with.
    pub(crate) fn covers(&self, key: &str, count: u64) -> bool {
        match self {
            Self::Rule(rule) => rule.covers(key),
            Self::Findings { key: own, most } => own == key && count <= *most,
        }
    }
}

impl Exception {
    /// What is wrong with it, if anything: it is then ignored.
    pub(crate) fn fault(&self, as_of: Timestamp) -> Option<&'static str> {
        let blank = |text: &str| text.trim().is_empty();
        if blank(&self.reason) {
            Some("it gives no reason")
        } else if blank(&self.owner) {
            Some("it names no owner")
        } else if blank(&self.approver) {
            Some("it names no approver")
        } else if self.approver.trim().eq_ignore_ascii_case(self.requester.trim()) {
            Some("its approver is the one who asked for it")
        } else if self.expires <= as_of {
            Some("it has expired")
        } else {
            None
        }
    }
}

impl Claim {
    /// What is wrong with it, if anything: it is then ignored.
    pub(crate) fn fault(&self, as_of: Timestamp) -> Option<&'static str> {
        if self.reason.trim().is_empty() {
            Some("it gives no reason")
        } else if matches!(&self.basis, Basis::Approver(name) if name.trim().is_empty()) {
            Some("it names no approver")
        } else if self.expires <= as_of {
            Some("it has expired")
        } else {
            None
        }
    }
}

impl Consideration {
    /// Whether it counts.
    pub(crate) fn holds(&self, as_of: Timestamp) -> bool {
        !self.reason.trim().is_empty() && !self.approver.trim().is_empty() && as_of < self.expires
    }
}
