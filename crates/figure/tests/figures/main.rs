//! What every figure promises, whatever it shows.

mod css;
mod sound;

use bartizan_figure::{
    About, Axis, Bar, Diagram, Edge, Figure, Flow, FlowLink, FlowNode, HeatCell, HeatMap, Interval, Node,
    Part, Point, Span, Tone, Zone, bars, boundary, flow, heat_map, intervals, sparkline, timeline,
};
use bartizan_finding::Timestamp;
use proptest::prelude::*;
use sound::{assert_sound, lines};

const ABOUT: About<'static> = About { id: "tiny", title: "Tiny", description: "It shows little." };

fn time(text: &str) -> Timestamp {
    text.parse().expect("a time of a test is written as RFC 3339 wants it")
}

/// One figure of each kind in which every text is `text`, and the numbers that their tables must hold.
fn all(text: &str, prefix: &str) -> Vec<(Figure, Vec<&'static str>)> {
    let ids: Vec<String> = (0..7).map(|index| format!("{prefix}-{index}")).collect();
    let about = |index: usize| About { id: &ids[index], title: text, description: text };
    let (label, href) = (text.to_owned(), Some(text.to_owned()));
    let part = |value| Part { tone: Tone::Failing, label: label.clone(), value, href: href.clone() };
    let bar = Bar { label: label.clone(), href: href.clone(), parts: vec![part(7_001), part(0)] };
    let point = |value| Point { label: label.clone(), value };
    let cell = |value| HeatCell { value, tone: Tone::High, href: href.clone() };
    let map = HeatMap {
        row_axis: label.clone(),
        column_axis: label.clone(),
        rows: vec![label.clone(), label.clone()],
        columns: vec![label.clone()],
        cells: vec![vec![cell(12)], vec![cell(0)]],
    };
    let row = Interval {
        label: label.clone(),
        href: href.clone(),
        low: 0.125,
        mid: 0.25,
        high: 0.5,
        tone: Tone::Partial,
    };
    let axis = Axis { title: label.clone(), low: 0.0, high: 1.0 };
    let span = Span {
        label: label.clone(),
        href: href.clone(),
        from: time("2026-01-02T03:04:05Z"),
        until: time("2026-02-02T03:04:05Z"),
        state: label.clone(),
        holds: false,
        tone: Tone::Excepted,
    };
    let flow_node = |id: &str| FlowNode {
        id: id.to_owned(),
        label: label.clone(),
        tone: Tone::Expired,
        href: href.clone(),
    };
    let band = FlowLink { from: "a".to_owned(), to: "b".to_owned(), weight: 31, tone: Tone::Expired };
    let bands = Flow {
        columns: vec![(label.clone(), vec![flow_node("a")]), (label.clone(), vec![flow_node("b")])],
        links: vec![band],
    };
    let node = |id: &str| Node {
        id: id.to_owned(),
        label: label.clone(),
        kind: label.clone(),
        zone: text.to_owned(),
        tone: Tone::Unknown,
        href: href.clone(),
    };
    let edge = |from: &str, to: &str| Edge {
        from: from.to_owned(),
        to: to.to_owned(),
        label: label.clone(),
        crosses: true,
        href: href.clone(),
    };
    let diagram = Diagram {
        zones: vec![Zone { id: text.to_owned(), label: label.clone(), rank: 9 }],
        nodes: vec![node("a"), node("b"), node("a")],
        edges: vec![edge("a", "b"), edge("b", "b"), edge("b", text)],
        highlight: vec!["a".to_owned(), text.to_owned(), "b".to_owned()],
    };
    vec![
        (bars(&about(0), &[bar]), vec!["7\u{202f}001", "0"]),
        (
            sparkline(&about(1), &[point(3.0), point(f64::NAN), point(-4.5)], Tone::Accent),
            vec!["3", "–", "−4.5"],
        ),
        (heat_map(&about(2), &map), vec!["12", "0"]),
        (intervals(&about(3), &[row], &axis), vec!["0.125", "0.25", "0.5"]),
        (flow(&about(4), &bands), vec!["31"]),
        (boundary(&about(5), &diagram), vec![]),
        (
            timeline(&about(6), &[span], time("2026-01-20T00:00:00Z")),
            vec!["2026-01-02 03:04 UTC", "2026-02-02 03:04 UTC"],
        ),
    ]
}

