//! How long it takes to derive the threats of large systems: `cargo bench -p bartizan-threat`.
#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "a bench measures and says so")]

use std::{fmt::Write as _, time::Instant};

use bartizan_project::parse;
use bartizan_threat::derive;
use jiff::civil::date;

fn main() {
    measure(1000, 5000, 11);
    // As large as a project file may be.
    measure(bartizan_project::MAX_ELEMENTS, bartizan_project::MAX_FLOWS, 3);
}

fn measure(elements: usize, flows: usize, runs: usize) {
    let text = project(elements, flows);
    let project = parse(&text).project.expect("the generated project is well formed");
    let mut times = Vec::new();
    let mut digests = std::collections::BTreeSet::new();
    let mut threats = 0;
    for _ in 0..runs {
        let start = Instant::now();
        let model = derive(&project, date(2026, 11, 22));
        times.push(start.elapsed());
        threats = model.threats.len();
        digests.insert(serde_json::to_string(&model).expect("a model has a JSON form"));
    }
    times.sort();
    println!(
        "{elements} elements, {flows} flows: median {:?}, worst {:?}, {threats} threats, {} different outputs",
        times[runs / 2],
        times[runs - 1],
        digests.len(),
    );
}

/// A system with every kind of element, wired by a fixed linear congruential generator.
fn project(elements: usize, flows: usize) -> String {
    const KINDS: [&str; 16] = [
        "user",
        "user-interface",
        "gateway",
        "model-server",
        "retriever",
        "vector-store",
        "tool",
        "agent",
        "memory",
        "training-job",
        "registry",
        "data-pipeline",
        "external-api",
        "human-approver",
        "log-store",
        "tool",
    ];
    const CLASSES: [&str; 6] =
        ["user-prompts", "completions", "retrieved-content", "documents", "tool-calls", "tool-results"];
    let mut state = 42_u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % below
    };
    let mut text = String::from("format = 1\n[project]\nname = \"scale\"\n");
    for at in 0..elements {
        let kind = KINDS[at % KINDS.len()];
        let _ = writeln!(text, "[element.e{at}]\nkind = \"{kind}\"");
        if kind == "tool" {
            text.push_str("effects = [\"write:records\"]\n");
        }
    }
    for _ in 0..flows {
        let (from, to) = (next(elements), next(elements));
        let (first, second) = (CLASSES[next(6)], CLASSES[next(6)]);
        let carries =
            if first == second { format!("\"{first}\"") } else { format!("\"{first}\", \"{second}\"") };
        let to = if from == to { (to + 1) % elements } else { to };
        let _ = writeln!(
            text,
            "[[flow]]\nfrom = \"e{from}\"\nto = \"e{to}\"\ncarries = [{carries}]\ninspected = {}",
            next(3) == 0
        );
    }
    text
}
