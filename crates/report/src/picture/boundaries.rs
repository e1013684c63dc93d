use std::collections::{BTreeMap, BTreeSet};

use bartizan_figure::{About, Diagram, Edge, Figure, Node, Tone, Zone, boundary};

use super::{Links, severity_tone};
use crate::v1::{Element, Flow, Report, Severity, System, Threat};

/// Which part of the system is drawn, and what is marked in it.
#[derive(Clone, Copy, Debug)]
pub struct View<'a> {
    /// Unique in the page.
    pub id: &'a str,
    /// Only the elements of this zone and those that share a flow with them.
    pub zone: Option<&'a str>,
    /// The threat whose path is numbered.
    pub path: Option<&'a Threat>,
}

/// The elements in their trust zones and the flows between them. An element has the tone of the worst threat that
/// passes it. Nothing where no element is declared.
pub fn boundaries(report: &Report, view: &View<'_>, links: &dyn Links) -> Option<Figure> {
    let system = &report.system;
    if system.elements.is_empty() {
        return None;
    }
    let kept = kept(system, view.zone);
    let worst = worst(&report.threats);
    let node = |element: &Element| Node {
        id: element.id.clone(),
        label: element.id.clone(),
        kind: element.kind.clone(),
        zone: element.zone.clone(),
        tone: worst.get(element.id.as_str()).map_or(Tone::Neutral, |severity| severity_tone(*severity)),
        href: links.element(&element.id),
    };
    let edge = |flow: &Flow| Edge {
        from: flow.from.clone(),
        to: flow.to.clone(),
        label: flow.carries.join(", "),
        crosses: flow.crosses,
        href: None,
    };
    let zone = |zone: &crate::v1::Zone| Zone { id: zone.id.clone(), label: zone.id.clone(), rank: zone.rank };
    let drawn = |id: &str| kept.contains(id);
    let diagram = Diagram {
        zones: system.zones.iter().map(zone).collect(),
        nodes: system.elements.iter().filter(|element| drawn(&element.id)).map(node).collect(),
        edges: system.flows.iter().filter(|flow| drawn(&flow.from) && drawn(&flow.to)).map(edge).collect(),
        highlight: view.path.map(|threat| threat.path.clone()).unwrap_or_default(),
    };
    let mut description =
        "Elements stand in their trust zones; flows that cross a boundary are marked.".to_owned();
    if let Some(threat) = view.path {
        description.push_str(&format!(" The numbered path is the one of {}: {}", threat.id, threat.title));
    }
    let about =
        About { id: view.id, title: "Trust boundaries of the declared system", description: &description };
    Some(boundary(&about, &diagram))
}

/// By element, the severity of the worst threat that passes it.
fn worst(threats: &[Threat]) -> BTreeMap<&str, Severity> {
    let mut worst: BTreeMap<&str, Severity> = BTreeMap::new();
    for threat in threats {
        for element in &threat.path {
            let severity = worst.entry(element).or_insert(threat.severity);
            *severity = (*severity).max(threat.severity);
        }
    }
    worst
}

/// The elements that are drawn: all, or those of a zone and their neighbours.
fn kept<'a>(system: &'a System, zone: Option<&str>) -> BTreeSet<&'a str> {
    let all = || system.elements.iter().map(|element| element.id.as_str());
    let Some(zone) = zone else { return all().collect() };
    let inside: BTreeSet<&str> = system
        .elements
        .iter()
        .filter(|element| element.zone == zone)
        .map(|element| element.id.as_str())
        .collect();
    let neighbours = system.flows.iter().flat_map(|flow| {
        let (from, to) = (flow.from.as_str(), flow.to.as_str());
        let touches = inside.contains(from) || inside.contains(to);
        [from, to].into_iter().filter(move |_| touches)
    });
    let neighbours: BTreeSet<&str> = neighbours.collect();
    all().filter(|id| inside.contains(id) || neighbours.contains(id)).collect()
}
