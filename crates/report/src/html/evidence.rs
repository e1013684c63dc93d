use super::{
    anchors::Anchors,
    page::{Limit, Page},
};
use crate::{
    picture, sentence,
    v1::{Coverage, Evidence, EvidenceState, Recorded, Report},
};

/// The log, what was refused, and the statements that the statuses rest on.
pub(super) fn write(page: &mut Page, report: &Report) {
    page.raw("<dl class=\"facts\">\n");
    page.term("Recorded", |page| super::cover::recorded(page, report));
    if let Recorded::Ledger { size, root, added, .. } = &report.run.recorded {
        page.term("Entries", |page| {
            page.number(*size).raw(", of which this run added ").number(*added);
        });
        page.term("Root", |page| {
            page.digest(root);
        });
        page.term("Seen from outside", |page| anchors(page, report));
    }
    page.term("Verified", |page| {
        page.sentence(&report.outcome.verification.sentence);
    });
    page.raw("</dl>\n");
    refused(page, report);
    let counted: Vec<_> = report.evidence.iter().enumerate().filter(|(_, one)| !is_refused(one)).collect();
    if counted.is_empty() {
        page.raw("<p>No statement counts.</p>\n");
        return;
    }
    if let Some(figure) = picture::validity(report, &Anchors::new(report)) {
        page.figure(&figure);
    }
    page.table(
        "Statements that the statuses rest on",
        &["Statement", "Entry", "Collector", "Collected", "Until"],
    );
    let left = page.rows(counted, Limit { rows: 400, bytes: 200_000 }, |page, (at, statement)| {
        page.raw("<tr role=\"row\"").anchor("statement", at).raw(">");
        about(page, statement);
        page.cell("Entry", |page| {
            match statement.index {
                Some(index) => page.number(index),
                None => page.raw("–"),
            };
            page.raw(" <span class=\"meta\">").raw(statement.state.as_str()).raw("</span>");
        });
        page.cell("Collector", |page| {
            page.name(&statement.collector);
        });
        page.cell("Collected", |page| {
            page.day(statement.collected);
        });
        page.cell("Until", |page| {
            match statement.expires {
                Some(time) => page.day(time),
                None => page.raw("–"),
            };
        });
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "statement is", "statements are");
}

/// Who outside has seen the log, how, when and how far.
fn anchors(page: &mut Page, report: &Report) {
    if report.anchors.is_empty() {
        page.raw("by nobody: the log is not witnessed");
        return;
    }
    page.raw("<ul class=\"plain\">");
    for anchor in sentence::furthest_first(report).into_iter().take(30) {
        page.raw("<li>")
            .text(&sentence::anchor(anchor))
            .raw(", by a ")
            .raw(anchor.kind.as_str())
            .raw("</li>");
    }
    page.raw("</ul>").left_out(report.anchors.len().saturating_sub(30), "is", "are");
    let newer = sentence::unwitnessed(report);
    if newer > 0 {
        page.raw("Not witnessed: ").count(newer, "newer entry", "newer entries").raw(".");
    }
}

/// What should have been looked at and was not.
pub(super) fn unexamined(page: &mut Page, report: &Report) {
    if report.unexamined.is_empty() {
        if report.outcome.coverage.word == Coverage::Complete {
            page.raw("<p>Everything that was planned was looked at.</p>\n");
        } else {
            page.raw("<p>").sentence(&report.outcome.coverage.sentence).raw("</p>\n");
        }
        return;
    }
    page.raw("<p>")
        .sentence(&report.outcome.coverage.sentence)
        .raw(" Nothing is said about what stands here.</p>\n");
    page.table("Places that were not examined", &["Place", "Asset", "Why"]);
    let left = page.rows(&report.unexamined, Limit { rows: 300, bytes: 120_000 }, |page, place| {
        page.raw("<tr role=\"row\">").row_head(|page| {
            page.raw("<code>").name(&place.at).raw("</code>");
        });
        page.cell("Asset", |page| {
            match &place.asset {
                Some(asset) => page.name(asset),
                None => page.raw("–"),
            };
        });
        page.cell("Why", |page| {
            page.sentence(&place.reason);
        });
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "place is", "places are");
}

fn is_refused(statement: &Evidence) -> bool {
    statement.state == EvidenceState::Refused
}

fn refused(page: &mut Page, report: &Report) {
    let refused: Vec<_> = report.evidence.iter().enumerate().filter(|(_, one)| is_refused(one)).collect();
    if refused.is_empty() {
        return;
    }
    page.raw(
        "<h3 id=\"refused\">Refused statements</h3>\n<p>These stand in the log and count for nothing.</p>\n",
    );
    page.table("Statements that are not believed", &["Statement", "Entry", "Collector", "Why"]);
    let left = page.rows(refused, Limit { rows: 100, bytes: 60_000 }, |page, (at, statement)| {
        page.raw("<tr role=\"row\"").anchor("statement", at).raw(">");
        about(page, statement);
        page.cell("Entry", |page| {
            match statement.index {
                Some(index) => page.number(index),
                None => page.raw("–"),
            };
        });
        page.cell("Collector", |page| {
            page.name(&statement.collector);
        });
        page.cell("Why", |page| {
            match &statement.reason {
                Some(reason) => page.sentence(reason),
                None => page.raw("No reason was recorded."),
            };
        });
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "refused statement is", "refused statements are");
}

fn about(page: &mut Page, statement: &Evidence) {
    page.row_head(|page| {
        page.raw("<code>").name(&statement.predicate).raw("</code> about ").name(&statement.subject);
        if let Some(digest) = &statement.digest {
            page.raw(" <span class=\"meta\">").short(digest).raw("…</span>");
        }
    });
}
