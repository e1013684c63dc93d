//! Requests on a table, and what was said of each.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{ControlId, Digest, PredicateKind, Timestamp};

use super::{
    APPROVAL_OF, Current, Decided, DecisionFault, DecisionFaultKind, DecisionState, OF_DECISION,
    OF_REVOCATION, Stated, agrees_to_something, approval_of, known,
};
use crate::{
    Asked, Request,
    judge::{FUTURE_TOLERANCE, day},
    people::People,
    reading::printable,
    request::short,
};

/// The requests that can be understood, each with what was said of it, and whatever is not in order.
pub(super) fn table(stated: &[Stated], as_of: Timestamp) -> (Vec<Open<'_>>, Vec<DecisionFault>) {
    let stated = known(stated, as_of);
    let mut table = Table {
        people: People::of(&stated),
        requests: BTreeMap::new(),
        malformed: BTreeSet::new(),
        faults: Vec::new(),
        as_of,
    };
    let mut seen = BTreeSet::new();
    for one in stated.iter().filter(|one| one.kind == PredicateKind::Exception) {
        if seen.insert(one.envelope) {
            table.request(one);
        } else {
            let why = "The same request stands in the log before.".to_owned();
            table.fault(one, Some(one.envelope), DecisionFaultKind::Repeated, why);
        }
    }
    // What is no agreement to a request can be taken back all the same.
    let others: BTreeSet<_> =
        stated.iter().filter(|one| agrees_to_something(one)).map(|one| one.envelope).collect();
    for one in stated.iter().filter(|one| one.kind == PredicateKind::Approval) {
        if seen.insert(one.envelope) {
            table.approval(one, &others);
        } else {
            let why = "The same statement stands in the log before.".to_owned();
            table.fault(one, None, DecisionFaultKind::Repeated, why);
        }
    }
    (table.requests.into_values().collect(), table.faults)
}

struct Table<'s> {
    people: People,
    /// By envelope.
    requests: BTreeMap<Digest, Open<'s>>,
    /// Envelopes of requests that cannot be understood.
    malformed: BTreeSet<Digest>,
    faults: Vec<DecisionFault>,
    as_of: Timestamp,
}

/// A request, and what was said of it.
pub(super) struct Open<'s> {
    stated: &'s Stated,
    request: Request,
    refused: Option<String>,
    revoked: Option<&'s Stated>,
    agreed: Vec<(Option<usize>, &'s Stated)>,
    self_approved: bool,
}

impl<'s> Table<'s> {
    fn request(&mut self, stated: &'s Stated) {
        let request = match Request::from_facts(&stated.facts) {
            Ok(request) => request,
            Err(why) => {
                self.malformed.insert(stated.envelope);
                let why = format!("The request cannot be understood: {why}.");
                self.fault(stated, Some(stated.envelope), DecisionFaultKind::Malformed, why);
                return;
            }
        };
        let refused = refusal(stated, &request, self.as_of).map(|why| format!("It is not in order: {why}."));
        if let Some(why) = &refused {
            self.fault(stated, Some(stated.envelope), DecisionFaultKind::OutOfOrder, why.clone());
        }
        let open = Open { stated, request, refused, revoked: None, agreed: Vec::new(), self_approved: false };
        self.requests.insert(stated.envelope, open);
    }

    fn approval(&mut self, stated: &'s Stated, others: &BTreeSet<Digest>) {
        use DecisionFaultKind::{Malformed, SelfApproved};
        let is_revocation = match approval_of(stated) {
            Some(OF_DECISION) => false,
            Some(OF_REVOCATION) => true,
            Some(_) => return,
            None => {
                let why = format!("It does not say `{APPROVAL_OF}` as a text.");
                return self.fault(stated, None, Malformed, why);
            }
        };
        let [about] = stated.subjects[..] else {
            let why = "It is about more or less than one request.".to_owned();
            return self.fault(stated, None, Malformed, why);
        };
        if is_revocation && others.contains(&about) {
            return;
        }
        match self.misplaced(stated, about, is_revocation) {
            Some((kind, why)) => self.fault(stated, Some(about), kind, why),
            None if is_revocation => {
                if let Some(open) = self.requests.get_mut(&about) {
                    open.revoked = open.revoked.or(Some(stated));
                }
            }
            None => {
                let person = self.people.signer(stated);
                let Some(open) = self.requests.get_mut(&about) else { return };
                if person.is_none() || person == self.people.signer(open.stated) {
                    open.self_approved = true;
                    let who = printable(&stated.signer, 80);
                    let why = format!("{who} asked for it and cannot agree to it.");
                    return self.fault(stated, Some(about), SelfApproved, why);
                }
                if open.agreed.iter().all(|(other, _)| *other != person) {
                    open.agreed.push((person, stated));
                }
            }
        }
    }

