use bartizan_finding::{Location, Occurrence, PredicateKind, RuleMeta, Timestamp};

use crate::{
    AttestError, Collector, Envelope, IN_TOTO_PAYLOAD, KeyFingerprint, Statement, TOLERANCE, Trust,
    envelope::pae,
    rules::{AlteredEvidence, FutureDated, MalformedEvidence, OtherProject, RevokedKey, UnknownKey},
    shown::shown,
};

/// What evidence must be about to count here.
#[derive(Clone, Copy, Debug)]
pub struct Expect<'a> {
    /// The project that is checked.
    pub project: &'a str,
    /// The kind that the place calls for, where it calls for one.
    pub predicate: Option<PredicateKind>,
}

/// When evidence was seen, and by whom.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// When the ledger took it in; absent for an envelope that lies beside a ledger or comes from elsewhere.
    pub logged_at: Option<Timestamp>,
    /// The earliest time at which someone other than the ledger's holder had seen the entry, as a verified anchor
    /// says: a witness ([`crate::Cosigned::at`]) or a time stamp ([`crate::Stamp::latest`]).
    pub witnessed: Option<Timestamp>,
    /// The time of the run ([`crate::AsOf::time`]).
    pub as_of: Timestamp,
}

/// Evidence that counts: a statement and whose it is. Only [`Trust::judge`] makes one.
///
/// It may have expired: that is decided with the status, where the control's own maximum age takes part.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Verified {
    /// What was signed.
    pub statement: Statement,
    /// The collector's name in the trust file.
    pub collector: String,
    /// The key that signed.
    pub key: KeyFingerprint,
}

impl Verified {
    /// Whether the statement has expired by its own word. A control may ask for fresher evidence.
    pub fn is_expired(&self, as_of: Timestamp) -> bool {
        self.statement.predicate.expires <= as_of
    }
}

/// Why evidence does not count. Each names one cause.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The envelope has no signature.
    #[error("it is not signed")]
    Unsigned,
    /// No collector's key has signed it.
    #[error("it is signed by {} that the trust file does not name", named(hint.as_ref()))]
    UnknownKey {
        /// The key that the envelope names, which nothing vouches for.
        hint: Option<KeyFingerprint>,
    },
    /// It names a collector's key and is not by it.
    #[error(
        "its signature is not by the key of `{collector}` that it names: it was changed after signing, or forged"
    )]
    BadSignature {
        /// The collector whose key it names.
        collector: String,
    },
    /// What was signed is not a statement that can be read.
    #[error("it cannot be read: {0}")]
    Malformed(#[from] AttestError),
    /// The statement names another collector than the one that signed it.
    #[error("it says that it is by `{claimed}`, but the key is that of `{collector}`")]
    OtherCollector {
        /// The collector in the statement, escaped.
        claimed: String,
        /// The collector of the key.
        collector: String,
    },
    /// The collector may not make such statements.
    #[error("`{collector}` may not make {kind} statements")]
    NotEntitled {
        /// The collector.
        collector: String,
        /// The kind of the statement.
        kind: PredicateKind,
    },
    /// The statement is of another kind than was asked for.
    #[error("it is a {found} statement where {expected} is called for")]
    OtherPredicate {
        /// The kind that was asked for.
        expected: PredicateKind,
        /// The kind of the statement.
        found: PredicateKind,
    },
    /// The statement, or the trust file, is about another project.
    #[error("it is about the project `{found}` and not `{expected}`")]
    OtherProject {
        /// The project that is checked.
        expected: String,
        /// The other project, escaped.
        found: String,
    },
    /// It is dated after the time of the run, or after it was logged.
    #[error("it is dated {at}, later than {seen} when it was seen")]
    FutureDated {
        /// The date in the statement or of the entry.
        at: Timestamp,
        /// The time that it cannot be later than.
        seen: Timestamp,
    },
    /// The key was in other hands, and no witness had seen the evidence before.
    #[error("the key of `{collector}` is revoked from {at} on, and no witness saw this before")]
    Revoked {
        /// The collector.
        collector: String,
        /// The time of the compromise.
        at: Timestamp,
    },
    /// The key was not valid then.
    #[error("the key of `{collector}` is not valid at {at}, only from {from} until {until}")]
    NotValidThen {
        /// The collector.
        collector: String,
        /// When the evidence was made or first seen.
        at: Timestamp,
        /// The first moment at which the key is valid.
        from: Timestamp,
        /// The first moment at which it is no longer.
        until: Timestamp,
    },
}

impl Refusal {
    /// The rule whose finding it is.
    pub fn rule(&self) -> &'static RuleMeta {
        match self {
            Self::Unsigned
            | Self::UnknownKey { .. }
            | Self::OtherCollector { .. }
            | Self::NotEntitled { .. }
            | Self::NotValidThen { .. } => UnknownKey::META,
            Self::BadSignature { .. } => AlteredEvidence::META,
            Self::Malformed(_) | Self::OtherPredicate { .. } => MalformedEvidence::META,
            Self::OtherProject { .. } => OtherProject::META,
            Self::FutureDated { .. } => FutureDated::META,
            Self::Revoked { .. } => RevokedKey::META,
        }
    }

    /// The finding that it is.
    pub fn occurrence(&self, location: Location) -> Occurrence {
        Occurrence::new(self.rule(), location, format!("This evidence does not count: {self}."))
    }
}

