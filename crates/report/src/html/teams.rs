use super::page::{Limit, Page};
use crate::v1::{Duty, DutyKind, Report, Team};

/// The groups of people, and what each owes.
pub(super) fn write(page: &mut Page, report: &Report) {
    if report.teams.is_empty() {
        page.raw("<p>No group is declared, so nobody owns anything.</p>\n");
        return;
    }
    page.raw("<p>A group is people with a role in the lifecycle. The report names nobody.</p>\n");
    let left =
        page.rows(&report.teams, Limit { rows: 100, bytes: 150_000 }, |page, team| one(page, team, report));
    page.left_out(left, "group is", "groups are");
}

fn one(page: &mut Page, team: &Team, report: &Report) {
    page.raw("<article class=\"block\">\n<h3>")
        .text(&team.title)
        .raw(" <code>")
        .name(&team.id)
        .raw("</code></h3>\n");
    page.raw("<p class=\"meta\">").count(team.members, "person", "people");
    if !team.owns.is_empty() {
        page.raw(". Owns ").names(&team.owns, 20);
    }
    if !team.knows.is_empty() {
        page.raw(". Has to know ").names(&team.knows, 20);
    }
    page.raw(".</p>\n");
    if team.owes.is_empty() {
        page.raw("<p>Owes nothing that this run can see.</p>\n</article>\n");
        return;
    }
    page.table("What it owes, most pressing first", &["What", "Kind", "How it stands"]);
    let left = page.rows(&team.owes, Limit { rows: 60, bytes: 40_000 }, |page, duty| {
        page.raw("<tr role=\"row\">").row_head(|page| {
            page.link(kind(duty), position(duty, report), |page| {
                page.raw("<code>").name(&duty.id).raw("</code>");
            });
            page.raw(" ").sentence(&duty.sentence);
        });
        page.cell("Kind", |page| {
            page.raw(duty.kind.as_str());
        });
        page.cell("How it stands", |page| {
            if let Some(status) = duty.status {
                page.status(status);
            }
            if let Some(severity) = duty.severity {
                page.severity(severity);
            }
        });
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "duty is", "duties are").raw("</article>\n");
}

const fn kind(duty: &Duty) -> &'static str {
    match duty.kind {
        DutyKind::Finding => "findings",
        DutyKind::Control => "control",
        DutyKind::Risk => "threat",
    }
}

fn position(duty: &Duty, report: &Report) -> Option<usize> {
    match duty.kind {
        DutyKind::Finding => None,
        DutyKind::Control => report.controls.iter().position(|control| control.id == duty.id),
        DutyKind::Risk => report.threats.iter().position(|threat| threat.id == duty.id),
    }
}
