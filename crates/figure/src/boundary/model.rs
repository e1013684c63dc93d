//! What a diagram shows, after everything doubtful in it was settled: known zones, unique boxes, one arrow for each
//! ordered pair.

use std::collections::BTreeMap;

use super::{Diagram, Edge, MAX_NODES};
use crate::{Tone, label};

/// Most arrows that one picture draws.
pub(super) const MAX_ARROWS: usize = 240;

/// Most arrows that carry their names; beyond it they carry the row numbers of the table.
const MAX_NAMED: usize = 48;

/// A diagram ready to be laid out. Boxes, arrows and bands refer to each other by index.
#[derive(Debug, Default)]
pub(super) struct Model {
    /// Zones with at least one box, least trusted first.
    pub bands: Vec<Band>,
    pub boxes: Vec<Element>,
    pub arrows: Vec<Arrow>,
    /// What the picture leaves out, in sentences.
    pub notes: Vec<String>,
}

#[derive(Debug)]
pub(super) struct Band {
    pub label: String,
    /// How far it is trusted, in a word.
    pub trust: &'static str,
}

#[derive(Debug)]
pub(super) struct Element {
    pub label: String,
    pub kind: String,
    pub band: usize,
    pub tone: Tone,
    pub href: Option<String>,
    /// Numbers of the steps at which the highlighted path stands here.
    pub steps: Vec<usize>,
    /// Whether it sends to itself.
    pub to_itself: bool,
}

#[derive(Debug)]
pub(super) struct Arrow {
    pub from: usize,
    pub to: usize,
    /// What stands beside the line: the name, or the number of the row in the table.
    pub name: String,
    /// What a pointer that rests on it reads.
    pub title: String,
    pub crosses: bool,
    /// Whether the highlighted path goes along it.
    pub along: bool,
    pub href: Option<String>,
}

impl Model {
    pub(super) fn new(diagram: &Diagram) -> Self {
        let mut model = Self::default();
        let bands = model.add_bands(diagram);
        let boxes = model.add_boxes(diagram, &bands);
        model.add_arrows(diagram, &boxes);
        model.highlight(diagram, &boxes);
        let unknown = diagram
            .edges
            .iter()
            .filter(|edge| !boxes.contains_key(edge.from.as_str()) || !boxes.contains_key(edge.to.as_str()))
            .count();
        if unknown > 0 {
            let count = label::number(unknown as u64);
            model.notes.push(format!("Flows whose ends are not declared are in the table alone: {count}."));
        }
        if model.boxes.len() > MAX_NODES || model.arrows.len() > MAX_ARROWS {
            model = model.by_zone(diagram);
        }
        model
    }

