use proptest::prelude::*;

use super::{
    Diagram, Edge, MAX_NODES, Node, Zone, boundary,
    layout::{Layout, Rect},
    model::{MAX_ARROWS, Model},
};
use crate::{About, Tone};

fn diagram(nodes: &[(usize, usize)], edges: &[(usize, usize)]) -> Diagram {
    let node = |(index, (zone, words)): (usize, &(usize, usize))| Node {
        id: format!("n{index}"),
        label: "word ".repeat(*words),
        kind: "tool".to_owned(),
        zone: format!("z{zone}"),
        tone: Tone::Unknown,
        href: None,
    };
    let edge = |(from, to): &(usize, usize)| Edge {
        from: format!("n{from}"),
        to: format!("n{to}"),
        label: "records ".repeat((from + to) % 4),
        crosses: from % 2 == 0,
        href: None,
    };
    let zone =
        |index: usize| Zone { id: format!("z{index}"), label: format!("Zone {index}"), rank: index as u8 };
    Diagram {
        // The last zone that nodes may name is not declared.
        zones: (0..4).rev().map(zone).collect(),
        nodes: nodes.iter().enumerate().map(node).collect(),
        edges: edges.iter().map(edge).collect(),
        highlight: vec!["n0".to_owned(), "n2".to_owned(), "n1".to_owned()],
    }
}

fn contains(outer: &Rect, inner: &Rect) -> bool {
    inner.x >= outer.x - 0.01
        && inner.y >= outer.y - 0.01
        && inner.x + inner.width <= outer.x + outer.width + 0.01
        && inner.y + inner.height <= outer.y + outer.height + 0.01
}

fn overlap(a: &Rect, b: &Rect) -> bool {
    a.x + a.width > b.x + 0.01
        && b.x + b.width > a.x + 0.01
        && a.y + a.height > b.y + 0.01
        && b.y + b.height > a.y + 0.01
}

