use std::collections::BTreeMap;

use super::{Diagram, Node, model::trust};
use crate::{About, Cell, Table};

/// All flows, numbered as in the picture, then all elements.
pub(super) fn table(about: &About<'_>, diagram: &Diagram) -> Table {
    let mut nodes: BTreeMap<&str, &Node> = BTreeMap::new();
    for node in &diagram.nodes {
        nodes.entry(&node.id).or_insert(node);
    }
    let name = |id: &str| nodes.get(id).map_or(id, |node| node.label.as_str()).to_owned();
    let steps = |id: &str| {
        let steps = diagram.highlight.iter().enumerate().filter(|(_, step)| *step == id);
        steps.map(|(index, _)| (index + 1).to_string()).collect::<Vec<_>>().join(", ")
    };
    let mut rows = Vec::with_capacity(diagram.edges.len() + diagram.nodes.len());
    for (index, edge) in diagram.edges.iter().enumerate() {
        rows.push(vec![
            Cell::link(
                format!("{}: {} → {}", index + 1, name(&edge.from), name(&edge.to)),
                edge.href.as_ref(),
            ),
            Cell::text("flow"),
            Cell::text(&edge.label),
            Cell::text(if edge.crosses { "crosses a trust boundary" } else { "" }),
            Cell::text(""),
        ]);
    }
    for node in &diagram.nodes {
        let zone = diagram.zones.iter().find(|zone| zone.id == node.zone);
        let zone = match zone {
            Some(zone) => format!("{} ({})", zone.label, trust(zone.rank)),
            None => format!("{} (not declared)", node.zone),
        };
        rows.push(vec![
            Cell::link(&node.label, node.href.as_ref()),
            Cell::text(&node.kind),
            Cell::text(node.tone.word()),
            Cell::text(zone),
            Cell::text(steps(&node.id)),
        ]);
    }
    let head = ["Flow or element", "Kind", "Carries or status", "Boundary or zone", "Step of the path"];
    Table { caption: about.title.to_owned(), head: head.map(str::to_owned).to_vec(), rows }
}
