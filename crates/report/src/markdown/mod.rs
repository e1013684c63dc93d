//! The report as GitHub-flavoured Markdown, for pull requests and tickets.
//!
//! It stays below the length at which sites cut a comment, and says what it leaves out. Nothing that comes from a
//! file can start markup, mention anybody, refer to an issue or become a link. It begins with a comment that no reader
//! sees and by which a program finds what it wrote before: see [`marker`].

mod decided;
mod text;

use std::{cmp::Reverse, collections::BTreeMap};

use bartizan_finding::Digest;
use text::{name, name_cell, sentence, sentence_cell};

use crate::v1::{
    Control, Coverage, EvidenceState, Finding, Recorded, Report, Severity, Status, Unexamined, Verification,
};

/// Most bytes of the whole: GitHub refuses a comment of more than 65,536 characters.
pub const MAX_BYTES: usize = 60_000;

/// Findings told before the folded part begins.
const OPEN: usize = 10;

/// Steps told.
const STEPS: usize = 5;

/// At how many bytes each part ends at the latest, so that none takes the room of those after it. What is left after
/// the controls is for the line of evidence.
const FINDINGS_END: usize = 34_000;
const FIXES_END: usize = 38_000;
const GATES_END: usize = 44_000;
const DECISIONS_END: usize = 48_000;
const LOSSES_END: usize = 50_000;
const UNEXAMINED_END: usize = 52_000;
const CONTROLS_END: usize = 55_000;

/// The report as Markdown. Same report, same bytes; at most [`MAX_BYTES`] of them.
pub fn render(report: &Report) -> String {
    let mut out = marker(&report.project.name);
    out.push('\n');
    verdict(&mut out, report);
    table(&mut out, report);
    next(&mut out, report);
    findings(&mut out, report);
    decided::gates(&mut out, report, GATES_END);
    decided::decisions(&mut out, report, DECISIONS_END);
    decided::losses(&mut out, report, LOSSES_END);
    unexamined(&mut out, report);
    controls(&mut out, report);
    evidence(&mut out, report);
    out
}

/// The comment in the first line, `<!-- bartizan:summary:PROJECT -->`. A bot that finds it in a comment of its own
/// replaces that comment instead of adding another. A name that is not plain stands there with the characters that are,
/// and with a piece of its digest.
pub fn marker(project: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    let mut plain = String::new();
    for c in project.chars().take(60) {
        let c = if is_plain(c) { c } else { '-' };
        // Two hyphens may end a comment.
        if c != '-' || !(plain.is_empty() || plain.ends_with('-')) {
            plain.push(c);
        }
    }
    let plain = plain.trim_matches('-');
    if plain == project {
        return format!("<!-- bartizan:summary:{plain} -->");
    }
    let digest: String = Digest::of(project.as_bytes()).hex().chars().take(12).collect();
    format!("<!-- bartizan:summary:{plain}.{digest} -->")
}

fn verdict(out: &mut String, report: &Report) {
    let mark = match report.outcome.exit_code {
        // That nothing was found is no evidence, so there is no mark for it.
        0 => None,
        1 | 5 => Some(Status::Failing),
        _ => Some(Status::Unknown),
    };
    let mark = mark.map_or_else(String::new, |status| format!("{} ", status.mark()));
    out.push_str(&format!("## Bartizan: {}\n\n", name(&report.project.name)));
    out.push_str(&format!("**{mark}{}**\n\n", sentence(&report.verdict())));
    decided::break_glass(out, report);
    let outcome = &report.outcome;
    if outcome.verification.word == Verification::Failed {
        out.push_str(&format!("> {}\n\n", sentence(&outcome.verification.sentence)));
    }
    if outcome.coverage.word != Coverage::Complete {
        out.push_str(&format!("> {}\n\n", sentence(&outcome.coverage.sentence)));
    }
    if report.project.inferred {
        out.push_str(
            "> There is no `bartizan.toml`: the project is inferred from the files in the folder.\n\n",
        );
    }
}

