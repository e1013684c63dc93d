use std::collections::BTreeMap;

use bartizan_finding::Rule;
use bartizan_project::{ActorKind, Capability, DataClass, Flow};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    model::Node,
    sink::{Draft, Sink, ThreatRule},
    system::System,
};

/// Data cross a trust boundary unprotected.
///
/// ## What it finds
/// Flows between two zones of different trust that are not encrypted, or that are not authenticated into an
/// element that does not authenticate either. There is one threat for each pair of zones.
/// ## Why it matters
/// On the way between two zones somebody else can read, change or send what travels, and the receiver takes it
/// for what it pretends to be.
/// ## Example
/// `partner-feed` (partner) > `data-pipeline` (internal) with neither `encrypted` nor `authenticated`.
/// ## Fix
/// Encrypt the flow and let the receiver check who sends: mutual TLS, signed messages, or tokens.
/// ## References
/// - owasp-asi:2026/ASI07
/// - atlas:5.6.0/AML.T0049
/// - nist-sp-800-218:1.1/PO.5.1
#[derive(Rule)]
#[rule(code = "THR011", severity = "medium", confidence = "high", controls = ["threat-model", "runtime-monitoring"])]
pub struct BoundaryCrossing;

impl ThreatRule for BoundaryCrossing {
    fn consideration(&self) -> Consideration {
        Consideration::Rc02
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::Outsider, ActorKind::State], Capability::Oc2)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        let mut pairs: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (at, (from, to, flow)) in system.flows.iter().enumerate() {
            let crosses = system.trust[*from] != system.trust[*to];
            if crosses && (!flow.encrypted || unknown(system, *to, flow)) {
                let zones = (system.elements[*from].zone.as_str(), system.elements[*to].zone.as_str());
                pairs.entry(zones).or_default().push(at);
            }
        }
        for flows in pairs.values_mut() {
            // The most telling flow stands for the pair: what matters travels on it, and least protects it.
            flows.sort_by_key(|at| {
                let flow = system.flows[*at].2;
                (!matters(flow), flow.encrypted, *at)
            });
            let Some(first) = flows.first() else { continue };
            let (from, to, flow) = system.flows[*first];
            let lacks = match (flow.encrypted, unknown(system, to, flow)) {
                (false, true) => "neither encrypted nor authenticated",
                (false, false) => "not encrypted",
                (true, _) => "not authenticated",
            };
            let why = format!(
                "`{}` ({}) to `{}` ({}) is {lacks}",
                system.ids[from], system.trust[from], system.ids[to], system.trust[to],
            );
            let likelihood = Level::new(3, "whoever sits between the zones can try").when(
                flow.encrypted,
                -1,
                "nobody between can read or change it",
            );
            let impact = Level::new(2, "the receiver takes in, or loses, what was not meant").when(
                matters(flow),
                2,
                "credentials, personal data, weights, training data or calls travel there",
            );
            let path = vec![Node::Element(system.ids[from].clone()), Node::Element(system.ids[to].clone())];
            let more = flows.len() as u64 - 1;
            sink.push(Draft { path, more, why, likelihood, impact, key: Some(flow.key()) });
        }
    }
}

/// Whether the receiver cannot know who sends.
fn unknown(system: &System<'_>, to: usize, flow: &Flow) -> bool {
    // What goes out to people needs no proof of its sender.
    let inward = !system.is_outside(to);
    inward && !flow.authenticated && !system.elements[to].authenticates
}

fn matters(flow: &Flow) -> bool {
    const MATTERS: [DataClass; 5] = [
        DataClass::Credentials,
        DataClass::PersonalData,
        DataClass::Weights,
        DataClass::TrainingData,
        DataClass::ToolCalls,
    ];
    flow.carries.iter().any(|class| MATTERS.contains(class))
}
