//! How the project stands, why, and what next.

use askama::Template;
use bartizan_report::{
    picture,
    v1::{Coverage, Evidence, Recorded, Report, Severity, Status, Step},
};

use super::{filters, frame::Frame, routes::Routes};
use crate::{
    call::{Answer, Call},
    shown::Markup,
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
        history: picture::history(report).map(|figure| Markup(figure.html())),
        flow: picture::grounds(report, &Routes).map(|figure| Markup(figure.html())),
        recent,
        frame,
    };
    Frame::answer(200, &page)
}

impl Overview<'_> {
    fn complete(&self) -> bool {
        self.report.outcome.coverage.word == Coverage::Complete
    }
}

/// Findings that count, by severity, worst first.
fn severities(report: &Report) -> Vec<(Severity, usize)> {
    let open = |severity: &Severity| {
        let findings = report.findings.iter();
        findings.filter(|finding| finding.severity == *severity && finding.suppressed.is_none()).count()
    };
    Severity::WORST_FIRST.into_iter().map(|severity| (severity, open(&severity))).collect()
}