/// Numbers and words of ours alone, since a cell cannot hold everything.
fn table(out: &mut String, report: &Report) {
    out.push_str("| | |\n|---|---|\n");
    let counted = || report.findings.iter().filter(|finding| finding.suppressed.is_none());
    let by_severity: Vec<String> = Severity::WORST_FIRST
        .into_iter()
        .map(|severity| (severity, counted().filter(|finding| finding.severity == severity).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(severity, n)| format!("{n} {}", severity.as_str()))
        .collect();
    let suppressed = match report.suppressed {
        0 => String::new(),
        n => format!("; {n} suppressed"),
    };
    let which = if report.is_compared() { "New findings" } else { "Findings" };
    out.push_str(&format!("| {which} | {}{suppressed} |\n", or_none(&by_severity)));
    let by_status: Vec<String> = Status::WORST_FIRST
        .into_iter()
        .map(|status| (status, report.controls.iter().filter(|control| control.status == status).count()))
        .filter(|(_, n)| *n > 0)
        .map(|(status, n)| format!("{} {n} {status}", status.mark()))
        .collect();
    out.push_str(&format!("| Controls | {} |\n", or_none(&by_status)));
    if !report.gates.is_empty() {
        out.push_str(&format!("| Gates | {} |\n", decided::gate_tally(report)));
    }
    if !report.decisions.is_empty() {
        out.push_str(&format!("| Decisions | {} |\n", decided::decision_tally(report)));
    }
    let reconciliation = &report.reconciliation;
    if reconciliation.says_something() {
        let posture = reconciliation.posture;
        out.push_str(&format!(
            "| Declared and observed | {} {}: {} undeclared, {} lost |\n",
            posture.status().mark(),
            posture.as_str(),
            reconciliation.undeclared,
            reconciliation.lost.len()
        ));
    }
    let open = report.risks.iter().filter(|risk| matches!(risk.treatment.as_str(), "untreated" | "expired"));
    out.push_str(&format!("| Risks | {}, of which {} untreated |\n", report.risks.len(), open.count()));
    out.push_str(&format!("| Not examined | {} |\n", places(report.unexamined.len())));
    out.push_str(&format!("| As of | {} |\n\n", report.run.as_of.strftime("%Y-%m-%d %H:%M UTC")));
}

fn next(out: &mut String, report: &Report) {
    if report.next.is_empty() {
        return;
    }
    out.push_str("### What to do next\n\n");
    for (at, step) in report.next.iter().take(STEPS).enumerate() {
        let command =
            step.command.as_deref().map(|command| format!(" {}", name(command))).unwrap_or_default();
        out.push_str(&format!("{}. {}{command}\n", at + 1, sentence(&step.sentence)));
    }
    out.push('\n');
}

/// The worst in the open, the others folded, as many as there is room for; then what to do about each rule.
fn findings(out: &mut String, report: &Report) {
    let mut counted: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.suppressed.is_none()).collect();
    counted.sort_by_key(|finding| Reverse(finding.severity));
    if counted.is_empty() {
        return;
    }
    let which = if report.is_compared() { "New findings" } else { "Findings" };
    out.push_str(&format!("### {which}\n\n{HEAD}"));
    let (open, folded) = counted.split_at(counted.len().min(OPEN));
    let told = fill(out, open, FINDINGS_END, finding);
    let mut missing = open.len() - told;
    if missing == 0 && !folded.is_empty() {
        out.push_str(&format!("\n<details>\n<summary>{} more</summary>\n\n{HEAD}", folded.len()));
        missing = folded.len() - fill(out, folded, FINDINGS_END, finding);
        out.push_str("\n</details>\n");
    } else {
        missing += folded.len();
    }
    if missing > 0 {
        out.push_str(&format!(
            "\n{} left out for length; the JSON report holds all.\n",
            are(missing, "finding")
        ));
    }
    out.push('\n');
    fixes(out, &counted);
}

const HEAD: &str = "| Severity | Rule | Where | What |\n|---|---|---|---|\n";

fn finding(finding: &Finding) -> String {
    let times = if finding.count > 1 { format!(", {} times", finding.count) } else { String::new() };
    let place = finding.samples.first().map_or(&finding.place, |first| &first.at);
    format!(
        "| **{}** | {} {} | {}{times} | {} |\n",
        finding.severity.as_str(),
        name_cell(&finding.name()),
        sentence_cell(&finding.title),
        name_cell(place),
        sentence_cell(&finding.message),
    )
}

