//! What people decided, what the gates say, and what was lost.

use super::{are, count, fill, name, sentence};
use crate::{
    sentence as words,
    v1::{Decision, GateRefusal, GateResult, Loss, Report},
};

/// The gates, those that deny first, each with its rules and their remedies.
pub(super) fn gates(out: &mut String, report: &Report, end: usize) {
    if report.gates.is_empty() {
        return;
    }
    let mut gates: Vec<&GateResult> = report.gates.iter().collect();
    gates.sort_by_key(|gate| gate.verdict.status());
    out.push_str("### Gates\n\n");
    let told = fill(out, &gates, end, gate);
    left_out(out, gates.len() - told, "gate");
}

fn gate(gate: &GateResult) -> String {
    let mut text = format!(
        "- {} {} **{}**: {}\n",
        gate.verdict.status().mark(),
        name(&gate.gate),
        gate.verdict.verb(),
        sentence(&gate.sentence)
    );
    for refusal in gate.refusals.iter().take(10) {
        text.push_str(&self::refusal(refusal));
    }
    let more = gate.refusals.len().saturating_sub(10);
    if more > 0 {
        text.push_str(&format!("  - {more} more in the JSON report\n"));
    }
    text
}

fn refusal(refusal: &GateRefusal) -> String {
    let organisation = if refusal.organisation { " of the organisation" } else { "" };
    let control = match (&refusal.control, refusal.status) {
        (Some(control), Some(status)) => format!(", {} is {} {status}", name(control), status.mark()),
        (Some(control), None) => format!(", {}", name(control)),
        (None, _) => String::new(),
    };
    let fix =
        if refusal.fix.is_empty() { String::new() } else { format!(" Remedy: {}", sentence(&refusal.fix)) };
    format!("  - rule {}{organisation}{control}: {}{fix}\n", name(&refusal.rule), sentence(&refusal.why))
}

/// The decisions that hold, what ends first in front.
pub(super) fn decisions(out: &mut String, report: &Report, end: usize) {
    let held: Vec<&Decision> =
        report.decisions_in_order().into_iter().map(|(_, one)| one).filter(|one| one.state.holds()).collect();
    if held.is_empty() {
        return;
    }
    out.push_str("### Decisions that hold\n\n");
    let told = fill(out, &held, end, decision);
    left_out(out, held.len() - told, "decision");
}

fn decision(decision: &Decision) -> String {
    let instead = decision.compensating.as_deref();
    let instead = instead.map(|text| format!(" Instead: {}", sentence(text))).unwrap_or_default();
    let passes = words::passes(decision).map(|passes| format!("; {passes}")).unwrap_or_default();
    format!(
        "- {} {} {} **{}**: {}{passes}\n  - {} → {}, owned by {}\n  - {}{instead}\n",
        decision.state.status().mark(),
        name(&decision.id),
        decision.kind.as_str(),
        words::standing(decision),
        name(&decision.about),
        name(&decision.requester),
        people(decision),
        name(&decision.owner),
        sentence(&decision.reason),
    )
}

fn people(decision: &Decision) -> String {
    let people: Vec<String> = decision.approvers.iter().take(8).map(|person| name(person)).collect();
    if people.is_empty() { "nobody yet".to_owned() } else { people.join(", ") }
}

/// That gates stand open, until when, why, and who says so.
pub(super) fn break_glass(out: &mut String, report: &Report) {
    for decision in report.break_glass().take(5) {
        out.push_str(&format!(
            "> {} A break-glass opens the gate {} until {}: {} Asked for by {}, agreed by {}.\n\n",
            decision.state.status().mark(),
            name(decision.gate.as_deref().unwrap_or(&decision.about)),
            words::minute(decision.expires),
            sentence(&decision.reason),
            name(&decision.requester),
            people(decision)
        ));
    }
}

/// Who has seen the log, and what of it nobody has.
pub(super) fn witnessed(report: &Report) -> String {
    let mut seen: Vec<String> = words::furthest_first(report)
        .into_iter()
        .take(5)
        .map(|anchor| {
            let reach = anchor
                .size
                .checked_sub(1)
                .map_or_else(|| "while it was empty".to_owned(), |last| format!("up to entry {last}"));
            format!("seen by {} at {}, {reach}", name(&anchor.by), words::minute(anchor.at))
        })
        .collect();
    if report.anchors.len() > 5 {
        seen.push(format!("and by {} more", report.anchors.len() - 5));
    }
    match words::unwitnessed(report) {
        _ if seen.is_empty() => seen.push("not witnessed".to_owned()),
        0 => {}
        1 => seen.push("the newest entry is not witnessed".to_owned()),
        n => seen.push(format!("the newest {n} entries are not witnessed")),
    }
    seen.join("; ")
}

/// What was declared before and is not now.
pub(super) fn losses(out: &mut String, report: &Report, end: usize) {
    let lost: Vec<&Loss> = report.reconciliation.lost.iter().collect();
    if lost.is_empty() {
        return;
    }
    out.push_str("### Declared before and lost now\n\n");
    let told = fill(out, &lost, end, |loss| {
        let agreed = match &loss.decision {
            Some(id) => format!("agreed in decision {}", name(id)),
            None => "nobody has agreed".to_owned(),
        };
        format!("- {} {}, last in entry {}: {agreed}\n", sentence(&loss.kind), name(&loss.id), loss.last_seen)
    });
    left_out(out, lost.len() - told, "loss");
}

fn left_out(out: &mut String, n: usize, noun: &str) {
    if n > 0 {
        out.push_str(&format!("\n{} left out for length; the JSON report holds all.\n", are(n, noun)));
    }
    out.push('\n');
}

/// `1 denies, 2 allow` in words of the gates, for the table.
pub(super) fn gate_tally(report: &Report) -> String {
    let of = |passes: bool| report.gates.iter().filter(|gate| gate.verdict.passes() == passes).count();
    match (of(false), of(true)) {
        (0, 0) => "none".to_owned(),
        (0, open) => format!("● {} open", count(open, "gate")),
        (shut, 0) => format!("■ {} denied", count(shut, "gate")),
        (shut, open) => format!("■ {shut} denied, ● {open} open"),
    }
}

/// How many decisions stand where, for the table.
pub(super) fn decision_tally(report: &Report) -> String {
    let parts: Vec<String> = crate::v1::DecisionState::ALL
        .into_iter()
        .map(|state| (state, report.decisions.iter().filter(|one| one.state == state).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(state, n)| format!("{} {n} {}", state.status().mark(), state.as_str()))
        .collect();
    super::or_none(&parts)
}
