use bartizan_artifact::escape;
use bartizan_finding::{Occurrence, Rule};

use crate::{
    UndeclaredKind,
    reconcile::{Reality, Seen, Thing, seen_at},
    rules::ObservedRule,
};

/// The declared model is not the one that is called.
///
/// ## What it finds
/// A provider of whose models exactly one is declared and not called, and exactly one is called and not declared, both
/// of one sort. A version, date or tag behind the name does not make another model.
/// ## Why it matters
/// Evaluations, contracts and decisions are about the declared model; what runs is another one, that nobody tested.
/// ## Example
/// `[asset.assistant]` has `model = "openai/gpt-4o"` and the only model in the code is `gpt-4.1-mini`.
/// ## Fix
/// Correct `model` in the project file, which asks for its evidence anew, or call the declared model.
/// ## References
/// - NIST SP 800-218A, PO.5.3
/// - NIST SP 800-218A, PW.4.4
#[derive(Rule)]
#[rule(code = "REC007", severity = "medium", confidence = "medium", controls = ["threat-model"])]
pub struct ModelDiffers;

impl ObservedRule for ModelDiffers {
    fn check(&self, reality: &Reality<'_>, sink: &mut dyn FnMut(Seen)) {
        for provider in &reality.inventory.providers {
            let calling = reality.hosted.calling(provider, reality.inventory, &reality.names);
            let Some((asset, called)) = calling.differs else { continue };
            let declared = reality
                .project
                .assets
                .iter()
                .find(|(id, _)| id.as_str() == asset)
                .and_then(|(_, asset)| asset.model.as_ref());
            let message = format!(
                "the asset `{asset}` is {}, but the model that is called is `{}`; {} shows at {}",
                declared.map_or("", bartizan_project::HostedModel::as_str),
                escape(&called, 120),
                provider.name,
                seen_at(&provider.places)
            );
            let location = reality.project.location(&format!("asset.{asset}.model"));
            sink(Seen {
                occurrence: Occurrence::new(Self::META, location, message),
                kind: UndeclaredKind::Mismatch,
                name: asset.clone(),
                thing: Thing::Differs { asset, model: format!("{}/{called}", provider.name) },
            });
        }
    }
}
