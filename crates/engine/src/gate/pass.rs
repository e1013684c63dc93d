//! A decision that is handed on: whoever deploys verifies it with the root's fingerprint and nothing else.

use bartizan_attest::{Envelope, Expect, Seen, Trust, Verified, VerifyingKey};
use bartizan_finding::{Digest, GateId, PredicateKind, Timestamp};
use bartizan_ledger::{Content, verify_self_contained};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::decision::{Decision, fact};
use crate::{error::EngineError, state::TrustFiles};

/// The value of [`Pass::schema`].
pub const SCHEMA: &str = "bartizan/gate-pass/v1";

/// The most bytes of a decision that are read.
pub const MAX_PASS: u64 = 4 * 1024 * 1024;

/// A decision with all that it rests on.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pass {
    /// Always `bartizan/gate-pass/v1`.
    pub schema: String,
    /// Whose evidence counts, as the root key signed it.
    pub trust: TrustFiles,
    /// The DSSE envelope of the `gate-decision` statement, as JSON.
    pub decision: Value,
    /// The proof that it is in the project's log (C2SP tlog-proof).
    pub proof: String,
}

/// What a decision is held against.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// The root key that it must rest on, `SHA256:…`.
    pub root: &'a str,
    /// The gate.
    pub gate: &'a GateId,
    /// What is about to be deployed.
    pub subject: Digest,
    /// The project, where it is known.
    pub project: Option<&'a str>,
    /// The digest over the organisation's rules that must have taken part.
    pub organisation: Option<Digest>,
    /// The time.
    pub now: Timestamp,
}

/// What a decision says to whoever deploys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Admission {
    /// Whether it allows.
    pub verdict: AdmissionVerdict,
    /// Why, as a sentence.
    pub sentence: String,
    /// Who asked, where the decision can be believed.
    pub principal: Option<String>,
    /// The break-glass by which it allows, where it is one.
    pub break_glass: Option<String>,
    /// When it ends.
    pub expires: Option<Timestamp>,
}

/// Whether a decision allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdmissionVerdict {
    /// It can be believed, is about this subject, holds now, and allows.
    Allow,
    /// It can be believed and does not allow this.
    Deny,
    /// It cannot be believed.
    NotBelieved,
}

impl Pass {
    /// Joins a decision and what it rests on.
    pub fn new(decision: &Decision, trust: TrustFiles) -> Result<Self, EngineError> {
        let envelope = serde_json::from_slice(&decision.envelope.to_bytes());
        Ok(Self {
            schema: SCHEMA.to_owned(),
            trust,
            decision: envelope.expect("an envelope is written as JSON"),
            proof: decision.proof.clone(),
        })
    }

    /// Reads a decision that was handed on. Nothing is believed yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        if bytes.len() as u64 > MAX_PASS {
            return Err(format!("it is larger than {MAX_PASS} bytes"));
        }
        let pass: Self = serde_json::from_slice(bytes).map_err(|error| {
            format!("it is no decision: line {}, column {}", error.line(), error.column())
        })?;
        if pass.schema != SCHEMA {
            return Err(format!("its schema is not {SCHEMA}"));
        }
        Ok(pass)
    }

    /// Verifies it, and says whether it allows what is wanted.
    pub fn admit(&self, wanted: &Wanted<'_>) -> Admission {
        let believed = self.open(wanted.root).and_then(|trust| {
            self.believe(&Rest { trust: &trust, newer: None, project: wanted.project, now: wanted.now })
        });
        match believed {
            Err(why) => not_believed(&why),
            Ok(believed) => believed.admit(wanted),
        }
    }

    /// As [`Pass::admit`], with the newest trust file that is known here. Where the decision brings an older one, both
    /// have to entitle whoever signed it: its key may have been revoked since. One that is not known here is refused,
    /// because nothing says what it follows.
    pub fn admit_by(&self, known: &TrustFiles, wanted: &Wanted<'_>) -> Admission {
        let believed = self.open(wanted.root).and_then(|trust| {
            let known = open(known, wanted.root).map_err(|why| format!("the {why}"))?;
            follows(&trust, &known)?;
            let newer = Some(&known).filter(|known| known.head() != trust.head());
            self.believe(&Rest { trust: &trust, newer, project: wanted.project, now: wanted.now })
        });
        match believed {
            Err(why) => not_believed(&why),
            Ok(believed) => believed.admit(wanted),
        }
    }

    /// Verifies the trust file that it brings against the fingerprint of the root key, `SHA256:…`.
    pub fn open(&self, root: &str) -> Result<Trust, String> {
        open(&self.trust, root)
    }

    /// Verifies it, for a caller that then asks about several subjects.
    pub fn believe(&self, rest: &Rest<'_>) -> Result<Believed, String> {
        let (proven, record) = verify_self_contained(&self.proof, &[rest.trust.log().clone()])
            .map_err(|error| error.to_string())?;
        let Content::Statement(statement) = &record.content else {
            return Err("the proof is of an entry that erases another".to_owned());
        };
        let bytes = serde_json::to_vec(&self.decision).map_err(|error| error.to_string())?;
        let envelope = Envelope::parse(&bytes).map_err(|error| error.to_string())?;
        if envelope.digest() != statement.envelope {
            return Err(format!("entry {} of the log is about another statement", proven.index));
        }
        let expect = Expect {
            project: rest.project.unwrap_or(rest.trust.project()),
            predicate: Some(PredicateKind::GateDecision),
        };
        let seen = Seen { logged_at: Some(record.logged_at), witnessed: None, as_of: rest.now };
        let judge =
            |trust: &Trust| trust.judge(&envelope, &expect, &seen).map_err(|refusal| refusal.to_string());
        if let Some(newer) = rest.newer {
            judge(newer)?;
        }
        judge(rest.trust).map(|verified| Believed { verified, index: proven.index })
    }
}

