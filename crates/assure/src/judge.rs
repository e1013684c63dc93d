//! What the evidence of one edge says about one subject.

use std::collections::BTreeMap;

use bartizan_finding::{Digest, PredicateKind, Timestamp};
use bartizan_standards::{About, Criterion, Edge, Strength};
use jiff::SignedDuration;

use crate::{
    EdgeAssessment, Evidence, SetAside, Status, Subject,
    reading::{Reading, belongs, explain, may_decide, read},
};

/// A statement from a clock that is a little ahead still counts.
pub(crate) const FUTURE_TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// The evidence that counts, by kind and subject, the newest first.
pub(crate) struct Index<'e> {
    by_subject: BTreeMap<(PredicateKind, Digest), Vec<&'e Evidence>>,
    /// The newest rule sets that any statement of a kind was made with.
    newest_rules: BTreeMap<(PredicateKind, &'e str), u32>,
    project: Digest,
    as_of: Timestamp,
}

impl<'e> Index<'e> {
    /// What `evidence` says, and what people agreed to; a statement of theirs that nobody has folded into
    /// `approvals` is not read.
    pub(crate) fn new(
        evidence: &'e [Evidence],
        approvals: &'e [Evidence],
        project: Digest,
        as_of: Timestamp,
    ) -> Self {
        let mut index = Self { by_subject: BTreeMap::new(), newest_rules: BTreeMap::new(), project, as_of };
        let horizon = as_of.checked_add(FUTURE_TOLERANCE).unwrap_or(Timestamp::MAX);
        let counts = |evidence: &&Evidence| evidence.refused.is_none() && evidence.collected <= horizon;
        let unfolded = evidence.iter().filter(|evidence| evidence.predicate != PredicateKind::Approval);
        let folded = approvals.iter().filter(|evidence| evidence.predicate == PredicateKind::Approval);
        for evidence in unfolded.chain(folded).filter(counts) {
            for (name, version) in &evidence.rule_sets {
                let newest = index.newest_rules.entry((evidence.predicate, name)).or_insert(0);
                *newest = (*newest).max(*version);
            }
            for subject in &evidence.subjects {
                index.by_subject.entry((evidence.predicate, *subject)).or_default().push(evidence);
            }
        }
        for statements in index.by_subject.values_mut() {
            statements.sort_by_key(|evidence| std::cmp::Reverse(place(evidence)));
        }
        index
    }

    fn about(&self, kind: PredicateKind, subject: Option<Digest>) -> &[&'e Evidence] {
        subject.and_then(|subject| self.by_subject.get(&(kind, subject))).map_or(&[], Vec::as_slice)
    }

    /// Prepares to judge an edge for many subjects.
    pub(crate) fn edge<'a>(&'a self, edge: &'a Edge) -> Judge<'a> {
        let of_project =
            if edge.about == About::Subject { &[] } else { self.about(edge.kind, Some(self.project)) };
        let mut project: Vec<&Evidence> = Vec::new();
        for evidence in of_project.iter().filter(|evidence| belongs(edge, evidence)) {
            // The newest is told of whatever it says; of the others only what can decide for some subject.
            if project.is_empty() || may_decide(edge, evidence) {
                project.push(evidence);
            }
        }
        let mut judge = Judge { index: self, edge, project, for_all: None };
        let criteria = || edge.criteria.iter().chain(&edge.fully);
        let asks_for_ids = criteria().any(|criterion| matches!(criterion, Criterion::NotListed { .. }));
        if edge.about == About::Project && !asks_for_ids {
            judge.for_all = Some(judge.anew(None, "", &[]));
        }
        judge
    }
}

/// What judges one edge.
pub(crate) struct Judge<'a> {
    index: &'a Index<'a>,
    edge: &'a Edge,
    /// The statements about the project that are of this edge, the newest first.
    project: Vec<&'a Evidence>,
    /// The verdict, where it is the same for every subject.
    for_all: Option<EdgeAssessment>,
}

