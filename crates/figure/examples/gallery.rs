//! Writes one page with every figure in small, typical, extreme and hostile form, to look at.
//!
//! `cargo run -p bartizan-figure --example gallery -- OUT.html [light|dark|print]`

use std::{env, error::Error, fs};

use bartizan_finding::Timestamp;

use bartizan_figure::{
    About, Axis, Bar, Diagram, Edge, Figure, Flow, FlowLink, FlowNode, HeatCell, HeatMap, Interval, Node,
    Part, Point, STYLE, Span, THEME, Tone, Zone, bars, boundary, flow, heat_map, intervals, sparkline,
    timeline,
};

const STATUS: [Tone; 8] = [
    Tone::Failing,
    Tone::Expired,
    Tone::Unknown,
    Tone::Partial,
    Tone::Excepted,
    Tone::Inherited,
    Tone::Satisfied,
    Tone::NotApplicable,
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let out = arguments.next().ok_or("the first argument is the file to write")?;
    let theme = arguments.next().unwrap_or_else(|| "light".to_owned());
    let mut gallery = Gallery { body: String::new(), next: 0 };
    gallery.bars();
    gallery.sparklines();
    gallery.heat_maps();
    gallery.intervals();
    gallery.timelines();
    gallery.flows();
    gallery.boundaries();
    let page = format!(
        "<!doctype html><html lang=\"en\" data-theme=\"{theme}\"><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>Figures</title>\
         <style>{THEME}{STYLE}
         body {{ margin: 0; padding: 16px; background: var(--background); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }}
         section {{ background: var(--panel); border: 1px solid var(--line); padding: 12px; margin: 0 0 16px; min-width: 0; }}
         main {{ display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 16px; }}
         section.wide {{ grid-column: 1 / -1; }} h2 {{ font-size: 14px; margin: 0 0 8px; font-weight: 600; }}
         </style><main>{}</main></html>",
        gallery.body
    );
    fs::write(out, page)?;
    Ok(())
}

struct Gallery {
    body: String,
    next: usize,
}

