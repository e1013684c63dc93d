use bartizan_finding::Rule;
use bartizan_project::{ActorKind, Capability, Classification, DataClass, Isolation};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    model::Node,
    sink::{Draft, Sink, ThreatRule},
    system::System,
};

/// The weights can be taken.
///
/// ## What it finds
/// Weights that are not public and that are served in an outer zone, by an element that does not know its
/// callers, or that travel to a less trusted zone or unencrypted.
/// ## Why it matters
/// Whoever has the weights has the product, the data that can be drawn out of it, and all the time there is to
/// look for its weaknesses without any guard.
/// ## Example
/// `[element.edge-server]` in a partner zone with `serves = ["assistant"]`.
/// ## Fix
/// Serve from a restricted zone, authenticate every caller, encrypt weights in transit and at rest, and limit
/// what one caller can ask.
/// ## References
/// - owasp-llm:2026/LLM02
/// - atlas:5.6.0/AML.T0048.004
/// - atlas:5.6.0/AML.T0024.002
/// - atlas:5.6.0/AML.T0025
#[derive(Rule)]
#[rule(code = "THR007", severity = "medium", confidence = "high", controls = ["model-integrity", "release-approval", "usage-limits", "runtime-monitoring"])]
pub struct WeightsTheft;

impl ThreatRule for WeightsTheft {
    fn consideration(&self) -> Consideration {
        Consideration::Rc09
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::Insider, ActorKind::Competitor, ActorKind::State], Capability::Oc2)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        let secret = |asset: &bartizan_project::Asset| {
            asset.kind.holds_weights()
                && asset.path.is_some()
                && asset.classification != Classification::Public
        };
        for (id, asset) in system.project.assets.iter().filter(|(_, asset)| secret(asset)) {
            let mut worst: Option<(u8, Vec<String>, usize)> = None;
            let holders = system.all(|element| element.assets().any(|held| held == id));
            let mut exposed = 0;
            for at in holders {
                let element = system.elements[at];
                let mut reasons = Vec::new();
                if system.is_outside(at) {
                    reasons.push(format!("`{}` stands in the zone `{}`", system.ids[at], element.zone));
                }
                if !element.authenticates && element.serves.contains(id) {
                    reasons.push(format!("`{}` does not know its callers", system.ids[at]));
                }
                for flow in system.out[at].iter().chain(&system.into[at]) {
                    let (from, to, flow) = system.flows[*flow];
                    if !flow.carries.contains(&DataClass::Weights) {
                        continue;
                    }
                    if !flow.encrypted {
                        reasons
                            .push(format!("they travel unencrypted from `{}` to `{}`", flow.from, flow.to));
                    }
                    if system.trust[to] < system.trust[from] {
                        reasons.push(format!("they travel down from `{}` to `{}`", flow.from, flow.to));
                    }
                }
                exposed += u64::from(!reasons.is_empty());
                let weight = u8::try_from(reasons.len()).unwrap_or(u8::MAX);
                if weight > worst.as_ref().map_or(0, |(weight, ..)| *weight) {
                    worst = Some((weight, reasons, at));
                }
            }
            let Some((weight, reasons, at)) = worst else { continue };
            let why = format!("the weights of `{id}` are within reach: {}", reasons.join("; "));
            let element = system.elements[at];
            let likelihood = Level::new(2, "weights are worth stealing")
                .when(system.is_outside(at), 1, "they stand outside the organisation")
                .when(weight > 1, 1, "there is more than one way")
                .when(
                    element.isolation == Isolation::Enclave,
                    -1,
                    "the operator of the machine cannot read them",
                );
            let impact = Level::new(3, "what is copied does not come back").when(
                asset.classification.is_guarded(),
                1,
                format!("the weights are {}", asset.classification),
            );
            let path = vec![Node::Element(system.ids[at].clone()), Node::Asset(id.clone())];
            let more = exposed.saturating_sub(1);
            sink.push(Draft { path, more, why, likelihood, impact, key: None });
        }
    }
}