/// Everything that a reader relies on, whatever the graph.
fn assert_sound(diagram: &Diagram) {
    let model = Model::new(diagram);
    let layout = Layout::new(&model);
    assert_eq!(layout.boxes.len(), model.boxes.len());
    assert_eq!(layout.bands.len(), model.bands.len());
    assert_eq!(layout.routes.len(), model.arrows.len());
    let page = Rect { x: 0.0, y: 0.0, width: layout.width, height: layout.height };
    let plates: Vec<Rect> = layout.routes.iter().filter_map(|route| route.plate).collect();
    for rect in layout.boxes.iter().chain(&layout.bands).chain(&plates) {
        assert!([rect.x, rect.y, rect.width, rect.height].iter().all(|value| value.is_finite()));
        assert!(contains(&page, rect), "{rect:?} leaves {page:?}");
    }
    for (index, one) in layout.boxes.iter().enumerate() {
        let band = layout.bands[model.boxes[index].band];
        assert!(contains(&band, one), "{one:?} leaves its zone {band:?}");
        assert!(one.x >= layout.gutter - 0.01, "{one:?} covers the name of its zone");
        assert!(layout.boxes.iter().skip(index + 1).chain(&plates).all(|two| !overlap(one, two)));
    }
    for (index, one) in plates.iter().enumerate() {
        assert!(plates.iter().skip(index + 1).all(|two| !overlap(one, two)));
    }
    for (index, one) in layout.bands.iter().enumerate() {
        assert!(layout.bands.iter().skip(index + 1).all(|two| !overlap(one, two)));
    }
    for (arrow, route) in model.arrows.iter().zip(&layout.routes) {
        let (from, to) = (layout.boxes[arrow.from], layout.boxes[arrow.to]);
        let (Some(start), Some(end)) = (route.points.first(), route.points.last()) else {
            panic!("an arrow without a way")
        };
        for (point, rect) in [(start, from), (end, to)] {
            assert!(point.0 >= rect.x && point.0 <= rect.x + rect.width, "{point:?} is not on {rect:?}");
            assert!((point.1 - rect.y).abs() < 0.01 || (point.1 - rect.y - rect.height).abs() < 0.01);
        }
        for pair in route.points.windows(2) {
            assert!(
                pair.iter().all(|(x, y)| x.is_finite() && y.is_finite() && *x >= 0.0 && *x <= layout.width)
            );
            // A bend stays between the heights of its ends, so that it is enough to look at its hull.
            let (a, b) = (pair[0], pair[1]);
            let hull = Rect {
                x: a.0.min(b.0),
                y: a.1.min(b.1),
                width: (a.0 - b.0).abs(),
                height: (a.1 - b.1).abs(),
            };
            assert!(layout.boxes.iter().all(|rect| !overlap(rect, &hull)), "a line runs through a box");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn any_graph_is_drawn_soundly(
        nodes in prop::collection::vec((0..5_usize, 0..9_usize), 0..30),
        edges in prop::collection::vec((0..32_usize, 0..32_usize), 0..70),
    ) {
        assert_sound(&diagram(&nodes, &edges));
    }
}

#[test]
fn the_largest_graph_that_is_drawn_is_drawn_soundly() {
    let nodes: Vec<(usize, usize)> = (0..MAX_NODES).map(|index| (index % 4, index % 5)).collect();
    let edges: Vec<(usize, usize)> = (0..200).map(|index| (index * 7 % 80, index * 13 % 80)).collect();
    assert_sound(&diagram(&nodes, &edges));
}

#[test]
fn cycles_pairs_and_loops_are_drawn_once_for_each_direction() {
    let model = Model::new(&diagram(&[(0, 1); 3], &[(0, 1), (1, 0), (0, 1), (1, 2), (2, 0), (2, 2), (0, 9)]));
    let pairs: Vec<(usize, usize)> = model.arrows.iter().map(|arrow| (arrow.from, arrow.to)).collect();
    assert_eq!(pairs, [(0, 1), (1, 0), (1, 2), (2, 0)]);
    assert_eq!(model.boxes.iter().map(|drawn| drawn.to_itself).collect::<Vec<_>>(), [false, false, true]);
    assert_eq!(model.notes, ["Flows whose ends are not declared are in the table alone: 1."]);
}

#[test]
fn the_least_trusted_zone_comes_first_and_an_undeclared_one_is_not_trusted() {
    let model = Model::new(&diagram(&[(3, 1), (1, 1), (4, 1)], &[]));
    let bands: Vec<(&str, &str)> = model.bands.iter().map(|band| (band.label.as_str(), band.trust)).collect();
    assert_eq!(bands, [("z4", "not declared"), ("Zone 1", "partner"), ("Zone 3", "restricted")]);
}

#[test]
fn a_path_is_numbered_and_its_arrows_are_marked() {
    let model = Model::new(&diagram(&[(0, 1); 4], &[(0, 2), (2, 1), (1, 0)]));
    assert_eq!(
        model.boxes.iter().map(|drawn| drawn.steps.clone()).collect::<Vec<_>>(),
        [vec![1], vec![3], vec![2], vec![]]
    );
    let along: Vec<bool> = model.arrows.iter().map(|arrow| arrow.along).collect();
    assert_eq!(along, [true, false, true]);
}

#[test]
fn more_than_fits_is_drawn_by_zone_and_told_in_full_by_the_table() {
    let nodes: Vec<(usize, usize)> = (0..=MAX_NODES).map(|index| (index % 2, 1)).collect();
    let edges: Vec<(usize, usize)> = (0..MAX_NODES).map(|index| (index, index + 1)).collect();
    let diagram = diagram(&nodes, &edges);
    assert_sound(&diagram);
    let about = About { id: "d", title: "System", description: "Elements." };
    let figure = boundary(&about, &diagram);
    assert_eq!(figure.table.rows.len(), nodes.len() + edges.len());
    for told in
        ["System (by zone)", "?zone=z0", "41 elements", "40 elements", "40 flows", "81 elements are too many"]
    {
        assert!(figure.svg.contains(told), "{told} is missing");
    }
    assert!(!figure.svg.contains("n17"));
}

#[test]
fn too_many_flows_are_drawn_by_zone_too() {
    let nodes = [(0, 1); 20];
    let edges: Vec<(usize, usize)> = (0..20).flat_map(|from| (0..20).map(move |to| (from, to))).collect();
    assert!(edges.len() > MAX_ARROWS);
    let model = Model::new(&diagram(&nodes, &edges));
    assert_eq!((model.boxes.len(), model.arrows.len()), (1, 0));
    assert!(model.boxes[0].to_itself);
}

#[test]
fn thousands_of_zones_stay_one_picture() {
    let zones: Vec<Zone> =
        (0..2_000).map(|index| Zone { id: format!("z{index}"), label: "Z".to_owned(), rank: 0 }).collect();
    let mut large = diagram(&(0..2_000).map(|index| (index, 1)).collect::<Vec<_>>(), &[]);
    large.edges = diagram(&[], &(0..1_999).map(|index| (index, index + 1)).collect::<Vec<_>>()).edges;
    large.zones = zones;
    let model = Model::new(&large);
    assert_eq!((model.boxes.len(), model.bands.len()), (MAX_NODES, MAX_NODES));
    assert_eq!(model.boxes[MAX_NODES - 1].label, "and 1\u{202f}921 more zones");
    assert_sound(&large);
}
