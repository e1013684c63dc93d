use bartizan_finding::{Digest, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Status;

/// A recorded decision of people: an exception, an agreed loss, a break-glass, a claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// Names it in commands: the first 12 hexadecimal digits of the digest of the request's envelope.
    pub id: String,
    /// What kind of decision.
    pub kind: DecisionKind,
    /// Where it stands.
    pub state: DecisionState,
    /// Why it stands there, as a sentence.
    pub why: String,
    /// What it is about, in words: `PKL001 in model/a.pkl`, `the element orders-api`.
    pub about: String,
    /// The rule, where it is about findings: `PKL001` or `SEC001/stripe-live`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The one finding that it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// The control that it is about, where it is about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// The gate that it opens, where it is a break-glass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<String>,
    /// What it is about, by its bytes; others void it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub subject: Option<Digest>,
    /// The reason that was given.
    pub reason: String,
    /// Who owns the consequences.
    pub owner: String,
    /// Who asked, by the key that signed.
    pub requester: String,
    /// Who agreed, by the keys that signed; nobody yet where it is empty.
    pub approvers: Vec<String>,
    /// What is done instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compensating: Option<String>,
    /// When it was asked for.
    pub requested: Timestamp,
    /// When it ends.
    pub expires: Timestamp,
    /// Its entry in the log.
    pub index: u64,
    /// How many findings of this run it lets pass.
    pub findings: u64,
}

/// What kind of decision it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionKind {
    /// To live with findings or with what a control misses.
    Exception,
    /// That a threat, control, asset, element, flow or gate may be gone from the project file.
    Loss,
    /// To pass a gate that denies, for hours.
    BreakGlass,
    /// That a control does not apply, or is someone else's.
    Claim,
}

/// Where a decision stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionState {
    /// Asked for; too few have agreed.
    Pending,
    /// It holds.
    InForce,
    /// It holds for no more than 14 days, or, of a break-glass, for no more than an hour.
    Expiring,
    /// Its time is over.
    Expired,
    /// Somebody took it back.
    Revoked,
    /// It is about other bytes than there are now.
    Void,
    /// It is not in order: who agreed is who asked, or a field is missing.
    Refused,
}

/// What a gate says to this run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateResult {
    /// The gate.
    pub gate: String,
    /// Its policy file, relative to the project.
    pub policy: String,
    /// What it says.
    pub verdict: GateVerdict,
    /// Why, in one sentence.
    pub sentence: String,
    /// Who would pass it: a name in the trust file.
    pub principal: String,
    /// What would pass it: `project` or the id of an asset.
    pub resource: String,
    /// Each rule that refuses, organisation rules first.
    pub refusals: Vec<GateRefusal>,
    /// The break-glass that opens it, by its id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub break_glass: Option<String>,
    /// The entry of the `gate-decision` statement, where the gate was passed or refused on the record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub index: Option<u64>,
}

/// What a gate says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum GateVerdict {
    /// Nothing refuses and the policy permits.
    Allow,
    /// It refuses, but a break-glass is in force.
    BreakGlass,
    /// A rule refuses, or nothing permits.
    Deny,
    /// Its policy cannot be used, so it denies.
    Unusable,
}

/// A rule that refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateRefusal {
    /// The rule's `@id`.
    pub rule: String,
    /// The control that it asks about, where it names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control: Option<String>,
    /// Where that control stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Why it refuses, in one sentence.
    pub why: String,
    /// What to do about it.
    pub fix: String,
    /// Whether it is a rule that the project cannot override.
    pub organisation: bool,
}

/// Declared held against observed, and against what was declared before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Reconciliation {
    /// Whether they agree.
    pub posture: Posture,
    /// Why, in one sentence.
    pub sentence: String,
    /// How many things were seen that nobody declared.
    pub undeclared: u64,
    /// What was declared before and is not now.
    pub lost: Vec<Loss>,
}

/// Whether declared and observed agree.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Posture {
    /// Everything that was seen is declared, and nothing that was declared is lost without agreement.
    Reconciled,
    /// Something is undeclared or lost.
    Unreconciled,
    /// There is no earlier assessment to compare with, or the log cannot be read.
    #[default]
    Unknown,
}

/// Something that was declared and is not now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Loss {
    /// `threat`, `control`, `asset`, `element`, `flow` or `gate`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// The entry of the last assessment that still had it.
    pub last_seen: u64,
    /// The decision by which it may be gone, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<String>,
}

