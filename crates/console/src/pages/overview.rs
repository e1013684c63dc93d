//! How the project stands, why, and what next.

use askama::Template;
use bartizan_report::{
    picture,
    v1::{Coverage, Evidence, Recorded, Report, Severity, Status, Step, SuppressedBy},
};

use super::{filters, findings, frame::Frame, routes::Routes, warnings::warnings};
use crate::{
    call::{Answer, Call},
    shown::{Markup, count},
};

#[derive(Template)]
#[template(path = "overview.html")]
struct Overview<'a> {
    frame: Frame<'a>,
    report: &'a Report,
    verdict: String,
    status: Status,
    /// Nothing where no practice area asks for anything.
    areas: Option<Markup>,
    next: &'a [Step],
    owed: usize,
    risks: Markup,
    severities: Vec<(Severity, usize)>,
    /// Findings that something lets pass: the state, how many, and what it says.
    suppressed: Vec<(&'static str, usize, &'static str)>,
    /// What needs people now, besides what the verdict says.
    warnings: Vec<Markup>,
    history: Option<Markup>,
    flow: Option<Markup>,
    recent: Vec<&'a Evidence>,
}

pub(crate) fn overview(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let report = &snapshot.report;
    let mut recent: Vec<&Evidence> = report.evidence.iter().collect();
    recent.sort_by(|a, b| b.index.cmp(&a.index).then_with(|| b.collected.cmp(&a.collected)));
    recent.truncate(6);
    let frame = Frame::new(call, "Overview");
    let asked = report.groups.iter().any(|group| !group.items.is_empty());
    let page = Overview {
        report,
        verdict: report.verdict(),
        status: frame.status(),
        areas: asked.then(|| picture::areas(report, &Routes)).flatten().map(|figure| Markup(figure.html())),
        next: report.next.get(..3).unwrap_or(&report.next),
        owed: report.teams.iter().map(|team| team.owes.len()).sum(),
        risks: Markup(picture::risk_map(report, "risk-map", &Routes).html()),
        severities: severities(report),
        suppressed: suppressed(report),
        warnings: warnings(&frame, report),
        history: picture::history(report).map(|figure| Markup(figure.html())),
        flow: picture::grounds(report, &Routes).map(|figure| Markup(figure.html())),
        recent,
        frame,
    };
    Frame::answer(200, &page)
}

impl Overview<'_> {
    /// How much of a log of so many entries somebody outside has seen, in words.
    fn witnessed(&self, size: u64) -> String {
        match self.report.anchors.iter().map(|anchor| anchor.size).max() {
            Some(seen) if seen >= size => "witnessed".to_owned(),
            Some(seen) => format!("witnessed up to {}", count(seen, "entry", "entries")),
            None => "not witnessed".to_owned(),
        }
    }

    fn complete(&self) -> bool {
        self.report.outcome.coverage.word == Coverage::Complete
    }
}

/// Findings that do not count, by what lets them pass.
fn suppressed(report: &Report) -> Vec<(&'static str, usize, &'static str)> {
    let kinds = [
        (SuppressedBy::Exception, "excepted by a decision of two people"),
        (SuppressedBy::Ignore, "ignored, with reason and expiry"),
        (SuppressedBy::Baseline, "not new since the baseline"),
    ];
    let count = |by| {
        let all = report.findings.iter().filter_map(|finding| finding.suppressed.as_ref());
        all.filter(|suppressed| suppressed.by == by).count()
    };
    let counted = kinds.map(|(by, text)| (findings::by(by), count(by), text));
    counted.into_iter().filter(|(_, count, _)| *count > 0).collect()
}

/// Findings that count, by severity, worst first.
fn severities(report: &Report) -> Vec<(Severity, usize)> {
    let open = |severity: &Severity| {
        let findings = report.findings.iter();
        findings.filter(|finding| finding.severity == *severity && finding.suppressed.is_none()).count()
    };
    Severity::WORST_FIRST.into_iter().map(|severity| (severity, open(&severity))).collect()
}
