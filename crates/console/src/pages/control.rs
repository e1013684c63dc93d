//! One control: why, what must be shown, and what is shown for each thing it applies to.

use std::collections::BTreeMap;

use askama::Template;
use bartizan_report::v1::{Control, Decision, EvidenceRef, GateRefusal, GateResult, Status, SubjectStatus};

use super::{
    filters,
    frame::{Frame, ROWS, catalogued},
    listing::Listing,
};
use crate::{
    address::with_query,
    call::{Answer, Call},
};

/// Edges that one subject's row lists.
const EDGES: usize = 8;

#[derive(Template)]
#[template(path = "control.html")]
struct ControlPage<'a> {
    frame: Frame<'a>,
    id: &'a str,
    title: &'a str,
    catalogue: Option<&'static bartizan_standards::Control>,
    clauses: Vec<ClauseRow>,
    control: Option<&'a Control>,
    listing: Listing<'a>,
    subjects: Vec<SubjectRow<'a>>,
    /// Edges that belong to no subject.
    other: Vec<&'a EvidenceRef>,
    /// What it speaks of in other lists.
    see: Vec<String>,
    /// What people decided about it.
    decisions: Vec<&'a Decision>,
    /// Gates that refuse because of it.
    gates: Vec<&'a GateResult>,
}

struct ClauseRow {
    text: &'static str,
    edges: Vec<EdgeRow>,
}

struct EdgeRow {
    kind: &'static str,
    strength: &'static str,
    criteria: String,
    days: String,
    obtain: &'static str,
}

struct SubjectRow<'a> {
    subject: &'a SubjectStatus,
    edges: Vec<&'a EvidenceRef>,
    more: usize,
}

pub(crate) fn control(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let id = call.argument.unwrap_or_default();
    let (control, catalogue) = (snapshot.control(id), catalogued(id));
    let title = match (control, catalogue) {
        (Some(control), _) => control.title.as_str(),
        (None, Some(entry)) => entry.title.as_str(),
        (None, None) => return super::refusal::missing(call, "control", "/controls"),
    };
    let subjects = control.map_or(&[][..], |control| &control.subjects);
    let mut edges: BTreeMap<&str, Vec<&EvidenceRef>> = BTreeMap::new();
    for edge in control.map_or(&[][..], |control| &control.evidence) {
        edges.entry(&edge.subject).or_default().push(edge);
    }
    let listing = Listing::new(call, call.path, subjects.len(), &[]);
    // The worst first, so that what is to be done stands on the first page.
    let mut sorted: Vec<&SubjectStatus> = subjects.iter().collect();
    sorted.sort_by_key(|subject| subject.status);
    let row = |subject: &&'_ SubjectStatus| -> (usize, Vec<&EvidenceRef>) {
        let mut own = edges.get(subject.label.as_str()).cloned().unwrap_or_default();
        own.sort_by_key(|edge| (&edge.clause, edge.status));
        (own.len().saturating_sub(EDGES), own.into_iter().take(EDGES).collect())
    };
    let rows = sorted.get(listing.range()).unwrap_or_default();
    let rows = rows.iter().map(|subject| {
        let (more, edges) = row(subject);
        SubjectRow { subject, edges, more }
    });
    let mut left = ROWS * 2;
    let mut kept = Vec::new();
    for mut one in rows {
        one.more += one.edges.len().saturating_sub(left);
        one.edges.truncate(left);
        left -= one.edges.len();
        kept.push(one);
    }
    let known = |label: &str| subjects.iter().any(|subject| subject.label == label);
    let other =
        edges.iter().filter(|(label, _)| !known(label)).flat_map(|(_, edges)| edges).take(50).copied();
    let (decisions, gates) = (snapshot.report.decisions.iter(), snapshot.report.gates.iter());
    let about = |refusal: &GateRefusal| refusal.control.as_deref() == Some(id);
    let page = ControlPage {
        frame: Frame::new(call, title),
        id,
        title,
        clauses: catalogue.map(clauses).unwrap_or_default(),
        see: catalogue.map(|entry| entry.see.iter().map(ToString::to_string).collect()).unwrap_or_default(),
        catalogue,
        control,
        listing,
        subjects: kept,
        other: other.collect(),
        decisions: decisions.filter(|one| one.control.as_deref() == Some(id)).take(20).collect(),
        gates: gates.filter(|gate| gate.refusals.iter().any(about)).take(20).collect(),
    };
    Frame::answer(200, &page)
}

fn clauses(control: &'static bartizan_standards::Control) -> Vec<ClauseRow> {
    let edge = |edge: &'static bartizan_standards::Edge| EdgeRow {
        kind: edge.kind.as_str(),
        strength: edge.strength.as_str(),
        criteria: edge.criteria.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
        days: crate::shown::count(u64::from(edge.max_age_hours / 24), "day", "days"),
        obtain: &edge.obtain,
    };
    let clause = |clause: &'static bartizan_standards::Clause| ClauseRow {
        text: &clause.text,
        edges: clause.edges.iter().map(edge).collect(),
    };
    control.clauses.iter().map(clause).collect()
}

impl ControlPage<'_> {
    fn explain(&self) -> String {
        format!("bartizan explain {}", super::frame::argument(self.id))
    }

    fn baseline(&self) -> Option<&'static str> {
        self.catalogue.map(|entry| entry.baseline.title())
    }

    fn area(&self) -> Option<String> {
        self.control.map(|control| with_query("/controls", [("group", control.group.as_str())]))
    }

    fn role(&self) -> Option<String> {
        let slug = self.control.and_then(|control| control.owner.as_deref())?;
        Some(bartizan_standards::role(slug).map_or_else(|| slug.to_owned(), |role| role.title.clone()))
    }

    fn is_open(&self, status: Status) -> bool {
        !matches!(status, Status::Satisfied | Status::NotApplicable)
    }
}
