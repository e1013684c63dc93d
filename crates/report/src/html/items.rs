use super::page::{Limit, Page};
use crate::v1::{PracticeGroup, Report};

/// The items of the baseline, by practice area.
pub(super) fn write(page: &mut Page, report: &Report) {
    if report.groups.is_empty() {
        page.raw("<p>No baseline was asked.</p>\n");
        return;
    }
    page.raw("<p>The words are our paraphrase; the publication that an id names has the full text. An item that no ");
    page.raw("control serves is unknown: Bartizan says nothing about it.</p>\n");
    let controls = super::positions(report.controls.iter().map(|control| control.id.as_str()));
    for (at, group) in report.groups.iter().enumerate().take(40) {
        page.raw("<h3").anchor("area", at).raw(">").status(group.status).raw(" ").text(&group.title);
        page.raw(" <span class=\"count\">").text(&group.id).raw("</span></h3>\n");
        counts(page, group);
        page.table("Items, in the order of the publication", &["Item", "Status", "Controls that serve it"]);
        let left = page.rows(&group.items, Limit { rows: 150, bytes: 60_000 }, |page, item| {
            page.raw("<tr role=\"row\">").row_head(|page| {
                page.raw("<code>").name(&item.id).raw("</code> ").sentence(&item.title);
            });
            page.cell("Status", |page| {
                page.status(item.status);
            });
            page.cell("Controls", |page| {
                for (n, id) in item.controls.iter().take(12).enumerate() {
                    page.raw(if n > 0 { ", " } else { "" });
                    page.link("control", controls.get(id.as_str()).copied(), |page| {
                        page.raw("<code>").name(id).raw("</code>");
                    });
                }
                if item.controls.is_empty() {
                    page.raw("<span class=\"meta\">").sentence(&item.why).raw("</span>");
                }
            });
            page.raw("</tr>\n");
        });
        page.end_table().left_out(left, "item is", "items are");
    }
}

fn counts(page: &mut Page, group: &PracticeGroup) {
    page.raw("<p class=\"counts\">");
    for (status, n) in &group.counts {
        page.raw("<span class=\"tally\">").number(*n).raw(" ").status(*status).raw("</span> ");
    }
    page.raw("</p>\n");
}
