//! From what single people agreed to, other than requests, to evidence.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{Digest, PredicateKind, Timestamp};
use serde_json::{Value, json};

use crate::{
    DecisionFault, DecisionFaultKind, Evidence, Stated,
    decided::{APPROVAL_OF, OF_REVOCATION, agrees_to_something, approval_of, known},
    people::People,
};

/// The fact that counts the people who signed. A number that a statement claims is never taken over.
const APPROVERS: &str = "approval.approvers";

/// The fact that says whether one of them is an author of what they agreed to.
const BY_AUTHOR: &str = "approval.by-author";

/// The fact that lists them.
const SIGNERS: &str = "approval.signers";

/// The fact of a single person's statement that names the author of what they agree to.
pub const APPROVAL_AUTHOR: &str = "approval.author";

/// The value of `approval.of` by which people agree to the release of a model, whose digest is the subject.
pub const OF_RELEASE: &str = "release";

/// Folds what single people agreed to into one piece of evidence for each purpose and subject.
///
/// `approval.approvers` is the number of different people who signed, told apart by name and by key;
/// `approval.by-author` says whether one of them is named by any of them as an author. Both are absent from what the
/// statements themselves say, whatever that is; other facts are kept where all of them agree. Agreement to a release
/// must name the author. A statement whose own time is over counts only where there is no other for its subject, and
/// the whole is as old as the oldest that counts. What was taken back counts for nothing.
///
/// The result belongs into [`Decisions::approvals`](crate::Decisions::approvals): [`assess`](crate::assess) reads
/// agreement there and nowhere else.
pub fn approvals(stated: &[Stated], as_of: Timestamp) -> (Vec<Evidence>, Vec<DecisionFault>) {
    let known = known(stated, as_of);
    let people = People::of(&known);
    let revoked = revoked(&known);
    let mut faults = Vec::new();
    let mut signed: BTreeMap<(&str, Digest), BTreeMap<usize, &Stated>> = BTreeMap::new();
    let in_force =
        known.into_iter().filter(|one| agrees_to_something(one) && !revoked.contains(&one.envelope));
    for one in in_force {
        let Some(of) = approval_of(one) else { continue };
        let (Some(person), None) = (people.signer(one), fault(one, of)) else {
            faults.extend(fault(one, of));
            continue;
        };
        for subject in one.subjects.iter().collect::<BTreeSet<_>>() {
            // In the order of the log, so that what a person said last stands.
            signed.entry((of, *subject)).or_default().insert(person, one);
        }
    }
    let folded = signed.into_iter().filter_map(|((of, subject), by_person)| {
        let current: Vec<_> = by_person.values().copied().filter(|one| as_of < one.expires).collect();
        let counted = if current.is_empty() { by_person.into_values().collect() } else { current };
        fold(of, subject, &counted, &people)
    });
    let mut folded: Vec<_> = folded.collect();
    folded.sort_by_key(|evidence| (evidence.index, evidence.subjects.clone()));
    (folded, faults)
}

/// The envelopes that somebody took back after they were logged.
fn revoked(known: &[&Stated]) -> BTreeSet<Digest> {
    let logged: BTreeMap<_, _> = known.iter().rev().map(|one| (one.envelope, one.index)).collect();
    let is_revocation =
        |one: &&&Stated| one.kind == PredicateKind::Approval && approval_of(one) == Some(OF_REVOCATION);
    let revocations = known.iter().filter(is_revocation);
    let ended = revocations.filter_map(|one| match one.subjects[..] {
        [about] if logged.get(&about).is_some_and(|index| *index < one.index) => Some(about),
        _ => None,
    });
    ended.collect()
}

fn fault(stated: &Stated, of: &str) -> Option<DecisionFault> {
    let blank = |text: &str| text.trim().is_empty();
    let why = if blank(&stated.signer) || blank(&stated.key) {
        "It does not say who signed it."
    } else if of == OF_RELEASE && author(stated).is_none_or(blank) {
        "It agrees to a release and does not name the author."
    } else {
        return None;
    };
    Some(DecisionFault {
        index: stated.index,
        envelope: stated.envelope,
        decision: None,
        kind: DecisionFaultKind::Malformed,
        why: why.to_owned(),
    })
}

fn author(stated: &Stated) -> Option<&str> {
    stated.facts.get(APPROVAL_AUTHOR).and_then(Value::as_str)
}

fn fold(of: &str, subject: Digest, counted: &[&Stated], people: &People) -> Option<Evidence> {
    let newest = counted.iter().max_by_key(|one| one.index)?;
    let persons: BTreeSet<_> = counted.iter().filter_map(|one| people.signer(one)).collect();
    let signers: BTreeSet<_> = counted.iter().map(|one| one.signer.trim()).collect();
    let mut facts = newest.facts.clone();
    facts.retain(|name, value| {
        let computed = matches!(name.as_str(), APPROVERS | BY_AUTHOR | SIGNERS);
        !computed && counted.iter().all(|one| one.facts.get(name) == Some(value))
    });
    facts.insert(APPROVAL_OF.to_owned(), json!(of));
    facts.insert(APPROVERS.to_owned(), json!(persons.len()));
    facts.insert(SIGNERS.to_owned(), json!(signers));
    let authors: Vec<_> = counted.iter().filter_map(|one| author(one)).collect();
    if !authors.is_empty() {
        let by_author =
            authors.iter().filter_map(|author| people.named(author)).any(|author| persons.contains(&author));
        facts.insert(BY_AUTHOR.to_owned(), json!(by_author));
    }
    Some(Evidence {
        index: newest.index,
        confirms: None,
        predicate: PredicateKind::Approval,
        subjects: vec![subject],
        collected: counted.iter().map(|one| one.collected).min()?,
        expires: counted.iter().map(|one| one.expires).min(),
        complete: true,
        counts: BTreeMap::new(),
        facts,
        rule_sets: BTreeMap::new(),
        collector: signers.into_iter().collect::<Vec<_>>().join(", "),
        refused: None,
    })
}
