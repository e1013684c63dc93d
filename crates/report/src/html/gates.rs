use std::collections::BTreeMap;

use super::page::{Limit, Page};
use crate::{
    picture::status_tone,
    v1::{GateRefusal, GateResult, Report},
};

/// What each gate says, and what to do about each rule that refuses.
pub(super) fn write(page: &mut Page, report: &Report) {
    if report.gates.is_empty() {
        page.raw("<p>The project declares no gate.</p>\n");
        return;
    }
    page.raw("<p>").sentence(&report.outcome.gates.sentence);
    page.raw(" A gate decides about the outcome only where it was asked.</p>\n");
    let seen = Seen {
        controls: super::positions(report.controls.iter().map(|control| control.id.as_str())),
        decisions: super::positions(report.decisions.iter().map(|decision| decision.id.as_str())),
    };
    let mut gates: Vec<(usize, &GateResult)> = report.gates.iter().enumerate().collect();
    gates.sort_by_key(|(at, gate)| (gate.verdict.status(), *at));
    let left =
        page.rows(gates, Limit { rows: 100, bytes: 100_000 }, |page, (at, gate)| one(page, at, gate, &seen));
    page.left_out(left, "gate is", "gates are");
}

/// Where other parts of the report tell of the same.
struct Seen<'a> {
    controls: BTreeMap<&'a str, usize>,
    decisions: BTreeMap<&'a str, usize>,
}

fn one(page: &mut Page, at: usize, gate: &GateResult, seen: &Seen<'_>) {
    page.raw("<article class=\"block ").raw(status_tone(gate.verdict.status()).class()).raw("\"");
    page.anchor("gate", at).raw(">\n<h3><code>").name(&gate.gate).raw("</code> ");
    page.chip(gate.verdict.status(), gate.verdict.verb()).raw("</h3>\n<p>");
    page.sentence(&gate.sentence).raw("</p>\n");
    if let Some(id) = &gate.break_glass {
        page.raw("<p>The break-glass ").known("decision", seen.decisions.get(id.as_str()).copied(), id);
        page.raw(" opens it.</p>\n");
    }
    if !gate.refusals.is_empty() {
        page.table("Rules that refuse", &["Rule", "Control", "Why", "Remedy"]);
        let limit = Limit { rows: 60, bytes: 40_000 };
        let left = page.rows(&gate.refusals, limit, |page, refusal| row(page, refusal, seen));
        page.end_table().left_out(left, "rule is", "rules are");
    }
    page.raw("<p class=\"meta\">Principal <code>").name(&gate.principal).raw("</code>, resource <code>");
    page.name(&gate.resource).raw("</code>, policy <code>").name(&gate.policy).raw("</code>");
    match gate.index {
        Some(index) => page.raw(", recorded at entry ").number(index),
        None => page.raw(", not recorded"),
    };
    page.raw(".</p>\n</article>\n");
}

fn row(page: &mut Page, refusal: &GateRefusal, seen: &Seen<'_>) {
    page.raw("<tr role=\"row\">").row_head(|page| {
        page.raw("<code>").name(&refusal.rule).raw("</code>");
        if refusal.organisation {
            page.raw(" <span class=\"meta\">of the organisation; no project overrides it</span>");
        }
    });
    page.cell("Control", |page| {
        let Some(control) = &refusal.control else {
            page.raw("–");
            return;
        };
        page.known("control", seen.controls.get(control.as_str()).copied(), control);
        if let Some(status) = refusal.status {
            page.raw(" ").status(status);
        }
    });
    page.cell("Why", |page| {
        page.sentence(&refusal.why);
    });
    page.cell("Remedy", |page| {
        page.sentence(&refusal.fix);
    });
    page.raw("</tr>\n");
}
