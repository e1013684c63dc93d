use super::{
    Detail, Options,
    page::{Page, count},
    style::Role,
};
use crate::v1::{GateRefusal, GateResult, GateVerdict, Report};

/// Refusals shown of one gate unless everything is wanted.
const REFUSALS: usize = 8;

/// What each gate says, those that deny first.
pub(super) fn write(page: &mut Page, report: &Report, detail: Detail) {
    if report.gates.is_empty() {
        return;
    }
    page.heading(&headline(&report.gates));
    let mut gates: Vec<&GateResult> = report.gates.iter().collect();
    gates.sort_by_key(|gate| gate.verdict.status());
    for gate in gates {
        lead(page, 2, gate);
        page.prose(6, Role::Muted, &gate.sentence);
        let shown = if detail == Detail::Verbose { gate.refusals.len() } else { REFUSALS };
        for refusal in gate.refusals.iter().take(shown) {
            self::refusal(page, 6, refusal);
        }
        super::more(page, 6, gate.refusals.len().saturating_sub(shown) as u64);
    }
}

/// One gate alone: the decision, what it was about, and each rule that refuses with its remedy.
pub(super) fn one(page: &mut Page, gate: &GateResult, options: &Options) {
    lead(page, 0, gate);
    page.prose(2, Role::Ink, &gate.sentence);
    if options.detail == Detail::Quiet {
        return;
    }
    let about = format!("Principal {}, resource {}, policy {}.", gate.principal, gate.resource, gate.policy);
    page.prose(2, Role::Muted, &about);
    if let Some(id) = &gate.break_glass {
        let text = format!("The break-glass {id} opens it; every report says so while it is in force.");
        page.prose(2, Role::Status(gate.verdict.status()), &text);
    }
    if !gate.refusals.is_empty() {
        page.heading(&format!("{} refused", count(gate.refusals.len() as u64, "rule has", "rules have")));
        for refusal in &gate.refusals {
            self::refusal(page, 2, refusal);
        }
    }
    page.blank();
    match gate.index {
        Some(index) => page.prose(0, Role::Muted, &format!("Recorded at entry {index}.")),
        None => page.prose(0, Role::Muted, "Not recorded: this decision leaves no evidence."),
    }
}

/// Mark, name and what the gate does.
fn lead(page: &mut Page, indent: usize, gate: &GateResult) {
    let role = Role::Status(gate.verdict.status());
    let lead = format!("{} ", gate.verdict.status().mark());
    page.hanging(indent, &lead, role, &format!("{} {}", gate.gate, gate.verdict.verb()));
}

fn refusal(page: &mut Page, indent: usize, refusal: &GateRefusal) {
    page.hanging(indent, "", Role::Strong, &refusal.rule);
    if refusal.organisation {
        page.prose(indent + 2, Role::Muted, "a rule of the organisation, which no project overrides");
    }
    // Most rules ask about one control, and then where it stands is all there is to say.
    let standing = match (&refusal.control, refusal.status) {
        (Some(control), Some(status)) => {
            let standing = format!("{control} is {status}");
            page.prose(indent + 2, Role::Status(status), &format!("{} {standing}", status.mark()));
            Some(standing)
        }
        (Some(control), None) => {
            page.prose(indent + 2, Role::Ink, control);
            None
        }
        (None, _) => None,
    };
    if standing.as_ref() != Some(&refusal.why) {
        page.prose(indent + 2, Role::Ink, &refusal.why);
    }
    if !refusal.fix.is_empty() {
        page.prose(indent + 2, Role::Ink, &format!("Remedy: {}", refusal.fix));
    }
}

fn headline(gates: &[GateResult]) -> String {
    let of = |verdict| gates.iter().filter(|gate| gate.verdict == verdict).count();
    let words = [
        (of(GateVerdict::Deny), "denies", "deny"),
        (of(GateVerdict::Unusable), "cannot be used", "cannot be used"),
        (of(GateVerdict::BreakGlass), "is opened by a break-glass", "are opened by a break-glass"),
        (of(GateVerdict::Allow), "allows", "allow"),
    ];
    let parts: Vec<String> = words
        .into_iter()
        .filter(|(n, _, _)| *n > 0)
        .map(|(n, one, many)| format!("{n} {}", if n == 1 { one } else { many }))
        .collect();
    format!("{}: {}", count(gates.len() as u64, "gate", "gates"), parts.join(", "))
}
