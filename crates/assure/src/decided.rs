//! From what people have stated to what is decided.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use bartizan_finding::{Digest, PredicateKind, Timestamp};
use jiff::SignedDuration;
use serde_json::Value;

use crate::{Request, judge::FUTURE_TOLERANCE};

mod table;

use table::table;

/// The fact of an `approval` statement that says what is agreed to.
pub const APPROVAL_OF: &str = "approval.of";

/// The value of [`APPROVAL_OF`] that agrees to a request.
pub const OF_DECISION: &str = "decision";

/// The value of [`APPROVAL_OF`] that takes a request, or an approval of something else, back.
pub const OF_REVOCATION: &str = "revocation";

/// A statement of kind `exception` or `approval` whose signer was entitled to make it.
#[derive(Clone, Debug, PartialEq)]
pub struct Stated {
    /// Its place in the log; the larger is the newer.
    pub index: u64,
    /// The digest of its envelope.
    pub envelope: Digest,
    /// What kind of statement it is. Other kinds than `exception` and `approval` are passed over.
    pub kind: PredicateKind,
    /// Who signed, by the name in the trust file.
    pub signer: String,
    /// The fingerprint of the key that signed, in any form that tells keys apart.
    pub key: String,
    /// When it was signed, by its own word.
    pub collected: Timestamp,
    /// When it stops counting, by its own word.
    pub expires: Timestamp,
    /// What it is about. A request is about the subject that it names, or about the project where it names none; an
    /// approval or a revocation is about the envelope of the request.
    pub subjects: Vec<Digest>,
    /// What it says.
    pub facts: BTreeMap<String, Value>,
}

/// What there is now that a decision can be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Current {
    /// The digests of files, folders, groups, elements, flows and whatever else can be a subject.
    pub subjects: BTreeSet<Digest>,
    /// The root digest of the project, which is a subject too.
    pub project: Digest,
}

/// A request, with who agreed and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// Names it in commands: the first 12 hexadecimal digits of the digest of the request's envelope.
    pub id: String,
    /// The digest of the request's envelope, which approvals are about.
    pub envelope: Digest,
    /// The place of the request in the log.
    pub index: u64,
    /// What is asked for.
    pub request: Request,
    /// Who asked.
    pub requester: String,
    /// Who agreed, in the order of the log, each person once.
    pub approvers: Vec<String>,
    /// When it was asked for.
    pub requested: Timestamp,
    /// When it ends: the earliest of what the request, its statement and the longest of the approvals say.
    pub expires: Timestamp,
    /// Where it stands.
    pub state: DecisionState,
    /// Why it stands there, as a sentence.
    pub why: String,
    /// The place in the log from which it holds, or held: that of the first approval that counts.
    pub effective: Option<u64>,
}

/// Where a decision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecisionState {
    /// Asked for; nobody else has agreed.
    Pending,
    /// It holds.
    InForce,
    /// It holds, and not for long; see [`DecisionKind::notice`](crate::DecisionKind::notice).
    Expiring,
    /// Its time is over.
    Expired,
    /// Somebody took it back.
    Revoked,
    /// It is about other bytes than there are now.
    Void,
    /// It is not in order: who agreed is who asked, or what it asks for cannot be.
    Refused,
}

/// A statement of a person that is not in order and does nothing for that reason.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DecisionFault {
    /// Its place in the log.
    pub index: u64,
    /// The digest of its envelope.
    pub envelope: Digest,
    /// The id of the decision that it is about, where there is one.
    pub decision: Option<String>,
    /// What is wrong.
    pub kind: DecisionFaultKind,
    /// What is wrong, as a sentence.
    pub why: String,
}

/// What can be wrong with a statement of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DecisionFaultKind {
    /// It cannot be understood.
    Malformed,
    /// It asks for what cannot be asked for.
    OutOfOrder,
    /// The same envelope stands in the log before.
    Repeated,
    /// Who agrees is who asked, by name or by key.
    SelfApproved,
    /// What it is about is not recorded.
    Dangling,
    /// It agrees to a request that is itself refused.
    OfRefused,
    /// It was logged or signed before what it is about.
    TooEarly,
    /// What it is about was over before.
    TooLate,
}

/// Judges what people have stated: every request that can be understood, in the order of the log, and every statement
/// that is not in order.
///
/// A request holds when somebody other than the requester agreed to it: by an `approval` statement whose
/// `approval.of` is `decision` and whose only subject is the request's envelope, logged after the request and signed
/// before its end. People are told apart by name and by key. A revocation by anybody who may make `approval`
/// statements ends it for good. Statements signed more than five minutes after `as_of` are left out, so that a
/// judgement of a past day does not know what came later. The order of `stated` does not matter.
pub fn decided(stated: &[Stated], current: &Current, as_of: Timestamp) -> (Vec<Decided>, Vec<DecisionFault>) {
    let (requests, mut faults) = table(stated, as_of);
    let mut decided: Vec<_> = requests.into_iter().map(|open| open.decide(current, as_of)).collect();
    decided.sort_by_key(|decided| decided.index);
    faults.sort();
    (decided, faults)
}

/// What was signed by `as_of`, in the order of the log.
pub(crate) fn known(stated: &[Stated], as_of: Timestamp) -> Vec<&Stated> {
    let horizon = as_of.checked_add(FUTURE_TOLERANCE).unwrap_or(Timestamp::MAX);
    let mut known: Vec<_> = stated.iter().filter(|one| one.collected <= horizon).collect();
    known.sort_by_key(|one| (one.index, one.envelope));
    known
}

/// What an `approval` statement says that it agrees to.
pub(crate) fn approval_of(stated: &Stated) -> Option<&str> {
    stated.facts.get(APPROVAL_OF).and_then(Value::as_str)
}

/// Whether it is an approval of something other than a request.
pub(crate) fn agrees_to_something(stated: &Stated) -> bool {
    stated.kind == PredicateKind::Approval
        && approval_of(stated).is_some_and(|of| of != OF_DECISION && of != OF_REVOCATION)
}

impl Decided {
    /// How long it still holds; nothing where it does not.
    pub fn remaining(&self, as_of: Timestamp) -> Option<SignedDuration> {
        (self.state.holds() && as_of < self.expires).then(|| self.expires.duration_since(as_of))
    }
}

impl DecisionState {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Pending,
        Self::InForce,
        Self::Expiring,
        Self::Expired,
        Self::Revoked,
        Self::Void,
        Self::Refused,
    ];

    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InForce => "in force",
            Self::Expiring => "expiring",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Void => "void",
            Self::Refused => "refused",
        }
    }

    /// Whether it holds now.
    pub const fn holds(self) -> bool {
        matches!(self, Self::InForce | Self::Expiring)
    }
}

impl fmt::Display for DecisionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
