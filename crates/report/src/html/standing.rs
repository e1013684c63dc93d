use super::{anchors::Anchors, page::Page};
use crate::{
    picture,
    v1::{Report, Severity, Status},
};

/// The practice areas, the tallies, and how earlier runs ended.
pub(super) fn write(page: &mut Page, report: &Report) {
    page.raw("<div class=\"standing\">\n<div>\n");
    areas(page, report);
    page.raw("</div>\n<div>\n");
    tallies(page, report);
    if let Some(figure) = picture::history(report) {
        page.figure(&figure);
    }
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
    match picture::areas(report, &Anchors::new(report)) {
        Some(figure) => page.figure(&figure),
        None => page.raw(
            "<p>No practice area was judged: the project declares nothing that a baseline asks about.</p>\n",
        ),
    };
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
