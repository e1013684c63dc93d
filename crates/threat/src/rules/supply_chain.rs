use bartizan_finding::Rule;
use bartizan_project::{ActorKind, AssetKind, Capability};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    model::Node,
    sink::{Draft, Sink, ThreatRule},
    system::System,
};

/// What is taken in from outside can be exchanged or carry code.
///
/// ## What it finds
/// A model, adapter, tokenizer or container with a source outside and no pinned digest, or in a format that
/// carries code; a hosted model, which its provider can change.
/// ## Why it matters
/// A name in a registry is a promise, not a file. Whoever controls the account behind it, or the way to it,
/// decides what is loaded, and formats that carry code run it on loading.
/// ## Example
/// `[asset.base]` with a `source` and `path = "base/pytorch_model.bin"` and no `digest`.
/// ## Fix
/// Pin the digest, take safetensors instead of pickle, verify the publisher's signature, and scan before the
/// first load.
/// ## References
/// - owasp-llm:2026/LLM04
/// - owasp-asi:2026/ASI04
/// - atlas:5.6.0/AML.T0010.003
/// - atlas:5.6.0/AML.T0109
/// - atlas:5.6.0/AML.T0011.000
#[derive(Rule)]
#[rule(code = "THR006", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity", "model-provenance", "safe-serialization"])]
pub struct SupplyChain;

impl ThreatRule for SupplyChain {
    fn consideration(&self) -> Consideration {
        Consideration::Rc02
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::SupplyChain, ActorKind::State], Capability::Oc2)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        let taken_in = |kind| {
            matches!(
                kind,
                AssetKind::Model | AssetKind::Adapter | AssetKind::Tokenizer | AssetKind::Container
            )
        };
        for (id, asset) in system.project.assets.iter().filter(|(_, asset)| taken_in(asset.kind)) {
            let hosted = asset.model.is_some() && asset.path.is_none();
            let path_text = asset.path.as_ref().map_or("", |path| path.as_str());
            let code = CODE.iter().any(|suffix| path_text.to_ascii_lowercase().ends_with(suffix));
            let pinned = asset.digest.is_some();
            let foreign = asset.source.is_some() || asset.model.is_some();
            if !foreign || (pinned && !code) {
                continue;
            }
            let why = format!(
                "the {} `{id}` comes from outside{}",
                asset.kind,
                match (hosted, pinned, code) {
                    (true, ..) => ", and its provider can exchange it unseen",
                    (_, false, false) => " and no digest says which bytes were meant",
                    (_, false, true) =>
                        " in a format that carries code, and no digest says which bytes were meant",
                    (_, true, _) => " in a format that carries code",
                },
            );
            let likelihood = Level::new(3, "publishers' accounts are taken over")
                .when(pinned, -1, "the bytes are pinned")
                .when(hosted, -1, "the provider is bound by contract");
            let impact = Level::new(4, "every answer of the system comes from it").when(
                code,
                1,
                "loading it runs code",
            );
            let mut path = vec![Node::Asset(id.clone())];
            let users = system.all(|element| element.assets().any(|used| used == id));
            let more = users.len().saturating_sub(1) as u64;
            path.extend(users.first().map(|at| Node::Element(system.ids[*at].clone())));
            let key = Some(bartizan_project::SubjectRef::Asset(id.clone()).key());
            sink.push(Draft { path, more, why, likelihood, impact, key });
        }
    }
}

/// Ends of the names of files whose formats hold code that a usual loader runs; `.h5` and `.keras` by way of
/// Lambda layers, `.nemo` by way of a pickle inside.
const CODE: [&str; 12] =
    [".bin", ".ckpt", ".dill", ".h5", ".joblib", ".keras", ".mar", ".nemo", ".pkl", ".pickle", ".pt", ".pth"];