#[test]
fn every_kind_in_its_smallest_form() {
    let href = |href: &str| Some(href.to_owned());
    let bar = Bar {
        label: "Protect".to_owned(),
        href: href("/controls"),
        parts: vec![Part {
            tone: Tone::Failing,
            label: "failing".to_owned(),
            value: 2,
            href: href("/controls?s=f"),
        }],
    };
    insta::assert_snapshot!("bars", lines(&bars(&ABOUT, &[bar]).html()));

    let points = [1.0, 3.0].map(|value| Point { label: format!("day {value}"), value });
    insta::assert_snapshot!("sparkline", lines(&sparkline(&ABOUT, &points, Tone::Accent).html()));

    let map = HeatMap {
        row_axis: "Likelihood".to_owned(),
        column_axis: "Impact".to_owned(),
        rows: vec!["rare".to_owned()],
        columns: vec!["minor".to_owned(), "major".to_owned()],
        cells: vec![vec![HeatCell { value: 3, tone: Tone::Low, href: href("/risks") }]],
    };
    insta::assert_snapshot!("heat_map", lines(&heat_map(&ABOUT, &map).html()));

    let row = Interval {
        label: "Jailbreak".to_owned(),
        href: None,
        low: 0.1,
        mid: 0.2,
        high: 0.4,
        tone: Tone::Partial,
    };
    let axis = Axis { title: "Success, share of attempts".to_owned(), low: 0.0, high: 1.0 };
    insta::assert_snapshot!("intervals", lines(&intervals(&ABOUT, &[row], &axis).html()));

    let node = |id: &str| FlowNode {
        id: id.to_owned(),
        label: format!("Box {id}"),
        tone: Tone::Satisfied,
        href: None,
    };
    let bands = Flow {
        columns: vec![("Threats".to_owned(), vec![node("a")]), ("Controls".to_owned(), vec![node("b")])],
        links: vec![FlowLink { from: "a".to_owned(), to: "b".to_owned(), weight: 2, tone: Tone::Satisfied }],
    };
    insta::assert_snapshot!("flow", lines(&flow(&ABOUT, &bands).html()));

    let node = |id: &str, zone: &str| Node {
        id: id.to_owned(),
        label: id.to_owned(),
        kind: "tool".to_owned(),
        zone: zone.to_owned(),
        tone: Tone::Unknown,
        href: href("/elements"),
    };
    let zone = |id: &str, rank: u8| Zone { id: id.to_owned(), label: id.to_owned(), rank };
    let diagram = Diagram {
        zones: vec![zone("inner", 2), zone("outer", 0)],
        nodes: vec![node("web", "outer"), node("api", "inner")],
        edges: vec![Edge {
            from: "web".to_owned(),
            to: "api".to_owned(),
            label: "orders".to_owned(),
            crosses: true,
            href: None,
        }],
        highlight: vec!["web".to_owned(), "api".to_owned()],
    };
    insta::assert_snapshot!("boundary", lines(&boundary(&ABOUT, &diagram).html()));

    let span = Span {
        label: "Exception".to_owned(),
        href: None,
        from: time("2026-11-01T00:00:00Z"),
        until: time("2026-12-01T00:00:00Z"),
        state: "in force".to_owned(),
        holds: true,
        tone: Tone::Excepted,
    };
    let now = time("2026-11-16T00:00:00Z");
    insta::assert_snapshot!("timeline", lines(&timeline(&ABOUT, &[span], now).html()));
}

#[test]
fn tables_hold_the_numbers_and_headings_for_all_their_columns() {
    for (figure, numbers) in all("label", "f") {
        let cells: Vec<&str> = figure.table.rows.iter().flatten().map(|cell| cell.text.as_str()).collect();
        for number in numbers {
            assert!(cells.contains(&number), "{number} is not among {cells:?}");
        }
        assert!(figure.table.rows.iter().all(|row| row.len() == figure.table.head.len()));
        assert!(figure.table.html().contains("<th scope=\"col\">"));
    }
}

