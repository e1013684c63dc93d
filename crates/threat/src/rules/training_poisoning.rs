use bartizan_finding::Rule;
use bartizan_project::{ActorKind, AssetKind, Capability};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    model::Node,
    rules::{Lineage, lineage},
    sink::{Draft, Sink, ThreatRule},
    system::System,
};

/// Whoever writes the training data shapes the model.
///
/// ## What it finds
/// A model or adapter that was derived from a data set with a source outside, or with no source at all.
/// ## Why it matters
/// A few hundred planted examples are enough for a behaviour that shows only on a trigger. It survives
/// evaluation, and it cannot be removed without training again.
/// ## Example
/// `[asset.assistant]` with `derived_from = ["reviews"]`, where `reviews` has a public `source`.
/// ## Fix
/// Pin the digest of what was reviewed, scan it, keep its provenance, and test the model for behaviour that the
/// data should not have taught.
/// ## References
/// - owasp-llm:2026/LLM05
/// - atlas:5.6.0/AML.T0020
/// - atlas:5.6.0/AML.T0019
/// - nist-ai-100-2:2025/NISTAML.013
#[derive(Rule)]
#[rule(code = "THR005", severity = "medium", confidence = "high", controls = ["data-provenance", "data-scan", "data-hidden-text", "model-integrity"])]
pub struct TrainingPoisoning;

impl ThreatRule for TrainingPoisoning {
    fn consideration(&self) -> Consideration {
        Consideration::Rc06
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::IndirectAuthor, ActorKind::SupplyChain, ActorKind::Insider], Capability::Oc2)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        for (id, asset) in system.project.assets.iter().filter(|(_, asset)| asset.kind.holds_weights()) {
            let foreign = |data: &bartizan_project::Asset| {
                data.kind == AssetKind::Dataset && (data.source.is_some() || data.derived_from.is_empty())
            };
            let Some(Lineage { chain, more }) = lineage(system, id, &foreign) else { continue };
            let Some(data) = chain.first().map(|data| (*data, &system.project.assets[*data])) else {
                continue;
            };
            let pinned = data.1.digest.is_some();
            let named = data.1.source.is_some();
            let why = format!(
                "the {} `{id}` learned from `{}`, {}{}",
                asset.kind,
                data.0,
                if named { "which was taken from outside" } else { "which says nothing about its origin" },
                if pinned { "" } else { " and has no pinned digest" },
            );
            let likelihood = Level::new(3, "others decide what is in the data")
                .when(!named, 1, "nobody says who")
                .when(pinned, -1, "the bytes are pinned, so they cannot change unseen");
            let impact = Level::new(4, "the behaviour stays in the weights until they are trained again");
            let path = chain.iter().map(|id| Node::Asset((*id).clone())).collect();
            sink.push(Draft { path, more, why, likelihood, impact, key: None });
        }
    }
}