/// Somebody outside who has seen the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Anchor {
    /// `witness` for a cosignature (C2SP tlog-cosignature), `timestamp` for a time stamp (RFC 3161).
    pub kind: AnchorKind,
    /// The name in the trust file.
    pub by: String,
    /// When they saw it, by their own clock.
    pub at: Timestamp,
    /// How many entries they have seen.
    pub size: u64,
}

/// How somebody outside says that they have seen the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AnchorKind {
    /// A cosignature.
    Witness,
    /// A time stamp.
    Timestamp,
}

impl Decision {
    /// Whether it opens a gate now.
    pub const fn opens(&self) -> bool {
        matches!(self.kind, DecisionKind::BreakGlass) && self.state.holds()
    }
}

impl DecisionKind {
    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Exception => "exception",
            Self::Loss => "loss",
            Self::BreakGlass => "break-glass",
            Self::Claim => "claim",
        }
    }
}

impl DecisionState {
    /// All, in the order in which people want to see them: what holds first, and of that what ends first.
    pub const ALL: [Self; 7] = [
        Self::Expiring,
        Self::InForce,
        Self::Pending,
        Self::Void,
        Self::Refused,
        Self::Expired,
        Self::Revoked,
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

    /// The status whose mark and colour stand beside the word.
    pub const fn status(self) -> Status {
        match self {
            Self::Expiring => Status::Partial,
            Self::InForce => Status::Excepted,
            Self::Pending => Status::Unknown,
            Self::Expired => Status::Expired,
            Self::Void | Self::Revoked => Status::NotApplicable,
            Self::Refused => Status::Failing,
        }
    }
}

impl GateVerdict {
    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::BreakGlass => "break-glass",
            Self::Deny => "deny",
            Self::Unusable => "unusable",
        }
    }

    /// What the gate does, after its name: `deploy denies`.
    pub const fn verb(self) -> &'static str {
        match self {
            Self::Allow => "allows",
            Self::BreakGlass => "is opened by a break-glass",
            Self::Deny => "denies",
            Self::Unusable => "denies, since its policy cannot be used",
        }
    }

    /// Whether whoever asks may pass.
    pub const fn passes(self) -> bool {
        matches!(self, Self::Allow | Self::BreakGlass)
    }

    /// The status whose mark and colour stand beside the word.
    pub const fn status(self) -> Status {
        match self {
            Self::Allow => Status::Satisfied,
            Self::BreakGlass => Status::Excepted,
            Self::Deny | Self::Unusable => Status::Failing,
        }
    }
}

impl Reconciliation {
    /// Whether there was a comparison. A report that was made before there were any says nothing about one.
    pub const fn says_something(&self) -> bool {
        !(matches!(self.posture, Posture::Unknown) && self.sentence.is_empty())
    }
}

impl Posture {
    /// The word that people read.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Reconciled => "reconciled",
            Self::Unreconciled => "unreconciled",
            Self::Unknown => "unknown",
        }
    }

    /// The status whose mark and colour stand beside the word.
    pub const fn status(self) -> Status {
        match self {
            Self::Reconciled => Status::Satisfied,
            Self::Unreconciled => Status::Failing,
            Self::Unknown => Status::Unknown,
        }
    }
}

impl AnchorKind {
    /// What people call it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Witness => "cosignature",
            Self::Timestamp => "time stamp",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_agree_with_the_schema_and_only_what_holds_holds() {
        let holding: Vec<_> = DecisionState::ALL.into_iter().filter(|state| state.holds()).collect();
        assert_eq!(holding, [DecisionState::Expiring, DecisionState::InForce]);
        for state in DecisionState::ALL {
            assert_eq!(serde_json::to_value(state).unwrap(), state.as_str().replace(' ', "-"));
        }
        for kind in
            [DecisionKind::Exception, DecisionKind::Loss, DecisionKind::BreakGlass, DecisionKind::Claim]
        {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        for verdict in [GateVerdict::Allow, GateVerdict::BreakGlass, GateVerdict::Deny, GateVerdict::Unusable]
        {
            assert_eq!(serde_json::to_value(verdict).unwrap(), verdict.as_str());
            assert_eq!(verdict.passes(), verdict.status() != Status::Failing);
        }
        for posture in [Posture::Reconciled, Posture::Unreconciled, Posture::Unknown] {
            assert_eq!(serde_json::to_value(posture).unwrap(), posture.as_str());
        }
    }
}
