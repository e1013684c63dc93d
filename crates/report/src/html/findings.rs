use std::{cmp::Reverse, collections::BTreeMap};

use super::page::{Limit, Page};
use crate::v1::{Finding, Redacted, Report, Severity, SuppressedBy};

/// Findings told in full; the others are counted by rule.
const FULL: usize = 300;

/// Where there are more findings than that, most of one rule and severity that are told in full, so that a rule that
/// fires everywhere does not hide the others.
const FULL_OF_RULE: usize = 25;

/// Samples shown of one finding.
const SAMPLES: usize = 5;

/// All findings of one rule and severity.
struct Group<'a> {
    severity: Severity,
    findings: Vec<&'a Finding>,
}

/// The findings: counted by rule, then one by one, worst first, then those that are suppressed.
pub(super) fn write(page: &mut Page, report: &Report) {
    let groups = groups(report);
    if report.is_compared() {
        page.raw("<p>Held against ").text(report.run.baseline.as_deref().unwrap_or("a baseline"));
        page.raw(": what stood in it is not new, does not decide the outcome, and is counted below.</p>\n");
    }
    if groups.is_empty() {
        page.raw("<p>No finding counts.</p>\n");
    } else {
        summary(page, &groups, report);
        full(page, &groups, report);
    }
    suppressed(page, report);
}

fn groups(report: &Report) -> Vec<Group<'_>> {
    let mut groups: BTreeMap<(Reverse<Severity>, &str), Vec<&Finding>> = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.suppressed.is_none()) {
        groups.entry((Reverse(finding.severity), &finding.rule)).or_default().push(finding);
    }
    groups.into_iter().map(|((Reverse(severity), _), findings)| Group { severity, findings }).collect()
}