impl Gallery {
    fn show(&mut self, wide: bool, title: &str, draw: impl FnOnce(&About<'_>) -> Figure) {
        self.next += 1;
        let id = format!("figure-{}", self.next);
        let about = About { id: &id, title, description: "What the figure says, in one sentence." };
        let class = if wide { " class=\"wide\"" } else { "" };
        self.body.push_str(&format!("<section{class}><h2>{title}</h2>{}</section>", draw(&about).html()));
    }

    fn bars(&mut self) {
        let part = |tone: Tone, value: u64| Part {
            tone,
            label: tone.word().to_owned(),
            value,
            href: Some(format!("/controls?status={}", tone.class())),
        };
        let bar = |label: &str, values: &[(Tone, u64)]| Bar {
            label: label.to_owned(),
            href: Some("/controls".to_owned()),
            parts: values.iter().map(|(tone, value)| part(*tone, *value)).collect(),
        };
        let practice = [
            bar("Prepare the organisation", &[(Tone::Failing, 1), (Tone::Unknown, 9), (Tone::Satisfied, 6)]),
            bar(
                "Protect the software",
                &[(Tone::Failing, 2), (Tone::Expired, 1), (Tone::Partial, 3), (Tone::Satisfied, 11)],
            ),
            bar("Produce well-secured software", &[(Tone::Unknown, 14), (Tone::NotApplicable, 4)]),
            bar("Respond to vulnerabilities", &[(Tone::Satisfied, 5)]),
        ];
        self.show(false, "Controls by practice area", |about| bars(about, &practice));
        let all: Vec<(Tone, u64)> =
            STATUS.iter().enumerate().map(|(i, tone)| (*tone, [3, 1, 120, 7, 2, 9, 48, 1][i])).collect();
        let few = [
            bar("Every status at once", &all),
            bar("Empty", &[]),
            bar("One of very many", &[(Tone::Failing, 1), (Tone::Satisfied, 12_345)]),
        ];
        self.show(false, "Bars: all tones, none, uneven", |about| bars(about, &few));
        let severities = [bar(
            "Findings",
            &[(Tone::Critical, 2), (Tone::High, 5), (Tone::Medium, 31), (Tone::Low, 12), (Tone::Info, 240)],
        )];
        self.show(false, "Findings by severity", |about| bars(about, &severities));
        self.show(false, "Bars: no rows", |about| bars(about, &[]));
        let hostile: Vec<Bar> = hostile()
            .iter()
            .map(|text| bar(text, &[(Tone::Failing, 3), (Tone::Satisfied, u64::MAX)]))
            .collect();
        self.show(false, "Bars: hostile labels", |about| bars(about, &hostile));
        let many: Vec<Bar> = (0..200)
            .map(|i| bar(&format!("Row {i}"), &[(Tone::Unknown, i), (Tone::Satisfied, 200 - i)]))
            .collect();
        self.show(false, "Bars: 200 rows", |about| bars(about, &many));
    }

    fn sparklines(&mut self) {
        let series = |values: &[f64]| -> Vec<Point> {
            values
                .iter()
                .enumerate()
                .map(|(i, value)| Point { label: format!("{} November", i + 1), value: *value })
                .collect()
        };
        let typical = [12.0, 14.0, 9.0, 11.0, 18.0, 22.0, 19.0, 31.0, 24.0, 8.0, 6.0, 7.0];
        self.show(false, "Findings per day", |about| sparkline(about, &series(&typical), Tone::Accent));
        self.show(false, "Sparkline: one point", |about| sparkline(about, &series(&[4.0]), Tone::Failing));
        self.show(false, "Sparkline: none", |about| sparkline(about, &[], Tone::Failing));
        let gaps = [1.0, 2.0, f64::NAN, 3.0, -2.0, f64::INFINITY, -1.0, 0.0, 5.0];
        self.show(false, "Sparkline: gaps and negatives", |about| {
            sparkline(about, &series(&gaps), Tone::Partial)
        });
        let many: Vec<f64> = (0..5_000).map(|i| 1_000.0 + 800.0 * (f64::from(i) / 300.0).sin()).collect();
        self.show(false, "Sparkline: 5 000 points", |about| {
            sparkline(about, &series(&many), Tone::Satisfied)
        });
        self.show(false, "Sparkline: all zero", |about| sparkline(about, &series(&[0.0; 9]), Tone::Unknown));
    }

    fn heat_maps(&mut self) {
        let scale = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let values = [[0, 0, 2, 1, 1], [0, 1, 4, 2, 0], [1, 3, 12, 4, 0], [0, 6, 2, 0, 0], [31, 4, 0, 0, 0]];
        let tones = [Tone::Info, Tone::Low, Tone::Medium, Tone::High, Tone::Critical];
        let cells = |values: &[[u64; 5]; 5]| -> Vec<Vec<HeatCell>> {
            let cell = |row: usize, column: usize, value: u64| HeatCell {
                value,
                tone: tones[((4 - row) + column).div_ceil(2).min(4)],
                href: Some(format!("/risks?cell={row}-{column}")),
            };
            values
                .iter()
                .enumerate()
                .map(|(row, line)| {
                    line.iter().enumerate().map(|(column, value)| cell(row, column, *value)).collect()
                })
                .collect()
        };
        let mut map = HeatMap {
            row_axis: "Likelihood".to_owned(),
            column_axis: "Impact".to_owned(),
            rows: scale(&["almost certain", "likely", "possible", "unlikely", "rare"]),
            columns: scale(&["negligible", "minor", "moderate", "major", "catastrophic"]),
            cells: cells(&values),
        };
        self.show(false, "Risks by likelihood and impact", |about| heat_map(about, &map));
        map.columns = scale(&["1", "2", "3", "4", "5"]);
        map.rows = scale(&["5", "4", "3", "2", "1"]);
        self.show(false, "Heat map: short labels", |about| heat_map(about, &map));
        map.rows = hostile().into_iter().take(5).collect();
        map.columns = hostile().into_iter().take(5).collect();
        self.show(false, "Heat map: hostile labels", |about| heat_map(about, &map));
        let none = HeatMap { rows: Vec::new(), columns: Vec::new(), cells: Vec::new(), ..map.clone() };
        self.show(false, "Heat map: none", |about| heat_map(about, &none));
        let wide = HeatMap {
            rows: (0..12).map(|i| format!("tactic {i}")).collect(),
            columns: (0..60).map(|i| format!("technique number {i}")).collect(),
            cells: (0..12)
                .map(|r| {
                    (0..60)
                        .map(|c| HeatCell {
                            value: (r * c) % 7 * 400,
                            tone: tones[(c % 5) as usize],
                            href: None,
                        })
                        .collect()
                })
                .collect(),
            ..map
        };
        self.show(true, "Heat map: 12 by 60", |about| heat_map(about, &wide));
    }

    fn intervals(&mut self) {
        let row = |label: &str, low: f64, mid: f64, high: f64, tone: Tone| Interval {
            label: label.to_owned(),
            href: Some("/redteam".to_owned()),
            low,
            mid,
            high,
            tone,
        };
        let axis = Axis { title: "Attack success, share of attempts".to_owned(), low: 0.0, high: 1.0 };
        let rows = [
            row("Direct instruction override", 0.02, 0.05, 0.11, Tone::Satisfied),
            row("Encoded payloads", 0.31, 0.44, 0.58, Tone::Failing),
            row("Retrieved document injection", 0.12, 0.22, 0.36, Tone::Partial),
            row("Many-shot", 0.0, 0.4, 1.0, Tone::Unknown),
        ];
        self.show(false, "Attack success with 95 % intervals", |about| intervals(about, &rows, &axis));
        let odd: Vec<Interval> = hostile()
            .iter()
            .zip([
                (-3.0, 0.5, 9.0),
                (f64::NAN, f64::NAN, f64::NAN),
                (0.9, 0.5, 0.1),
                (2.0, 3.0, 4.0),
                (0.5, 0.5, 0.5),
                (-9.0, -8.0, -7.0),
            ])
            .map(|(text, (low, mid, high))| row(text, low, mid, high, Tone::Failing))
            .collect();
        self.show(false, "Intervals: hostile", |about| intervals(about, &odd, &axis));
        self.show(false, "Intervals: none", |about| intervals(about, &[], &axis));
        let big = Axis { title: "Loss, EUR per year".to_owned(), low: 0.0, high: 12_500_000.0 };
        let loss = [row("Leak of training data", 20_000.0, 480_000.0, 8_250_000.0, Tone::High)];
        self.show(false, "Annual loss", |about| intervals(about, &loss, &big));
    }

    fn timelines(&mut self) {
        let now = 1_795_341_600;
        let span = |label: &str, tone: Tone, from: i64, until: i64| Span {
            label: label.to_owned(),
            href: Some("/decisions".to_owned()),
            from: Timestamp::from_second(now + from * 86_400).unwrap_or(Timestamp::MIN),
            until: Timestamp::from_second(now + until * 86_400).unwrap_or(Timestamp::MAX),
            state: tone.word().to_owned(),
            holds: matches!(tone, Tone::Excepted | Tone::Partial),
            tone,
        };
        let spans = [
            span("3f9a0c17b2de exception", Tone::Excepted, -20, 28),
            span("77aa01c4e5b9 claim with a very long name that has no room", Tone::Partial, -30, 5),
            span("0c5d9e8f7a61 loss", Tone::Unknown, 0, 14),
            span("b2b2b2b2b2b2 exception", Tone::Expired, -40, -3),
            span("e4d1c0ffee00 exception", Tone::Excepted, -400, 2_000),
        ];
        let now = Timestamp::from_second(now).unwrap_or(Timestamp::MIN);
        self.show(false, "Decisions, by day", |about| timeline(about, &spans, now));
        self.show(false, "A break-glass alone", |about| {
            timeline(about, &[Span { until: now, ..spans[0].clone() }], now)
        });
        self.show(false, "No decision", |about| timeline(about, &[], now));
    }

    fn flows(&mut self) {
        let node = |id: String, label: String, tone: Tone| FlowNode {
            href: Some(format!("/{id}")),
            id,
            label,
            tone,
        };
        self.show(true, "Threats, the controls that treat them, their evidence", |about| {
            flow(about, &evidence())
        });
        let many = Flow {
            columns: (0..3)
                .map(|c| {
                    (
                        format!("Column {c}"),
                        (0..(200 / (c + 1)))
                            .map(|i| node(format!("m{c}-{i}"), format!("Node {i}"), STATUS[i % 8]))
                            .collect(),
                    )
                })
                .collect(),
            links: (0..400)
                .map(|i| FlowLink {
                    from: format!("m{}-{}", i % 2, i * 7 % 90),
                    to: format!("m{}-{}", i % 2 + 1, i * 13 % 60),
                    weight: 1 + (i % 3) as u64,
                    tone: STATUS[i % 8],
                })
                .collect(),
        };
        self.show(true, "Flow: 400 links", |about| flow(about, &many));
        let odd = Flow {
            columns: vec![
                (
                    "Only".to_owned(),
                    hostile()
                        .into_iter()
                        .enumerate()
                        .map(|(i, text)| node(format!("h{i}"), text, STATUS[i % 8]))
                        .collect(),
                ),
                (hostile().swap_remove(0), vec![]),
            ],
            links: vec![FlowLink {
                from: "h0".to_owned(),
                to: "h1".to_owned(),
                weight: u64::MAX,
                tone: Tone::Failing,
            }],
        };
        self.show(true, "Flow: hostile labels", |about| flow(about, &odd));
        self.show(false, "Flow: none", |about| flow(about, &Flow { columns: vec![], links: vec![] }));
    }

    fn boundaries(&mut self) {
        self.show(true, "Trust boundaries of a help desk", |about| boundary(about, &help_desk(&[])));
        let path = ["visitor", "web", "gateway", "model", "orders"];
        self.show(true, "Help desk: an attack path", |about| boundary(about, &help_desk(&path)));
        for (nodes, edges, zones) in [(1, 0, 1), (3, 4, 2), (30, 45, 4), (80, 200, 4), (300, 900, 5)] {
            self.show(true, &format!("Diagram: {nodes} elements, {edges} flows"), |about| {
                boundary(about, &random(nodes, edges, zones))
            });
        }
        self.show(true, "Diagram: none", |about| boundary(about, &random(0, 0, 0)));
        let mut odd = random(6, 12, 2);
        for (node, text) in odd.nodes.iter_mut().zip(hostile()) {
            node.kind.clone_from(&text);
            node.label = text;
        }
        for (edge, text) in odd.edges.iter_mut().zip(hostile()) {
            edge.label = text;
        }
        odd.zones[0].label = hostile().swap_remove(0);
        self.show(true, "Diagram: hostile labels", |about| boundary(about, &odd));
    }
}

fn hostile() -> Vec<String> {
    vec![
        "A label of exactly sixty characters, as people do write them".to_owned(),
        "<script>alert(1)</script> & \"quotes\" 'too'".to_owned(),
        "evil\u{202e}gnp.exe\u{2066}\u{1b}[31m".to_owned(),
        format!("z{}algo", "\u{301}\u{321}\u{489}".repeat(30)),
        "W".repeat(1_000_000),
        "漢字とひらがなの非常に長いラベルはここで切られます".to_owned(),
    ]
}

fn evidence() -> Flow {
    let node =
        |id: String, label: String, tone: Tone| FlowNode { href: Some(format!("/{id}")), id, label, tone };
    let words = [
        [
            "Training data is poisoned",
            "Prompt injection through a document",
            "Weights are swapped",
            "Personal data leaks",
            "Excessive agency",
        ],
        [
            "Data is scanned",
            "Model files are scanned",
            "Weights are signed",
            "Gateway inspects prompts",
            "Tools have limits",
        ],
        ["data-scan", "model-scan", "signature", "gateway-window", "none"],
    ];
    let pairs = [(0, 0), (0, 2), (1, 3), (1, 4), (2, 1), (2, 2), (3, 0), (3, 3), (4, 4)];
    Flow {
        columns: ["Threats", "Controls", "Evidence"]
            .iter()
            .enumerate()
            .map(|(c, head)| {
                let nodes = words[c].iter().enumerate().map(|(i, word)| {
                    let tone = if c == 0 {
                        [Tone::High, Tone::Critical, Tone::Medium, Tone::High, Tone::Low][i]
                    } else {
                        STATUS[(i * 2 + 6) % 8]
                    };
                    node(format!("n{c}-{i}"), (*word).to_owned(), tone)
                });
                ((*head).to_owned(), nodes.collect())
            })
            .collect(),
        links: pairs
            .iter()
            .map(|(a, b)| FlowLink {
                from: format!("n0-{a}"),
                to: format!("n1-{b}"),
                weight: 1 + (a * b) as u64,
                tone: STATUS[(b * 2 + 6) % 8],
            })
            .chain((0..4).map(|i| FlowLink {
                from: format!("n1-{i}"),
                to: format!("n2-{i}"),
                weight: 2,
                tone: STATUS[(i * 2 + 6) % 8],
            }))
            .chain([FlowLink {
                from: "n0-4".to_owned(),
                to: "n2-4".to_owned(),
                weight: 2,
                tone: Tone::Unknown,
            }])
            .collect(),
    }
}

fn help_desk(path: &[&str]) -> Diagram {
    let zone = |id: &str, label: &str, rank: u8| Zone { id: id.to_owned(), label: label.to_owned(), rank };
    let node = |id: &str, label: &str, kind: &str, zone: &str, tone: Tone| Node {
        id: id.to_owned(),
        label: label.to_owned(),
        kind: kind.to_owned(),
        zone: zone.to_owned(),
        tone,
        href: Some(format!("/elements/{id}")),
    };
    let nodes = vec![
        node("visitor", "visitor", "user", "public", Tone::Neutral),
        node("web", "web-chat", "application", "public", Tone::Partial),
        node("supplier", "model-hub", "registry", "partner", Tone::Unknown),
        node("gateway", "gateway", "gateway", "internal", Tone::Satisfied),
        node("model", "assistant-server", "model server", "internal", Tone::Failing),
        node("retriever", "retriever", "retriever", "internal", Tone::Satisfied),
        node("vectors", "ticket-vectors", "vector store", "internal", Tone::Expired),
        node("orders", "orders-api", "tool", "restricted", Tone::Unknown),
        node("train", "fine-tuning", "training job", "restricted", Tone::Partial),
        node("tickets", "tickets", "dataset", "restricted", Tone::Failing),
    ];
    let flows = [
        ("visitor", "web", "user-prompts"),
        ("web", "gateway", "user-prompts"),
        ("gateway", "web", "answers"),
        ("gateway", "model", "user-prompts"),
        ("model", "gateway", "answers"),
        ("model", "retriever", "queries"),
        ("retriever", "vectors", "queries"),
        ("vectors", "retriever", "tickets"),
        ("retriever", "model", "tickets"),
        ("model", "orders", "tool calls"),
        ("supplier", "train", "base weights"),
        ("tickets", "train", "tickets"),
        ("tickets", "vectors", "embeddings"),
        ("train", "model", "weights"),
        ("train", "train", "checkpoints"),
    ];
    let zone_of = |id: &str| nodes.iter().find(|node| node.id == id).map(|node| node.zone.clone());
    let edges = flows
        .iter()
        .map(|(from, to, label)| Edge {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
            label: (*label).to_owned(),
            crosses: zone_of(from) != zone_of(to),
            href: Some(format!("/flows/{from}-{to}")),
        })
        .collect();
    Diagram {
        zones: vec![
            zone("restricted", "Restricted", 3),
            zone("public", "Internet", 0),
            zone("internal", "Platform", 2),
            zone("partner", "Suppliers", 1),
        ],
        edges,
        highlight: path.iter().map(|id| (*id).to_owned()).collect(),
        nodes,
    }
}

fn random(nodes: usize, edges: usize, zones: usize) -> Diagram {
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let kinds = ["model server", "vector store", "tool", "gateway", "agent"];
    let nodes: Vec<Node> = (0..nodes)
        .map(|i| Node {
            id: format!("e{i}"),
            label: format!("element-{i}"),
            kind: kinds[i % kinds.len()].to_owned(),
            zone: format!("z{}", next(zones)),
            tone: STATUS[next(8)],
            href: None,
        })
        .collect();
    let edges = (0..edges)
        .map(|_| {
            // Most flows stay near: systems are not random graphs.
            let from = next(nodes.len());
            let to = if next(4) == 0 { next(nodes.len()) } else { (from + 1 + next(6)) % nodes.len() };
            Edge {
                from: format!("e{from}"),
                to: format!("e{to}"),
                label: ["user-prompts", "answers", "weights", "log records"][next(4)].to_owned(),
                crosses: nodes[from].zone != nodes[to].zone,
                href: None,
            }
        })
        .collect();
    let zones =
        (0..zones).map(|i| Zone { id: format!("z{i}"), label: format!("Zone {i}"), rank: i as u8 }).collect();
    Diagram { zones, nodes, edges, highlight: Vec::new() }
}
