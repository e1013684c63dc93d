use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use bartizan_figure::{About, Figure, Flow, FlowLink, FlowNode, flow};

use super::{Links, severity_tone, status_tone};
use crate::v1::{Control, Report, Status, Threat};

/// How many threats are drawn: those of the highest risk.
const THREATS: usize = 12;

/// How many controls are drawn.
const CONTROLS: usize = 40;

/// From the gravest threats through the controls that treat them to the evidence that these rest on. Nothing where no
/// threat asks for a control.
pub fn grounds(report: &Report, links: &dyn Links) -> Option<Figure> {
    let threats = gravest(report);
    let asked: BTreeSet<&str> =
        threats.iter().flat_map(|threat| threat.controls.iter().map(String::as_str)).collect();
    let controls: BTreeMap<&str, &Control> = report
        .controls
        .iter()
        .filter(|control| asked.contains(control.id.as_str()))
        .take(CONTROLS)
        .map(|control| (control.id.as_str(), control))
        .collect();
    if controls.is_empty() {
        return None;
    }
    let mut kinds: BTreeMap<&str, Status> = BTreeMap::new();
    let mut drawn = Vec::new();
    for threat in &threats {
        for id in threat.controls.iter().filter(|id| controls.contains_key(id.as_str())) {
            drawn.push(link(format!("t:{}", threat.id), format!("c:{id}"), severity_tone(threat.severity)));
        }
    }
    for (id, control) in &controls {
        for (kind, status) in by_kind(control) {
            let worst = kinds.entry(kind).or_insert(status);
            *worst = (*worst).min(status);
            drawn.push(link(format!("c:{id}"), format!("e:{kind}"), status_tone(status)));
        }
    }
    let threat = |threat: &&Threat| FlowNode {
        id: format!("t:{}", threat.id),
        label: named(threat, &threats),
        tone: severity_tone(threat.severity),
        href: links.threat(&threat.id),
    };
    let control = |control: &&Control| FlowNode {
        id: format!("c:{}", control.id),
        label: control.title.clone(),
        tone: status_tone(control.status),
        href: links.control(&control.id),
    };
    let kind = |(kind, status): (&&str, &Status)| FlowNode {
        id: format!("e:{kind}"),
        label: (*kind).to_owned(),
        tone: status_tone(*status),
        href: links.statements(kind),
    };
    let columns = vec![
        ("Threats".to_owned(), threats.iter().map(threat).collect()),
        ("Controls".to_owned(), controls.values().map(control).collect()),
        ("Evidence".to_owned(), kinds.iter().map(kind).collect()),
    ];
    let about = About {
        id: "grounds",
        title: "From threats through controls to evidence",
        description: "The threats of the highest risk, the controls that treat them, and the evidence that these ask \
                      for.",
    };
    Some(flow(&about, &Flow { columns, links: drawn }))
}

/// The threats of the highest risk.
fn gravest(report: &Report) -> Vec<&Threat> {
    let scores: BTreeMap<&str, u8> =
        report.risks.iter().map(|risk| (risk.threat.as_str(), risk.score)).collect();
    let mut threats: Vec<_> = report.threats.iter().collect();
    threats.sort_by_key(|threat| (Reverse(scores.get(threat.id.as_str()).copied()), threat.id.as_str()));
    threats.truncate(THREATS);
    threats
}

/// The title; threats of one rule share it, and what the path leads to tells them apart.
fn named(threat: &Threat, all: &[&Threat]) -> String {
    let title = threat.title.trim_end_matches('.');
    let is_shared = all.iter().any(|other| other.id != threat.id && other.title == threat.title);
    match threat.path.last() {
        Some(last) if is_shared => format!("{last}: {title}"),
        _ => title.to_owned(),
    }
}

/// The worst that the evidence of each kind says about a control.
fn by_kind(control: &Control) -> BTreeMap<&str, Status> {
    let mut kinds: BTreeMap<&str, Status> = BTreeMap::new();
    for edge in &control.evidence {
        let worst = kinds.entry(&edge.predicate).or_insert(edge.status);
        *worst = (*worst).min(edge.status);
    }
    kinds
}

fn link(from: String, to: String, tone: bartizan_figure::Tone) -> FlowLink {
    FlowLink { from, to, weight: 1, tone }
}