fn summary(page: &mut Page, groups: &[Group<'_>], report: &Report) {
    page.raw("<p>")
        .sentence(&report.outcome.findings.sentence)
        .raw(" One finding is one rule in one place of one ");
    page.raw("asset; it may have been seen there many times.</p>\n");
    page.table("Findings by rule, worst first", &["Rule", "Severity", "Findings", "Times seen"]);
    let numbered = groups.iter().enumerate();
    let left = page.rows(numbered, Limit { rows: 250, bytes: 90_000 }, |page, (at, group)| {
        let first = group.findings[0];
        let times = group.findings.iter().fold(0_u64, |sum, finding| sum.saturating_add(finding.count));
        page.raw("<tr role=\"row\">").row_head(|page| {
            page.link("rule", Some(at), |page| {
                page.raw("<code>").name(&first.rule).raw("</code>");
            });
            page.raw(" ").sentence(&first.title);
        });
        page.cell("Severity", |page| {
            page.severity(group.severity);
        });
        page.number_cell("Findings", group.findings.len() as u64)
            .number_cell("Times seen", times)
            .raw("</tr>\n");
    });
    page.end_table().left_out(left, "rule is", "rules are");
}

fn full(page: &mut Page, groups: &[Group<'_>], report: &Report) {
    let total: usize = groups.iter().map(|group| group.findings.len()).sum();
    let of_rule = if total > FULL { FULL_OF_RULE } else { FULL };
    let controls = super::positions(report.controls.iter().map(|control| control.id.as_str()));
    let (mut told, start) = (0, page.len());
    for (at, group) in groups.iter().enumerate() {
        let room =
            Limit { rows: of_rule.min(FULL - told), bytes: 600_000_usize.saturating_sub(page.len() - start) };
        if room.rows == 0 || room.bytes == 0 {
            break;
        }
        rule(page, at, group, report, &controls);
        page.raw("<ul class=\"places\">\n");
        let left = page.rows(&group.findings, room, |page, finding| place(page, finding));
        page.raw("</ul>\n").left_out(left, "finding of this rule is", "findings of this rule are");
        page.raw("</article>\n");
        told += group.findings.len() - left;
    }
    if told < total {
        page.raw("<p class=\"more\">").number(told as u64).raw(" of ").count(
            total as u64,
            "finding",
            "findings",
        );
        page.raw(
            " are told in full. All are counted in the table above, and all stand in the JSON report.</p>\n",
        );
    }
}

/// What holds for all findings of a rule.
fn rule(page: &mut Page, at: usize, group: &Group<'_>, report: &Report, controls: &BTreeMap<&str, usize>) {
    let first = group.findings[0];
    page.raw("<article class=\"block ")
        .raw(crate::picture::severity_tone(group.severity).class())
        .raw("\"")
        .anchor("rule", at);
    page.raw(">\n<h3>").severity(group.severity).raw(" <code>").name(&first.rule).raw("</code> ");
    page.sentence(&first.title).raw("</h3>\n");
    if let Some(known) = report.rules.iter().find(|known| known.code == first.rule) {
        page.raw("<div class=\"why\"><p class=\"lead\">Why it matters</p>\n").prose(&known.why);
        page.raw("</div>\n");
    }
    page.raw("<div class=\"fix\"><p class=\"lead\">Fix</p>\n").prose(&first.fix);
    page.raw("</div>\n<p class=\"meta\">");
    if !first.controls.is_empty() {
        page.raw("Speaks against ");
        for (n, id) in first.controls.iter().take(20).enumerate() {
            page.raw(if n > 0 { ", " } else { "" });
            match controls.get(id.as_str()) {
                Some(at) => page.link("control", Some(*at), |page| {
                    page.raw("<code>").name(id).raw("</code>");
                }),
                None => page.raw("<code>").name(id).raw("</code>"),
            };
        }
        page.raw(". ");
    }
    page.raw("More: <code>bartizan explain ").name(&first.rule).raw("</code></p>\n");
}

fn place(page: &mut Page, finding: &Finding) {
    page.raw("<li><p><code class=\"place\">").name(&finding.place).raw("</code>");
    if finding.count > 1 {
        page.raw(" <span class=\"times\">").number(finding.count).raw(" times</span>");
    }
    page.raw("</p>\n<p>").sentence(&finding.message).raw("</p>\n");
    samples(page, finding);
    page.raw("<p class=\"meta\">");
    if let Some(asset) = &finding.asset {
        page.raw("asset <code>").name(asset).raw("</code>, ");
    }
    if let Some(variant) = &finding.variant {
        page.raw("variant <code>").name(variant).raw("</code>, ");
    }
    let fingerprint: String = finding.fingerprint.chars().take(16).collect();
    page.raw("confidence ").raw(finding.confidence.as_str()).raw(", fingerprint <code>").text(&fingerprint);
    page.raw("</code></p></li>\n");
}

fn samples(page: &mut Page, finding: &Finding) {
    let says_more = |at: &str, redacted: &Option<Redacted>| at != finding.place || redacted.is_some();
    if !finding.samples.iter().any(|sample| says_more(&sample.at, &sample.redacted)) {
        return;
    }
    page.raw("<ul class=\"samples\">");
    for sample in finding.samples.iter().take(SAMPLES) {
        page.raw("<li><code>").name(&sample.at).raw("</code>");
        if let Some(redacted) = &sample.redacted {
            page.raw(" ").name(&redacted.kind).raw(", length ").name(&redacted.length);
            if let Some(preview) = &redacted.preview {
                page.raw(", begins with <code>").name(preview).raw("</code>");
            }
        }
        page.raw("</li>");
    }
    let more = finding.count.saturating_sub(finding.samples.len().min(SAMPLES) as u64);
    if more > 0 {
        page.raw("<li>and ").number(more).raw(" more</li>");
    }
    page.raw("</ul>\n");
}

fn suppressed(page: &mut Page, report: &Report) {
    let suppressed: Vec<_> =
        report.findings.iter().filter_map(|one| one.suppressed.as_ref().map(|why| (one, why))).collect();
    if suppressed.is_empty() {
        return;
    }
    page.raw("<h3 id=\"suppressed\">Suppressed, and still counted here</h3>\n");
    page.raw(
        "<p>These do not decide the outcome, for the reason beside them. They satisfy no control.</p>\n",
    );
    let decisions = super::positions(report.decisions.iter().map(|decision| decision.id.as_str()));
    page.table("Suppressed findings", &["Finding", "Severity", "By", "Reason", "Until"]);
    let left = page.rows(suppressed, Limit { rows: 200, bytes: 60_000 }, |page, (finding, why)| {
        page.raw("<tr role=\"row\">").row_head(|page| {
            page.raw("<code>")
                .name(&finding.name())
                .raw("</code> <code>")
                .name(&finding.place)
                .raw("</code>");
        });
        page.cell("Severity", |page| {
            page.severity(finding.severity);
        });
        page.cell("By", |page| {
            match (why.by, &why.decision) {
                (SuppressedBy::Ignore, _) => page.raw("the project file"),
                (SuppressedBy::Baseline, _) => page.raw("the baseline: it is not new"),
                (SuppressedBy::Exception, None) => page.raw("an exception"),
                (SuppressedBy::Exception, Some(id)) => {
                    page.raw("the exception ").known("decision", decisions.get(id.as_str()).copied(), id)
                }
            };
        });
        page.cell("Reason", |page| {
            page.sentence(&why.reason);
        });
        page.cell("Until", |page| {
            page.text(why.expires.as_deref().unwrap_or("the baseline is replaced"));
        });
        page.raw("</tr>\n");
    });
    page.end_table().left_out(left, "suppressed finding is", "suppressed findings are");
}
