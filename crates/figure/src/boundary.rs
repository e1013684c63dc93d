mod draw;
mod layout;
mod model;
mod rows;
mod table;
#[cfg(test)]
mod tests;

use crate::{About, Figure, Tone};

/// Most boxes that one diagram draws one by one.
pub const MAX_NODES: usize = 80;

/// A trust zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    /// Nodes name it.
    pub id: String,
    /// What people read.
    pub label: String,
    /// How far it is trusted: 0 public, 1 partner, 2 internal, 3 restricted.
    pub rank: u8,
}

/// A box: one element of the system.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Unique in the diagram; edges name it.
    pub id: String,
    /// What people read.
    pub label: String,
    /// What kind of element it is, in small type over the label.
    pub kind: String,
    /// Id of its zone. A zone that is not declared is drawn under its id.
    pub zone: String,
    /// Its colour and mark.
    pub tone: Tone,
    /// The page about it.
    pub href: Option<String>,
}

/// An arrow: one flow of data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Id of the box that sends.
    pub from: String,
    /// Id of the box that receives.
    pub to: String,
    /// What it carries.
    pub label: String,
    /// Whether it crosses a trust boundary.
    pub crosses: bool,
    /// The page about it.
    pub href: Option<String>,
}

/// A system as elements in trust zones with flows between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagram {
    /// Trust zones.
    pub zones: Vec<Zone>,
    /// Elements.
    pub nodes: Vec<Node>,
    /// Flows; those that name an unknown box stand in the table alone.
    pub edges: Vec<Edge>,
    /// Node ids of one attack path, in order; empty for none.
    pub highlight: Vec<String>,
}

/// A trust-boundary diagram: zones as dashed bands from the least to the most trusted, elements as boxes, flows as
/// arrows. A flow that crosses a boundary is a heavier line with a framed name; the steps of the highlighted
/// path are numbered.
///
/// With more than [`MAX_NODES`] elements, or more than 240 pairs of elements that talk to each other, each zone becomes
/// one box with counts, which leads to `?zone=<id>`; the title says so and the table stays complete.
pub fn boundary(about: &About<'_>, diagram: &Diagram) -> Figure {
    let model = model::Model::new(diagram);
    let layout = layout::Layout::new(&model);
    let svg = draw::draw(about, &model, &layout);
    Figure { svg, table: table::table(about, diagram) }
}
