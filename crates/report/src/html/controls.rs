use std::collections::{BTreeMap, BTreeSet};

use super::page::{Limit, Page};
use crate::{
    picture::status_tone,
    v1::{Control, EvidenceRef, Report, Status},
};

/// Statements shown in one cell.
const STATEMENTS: usize = 12;

/// The controls by practice area, each with what speaks for it beside what speaks against it.
pub(super) fn write(page: &mut Page, report: &Report) {
    if report.controls.is_empty() {
        page.raw("<p>No control applies to what is declared.</p>\n");
        return;
    }
    let seen = Seen::of(report);
    let mut areas: Vec<(&str, &str)> =
        report.groups.iter().map(|group| (group.id.as_str(), group.title.as_str())).collect();
    let mut known: BTreeSet<&str> = areas.iter().map(|(id, _)| *id).collect();
    for control in &report.controls {
        if known.insert(&control.group) {
            areas.push((&control.group, &control.group));
        }
    }
    let (mut left, start, mut written) = (0, page.len(), 0);
    for (id, title) in areas {
        let mut controls: Vec<(usize, &Control)> =
            report.controls.iter().enumerate().filter(|(_, control)| control.group == id).collect();
        if controls.is_empty() {
            continue;
        }
        controls.sort_by_key(|(at, control)| (control.status, *at));
        let n = controls.len();
        let limit = Limit {
            rows: 200_usize.saturating_sub(written),
            bytes: 400_000_usize.saturating_sub(page.len() - start),
        };
        page.raw("<h3>").text(title).raw("</h3>\n");
        let missing = page.rows(controls, limit, |page, (at, control)| one(page, at, control, &seen));
        written += n - missing;
        left += missing;
    }
    page.left_out(left, "control is", "controls are");
}

/// Where other parts of the report tell of the same.
struct Seen<'a> {
    threats: BTreeMap<&'a str, usize>,
    /// By index in the log.
    entries: BTreeMap<u64, usize>,
    /// How many findings of which rules speak against each control.
    against: BTreeMap<&'a str, BTreeMap<&'a str, u64>>,
}

impl<'a> Seen<'a> {
    fn of(report: &'a Report) -> Self {
        let mut against: BTreeMap<&str, BTreeMap<&str, u64>> = BTreeMap::new();
        for finding in report.findings.iter().filter(|finding| finding.suppressed.is_none()) {
            for control in &finding.controls {
                *against.entry(control).or_default().entry(&finding.rule).or_default() += 1;
            }
        }
        let entries = report.evidence.iter().enumerate().rev();
        Self {
            threats: super::positions(report.threats.iter().map(|threat| threat.id.as_str())),
            entries: entries.filter_map(|(at, one)| one.index.map(|index| (index, at))).collect(),
            against,
        }
    }
}

fn one(page: &mut Page, at: usize, control: &Control, seen: &Seen<'_>) {
    page.raw("<article class=\"block ")
        .raw(status_tone(control.status).class())
        .raw("\"")
        .anchor("control", at);
    page.raw(">\n<h4>").status(control.status).raw(" ").sentence(&control.title).raw("</h4>\n<p>");
    page.sentence(&control.why).raw("</p>\n");
    if !control.next.is_empty() {
        page.raw("<p class=\"next\"><span class=\"lead\">Next</span> ").sentence(&control.next).raw("</p>\n");
    }
    if !control.evidence.is_empty() {
        evidence(page, control, seen);
    }
    page.raw("<p class=\"meta\"><code>").name(&control.id).raw("</code>, baseline ").name(&control.baseline);
    if let Some(owner) = &control.owner {
        page.raw(", owned by the role ").name(owner);
    }
    if let Some(expires) = control.expires {
        page.raw(", the first of its evidence expires ").day(expires);
    }
    page.raw(".");
    if let Some(rules) = seen.against.get(control.id.as_str()) {
        page.raw(" Findings that count against it: ");
        for (n, (rule, times)) in rules.iter().take(12).enumerate() {
            page.raw(if n > 0 { ", " } else { "" })
                .number(*times)
                .raw(" of <code>")
                .name(rule)
                .raw("</code>");
        }
        page.raw(if rules.len() > 12 { " and others." } else { "." });
    }
    if !control.threats.is_empty() {
        page.raw(" Asked for by ");
        for (n, id) in control.threats.iter().take(8).enumerate() {
            page.raw(if n > 0 { ", " } else { "" }).link(
                "threat",
                seen.threats.get(id.as_str()).copied(),
                |page| {
                    page.raw("<code>").name(id).raw("</code>");
                },
            );
        }
        let more = control.threats.len().saturating_sub(8) as u64;
        if more > 0 {
            page.raw(" and ").number(more).raw(" more");
        }
        page.raw(".");
    }
    if !control.items.is_empty() {
        page.raw(" Serves ").names(&control.items, 12).raw(".");
    }
    page.raw("</p>\n</article>\n");
}