/// Verifies a trust file that was handed on against the fingerprint of the root key, `SHA256:…`.
pub fn open(files: &TrustFiles, root: &str) -> Result<Trust, String> {
    let pinned = root.parse().map_err(|_| "the root key to rest on is no fingerprint".to_owned())?;
    let root = VerifyingKey::from_pem(&files.root).map_err(|error| error.to_string())?;
    files.open(&root, &pinned).map_err(|error| error.to_string())
}

/// The trust file that a decision brings is the one that is known here, or one before it.
fn follows(brought: &Trust, known: &Trust) -> Result<(), String> {
    let (theirs, ours) = (brought.head(), known.head());
    if brought.project() != known.project() {
        let project = bartizan_artifact::escape(brought.project(), 80);
        Err(format!("it is of the project `{project}`, and the trust file that is known here is of another"))
    } else if theirs.serial > ours.serial {
        Err(format!(
            "it brings a trust file with serial {}, and {} is the newest that is known here",
            theirs.serial, ours.serial
        ))
    } else if theirs.serial == ours.serial && theirs.digest != ours.digest {
        Err(format!(
            "it brings another trust file with serial {} than the one that is known here",
            ours.serial
        ))
    } else {
        Ok(())
    }
}

/// What a decision rests on.
#[derive(Clone, Copy, Debug)]
pub struct Rest<'a> {
    /// The trust file that it brings, verified.
    pub trust: &'a Trust,
    /// A newer trust file of the same root and project, where one is known: a decision that brings an old one does
    /// not count where its key was revoked since.
    pub newer: Option<&'a Trust>,
    /// The project, where it is known.
    pub project: Option<&'a str>,
    /// The time.
    pub now: Timestamp,
}

/// A decision that was verified: who may decide has decided so, and the project's log holds it.
#[derive(Clone, Debug)]
pub struct Believed {
    verified: Verified,
    index: u64,
}

impl Believed {
    /// Whether it is about these bytes.
    pub fn is_about(&self, subject: &Digest) -> bool {
        self.verified.statement.subjects.iter().any(|one| one.digest == *subject)
    }

    /// Whether it takes the place of another about the same bytes: the same gate of the same project has decided again
    /// for the same principal.
    pub fn replaces(&self, other: &Self) -> bool {
        let asked = |one: &Self| {
            let predicate = &one.verified.statement.predicate;
            let fact = |name: &str| predicate.facts.get(name).cloned();
            (predicate.project.name.clone(), fact(fact::GATE), fact(fact::PRINCIPAL))
        };
        self.index > other.index && asked(self) == asked(other)
    }

    /// Whether it allows what is wanted.
    pub fn admit(&self, wanted: &Wanted<'_>) -> Admission {
        judge(&self.verified, wanted)
    }
}

/// What is said of a decision that cannot be believed.
pub fn not_believed(why: &str) -> Admission {
    Admission {
        verdict: AdmissionVerdict::NotBelieved,
        sentence: format!("The decision cannot be believed: {why}."),
        principal: None,
        break_glass: None,
        expires: None,
    }
}

fn judge(verified: &Verified, wanted: &Wanted<'_>) -> Admission {
    let predicate = &verified.statement.predicate;
    let text = |name: &str| predicate.facts.get(name).and_then(Value::as_str).map(str::to_owned);
    let is_subject = verified.statement.subjects.iter().any(|subject| subject.digest == wanted.subject);
    let organisation = text(fact::ORGANISATION).and_then(|digest| digest.parse::<Digest>().ok());
    let gate = text(fact::GATE);
    let against = if gate.as_deref() != Some(wanted.gate.as_str()) {
        Some(format!("it is a decision of the gate {}", gate.unwrap_or_else(|| "of another name".to_owned())))
    } else if predicate.facts.get(fact::ALLOWED) != Some(&Value::Bool(true)) {
        Some("the gate did not allow it".to_owned())
    } else if !is_subject {
        Some(format!("it is not about {}", wanted.subject))
    } else if wanted.now >= predicate.expires {
        Some(format!("it held until {}", predicate.expires))
    } else if wanted.organisation.is_some() && organisation != wanted.organisation {
        Some("the organisation's rules, as they are here, took no part in it".to_owned())
    } else {
        None
    };
    let break_glass = text(fact::BREAK_GLASS);
    let (verdict, sentence) = match (against, &break_glass) {
        (Some(why), _) => (AdmissionVerdict::Deny, format!("The decision does not allow this: {why}.")),
        (None, Some(id)) => (
            AdmissionVerdict::Allow,
            format!(
                "The gate {} allows this until {}, by the break-glass {id} alone.",
                wanted.gate, predicate.expires
            ),
        ),
        (None, None) => (
            AdmissionVerdict::Allow,
            format!("The gate {} allows this until {}.", wanted.gate, predicate.expires),
        ),
    };
    Admission {
        verdict,
        sentence,
        principal: text(fact::PRINCIPAL),
        break_glass,
        expires: Some(predicate.expires),
    }
}