impl Trust {
    /// Decides whether the statement in `envelope` counts, and why not.
    ///
    /// Signatures are verified before anything of the payload is read, and what is returned is what was verified.
    /// Key hints in the envelope decide nothing but the order in which keys are tried and the name of the refusal.
    /// Where several collectors signed, one whose signature counts suffices.
    ///
    /// Times: a statement is made while its key is valid, and is first seen (logged, or, unlogged, judged) while it
    /// still is, since a key that has run out may be in anyone's hands and date things as it likes. A revoked key
    /// counts only for what a witness saw before the compromise. Expiry is no matter of trust and not judged here.
    pub fn judge(&self, envelope: &Envelope, expect: &Expect<'_>, seen: &Seen) -> Result<Verified, Refusal> {
        if envelope.payload_type() != IN_TOTO_PAYLOAD {
            let why = format!("its payload type is `{}`", shown(envelope.payload_type()));
            return Err(AttestError::malformed("envelope", why).into());
        }
        let signers = self.signers(envelope)?;
        let statement = Statement::parse(envelope.payload())?;
        let mut refusal = None;
        for signer in signers {
            match self.judge_signer(signer, &statement, expect, seen) {
                Ok(()) => {
                    let (collector, key) = (signer.name.clone(), signer.key.fingerprint());
                    return Ok(Verified { statement, collector, key });
                }
                Err(cause) => refusal = refusal.or(Some(cause)),
            }
        }
        Err(refusal.unwrap_or(Refusal::Unsigned))
    }

    /// The collectors whose signature the envelope bears, in the order of its signatures; at least one.
    fn signers(&self, envelope: &Envelope) -> Result<Vec<&Collector>, Refusal> {
        let message = pae(envelope.payload_type(), envelope.payload());
        let mut signers = Vec::new();
        let mut refusal = Refusal::Unsigned;
        for signature in envelope.signatures() {
            let hint: Option<KeyFingerprint> = signature.keyid.parse().ok();
            let hinted = hint.and_then(|hint| self.collector(&hint));
            let rest = self.collectors().iter().filter(|other| hinted.is_none_or(|one| one.key != other.key));
            let signer = hinted.into_iter().chain(rest).find(|one| one.key.verify(&message, &signature.sig));
            match (signer, hinted) {
                (Some(signer), _) => signers.push(signer),
                (None, Some(named)) => refusal = Refusal::BadSignature { collector: named.name.clone() },
                (None, None) if refusal == Refusal::Unsigned => refusal = Refusal::UnknownKey { hint },
                (None, None) => {}
            }
        }
        if signers.is_empty() { Err(refusal) } else { Ok(signers) }
    }

    fn judge_signer(
        &self,
        signer: &Collector,
        statement: &Statement,
        expect: &Expect<'_>,
        seen: &Seen,
    ) -> Result<(), Refusal> {
        let predicate = &statement.predicate;
        let collector = || signer.name.clone();
        if predicate.collector != signer.name {
            let claimed = shown(&predicate.collector);
            return Err(Refusal::OtherCollector { claimed, collector: collector() });
        }
        if !signer.may.contains(&statement.kind) {
            return Err(Refusal::NotEntitled { collector: collector(), kind: statement.kind });
        }
        if let Some(expected) = expect.predicate.filter(|expected| *expected != statement.kind) {
            return Err(Refusal::OtherPredicate { expected, found: statement.kind });
        }
        for project in [self.project(), &predicate.project.name] {
            if project != expect.project {
                let (expected, found) = (expect.project.to_owned(), shown(project));
                return Err(Refusal::OtherProject { expected, found });
            }
        }
        seen.check_order(predicate.collected)?;
        if let Some(revoked) = &signer.revoked {
            let before = |time: Option<Timestamp>| time.is_some_and(|time| time < revoked.at);
            if !before(seen.witnessed) || !before(seen.logged_at) || !before(Some(predicate.collected)) {
                return Err(Refusal::Revoked { collector: collector(), at: revoked.at });
            }
        }
        let (from, until) = (signer.from, signer.until);
        let first_seen = seen.logged_at.unwrap_or(seen.as_of);
        let outside = if predicate.collected < from || predicate.collected >= until {
            Some(predicate.collected)
        } else {
            Some(first_seen).filter(|first_seen| *first_seen >= until)
        };
        if let Some(at) = outside {
            return Err(Refusal::NotValidThen { collector: collector(), at, from, until });
        }
        Ok(())
    }
}

impl Seen {
    /// Collected, then logged, then judged, each within the tolerance of clocks. Bytes are read before they are
    /// collected in every statement that parses.
    fn check_order(&self, collected: Timestamp) -> Result<(), Refusal> {
        let logged = self.logged_at.map(|logged| (logged, self.as_of));
        let bound = self.logged_at.unwrap_or(self.as_of).min(self.as_of);
        for (at, seen) in [Some((collected, bound)), logged].into_iter().flatten() {
            if at.duration_since(seen) > TOLERANCE {
                return Err(Refusal::FutureDated { at, seen });
            }
        }
        Ok(())
    }
}

fn named(key: Option<&KeyFingerprint>) -> String {
    key.map_or_else(|| "a key".to_owned(), |key| format!("the key {key}"))
}

#[cfg(test)]
mod tests;