/// What to do about each rule, once, worst first.
fn fixes(out: &mut String, counted: &[&Finding]) {
    let mut rules: BTreeMap<&str, &Finding> = BTreeMap::new();
    for finding in counted.iter().rev() {
        rules.insert(&finding.rule, finding);
    }
    let mut rules: Vec<&Finding> = rules.into_values().collect();
    rules.sort_by_key(|finding| Reverse(finding.severity));
    out.push_str("<details>\n<summary>What to do about each rule</summary>\n\n");
    let told = fill(out, &rules, FIXES_END, |finding| {
        let fix = finding.fix.lines().map(str::trim).collect::<Vec<_>>().join(" ");
        format!("- {} {}\n", name(&finding.rule), sentence(&fix))
    });
    if told < rules.len() {
        out.push_str(&format!("\n{} left out for length.\n", are(rules.len() - told, "rule")));
    }
    out.push_str("\n</details>\n\n");
}

/// What should have been looked at and was not.
fn unexamined(out: &mut String, report: &Report) {
    let places: Vec<&Unexamined> = report.unexamined.iter().collect();
    if places.is_empty() {
        return;
    }
    let head = format!("<details>\n<summary>Not examined: {}</summary>\n\n", count(places.len(), "place"));
    out.push_str(&head);
    let told = fill(out, &places, UNEXAMINED_END, |place| {
        format!("- {}: {}\n", name(&place.at), sentence(&place.reason))
    });
    if told < places.len() {
        out.push_str(&format!("\n{} left out for length.\n", are(places.len() - told, "place")));
    }
    out.push_str("\n</details>\n\n");
}

/// The controls that need somebody.
fn controls(out: &mut String, report: &Report) {
    let needs = |control: &&Control| {
        matches!(control.status, Status::Failing | Status::Expired | Status::Partial | Status::Unknown)
    };
    let mut open: Vec<&Control> = report.controls.iter().filter(needs).collect();
    open.sort_by_key(|control| control.status);
    if open.is_empty() {
        return;
    }
    let head = format!("<details>\n<summary>{} not satisfied</summary>\n\n", count(open.len(), "control"));
    out.push_str(&head);
    let missing = open.len() - fill(out, &open, CONTROLS_END, control);
    if missing > 0 {
        out.push_str(&format!("\n{} left out for length.\n", are(missing, "control")));
    }
    out.push_str("\n</details>\n\n");
}

fn control(control: &Control) -> String {
    format!(
        "- {} **{}** {} {}\n  - {}\n",
        control.status.mark(),
        control.status,
        name(&control.id),
        sentence(&control.title),
        sentence(&control.why),
    )
}

fn evidence(out: &mut String, report: &Report) {
    let place = match &report.run.recorded {
        Recorded::NotRecorded { reason } => format!("Not recorded: {}", sentence(reason)),
        Recorded::Ledger { size, root, added, .. } => format!(
            "Recorded: {added} added to a log of {}, root `{}`, {}.",
            if *size == 1 { "1 entry".to_owned() } else { format!("{size} entries") },
            root.hex(),
            decided::witnessed(report)
        ),
        Recorded::Bundle { statements } => {
            format!("In a bundle of {statements} statements for another machine’s log.")
        }
    };
    out.push_str(&place);
    if report.run.self_attested {
        out.push_str(" Self-attested: the key that says whom to believe lies on the machine that collects.");
    }
    let refused =
        report.evidence.iter().filter(|statement| statement.state == EvidenceState::Refused).count();
    if refused > 0 {
        out.push_str(&format!(" {} refused and not counted.", count(refused, "statement")));
    }
    out.push_str(&format!(" {}\n", name(&format!("{} {}", report.tool.name, report.tool.version))));
}

/// Writes rows while there is room before `end`, and returns how many.
fn fill<T>(out: &mut String, rows: &[&T], end: usize, row: impl Fn(&T) -> String) -> usize {
    for (at, one) in rows.iter().enumerate() {
        let text = row(one);
        if out.len() + text.len() > end {
            return at;
        }
        out.push_str(&text);
    }
    rows.len()
}

fn count(n: usize, noun: &str) -> String {
    match (n, noun) {
        (1, noun) => format!("1 {noun}"),
        (n, "loss") => format!("{n} losses"),
        (n, noun) => format!("{n} {noun}s"),
    }
}

fn are(n: usize, noun: &str) -> String {
    format!("{} {}", count(n, noun), if n == 1 { "is" } else { "are" })
}

fn places(n: usize) -> String {
    if n == 0 { "none".to_owned() } else { count(n, "place") }
}

fn or_none(parts: &[String]) -> String {
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

#[cfg(test)]
mod tests;
