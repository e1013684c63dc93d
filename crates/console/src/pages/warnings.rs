//! What needs people now: gates that deny, what is undeclared or lost, decisions that end or wait.

use bartizan_report::v1::{DecisionKind, DecisionState, GateVerdict, Posture, Report};

use super::{frame::Frame, marks};
use crate::shown::{Markup, count, number, sentence};

/// Gates that are named one by one.
const GATES: usize = 3;

/// One line each, with where to go; the break-glasses stand on every page already.
pub(super) fn warnings(frame: &Frame<'_>, report: &Report) -> Vec<Markup> {
    let mut lines = Vec::new();
    let mut denying = report.gates.iter().filter(|gate| !gate.verdict.passes());
    for gate in denying.by_ref().take(GATES) {
        let (mark, name) = (marks::verdict(gate.verdict), frame.gate(&gate.gate));
        lines.push(Markup(format!("Gate {name} {mark} {}", sentence(&gate.sentence, 240))));
    }
    let more = denying.count() as u64;
    if more > 0 {
        let verb = if more == 1 { "denies" } else { "deny" };
        let gates = count(more, "more gate", "more gates");
        lines.push(Markup(format!(
            "<a href=\"/gates?verdict={}\">{gates}</a> {verb}.",
            GateVerdict::Deny.as_str()
        )));
    }
    let reconciliation = &report.reconciliation;
    if reconciliation.posture == Posture::Unreconciled {
        let lost = reconciliation.lost.iter().filter(|loss| loss.decision.is_none()).count() as u64;
        lines.push(Markup(format!(
            "<a href=\"/reconciliation\">Declared and observed</a> {} {} undeclared, {} lost without agreement.",
            marks::posture(reconciliation.posture),
            number(reconciliation.undeclared),
            number(lost)
        )));
    }
    let of = |state| {
        let decisions = report.decisions.iter();
        // A break-glass in force has a line of its own on every page; one that waits waits like the others.
        let has_own = |kind| kind == DecisionKind::BreakGlass && state != DecisionState::Pending;
        let own = decisions.filter(|one| one.state == state && !has_own(one.kind));
        own.count() as u64
    };
    let decisions = [
        (DecisionState::Expiring, "expiring", "decision ends", "decisions end", "within 14 days"),
        (DecisionState::Pending, "pending", "decision waits", "decisions wait", "for somebody else to agree"),
    ];
    for (state, word, one, many, rest) in decisions {
        let amount = of(state);
        if amount > 0 {
            let told = count(amount, one, many);
            lines.push(Markup(format!(
                "{} <a href=\"/exceptions?state={word}\">{told}</a> {rest}.",
                marks::decision(state)
            )));
        }
    }
    lines
}
