use bartizan_figure::Tone;

use super::{Seal, page::Page, style::MARK};
use crate::{
    sentence,
    v1::{Coverage, DecisionState, EvidenceState, Recorded, Report, Status, Verification},
};

/// What the report is about, the verdict, and what a reader must know before believing it.
pub(super) fn write(page: &mut Page, report: &Report, seal: &Seal) {
    let tone = tone(report).class();
    page.raw("<header class=\"cover\">\n<p class=\"kind ")
        .raw(tone)
        .raw("\">")
        .raw(MARK)
        .raw("Bartizan security report</p>\n<h1>");
    page.name(&report.project.name).raw("</h1>\n<p class=\"verdict ");
    page.raw(tone).raw("\">").sentence(&report.verdict()).raw("</p>\n");
    caveats(page, report);
    page.raw("<dl class=\"facts\">\n");
    page.term("As of", |page| {
        page.minute(report.run.as_of);
    });
    page.term("Looked at", |page| looked_at(page, report));
    page.term("Not looked at", |page| not_looked_at(page, report));
    page.term("Recorded", |page| recorded(page, report));
    page.term("Who vouches for it", |page| vouched(page, report));
    page.term("Signatures and log", |page| {
        page.sentence(&report.outcome.verification.sentence);
    });
    page.term("Findings", |page| {
        page.sentence(&report.outcome.findings.sentence);
    });
    page.term("Gates", |page| {
        page.sentence(&report.outcome.gates.sentence);
        for (at, gate) in report.gates.iter().enumerate().take(12) {
            page.raw(if at == 0 { " <span class=\"tally\">" } else { "<span class=\"tally\">" });
            page.link("gate", Some(at), |page| {
                page.name(&gate.gate);
            });
            page.raw(" ").chip(gate.verdict.status(), gate.verdict.as_str()).raw("</span> ");
        }
    });
    page.term("Decisions", |page| decisions(page, report));
    if report.reconciliation.says_something() {
        page.term("Declared and observed", |page| {
            let posture = report.reconciliation.posture;
            page.link("reconciliation", None, |page| {
                page.chip(posture.status(), posture.as_str());
            });
            page.raw(": ").sentence(&report.reconciliation.sentence);
        });
    }
    page.term("Role of the project", |page| {
        page.text(&report.project.role);
        if report.project.inferred {
            page.raw("; there is no <code>bartizan.toml</code>, so it is inferred from the files");
        }
    });
    if let Some(root) = &report.project.root {
        page.term("Project file", |page| {
            page.raw("digest ").short(root).raw("… over its security-relevant fields");
        });
    }
    page.term("Made by", |page| {
        page.text(&seal.tool).raw(if report.run.offline { ", offline" } else { "" });
        page.raw(", exit code ").number(u64::from(report.outcome.exit_code));
    });
    page.raw("</dl>\n</header>\n");
}

/// What identifies the report, at its end; print repeats it on each page.
pub(super) fn foot(page: &mut Page, seal: &Seal) {
    page.raw("<footer class=\"seal\">\n<p>SHA-256 of the JSON report ").digest(&seal.json).raw("</p>\n<p>");
    match &seal.head {
        Some((size, root)) => {
            page.raw("Log head: ").count(*size, "entry", "entries").raw(", root ").digest(root);
        }
        None => {
            page.raw("No log head: nothing was recorded in a log.");
        }
    }
    page.raw("</p>\n<p>").text(&seal.tool);
    page.raw(". To match this page to its data, run <code>sha256sum report.json</code> on the file that ");
    page.raw("<code>--format json=report.json</code> wrote in the same run.</p>\n</footer>\n");
}

/// The colour of the verdict, of the mark and of the page's icon.
pub(super) fn tone(report: &Report) -> Tone {
    let controls = Status::worst(report.controls.iter().map(|control| control.status));
    if matches!(report.outcome.exit_code, 1 | 5) {
        return Tone::Failing;
    }
    match controls {
        // Nothing was judged, so there is nothing to be glad of.
        Status::NotApplicable => Tone::Unknown,
        status => crate::picture::status_tone(status),
    }
}

