use bartizan_finding::Rule;
use bartizan_project::{ActorKind, AssetKind, Capability};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    model::Node,
    search::Search,
    sink::{Draft, Sink, ThreatRule},
    system::{ANSWERS, System},
};

/// Hidden instructions can be read by those they were hidden from.
///
/// ## What it finds
/// A model whose prompt is confidential, or that works with a key beside a prompt, and whose answers reach an
/// outer zone.
/// ## Why it matters
/// A model can be brought to recite whatever stands before it. A secret in a prompt is a published secret, and
/// a rule that is enforced by the prompt alone is a suggestion.
/// ## Example
/// `[element.agent]` with `uses = ["system-prompt", "crm-key"]` and answers to `customer`.
/// ## Fix
/// Keep keys and authority out of prompts: the program holds them and checks the caller. Write prompts as if
/// they were public.
/// ## References
/// - owasp-llm:2026/LLM08
/// - atlas:5.6.0/AML.T0056
/// - atlas:5.6.0/AML.T0083
#[derive(Rule)]
#[rule(code = "THR009", severity = "medium", confidence = "high", controls = ["prompt-hygiene", "data-secrets", "red-team"])]
pub struct PromptLeakage;

impl ThreatRule for PromptLeakage {
    fn consideration(&self) -> Consideration {
        Consideration::Rc01
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::Outsider, ActorKind::TenantUser, ActorKind::Competitor], Capability::Oc1)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        let search = Search::toward(system, system.readers(), &[ANSWERS]);
        for model in system.all(|element| element.kind.thinks()) {
            let mut prompts = system.assets_of(model).filter(|(_, asset)| asset.kind == AssetKind::Prompt);
            let key =
                system.assets_of(model).find(|(_, asset)| asset.kind == AssetKind::Key).map(|(id, _)| id);
            let kept = |(_, asset): &(_, &bartizan_project::Asset)| {
                asset.classification.is_guarded() || key.is_some()
            };
            let Some((prompt, asset)) = prompts.find(kept) else { continue };
            let Some(way) = search.way(model) else { continue };
            let inspected = way.is_inspected(system);
            let beside = key.map_or(String::new(), |key| format!(" beside the key `{key}`"));
            let why = format!(
                "`{}` works with the prompt `{prompt}` ({}){beside}, and its answers reach `{}`",
                system.ids[model],
                asset.classification,
                system.ids[*way.nodes.last().unwrap_or(&model)],
            );
            let likelihood = Level::new(4, "asking for the prompt is the first thing that people try").when(
                inspected,
                -1,
                "a guard looks at the answers",
            );
            let impact = Level::new(2, "the instructions are known")
                .when(asset.classification.is_guarded(), 1, format!("they are {}", asset.classification))
                .when(key.is_some(), 2, "a key may be known with them");
            let mut path = vec![Node::Asset(prompt.clone())];
            path.extend(way.path(system));
            let key = Some(bartizan_project::SubjectRef::Asset(prompt.clone()).key());
            sink.push(Draft { path, more: way.more, why, likelihood, impact, key });
        }
    }
}
