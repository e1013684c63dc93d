use super::{
    Detail, Options,
    page::{Page, count},
    style::Role,
};
use crate::{
    sentence,
    v1::{Decision, DecisionState, Report, in_order},
};

/// Decisions and losses shown unless everything is wanted.
const ROWS: usize = 20;

/// While a gate stands open, nothing is said before that.
pub(super) fn break_glass(page: &mut Page, report: &Report) {
    for decision in report.break_glass() {
        let lead = format!("{} ", decision.state.status().mark());
        page.hanging(0, &lead, Role::Status(decision.state.status()), &sentence::break_glass(decision));
    }
}

/// What people decided to live with: what holds, what ends first in front; how many others there are.
pub(super) fn write(page: &mut Page, report: &Report, detail: Detail) {
    if report.decisions.is_empty() {
        return;
    }
    page.heading(&headline(&report.decisions));
    let all = report.decisions_in_order();
    let is_listed = |decision: &Decision| detail == Detail::Verbose || decision.state.holds();
    let listed: Vec<&Decision> = all.iter().map(|(_, one)| *one).filter(|one| is_listed(one)).collect();
    let shown = if detail == Detail::Verbose { listed.len() } else { ROWS };
    for decision in listed.iter().take(shown) {
        row(page, 2, decision);
    }
    super::more(page, 2, listed.len().saturating_sub(shown) as u64);
    let others = all.len() - listed.len();
    if others > 0 {
        let text = format!("{others} more that {} not hold:", if others == 1 { "does" } else { "do" });
        page.prose(2, Role::Muted, &text);
        page.command(4, "bartizan exception list");
    }
}

/// All decisions, for the command that lists them.
pub(super) fn all(page: &mut Page, decisions: &[Decision], options: &Options) {
    if decisions.is_empty() {
        page.prose(
            0,
            Role::Ink,
            "Nobody has decided anything: no exception, loss, break-glass or claim is recorded.",
        );
        return;
    }
    page.prose(0, Role::Strong, &headline(decisions));
    for (_, decision) in in_order(decisions) {
        if options.detail == Detail::Quiet {
            lead(page, 0, decision);
        } else {
            page.blank();
            row(page, 0, decision);
        }
    }
}

/// Whether declared and observed agree, and what was lost.
pub(super) fn reconciliation(page: &mut Page, report: &Report, detail: Detail) {
    let reconciliation = &report.reconciliation;
    if !reconciliation.says_something() {
        return;
    }
    page.heading("Declared and observed");
    let posture = reconciliation.posture;
    let role = Role::Status(posture.status());
    let lead = format!("{} ", posture.status().mark());
    page.hanging(2, &lead, role, &format!("{}: {}", posture.as_str(), reconciliation.sentence));
    let shown = if detail == Detail::Verbose { reconciliation.lost.len() } else { ROWS };
    for loss in reconciliation.lost.iter().take(shown) {
        page.hanging(6, "– ", Role::Ink, &format!("{}.", sentence::loss(loss)));
    }
    super::more(page, 6, reconciliation.lost.len().saturating_sub(shown) as u64);
}

fn headline(decisions: &[Decision]) -> String {
    let parts: Vec<String> = DecisionState::ALL
        .into_iter()
        .map(|state| (state, decisions.iter().filter(|decision| decision.state == state).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(state, n)| format!("{n} {}", state.as_str()))
        .collect();
    format!("{}: {}", count(decisions.len() as u64, "decision", "decisions"), parts.join(", "))
}

fn lead(page: &mut Page, indent: usize, decision: &Decision) {
    let role = Role::Status(decision.state.status());
    let lead = format!("{} ", decision.state.status().mark());
    let text = format!("{}  {} {}", decision.id, decision.kind.as_str(), sentence::standing(decision));
    page.hanging(indent, &lead, role, &text);
}

fn row(page: &mut Page, indent: usize, decision: &Decision) {
    lead(page, indent, decision);
    let inner = indent + 4;
    page.prose(inner, Role::Ink, &sentence::about(decision));
    let who = format!(
        "owned by {}; {} → {}",
        decision.owner,
        decision.requester,
        sentence::people(&decision.approvers)
    );
    page.prose(inner, Role::Muted, &who);
    page.prose(inner, Role::Muted, &format!("Reason: {}", decision.reason));
    if let Some(instead) = &decision.compensating {
        page.prose(inner, Role::Muted, &format!("Instead: {instead}"));
    }
    if !decision.state.holds() {
        page.prose(inner, Role::Ink, &decision.why);
    }
}