impl Judge<'_> {
    /// What the evidence says about a subject, with what is set `aside` left out.
    pub(crate) fn judge(&self, subject: &Subject, aside: &[SetAside]) -> EdgeAssessment {
        match &self.for_all {
            Some(verdict) if aside.is_empty() => verdict.clone(),
            _ => self.anew(subject.digest, &subject.id, aside),
        }
    }

    /// The statements for a subject, the newest first. Most judgements need only the first of them.
    fn statements(&self, subject: Option<Digest>) -> impl Iterator<Item = &Evidence> {
        let about = if self.edge.about == About::Project { None } else { subject };
        let own = self.index.about(self.edge.kind, about).iter().copied();
        let mut own = own.filter(|evidence| belongs(self.edge, evidence)).peekable();
        let mut project = self.project.iter().copied().peekable();
        std::iter::from_fn(move || match (own.peek(), project.peek()) {
            (Some(a), Some(b)) if place(a) < place(b) => project.next(),
            (Some(_), _) => own.next(),
            (None, _) => project.next(),
        })
    }

    /// What the evidence says, with what is set `aside` left out.
    fn anew(&self, about: Option<Digest>, subject: &str, aside: &[SetAside]) -> EdgeAssessment {
        let (index, edge) = (self.index, self.edge);
        let mut statements = self.statements(about).peekable();
        let verdict = |status, evidence: Option<&Evidence>, why: String| EdgeAssessment {
            kind: edge.kind,
            strength: edge.strength,
            status,
            index: evidence.map(|evidence| evidence.index),
            collected: evidence.map(|evidence| evidence.collected),
            why,
            expires: evidence.map(|evidence| expiry(edge, evidence)),
        };
        let Some(newest) = statements.peek().copied() else {
            return verdict(Status::Unknown, None, format!("There is no {} yet.", edge.kind));
        };
        if let Some((failure, criterion)) = standing_failure(index, edge, subject, statements, aside) {
            let why = explain(criterion, failure, aside);
            let since = if failure.index == newest.index {
                ""
            } else {
                ", and no complete run with as good rules has cleared it since"
            };
            return verdict(
                Status::Failing,
                Some(failure),
                format!("Entry {}: {why}{since}.", failure.index),
            );
        }
        let entry = newest.index;
        if !newest.complete {
            return verdict(
                Status::Unknown,
                Some(newest),
                format!("The newest run, entry {entry}, is incomplete."),
            );
        }
        let in_part = match read(edge, newest, subject, aside) {
            Reading::Undecided(criterion) | Reading::Against(criterion) => {
                let why = explain(criterion, newest, aside);
                return verdict(
                    Status::Unknown,
                    Some(newest),
                    format!("Entry {entry} decides nothing: {why}."),
                );
            }
            Reading::InPart(criterion) => Some(explain(criterion, newest, aside)),
            Reading::For => None,
        };
        if let Some((name, had, needed)) = outdated(edge, newest) {
            let why =
                format!("Entry {entry} was made with rule set {had} of {name}, and {needed} is asked for.");
            return verdict(Status::Expired, Some(newest), why);
        }
        let expires = expiry(edge, newest);
        if expires <= index.as_of {
            return verdict(
                Status::Expired,
                Some(newest),
                format!("Entry {entry} stopped counting on {}.", day(expires)),
            );
        }
        match (in_part, edge.strength) {
            (Some(why), _) => {
                verdict(Status::Partial, Some(newest), format!("Entry {entry} shows a part: {why}."))
            }
            (None, Strength::Partial) => verdict(
                Status::Partial,
                Some(newest),
                format!("Entry {entry} shows a part of it, as such evidence does."),
            ),
            (None, Strength::Sufficient | Strength::Context) => {
                verdict(Status::Satisfied, Some(newest), format!("Entry {entry} shows it."))
            }
        }
    }
}

/// By what the newest is told: the place in the log, and among what one run confirmed, the place of the statement.
fn place(evidence: &Evidence) -> (u64, u64, Timestamp) {
    (evidence.index, evidence.confirms.unwrap_or(evidence.index), evidence.collected)
}

/// The newest failure that no later run has cleared. What clears is a complete run that can decide, with rules at
/// least as new as the control asks for and as those that saw the failure.
fn standing_failure<'e, 'c>(
    index: &Index<'e>,
    edge: &'c Edge,
    subject: &str,
    newest_first: impl Iterator<Item = &'e Evidence>,
    aside: &[SetAside],
) -> Option<(&'e Evidence, &'c Criterion)> {
    let mut clearing: Vec<&Evidence> = Vec::new();
    for evidence in newest_first {
        match read(edge, evidence, subject, aside) {
            Reading::Against(criterion) if !clearing.iter().any(|run| has_rules_of(edge, run, evidence)) => {
                return Some((evidence, criterion));
            }
            Reading::For | Reading::InPart(_) if evidence.complete && outdated(edge, evidence).is_none() => {
                let knows_all = edge.rule_sets.keys().all(|name| {
                    let newest = index.newest_rules.get(&(edge.kind, name.as_str())).copied().unwrap_or(0);
                    rule_set(evidence, name) >= newest
                });
                if knows_all {
                    return None;
                }
                clearing.push(evidence);
            }
            _ => {}
        }
    }
    None
}

fn rule_set(evidence: &Evidence, name: &str) -> u32 {
    evidence.rule_sets.get(name).copied().unwrap_or(0)
}

/// Whether `run` was made with rules at least as new as `other`, as far as the edge asks.
fn has_rules_of(edge: &Edge, run: &Evidence, other: &Evidence) -> bool {
    edge.rule_sets.keys().all(|name| rule_set(run, name) >= rule_set(other, name))
}

/// The first rule set below what the edge asks for: its name, what there is and what is needed.
fn outdated<'a>(edge: &'a Edge, evidence: &Evidence) -> Option<(&'a str, u32, u32)> {
    let below = |(name, needed): (&'a String, &u32)| {
        let had = rule_set(evidence, name);
        (had < *needed).then_some((name.as_str(), had, *needed))
    };
    edge.rule_sets.iter().find_map(below)
}

/// The earlier of the statement's own expiry and its collection plus the edge's maximum age.
fn expiry(edge: &Edge, evidence: &Evidence) -> Timestamp {
    let age = SignedDuration::from_hours(i64::from(edge.max_age_hours));
    let by_age = evidence.collected.checked_add(age).unwrap_or(Timestamp::MAX);
    evidence.expires.map_or(by_age, |own| own.min(by_age))
}

/// A time as sentences show it.
pub(crate) fn day(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