/// One row for each clause: what speaks for it, against it, and what is still to be shown.
fn evidence(page: &mut Page, control: &Control, seen: &Seen<'_>) {
    let mut clauses: Vec<(&str, [Vec<&EvidenceRef>; 3])> = Vec::new();
    for statement in &control.evidence {
        let at = clauses.iter().position(|(clause, _)| *clause == statement.clause).unwrap_or_else(|| {
            clauses.push((&statement.clause, Default::default()));
            clauses.len() - 1
        });
        let column = match statement.status {
            Status::Satisfied | Status::Inherited | Status::Excepted | Status::Partial => 0,
            Status::Failing => 1,
            Status::Expired | Status::Unknown | Status::NotApplicable => 2,
        };
        clauses[at].1[column].push(statement);
    }
    page.table("Evidence by clause", &["Clause", "Speaks for it", "Speaks against it", "Still to be shown"]);
    let left =
        page.rows(clauses, Limit { rows: 30, bytes: 60_000 }, |page, (clause, [pro, contra, open])| {
            page.raw("<tr role=\"row\">").row_head(|page| {
                page.sentence(clause);
            });
            page.cell("Speaks for it", |page| statements(page, &pro, seen));
            page.cell("Speaks against it", |page| statements(page, &contra, seen));
            page.cell("Still to be shown", |page| statements(page, &open, seen));
            page.raw("</tr>\n");
        });
    page.end_table().left_out(left, "clause is", "clauses are");
}

fn statements(page: &mut Page, statements: &[&EvidenceRef], seen: &Seen<'_>) {
    if statements.is_empty() {
        page.raw("<span class=\"none\">nothing</span>");
        return;
    }
    // What differs by its subject alone is told once.
    let mut alike: Vec<Vec<&EvidenceRef>> = Vec::new();
    for statement in statements {
        match alike.iter().position(|same| are_alike(same[0], statement)) {
            Some(at) => alike[at].push(statement),
            None if alike.len() < STATEMENTS => alike.push(vec![statement]),
            None => {}
        }
    }
    let told: usize = alike.iter().map(Vec::len).sum();
    page.raw("<ul class=\"plain\">");
    for same in alike {
        let first = same[0];
        page.raw("<li class=\"").raw(status_tone(first.status).class()).raw("\"><span class=\"mark\">");
        page.mark(first.status).raw("</span> ");
        let subjects: Vec<String> =
            same.iter().map(|one| one.subject.clone()).filter(|it| !it.is_empty()).collect();
        page.names(&subjects, 8).raw(if subjects.is_empty() { "" } else { " " });
        if first.status != Status::Satisfied {
            page.sentence(&first.why).raw(" ");
        }
        page.raw("<span class=\"meta\">").name(&first.predicate);
        if let Some(index) = first.index {
            page.raw(", ").link("statement", seen.entries.get(&index).copied(), |page| {
                page.raw("entry ").number(index);
            });
        }
        page.raw(", ").name(&first.strength);
        if let Some(expires) = first.expires {
            page.raw(if first.status == Status::Expired { ", expired " } else { ", until " }).day(expires);
        }
        page.raw("</span></li>");
    }
    let more = statements.len().saturating_sub(told) as u64;
    if more > 0 {
        page.raw("<li class=\"meta\">and ").number(more).raw(" more</li>");
    }
    page.raw("</ul>");
}

fn are_alike(one: &EvidenceRef, other: &EvidenceRef) -> bool {
    (one.index, &one.predicate, &one.strength, one.status, &one.why, one.expires)
        == (other.index, &other.predicate, &other.strength, other.status, &other.why, other.expires)
}
