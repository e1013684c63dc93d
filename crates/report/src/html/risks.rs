use std::cmp::Reverse;

use super::{
    anchors::Anchors,
    page::{Limit, Page},
};
use crate::{
    picture,
    v1::{Report, Risk},
};

/// The risk map and the register.
pub(super) fn write(page: &mut Page, report: &Report) {
    if report.risks.is_empty() {
        page.raw("<p>No risk was derived: nothing in the declared system matches a threat.</p>\n");
        return;
    }
    let threats = super::positions(report.threats.iter().map(|threat| threat.id.as_str()));
    let threat = |risk: &Risk| threats.get(risk.threat.as_str()).map(|at| (*at, &report.threats[*at]));
    page.figure(&picture::risk_map(report, "map", &Anchors::new(report)));
    page.raw("<h3 id=\"register\">Register</h3>\n");
    let heads = ["Risk", "Score", "Consideration", "Owner", "Treatment"];
    page.table("Risks, highest score first; likelihood and impact go from 1 to 5", &heads);
    let mut risks: Vec<(usize, &Risk)> = report.risks.iter().enumerate().collect();
    risks.sort_by_key(|(at, risk)| (Reverse(risk.score), *at));
    let left = page.rows(risks, Limit { rows: 200, bytes: 120_000 }, |page, (at, risk)| {
        page.raw("<tr role=\"row\"").anchor("risk", at).raw(">").row_head(|page| {
            match threat(risk) {
                Some((at, threat)) => page
                    .severity(threat.severity)
                    .raw(" ")
                    .link("threat", Some(at), |page| {
                        page.raw("<code>").name(&threat.id).raw("</code>");
                    })
                    .raw(" ")
                    .sentence(&threat.title),
                None => page.raw("<code>").name(&risk.threat).raw("</code>"),
            };
            page.raw("<p class=\"meta\">").sentence(&risk.why).raw("</p>");
        });
        page.cell("Score", |page| {
            page.raw("<strong>").number(u64::from(risk.score)).raw("</strong> <span class=\"nowrap\">= ");
            page.number(u64::from(risk.likelihood)).raw(" × ").number(u64::from(risk.impact)).raw("</span>");
        });
        page.cell("Consideration", |page| {
            page.text(&risk.consideration);
        });
        page.cell("Owner", |page| {
            match &risk.owner {
                Some(owner) => page.name(owner),
                None => page.raw("nobody"),
            };
        });
        page.cell("Treatment", |page| {
            page.raw(if open(risk) { "<strong>" } else { "<span>" }).text(&risk.treatment);
            page.raw(if open(risk) { "</strong>" } else { "</span>" });
            if let Some(reason) = &risk.reason {
                page.raw(": ").sentence(reason);
            }
        });
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "risk is", "risks are");
}

/// Nothing that holds was decided about it.
fn open(risk: &Risk) -> bool {
    matches!(risk.treatment.as_str(), "untreated" | "expired")
}