#[test]
fn texts_that_act_are_shown_as_data() {
    let hostile = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "]]></style><svg onload=1>",
        "a\u{202e}b\u{0}c\u{1b}[31m\u{ffff}",
        "javascript:alert(1)",
        "&#0; &bogus;",
        "\u{301}\u{301}\u{301}",
        "",
    ];
    for text in hostile {
        let page: String = all(text, "h").iter().map(|(figure, _)| figure.html()).collect();
        assert_sound(&page);
        assert!(!page.contains("href=\"javascript"), "{text}");
        assert!(!page.chars().any(|c| matches!(c, '\u{202e}' | '\u{0}' | '\u{1b}')), "{text:?}");
    }
}

#[test]
fn a_megabyte_in_every_field_makes_a_small_page() {
    let page: String =
        all(&"W\u{301}<".repeat(300_000), "m").iter().map(|(figure, _)| figure.html()).collect();
    assert_sound(&page);
    assert!(page.len() < 300_000, "{} bytes", page.len());
}

#[test]
fn nothing_at_all_is_said_in_words() {
    let map = HeatMap {
        row_axis: String::new(),
        column_axis: String::new(),
        rows: vec![],
        columns: vec![],
        cells: vec![],
    };
    let axis = Axis { title: String::new(), low: f64::NAN, high: f64::NEG_INFINITY };
    let empty = [
        bars(&ABOUT, &[]),
        sparkline(&ABOUT, &[], Tone::Accent),
        heat_map(&ABOUT, &map),
        intervals(&ABOUT, &[], &axis),
        flow(&ABOUT, &Flow { columns: vec![], links: vec![] }),
        timeline(&ABOUT, &[], time("2026-01-20T00:00:00Z")),
        boundary(&ABOUT, &Diagram { zones: vec![], nodes: vec![], edges: vec![], highlight: vec![] }),
    ];
    for figure in empty {
        assert_sound(&figure.html());
        assert!(figure.svg.contains("There is nothing to show."), "{}", figure.svg);
        assert!(figure.svg.contains("role=\"img\""));
    }
}

#[test]
fn a_picture_with_links_is_no_image() {
    // An image hides what is inside it from assistive programs, and a hidden link must not take the focus.
    for (figure, _) in all("/page", "l") {
        let is_group = figure.svg.contains("role=\"group\"");
        assert_eq!(is_group, figure.svg.contains("<a "), "{}", figure.svg);
    }
}

#[test]
fn numbers_without_end_stay_in_the_picture() {
    let values = [f64::MAX, f64::MIN, f64::MIN_POSITIVE, f64::NAN, f64::INFINITY, 0.0, -0.0];
    for low in values {
        for high in values {
            let axis = Axis { title: "Scale".to_owned(), low, high };
            let row = |mid| Interval { label: "x".to_owned(), href: None, low, mid, high, tone: Tone::High };
            let rows: Vec<Interval> = values.into_iter().map(row).collect();
            assert_sound(&intervals(&ABOUT, &rows, &axis).html());
            let points = values.map(|value| Point { label: String::new(), value });
            assert_sound(&sparkline(&ABOUT, &points[..3], Tone::Low).html());
        }
    }
    let part = Part { tone: Tone::Low, label: "x".to_owned(), value: u64::MAX, href: None };
    assert_sound(&bars(&ABOUT, &[Bar { label: String::new(), href: None, parts: vec![part; 400] }]).html());
}

#[test]
fn times_without_end_stay_in_the_picture() {
    let ends = [Timestamp::MIN, time("2026-11-16T00:00:00Z"), time("2026-11-16T03:00:00Z"), Timestamp::MAX];
    for now in ends {
        let spans = ends.into_iter().flat_map(|from| ends.map(|until| (from, until)));
        let spans: Vec<Span> = spans
            .map(|(from, until)| Span {
                label: "x".to_owned(),
                href: None,
                from,
                until,
                state: "in force".to_owned(),
                holds: true,
                tone: Tone::Excepted,
            })
            .collect();
        for span in &spans {
            assert_sound(&timeline(&ABOUT, std::slice::from_ref(span), now).html());
        }
        assert_sound(&timeline(&ABOUT, &spans, now).html());
    }
}