    fn add_bands<'a>(&mut self, diagram: &'a Diagram) -> BTreeMap<&'a str, usize> {
        let mut used: BTreeMap<&str, bool> =
            diagram.nodes.iter().map(|node| (node.zone.as_str(), false)).collect();
        let mut bands: Vec<(u8, &str, &str)> = Vec::new();
        for zone in &diagram.zones {
            if let Some(seen @ false) = used.get_mut(zone.id.as_str()) {
                *seen = true;
                bands.push((zone.rank, &zone.id, &zone.label));
            }
        }
        let mut bands: Vec<(u8, &str, Band)> = bands
            .into_iter()
            .map(|(rank, id, label)| (rank, id, Band { label: label.to_owned(), trust: trust(rank) }))
            .collect();
        // Nobody said how far an undeclared zone is trusted, so it stands with the least trusted.
        let undeclared = used.into_iter().filter(|(_, declared)| !declared);
        bands.extend(undeclared.map(|(id, _)| {
            let label = if id.is_empty() { "no zone" } else { id };
            (0, id, Band { label: label.to_owned(), trust: "not declared" })
        }));
        bands.sort_by_key(|(rank, ..)| *rank);
        let mut places = BTreeMap::new();
        for (_, id, band) in bands {
            places.insert(id, self.bands.len());
            self.bands.push(band);
        }
        places
    }

    fn add_boxes<'a>(
        &mut self,
        diagram: &'a Diagram,
        bands: &BTreeMap<&str, usize>,
    ) -> BTreeMap<&'a str, usize> {
        let mut boxes = BTreeMap::new();
        for node in &diagram.nodes {
            if boxes.contains_key(node.id.as_str()) {
                continue;
            }
            boxes.insert(node.id.as_str(), self.boxes.len());
            self.boxes.push(Element {
                label: node.label.clone(),
                kind: node.kind.clone(),
                band: bands.get(node.zone.as_str()).copied().unwrap_or(0),
                tone: node.tone,
                href: node.href.clone(),
                steps: Vec::new(),
                to_itself: false,
            });
        }
        boxes
    }

    fn add_arrows(&mut self, diagram: &Diagram, boxes: &BTreeMap<&str, usize>) {
        let mut parallel: BTreeMap<(usize, usize), Vec<(usize, &Edge)>> = BTreeMap::new();
        for (row, edge) in diagram.edges.iter().enumerate() {
            let (Some(from), Some(to)) = (boxes.get(edge.from.as_str()), boxes.get(edge.to.as_str())) else {
                continue;
            };
            if from == to {
                if let Some(drawn) = self.boxes.get_mut(*from) {
                    drawn.to_itself = true;
                }
                continue;
            }
            parallel.entry((*from, *to)).or_default().push((row + 1, edge));
        }
        let numbered = parallel.len() > MAX_NAMED;
        if numbered {
            self.notes.push("Numbers beside flows are those of the rows in the table.".to_owned());
        }
        for ((from, to), edges) in parallel {
            // A picture shows few names of a bundle; the table has them all.
            let shown = edges.iter().take(4);
            let names: Vec<String> = if numbered {
                shown.map(|(row, _)| row.to_string()).collect()
            } else {
                shown.map(|(_, edge)| label::shown(&edge.label)).filter(|name| !name.is_empty()).collect()
            };
            let titles: Vec<String> =
                edges.iter().take(4).map(|(_, edge)| label::shown(&edge.label)).collect();
            let more = if edges.len() > 4 { ", …" } else { "" };
            let name_of = |index: usize| {
                self.boxes.get(index).map(|drawn| label::shown(&drawn.label)).unwrap_or_default()
            };
            let crosses = edges.iter().any(|(_, edge)| edge.crosses);
            let says_so = if crosses { ". It crosses a trust boundary." } else { "" };
            self.arrows.push(Arrow {
                from,
                to,
                name: format!("{}{more}", names.join(", ")),
                title: format!("{} → {}: {}{more}{says_so}", name_of(from), name_of(to), titles.join(", ")),
                crosses,
                along: false,
                href: edges.first().and_then(|(_, edge)| edge.href.clone()),
            });
        }
    }

    fn highlight(&mut self, diagram: &Diagram, boxes: &BTreeMap<&str, usize>) {
        let path: Vec<usize> = diagram
            .highlight
            .iter()
            .take(MAX_NODES)
            .filter_map(|id| boxes.get(id.as_str()).copied())
            .collect();
        for (step, index) in path.iter().enumerate() {
            if let Some(drawn) = self.boxes.get_mut(*index) {
                drawn.steps.push(step + 1);
            }
        }
        for arrow in &mut self.arrows {
            arrow.along = path.windows(2).any(|pair| pair == [arrow.from, arrow.to]);
        }
    }

    /// One box for each zone, with counts instead of elements and flows.
    fn by_zone(mut self, diagram: &Diagram) -> Self {
        let declared: BTreeMap<&str, &str> =
            diagram.zones.iter().rev().map(|zone| (zone.id.as_str(), zone.label.as_str())).collect();
        let bands = Self::default().add_bands(diagram);
        let mut sums: BTreeMap<(usize, usize), (usize, bool)> = BTreeMap::new();
        let band_of = |index: usize| self.boxes.get(index).map_or(0, |drawn| drawn.band.min(MAX_NODES - 1));
        for arrow in &self.arrows {
            let sum = sums.entry((band_of(arrow.from), band_of(arrow.to))).or_default();
            *sum = (sum.0 + 1, sum.1 || arrow.crosses);
        }
        let mut boxes: Vec<Element> = Vec::new();
        let mut counts: Vec<usize> = vec![0; self.bands.len()];
        for drawn in &self.boxes {
            if let Some(count) = counts.get_mut(drawn.band) {
                *count += 1;
            }
        }
        let worst = |band: usize| {
            let tones = self.boxes.iter().filter(|drawn| drawn.band == band).map(|drawn| drawn.tone);
            tones.max_by_key(|tone| concern(*tone)).unwrap_or(Tone::Neutral)
        };
        let ids: BTreeMap<usize, &str> = bands.into_iter().map(|(id, band)| (band, id)).collect();
        for (band, id) in ids.iter().take(MAX_NODES) {
            let count = counts.get(*band).copied().unwrap_or(0);
            let elements = if count == 1 { "element" } else { "elements" };
            boxes.push(Element {
                label: declared.get(id).unwrap_or(id).to_string(),
                kind: format!("{} {elements}", label::number(count as u64)),
                band: *band,
                tone: worst(*band),
                href: Some(format!("?zone={}", in_query(id))),
                steps: Vec::new(),
                to_itself: sums.contains_key(&(*band, *band)),
            });
        }
        let (elements, zones) = (self.boxes.len(), self.bands.len());
        self.notes.insert(0, format!(
            "Drawn by zone: {} elements are too many for one picture. Each box is a zone and leads to its elements; \
             the table is complete.",
            label::number(elements as u64)
        ));
        if zones > MAX_NODES {
            // The last box that is drawn stands for the rest.
            let rest = zones - MAX_NODES + 1;
            if let Some(last) = boxes.last_mut() {
                last.label = format!("and {} more zones", label::number(rest as u64));
                "more".clone_into(&mut last.kind);
                last.href = None;
            }
            self.bands.truncate(MAX_NODES);
        }
        let mut sums: Vec<((usize, usize), (usize, bool))> =
            sums.into_iter().filter(|((from, to), _)| from != to).collect();
        if sums.len() > MAX_ARROWS {
            sums.sort_by_key(|(pair, (count, _))| (std::cmp::Reverse(*count), *pair));
            sums.truncate(MAX_ARROWS);
            self.notes.push(format!("Only the {MAX_ARROWS} strongest connections are drawn."));
        }
        let name_of =
            |index: usize| boxes.get(index).map(|drawn| label::shown(&drawn.label)).unwrap_or_default();
        self.arrows = sums
            .into_iter()
            .map(|((from, to), (count, crosses))| {
                let flows = if count == 1 { "flow" } else { "flows" };
                let name = format!("{} {flows}", label::number(count as u64));
                let title = format!("{} → {}: {name}", name_of(from), name_of(to));
                Arrow { from, to, name, title, crosses, along: false, href: None }
            })
            .collect();
        self.boxes = boxes;
        self
    }
}

/// The word for how far a zone of this rank is trusted.
pub(super) fn trust(rank: u8) -> &'static str {
    match rank {
        0 => "public",
        1 => "partner",
        2 => "internal",
        _ => "restricted",
    }
}

/// How much a tone asks for attention: of several the greatest stands for all.
fn concern(tone: Tone) -> u8 {
    match tone {
        Tone::Critical => 14,
        Tone::Failing => 13,
        Tone::High => 12,
        Tone::Expired => 11,
        Tone::Medium => 10,
        Tone::Unknown => 9,
        Tone::Partial => 8,
        Tone::Low => 7,
        Tone::Excepted => 6,
        Tone::Inherited => 5,
        Tone::Info => 4,
        Tone::Satisfied => 3,
        Tone::Accent => 2,
        Tone::NotApplicable => 1,
        Tone::Neutral => 0,
    }
}

/// Percent-encoded for a query (RFC 3986, unreserved characters stay).
fn in_query(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}
