//! How long it takes to derive the threats of large systems: `cargo xtask bench derive`.

use std::{collections::BTreeSet, convert::Infallible, fmt::Write as _};

use bartizan_measure::{Clock, interleave};
use bartizan_project::parse;
use bartizan_threat::derive;
use jiff::civil::date;

fn main() {
    measure("1,000 elements, 5,000 flows", 1000, 5000, 11, 500.0);
    // As large as a project file may be: a file from anyone may be, and the answer should still be worth waiting for.
    measure(
        "as large as a project file may be",
        bartizan_project::MAX_ELEMENTS,
        bartizan_project::MAX_FLOWS,
        3,
        f64::INFINITY,
    );
}

fn measure(name: &str, elements: usize, flows: usize, runs: u32, most: f64) {
    let text = project(elements, flows);
    let project = parse(&text).project.expect("the generated project is well formed");
    let mut models = Vec::new();
    let mut work = || {
        models.push(derive(&project, date(2026, 11, 22)));
        Ok::<_, Infallible>(())
    };
    let Ok([times]) = interleave(Clock::Cpu, runs, [&mut work]);
    let written = models.iter().map(|model| serde_json::to_string(model).expect("a model has a JSON form"));
    assert_eq!(written.collect::<BTreeSet<_>>().len(), 1, "the same project gives the same bytes");
    let threats = models.first().map_or(0, |model| model.threats.len());
    assert!(threats > 0, "the system has threats");
    let figure = times.milliseconds(&format!("derive {threats} threats: {name}"));
    if most.is_finite() { figure.at_most(most) } else { figure }.print();
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