    /// Why a statement about the request `about` does nothing, whoever signed it.
    fn misplaced(
        &self,
        stated: &Stated,
        about: Digest,
        is_revocation: bool,
    ) -> Option<(DecisionFaultKind, String)> {
        use DecisionFaultKind::{Dangling, Malformed, OfRefused, TooEarly, TooLate};
        let fault = |kind, why: &str| Some((kind, why.to_owned()));
        let Some(open) = self.requests.get(&about) else {
            return if self.malformed.contains(&about) {
                fault(OfRefused, "It is about a request that cannot be understood.")
            } else {
                fault(Dangling, "It is about a request that is not recorded.")
            };
        };
        let request = open.stated;
        if stated.index <= request.index {
            return fault(TooEarly, "It was logged before the request that it is about.");
        }
        if is_revocation {
            return None;
        }
        if stated.signer.trim().is_empty() || stated.key.trim().is_empty() {
            fault(Malformed, "It does not say who signed it.")
        } else if open.refused.is_some() {
            fault(OfRefused, "It agrees to a request that is not in order.")
        } else if stated.collected.checked_add(FUTURE_TOLERANCE).unwrap_or(Timestamp::MAX) < request.collected
        {
            fault(TooEarly, "It was signed before the request that it is about.")
        } else if stated.collected >= open.end() {
            fault(TooLate, "It was signed after the request had ended.")
        } else if open.revoked.is_some_and(|revocation| revocation.index < stated.index) {
            fault(TooLate, "It agrees to a request that had been taken back.")
        } else {
            None
        }
    }

    fn fault(&mut self, stated: &Stated, about: Option<Digest>, kind: DecisionFaultKind, why: String) {
        let decision = about.map(|envelope| short(&envelope));
        self.faults.push(DecisionFault {
            index: stated.index,
            envelope: stated.envelope,
            decision,
            kind,
            why,
        });
    }
}

/// What is wrong with a request that can be understood.
fn refusal(stated: &Stated, request: &Request, as_of: Timestamp) -> Option<String> {
    let catalogue = bartizan_standards::controls();
    let unknown = |control: &&ControlId| !catalogue.iter().any(|known| known.id == **control);
    let control = match &request.asked {
        Asked::Exception(scope) => scope.control.as_ref(),
        Asked::Claim(scope) => Some(&scope.control),
        Asked::Loss(_) | Asked::BreakGlass { .. } => None,
    };
    if stated.signer.trim().is_empty() || stated.key.trim().is_empty() {
        Some("nobody is named who asks".to_owned())
    } else if let Some(control) = control.filter(unknown) {
        Some(format!("there is no control `{control}`"))
    } else if request.subject().is_some_and(|subject| !stated.subjects.contains(&subject)) {
        Some("its statement is about other bytes than it names".to_owned())
    } else {
        request.fault(stated.collected, as_of)
    }
}

impl Open<'_> {
    /// When it ends by what was asked for.
    fn end(&self) -> Timestamp {
        self.request.expires.min(self.stated.expires)
    }

    pub(super) fn decide(self, current: &Current, as_of: Timestamp) -> Decided {
        let agreed_until = self.agreed.iter().map(|(_, stated)| stated.expires).max();
        let expires = agreed_until.map_or(self.end(), |until| until.min(self.end()));
        let (state, why) = self.stands(current, expires, as_of);
        Decided {
            id: short(&self.stated.envelope),
            envelope: self.stated.envelope,
            index: self.stated.index,
            requester: self.stated.signer.trim().to_owned(),
            approvers: self.agreed.iter().map(|(_, stated)| stated.signer.trim().to_owned()).collect(),
            requested: self.stated.collected,
            expires,
            state,
            why,
            effective: self.agreed.iter().map(|(_, stated)| stated.index).min(),
            request: self.request,
        }
    }

    fn stands(&self, current: &Current, expires: Timestamp, as_of: Timestamp) -> (DecisionState, String) {
        let requester = printable(self.stated.signer.trim(), 80);
        let approvers: Vec<_> =
            self.agreed.iter().map(|(_, stated)| printable(stated.signer.trim(), 80)).collect();
        let approvers = approvers.join(", ");
        let gone = |subject: &Digest| *subject != current.project && !current.subjects.contains(subject);
        if let Some(why) = &self.refused {
            (DecisionState::Refused, why.clone())
        } else if let Some(revocation) = self.revoked {
            let who = printable(revocation.signer.trim(), 80);
            (DecisionState::Revoked, format!("{who} took it back on {}.", day(revocation.collected)))
        } else if expires <= as_of {
            let unheard = if self.agreed.is_empty() { ", before anybody else had agreed" } else { "" };
            (DecisionState::Expired, format!("It ended on {}{unheard}.", day(expires)))
        } else if let Some(subject) = self.request.subject().filter(gone) {
            let what = format!("It is about sha256:{}…, and there are other bytes now.", short(&subject));
            (DecisionState::Void, what)
        } else if !self.agreed.is_empty() {
            let until = day(expires);
            if expires.duration_since(as_of) <= self.request.kind().notice() {
                (DecisionState::Expiring, format!("{approvers} agreed, and it ends on {until}."))
            } else {
                (DecisionState::InForce, format!("{approvers} agreed, and it holds until {until}."))
            }
        } else if self.self_approved {
            let why = format!("Nobody but {requester}, who asked for it, has agreed.");
            (DecisionState::Refused, why)
        } else {
            (DecisionState::Pending, format!("Somebody other than {requester} has yet to agree."))
        }
    }
}
