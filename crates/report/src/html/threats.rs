use std::{cmp::Reverse, collections::BTreeMap};

use super::{
    anchors::Anchors,
    page::{Limit, Page},
};
use crate::{
    picture::{self, View},
    v1::{Report, Threat},
};

/// The diagram of trust boundaries, and the threats with their paths.
pub(super) fn write(page: &mut Page, report: &Report) {
    diagram(page, report);
    if report.threats.is_empty() {
        page.raw("<p>No threat was derived from what is declared.</p>\n");
        return;
    }
    let controls = super::positions(report.controls.iter().map(|control| control.id.as_str()));
    page.table(
        "Threats as derived from the declared system, worst first",
        &["Threat", "Path", "Controls that treat it"],
    );
    let mut threats: Vec<(usize, &Threat)> = report.threats.iter().enumerate().collect();
    threats.sort_by_key(|(at, threat)| (Reverse(threat.severity), *at));
    let left = page.rows(threats, Limit { rows: 150, bytes: 200_000 }, |page, (at, threat)| {
        page.raw("<tr role=\"row\"").anchor("threat", at).raw(">");
        page.row_head(|page| what(page, threat));
        page.cell("Path", |page| path(page, threat));
        page.cell("Controls", |page| {
            page.raw("<ul class=\"plain\">");
            for id in threat.controls.iter().take(20) {
                page.raw("<li>");
                match controls.get(id.as_str()) {
                    Some(at) => {
                        page.status(report.controls[*at].status).raw(" ").link("control", Some(*at), |page| {
                            page.raw("<code>").name(id).raw("</code>");
                        })
                    }
                    None => page.raw("<code>").name(id).raw("</code>"),
                };
                page.raw("</li>");
            }
            page.raw("</ul>");
        });
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "threat is", "threats are");
}

fn what(page: &mut Page, threat: &Threat) {
    page.severity(threat.severity).raw(" <code>").name(&threat.id).raw("</code> ").sentence(&threat.title);
    page.raw("<p>").sentence(&threat.why).raw("</p><p class=\"meta\">");
    if !threat.actors.is_empty() {
        page.raw("Able to: ").names(&threat.actors, 8).raw(". ");
    }
    page.text(&threat.consideration);
    if !threat.references.is_empty() {
        page.raw("; see ").names(&threat.references, 8);
    }
    page.raw("</p>");
}

fn path(page: &mut Page, threat: &Threat) {
    page.raw("<ol class=\"path\">");
    for element in threat.path.iter().take(24) {
        page.raw("<li><code>").name(element).raw("</code></li>");
    }
    page.raw("</ol>");
    let hidden = threat.path.len().saturating_sub(24) as u64;
    if hidden > 0 {
        page.raw("<p class=\"meta\">and ").count(hidden, "further element", "further elements").raw("</p>");
    }
    if threat.more_paths > 0 {
        page.raw("<p class=\"meta\">").count(threat.more_paths, "further path leads", "further paths lead");
        page.raw(" to the same.</p>");
    }
}

fn diagram(page: &mut Page, report: &Report) {
    let anchors = Anchors::new(report);
    let path = gravest(report);
    let Some(figure) = picture::boundaries(report, &View { id: "system", zone: None, path }, &anchors) else {
        return;
    };
    page.figure(&figure);
    if let Some(threat) = path {
        page.raw("<p class=\"note\">The numbered path is the one of <code>")
            .name(&threat.id)
            .raw("</code>. ");
        page.raw("A box has the colour of the worst threat that passes it.</p>\n");
    }
    if let Some(figure) = picture::grounds(report, &anchors) {
        page.figure(&figure);
    }
}

/// The threat with the highest score that leads over a path of declared elements.
fn gravest(report: &Report) -> Option<&Threat> {
    let scores: BTreeMap<&str, u8> =
        report.risks.iter().map(|risk| (risk.threat.as_str(), risk.score)).collect();
    let known = super::positions(report.system.elements.iter().map(|element| element.id.as_str()));
    let drawn = |threat: &&Threat| {
        threat.path.len() > 1 && threat.path.iter().all(|id| known.contains_key(id.as_str()))
    };
    let weight =
        |threat: &&Threat| (scores.get(threat.id.as_str()).copied(), threat.severity, threat.path.len());
    report.threats.iter().filter(drawn).max_by_key(weight)
}
