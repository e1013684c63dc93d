use super::{
    anchors::Anchors,
    page::{Limit, Page},
};
use crate::{
    picture, sentence,
    v1::{Decision, Report},
};

/// Above everything: which gate stands open, until when, why, and who says so.
pub(super) fn banner(page: &mut Page, report: &Report) {
    if report.break_glass().next().is_none() {
        return;
    }
    page.raw("<div class=\"banner\" role=\"note\">\n");
    for decision in report.break_glass().take(5) {
        page.raw("<p>").mark(decision.state.status()).raw(" ");
        page.text(&sentence::break_glass(decision)).raw("</p>\n");
    }
    page.raw("</div>\n");
}

/// The same, short, above each part of the report; on paper the head of each page says it.
pub(super) fn reminder(page: &mut Page, report: &Report) {
    for (at, decision) in report.decisions.iter().enumerate().filter(|(_, decision)| decision.opens()).take(1)
    {
        page.raw("<p class=\"reminder\">").mark(decision.state.status()).raw(" ");
        page.link("decision", Some(at), |page| {
            page.raw("A break-glass");
        });
        page.raw(" opens the gate ").name(decision.gate.as_deref().unwrap_or(&decision.about));
        page.raw(" until ").minute(decision.expires).raw(".</p>\n");
    }
}

/// What people decided: how long each decision holds, those that hold, and those that do not.
pub(super) fn write(page: &mut Page, report: &Report) {
    if report.decisions.is_empty() {
        page.raw(
            "<p>Nobody has decided anything: no exception, loss, break-glass or claim is recorded.</p>\n",
        );
        return;
    }
    if let Some(figure) = picture::decisions(report, &Anchors::new(report)) {
        page.figure(&figure);
    }
    let (held, others): (Vec<_>, Vec<_>) =
        report.decisions_in_order().into_iter().partition(|(_, decision)| decision.state.holds());
    if held.is_empty() {
        page.raw("<p>No decision holds.</p>\n");
    } else {
        let heads = ["Decision", "Reason", "Owner", "Asked for, agreed", "Until"];
        page.table("Decisions that hold, what ends first in front", &heads);
        let left = page.rows(held, Limit { rows: 150, bytes: 80_000 }, |page, (at, decision)| {
            row(page, at, decision);
        });
        page.end_table().left_out(left, "decision is", "decisions are");
    }
    if !others.is_empty() {
        let heads = ["Decision", "Reason", "Owner", "Asked for, agreed", "Until"];
        page.table("Decisions that do not hold", &heads);
        let left = page.rows(others, Limit { rows: 100, bytes: 40_000 }, |page, (at, decision)| {
            row(page, at, decision);
        });
        page.end_table().left_out(left, "decision is", "decisions are");
    }
}

fn row(page: &mut Page, at: usize, decision: &Decision) {
    page.raw("<tr role=\"row\"").anchor("decision", at).raw(">").row_head(|page| {
        page.chip(decision.state.status(), decision.state.as_str()).raw(" ").raw(decision.kind.as_str());
        page.raw(" <code>").name(&decision.id).raw("</code><p>").text(&decision.about).raw("</p>");
        let standing = if decision.state.holds() { sentence::passes(decision) } else { None };
        page.raw("<p class=\"meta\">").text(&standing.unwrap_or_else(|| decision.why.clone()));
        page.raw("</p>");
    });
    page.cell("Reason", |page| {
        page.sentence(&decision.reason);
        if let Some(instead) = &decision.compensating {
            page.raw("<p><span class=\"meta\">Instead:</span> ").sentence(instead).raw("</p>");
        }
    });
    page.cell("Owner", |page| {
        page.name(&decision.owner);
    });
    page.cell("Asked for, agreed", |page| {
        page.name(&decision.requester).raw(" → ");
        for (n, person) in decision.approvers.iter().take(8).enumerate() {
            page.raw(if n > 0 { ", " } else { "" }).name(person);
        }
        if decision.approvers.is_empty() {
            page.raw("nobody yet");
        }
        page.raw(" <span class=\"meta\">at entry ").number(decision.index).raw("</span>");
    });
    page.cell("Until", |page| {
        if decision.kind == crate::v1::DecisionKind::BreakGlass {
            page.minute(decision.expires);
        } else {
            page.day(decision.expires);
        }
    });
    page.raw("</tr>\n");
}

/// Whether declared and observed agree, and what was lost.
pub(super) fn reconciliation(page: &mut Page, report: &Report) {
    let reconciliation = &report.reconciliation;
    if !reconciliation.says_something() {
        page.raw("<p>Nothing was compared: there is no earlier assessment, or no log.</p>\n");
        return;
    }
    page.raw("<p>").chip(reconciliation.posture.status(), reconciliation.posture.as_str()).raw(": ");
    page.sentence(&reconciliation.sentence).raw("</p>\n");
    if reconciliation.undeclared > 0 {
        page.raw("<p>").count(reconciliation.undeclared, "thing was", "things were");
        page.raw(" seen and not declared; each is a finding of its own.</p>\n");
    }
    if reconciliation.lost.is_empty() {
        return;
    }
    let decisions = super::positions(report.decisions.iter().map(|decision| decision.id.as_str()));
    page.table("Declared before and lost now", &["What", "Last declared in", "Agreed"]);
    let left = page.rows(&reconciliation.lost, Limit { rows: 200, bytes: 40_000 }, |page, loss| {
        page.raw("<tr role=\"row\">").row_head(|page| {
            page.text(&loss.kind).raw(" <code>").name(&loss.id).raw("</code>");
        });
        page.cell("Last declared in", |page| {
            page.raw("entry ").number(loss.last_seen);
        });
        page.cell("Agreed", |page| {
            match &loss.decision {
                Some(id) => {
                    page.raw("in decision ").known("decision", decisions.get(id.as_str()).copied(), id)
                }
                None => page.raw("by nobody"),
            };
        });
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "loss is", "losses are");
}