/// What keeps the verdict from being whole, in a box of its own.
fn caveats(page: &mut Page, report: &Report) {
    let outcome = &report.outcome;
    let mut caveats: Vec<&str> = Vec::new();
    if outcome.verification.word == Verification::Failed {
        caveats.push(&outcome.verification.sentence);
    }
    if outcome.coverage.word != Coverage::Complete {
        caveats.push(&outcome.coverage.sentence);
    }
    if caveats.is_empty() {
        return;
    }
    page.raw("<ul class=\"caveats\">\n");
    for sentence in caveats {
        page.raw("<li>").sentence(sentence).raw("</li>\n");
    }
    page.raw("</ul>\n");
}

fn looked_at(page: &mut Page, report: &Report) {
    let files = report.assets.iter().fold(0_u64, |sum, asset| sum.saturating_add(asset.files));
    let bytes = report.assets.iter().fold(0_u64, |sum, asset| sum.saturating_add(asset.bytes));
    page.link("declared", None, |page| {
        page.count(report.assets.len() as u64, "asset", "assets");
    });
    page.raw(": ").count(files, "file", "files").raw(", ").count(bytes, "byte", "bytes");
    if !report.system.elements.is_empty() {
        page.raw("; a system of ").count(report.system.elements.len() as u64, "element", "elements");
        page.raw(" and ").count(report.system.flows.len() as u64, "flow", "flows");
    }
}

fn not_looked_at(page: &mut Page, report: &Report) {
    match report.unexamined.len() as u64 {
        0 if report.outcome.coverage.word == Coverage::Complete => {
            page.raw("Nothing that was planned was left out");
        }
        0 => {
            page.sentence(&report.outcome.coverage.sentence);
        }
        n => {
            page.link("unexamined", None, |page| {
                page.count(n, "place", "places");
            });
        }
    }
}

pub(super) fn recorded(page: &mut Page, report: &Report) {
    match &report.run.recorded {
        Recorded::NotRecorded { reason } => {
            page.raw("Not recorded: ").sentence(reason);
        }
        Recorded::Ledger { size, root, added, .. } => {
            page.raw("In the project’s log of ")
                .count(*size, "entry", "entries")
                .raw(", of which this run added ");
            page.number(*added).raw("; root ").short(root).raw("…");
        }
        Recorded::Bundle { statements } => {
            page.raw("In a bundle of ").count(*statements, "statement", "statements");
            page.raw(" for another machine’s log");
        }
    }
}

fn decisions(page: &mut Page, report: &Report) {
    if report.decisions.is_empty() {
        page.raw("none");
        return;
    }
    for state in DecisionState::ALL {
        let n = report.decisions.iter().filter(|decision| decision.state == state).count() as u64;
        if n > 0 {
            page.raw("<span class=\"tally\">").number(n).raw(" ").chip(state.status(), state.as_str());
            page.raw("</span> ");
        }
    }
}

fn vouched(page: &mut Page, report: &Report) {
    if report.run.self_attested {
        page.raw("Self-attested: the key that says whom to believe lies on the machine that collects. ");
    } else if matches!(report.run.recorded, Recorded::NotRecorded { .. }) {
        page.raw("Nobody: no statement was signed. ");
    } else {
        page.raw("Collectors whose keys the root key entitles, and that key lies elsewhere. ");
    }
    if matches!(report.run.recorded, Recorded::Ledger { .. }) {
        if report.anchors.is_empty() {
            page.raw("Not witnessed: nobody on another host has seen this head of the log. ");
        } else {
            page.raw("The log was ").text(&sentence::witnessed(report)).raw(". ");
        }
    }
    let refused =
        report.evidence.iter().filter(|statement| statement.state == EvidenceState::Refused).count() as u64;
    if refused > 0 {
        page.link("refused", None, |page| {
            page.count(refused, "statement", "statements").raw(" refused");
        });
    }
}
