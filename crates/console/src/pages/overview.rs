//! How the project stands, why, and what next.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use bartizan_figure::{
    About, Bar, Flow, FlowLink, FlowNode, HeatCell, HeatMap, Part, Point, Tone, bars, flow, heat_map,
    sparkline,
};
use bartizan_report::v1::{Coverage, Evidence, Recorded, Report, Severity, Status, Step};

use super::{
    filters,
    frame::Frame,
    marks::{score_tone, severity_tone, status_tone},
};
use crate::{
    address::{path, with_query},
    call::{Answer, Call},
    shown::{Markup, capital, shown},
    snapshot::Snapshot,
};

/// Threats that the flow figure begins with.
const FLOW_THREATS: usize = 12;

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
    let page = Overview {
        report,
        verdict: verdict(report),
        status: frame.status(),
        areas: report.groups.iter().any(|group| !group.items.is_empty()).then(|| areas(report)),
        next: report.next.get(..3).unwrap_or(&report.next),
        owed: report.teams.iter().map(|team| team.owes.len()).sum(),
        risks: risk_map(report, "risk-map"),
        severities: severities(report),
        history: history(report),
        flow: lines(snapshot),
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

/// The summary without the project's name, which stands in the head of the page.
fn verdict(report: &Report) -> String {
    let name = &report.project.name;
    let rest = report.summary.strip_prefix(name.as_str()).and_then(|rest| rest.strip_prefix(": "));
    capital(rest.unwrap_or(&report.summary))
}

fn areas(report: &Report) -> Markup {
    let area = |group: &bartizan_report::v1::PracticeGroup| Bar {
        label: group.title.clone(),
        href: Some(with_query("/items", [("group", group.id.as_str())])),
        parts: group
            .counts
            .iter()
            .map(|(status, count)| Part {
                tone: status_tone(*status),
                label: status.as_str().replace('-', " "),
                value: *count,
                href: Some(with_query("/items", [("group", group.id.as_str()), ("status", status.as_str())])),
            })
            .collect(),
    };
    let all: Vec<Bar> = report.groups.iter().map(area).collect();
    let about = About {
        id: "areas",
        title: "Items of each practice area by status",
        description: "One bar for each practice area of SP 800-218A; its segments count the items of one status.",
    };
    Markup(bars(&about, &all).html())
}

/// The risks by likelihood and impact.
pub(super) fn risk_map(report: &Report, id: &str) -> Markup {
    let mut counts: BTreeMap<(u8, u8), u64> = BTreeMap::new();
    for risk in &report.risks {
        *counts.entry((risk.likelihood, risk.impact)).or_default() += 1;
    }
    let cell = |likelihood: u8, impact: u8| {
        let value = counts.get(&(likelihood, impact)).copied().unwrap_or(0);
        let (likely, bad) = (likelihood.to_string(), impact.to_string());
        HeatCell {
            value,
            tone: score_tone(likelihood * impact),
            href: (value > 0)
                .then(|| with_query("/risks", [("likelihood", likely.as_str()), ("impact", bad.as_str())])),
        }
    };
    let map = HeatMap {
        row_axis: "Likelihood".to_owned(),
        column_axis: "Impact, 1 nuisance to 5 severe".to_owned(),
        rows: LIKELIHOODS.iter().rev().map(|(_, word)| (*word).to_owned()).collect(),
        columns: IMPACTS.iter().map(|(number, _)| (*number).to_owned()).collect(),
        cells: (1..=5).rev().map(|row| (1..=5).map(|column| cell(row, column)).collect()).collect(),
    };
    let about = About {
        id,
        title: "Risks by likelihood and impact",
        description: "Each cell counts the risks of one likelihood and one impact, both from 1 to 5.",
    };
    Markup(heat_map(&about, &map).html())
}

/// The five likelihoods, as values of a filter and as words.
pub(super) const LIKELIHOODS: [(&str, &str); 5] =
    [("1", "1 rare"), ("2", "2 unlikely"), ("3", "3 possible"), ("4", "4 likely"), ("5", "5 expected")];

/// The five impacts.
pub(super) const IMPACTS: [(&str, &str); 5] =
    [("1", "1 nuisance"), ("2", "2 minor"), ("3", "3 moderate"), ("4", "4 major"), ("5", "5 severe")];

/// Findings that count, by severity, worst first.
fn severities(report: &Report) -> Vec<(Severity, usize)> {
    let open = |severity: &Severity| {
        let findings = report.findings.iter();
        findings.filter(|finding| finding.severity == *severity && finding.suppressed.is_none()).count()
    };
    Severity::WORST_FIRST.into_iter().map(|severity| (severity, open(&severity))).collect()
}

/// Findings of at least low severity, run by run; one run is no line.
fn history(report: &Report) -> Option<Markup> {
    if report.history.len() < 2 {
        return None;
    }
    let counted = |run: &bartizan_report::v1::PastRun| -> u64 {
        run.findings.iter().filter(|(severity, _)| **severity > Severity::Info).map(|(_, count)| *count).sum()
    };
    let points: Vec<Point> = report
        .history
        .iter()
        .map(|run| Point { label: run.at.strftime("%Y-%m-%d").to_string(), value: counted(run) as f64 })
        .collect();
    let about = About {
        id: "history",
        title: "Findings of low severity or worse, run by run",
        description: "A line over the recorded runs, oldest first.",
    };
    Some(Markup(sparkline(&about, &points, Tone::Accent).html()))
}

/// From the gravest threats through the controls that treat them to the evidence that these rest on.
fn lines(snapshot: &Snapshot) -> Option<Markup> {
    let report = &snapshot.report;
    let mut threats: Vec<_> = report.threats.iter().collect();
    let score = |id: &str| snapshot.risk(id).map_or(0, |risk| risk.score);
    threats.sort_by(|a, b| score(&b.id).cmp(&score(&a.id)).then_with(|| a.id.cmp(&b.id)));
    threats.truncate(FLOW_THREATS);
    let asked: BTreeSet<&str> =
        threats.iter().flat_map(|threat| threat.controls.iter().map(String::as_str)).collect();
    let controls: Vec<_> = asked.iter().filter_map(|id| snapshot.control(id)).take(40).collect();
    if controls.is_empty() {
        return None;
    }
    let mut kinds: BTreeMap<&str, Status> = BTreeMap::new();
    let mut links = Vec::new();
    for threat in &threats {
        for id in threat.controls.iter().filter(|id| controls.iter().any(|control| control.id == **id)) {
            let tone = severity_tone(threat.severity);
            links.push(FlowLink { from: format!("t:{}", threat.id), to: format!("c:{id}"), weight: 1, tone });
        }
    }
    for control in &controls {
        let mut seen: BTreeMap<&str, Status> = BTreeMap::new();
        for edge in &control.evidence {
            let worst = seen.entry(&edge.predicate).or_insert(edge.status);
            *worst = (*worst).min(edge.status);
        }
        for (kind, status) in seen {
            let worst = kinds.entry(kind).or_insert(status);
            *worst = (*worst).min(status);
            let (from, to) = (format!("c:{}", control.id), format!("e:{kind}"));
            links.push(FlowLink { from, to, weight: 1, tone: status_tone(status) });
        }
    }
    // Threats of one rule share a title: what the path leads to tells them apart.
    let named = |threat: &bartizan_report::v1::Threat| {
        let title = threat.title.trim_end_matches('.');
        let is_shared = threats.iter().any(|other| other.id != threat.id && other.title == threat.title);
        match threat.path.last() {
            Some(last) if is_shared => format!("{}: {title}", shown(last, 30)),
            _ => title.to_owned(),
        }
    };
    let threat_node = |threat: &&bartizan_report::v1::Threat| FlowNode {
        id: format!("t:{}", threat.id),
        label: shown(&named(threat), 80),
        tone: severity_tone(threat.severity),
        href: Some(path(&["threats", &threat.id])).filter(|href| href.len() < 1_000),
    };
    let control_node = |control: &&bartizan_report::v1::Control| FlowNode {
        id: format!("c:{}", control.id),
        label: shown(&control.title, 80),
        tone: status_tone(control.status),
        href: Some(path(&["controls", &control.id])).filter(|href| href.len() < 1_000),
    };
    let kind_node = |(kind, status): (&&str, &Status)| FlowNode {
        id: format!("e:{kind}"),
        label: shown(kind, 60),
        tone: status_tone(*status),
        href: Some(with_query("/evidence", [("kind", *kind)])).filter(|href| href.len() < 1_000),
    };
    let picture = Flow {
        columns: vec![
            ("Threats".to_owned(), threats.iter().map(threat_node).collect()),
            ("Controls".to_owned(), controls.iter().map(control_node).collect()),
            ("Evidence".to_owned(), kinds.iter().take(40).map(kind_node).collect()),
        ],
        links,
    };
    let about = About {
        id: "lines",
        title: "From threats through controls to evidence",
        description: "The threats of the highest risk, the controls that treat them, and the evidence that these ask for.",
    };
    Some(Markup(flow(&about, &picture).html()))
}