#[test]
fn a_span_that_holds_is_soft_before_now_and_full_after_it() {
    let of = |from: &str, until: &str, holds| {
        let span = Span {
            label: "x".to_owned(),
            href: None,
            from: time(from),
            until: time(until),
            state: "in force".to_owned(),
            holds,
            tone: Tone::Excepted,
        };
        let svg = timeline(&ABOUT, &[span], time("2026-11-16T00:00:00Z")).svg;
        let width = |class: &str| -> f64 {
            let rest = svg.split_once(&format!("class=\"{class}\"")).unwrap().1;
            rest.split_once("width=\"").unwrap().1.split_once('"').unwrap().0.parse().unwrap()
        };
        (width("fig-cell"), width("fig-fill"))
    };
    let (over, left) = of("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", true);
    assert!((over - left).abs() < 0.1 && over > 100.0);
    assert!(matches!(of("2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", true), (over, 0.0) if over > 100.0));
    assert!(matches!(of("2026-11-20T00:00:00Z", "2026-12-01T00:00:00Z", true), (0.0, left) if left > 100.0));
    assert!(matches!(of("2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z", false), (all, 0.0) if all > 200.0));
}

#[test]
fn a_long_column_ends_in_the_number_of_the_rest() {
    let node = |index: usize| FlowNode {
        id: format!("n{index}"),
        label: format!("Node {index}"),
        tone: Tone::Info,
        href: None,
    };
    let links = (1..100).map(|index| FlowLink {
        from: "n0".to_owned(),
        to: format!("n{index}"),
        weight: 1,
        tone: Tone::Info,
    });
    let bands = Flow {
        columns: vec![(String::new(), vec![node(0)]), (String::new(), (1..100).map(node).collect())],
        links: links.collect(),
    };
    let figure = flow(&ABOUT, &bands);
    assert!(figure.svg.contains(">and 60 more</text>"));
    assert_eq!(figure.table.rows.len(), 99);
}

#[test]
fn a_link_without_a_place_in_the_picture_is_told() {
    let node = |id: &str| FlowNode { id: id.to_owned(), label: id.to_owned(), tone: Tone::Info, href: None };
    let link = |from: &str, to: &str| FlowLink {
        from: from.to_owned(),
        to: to.to_owned(),
        weight: 1,
        tone: Tone::Info,
    };
    let bands = Flow {
        columns: vec![(String::new(), vec![node("a")]), (String::new(), vec![node("b")])],
        links: vec![link("a", "b"), link("b", "a"), link("a", "nowhere")],
    };
    let figure = flow(&ABOUT, &bands);
    assert!(figure.svg.contains("Links that do not lead to the right are in the table alone: 2."));
    assert_eq!(figure.svg.matches("fig-band").count(), 1);
    assert_eq!(figure.table.rows.len(), 3);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn any_text_makes_sound_figures(text in any::<String>()) {
        let mut page = String::new();
        for prefix in ["one", "two"] {
            page.extend(all(&text, prefix).iter().map(|(figure, _)| figure.html()));
        }
        assert_sound(&page);
    }

    #[test]
    fn any_counts_make_sound_bars_and_maps(
        counts in prop::collection::vec(prop::collection::vec(any::<u64>(), 0..9), 0..70),
    ) {
        let part = |(index, value): (usize, &u64)| Part {
            tone: Tone::ALL[index],
            label: Tone::ALL[index].word().to_owned(),
            value: *value,
            href: None,
        };
        let rows: Vec<Bar> = counts
            .iter()
            .map(|row| Bar { label: "row".to_owned(), href: None, parts: row.iter().enumerate().map(part).collect() })
            .collect();
        assert_sound(&bars(&ABOUT, &rows).html());
        let cell = |(index, value): (usize, &u64)| HeatCell { value: *value, tone: Tone::ALL[index], href: None };
        let map = HeatMap {
            row_axis: "R".to_owned(),
            column_axis: "C".to_owned(),
            rows: (0..counts.len()).map(|index| index.to_string()).collect(),
            columns: (0..9).map(|index| index.to_string()).collect(),
            cells: counts.iter().map(|row| row.iter().enumerate().map(cell).collect()).collect(),
        };
        assert_sound(&heat_map(&ABOUT, &map).html());
    }
}
