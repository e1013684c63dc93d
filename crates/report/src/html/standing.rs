use bartizan_figure::{About, Bar, Part, Point, Tone, bars, sparkline};

use super::page::{Page, severity_tone, tone};
use crate::v1::{PastRun, Report, Severity, Status};

/// The practice areas, the tallies, and how earlier runs ended.
pub(super) fn write(page: &mut Page, report: &Report) {
    page.raw("<div class=\"standing\">\n<div>\n");
    areas(page, report);
    page.raw("</div>\n<div>\n");
    tallies(page, report);
    history(page, report);
    page.raw("</div>\n</div>\n");
}

/// What to do, most useful first.
pub(super) fn next(page: &mut Page, report: &Report) {
    if report.next.is_empty() {
        page.raw("<p>The run names nothing to do.</p>\n");
        return;
    }
    page.raw("<ol class=\"steps\">\n");
    let left = page.rows(&report.next, super::Limit { rows: 50, bytes: 40_000 }, |page, step| {
        page.raw("<li>").sentence(&step.sentence);
        if let Some(command) = &step.command {
            page.raw("<pre><code>").text(command).raw("</code></pre>");
        }
        page.raw("</li>\n");
    });
    page.raw("</ol>\n").left_out(left, "step is", "steps are");
}

fn areas(page: &mut Page, report: &Report) {
    if report.groups.is_empty() {
        page.raw(
            "<p>No practice area was judged: the project declares nothing that a baseline asks about.</p>\n",
        );
        return;
    }
    let rows: Vec<_> = report
        .groups
        .iter()
        .enumerate()
        .map(|(at, group)| Bar {
            label: format!("{} ({})", group.title, group.id),
            href: Some(format!("#area-{at}")),
            parts: group.counts.iter().map(|(status, n)| part(*status, *n)).collect(),
        })
        .collect();
    let about = About {
        id: "areas",
        title: "Items of the baseline in each practice area, by status",
        description: "One bar for each practice area; its parts are the numbers of items that stand alike, worst \
                      first.",
    };
    page.figure(about.title, &bars(&about, &rows));
}

fn part(status: Status, n: u64) -> Part {
    Part { tone: tone(status), label: status.as_str().to_owned(), value: n, href: None }
}

fn tallies(page: &mut Page, report: &Report) {
    page.raw("<dl class=\"tallies\">\n");
    page.term("Controls", |page| {
        let of = |status| report.controls.iter().filter(|control| control.status == status).count() as u64;
        let mut any = false;
        for status in Status::WORST_FIRST {
            if of(status) > 0 {
                page.raw("<span class=\"tally\">").number(of(status)).raw(" ").status(status).raw("</span> ");
                any = true;
            }
        }
        if !any {
            page.raw("none");
        }
    });
    page.term("Findings", |page| {
        let of = |severity| {
            let counted = report.findings.iter().filter(|finding| finding.suppressed.is_none());
            counted.filter(|finding| finding.severity == severity).count() as u64
        };
        for severity in Severity::WORST_FIRST {
            if of(severity) > 0 {
                page.raw("<span class=\"tally\">")
                    .number(of(severity))
                    .raw(" ")
                    .severity(severity)
                    .raw("</span> ");
            }
        }
        if report.findings.is_empty() {
            page.raw("none");
        }
        if report.suppressed > 0 {
            page.raw("<span class=\"tally\">and ").number(report.suppressed).raw(" suppressed</span>");
        }
    });
    page.term("Risks", |page| {
        let open =
            report.risks.iter().filter(|risk| matches!(risk.treatment.as_str(), "untreated" | "expired"));
        page.number(report.risks.len() as u64).raw(", of which ").number(open.count() as u64);
        page.raw(" without a treatment that holds");
    });
    page.raw("</dl>\n");
}

fn history(page: &mut Page, report: &Report) {
    let [first, .., last] = report.history.as_slice() else { return };
    let over = report.outcome.fail_on;
    let counted = |run: &PastRun| -> u64 {
        run.findings.iter().filter(|(severity, _)| **severity >= over).map(|(_, n)| n).sum()
    };
    let points: Vec<_> = report
        .history
        .iter()
        .map(|run| Point { label: run.at.strftime("%Y-%m-%d %H:%M").to_string(), value: counted(run) as f64 })
        .collect();
    let title = format!("Findings at or over {} in the recorded runs", over.as_str());
    let description = format!(
        "{} runs from {} to {}, oldest first: {} at the first, {} at the last.",
        report.history.len(),
        first.at.strftime("%Y-%m-%d"),
        last.at.strftime("%Y-%m-%d"),
        counted(first),
        counted(last),
    );
    let about = About { id: "history", title: &title, description: &description };
    let tone = if counted(last) == 0 { Tone::Accent } else { severity_tone(over) };
    page.figure(about.title, &sparkline(&about, &points, tone));
}
