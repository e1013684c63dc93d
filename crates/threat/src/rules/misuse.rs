use bartizan_finding::Rule;
use bartizan_project::{ActorKind, Capability, Classification, ProjectRole, SubjectRef};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    model::Node,
    search::Search,
    sink::{Draft, Sink, ThreatRule},
    system::{ANSWERS, System},
};

/// The model can be used for what it must not be used for.
///
/// ## What it finds
/// Weights that are given to others, or answers that leave for an outer zone without inspection.
/// ## Why it matters
/// What a model can do for its users it can do for those who mean harm: deceive in bulk, look for flaws, help
/// with weapons. Once weights are out nothing can be taken back.
/// ## Example
/// A model-producer whose `[asset.release]` has `classification = "public"`.
/// ## Fix
/// Evaluate dangerous capabilities before release and against thresholds set beforehand, inspect answers, watch
/// accounts for abuse, and rehearse stopping the service.
/// ## References
/// - atlas:5.6.0/AML.T0047
/// - atlas:5.6.0/AML.T0054
/// - nist-ai-600-1:2024/GAI01
/// - nist-ai-100-2:2025/NISTAML.018
#[derive(Rule)]
#[rule(code = "THR013", severity = "medium", confidence = "medium", controls = ["red-team", "usage-limits", "runtime-monitoring", "stop-and-rollback"])]
pub struct Misuse;

impl ThreatRule for Misuse {
    fn consideration(&self) -> Consideration {
        Consideration::Rc04
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::Outsider, ActorKind::TenantUser, ActorKind::State], Capability::Oc1)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        let project = system.project;
        let released = project.assets.iter().filter(|(_, asset)| {
            let made_here = !asset.derived_from.is_empty() || asset.source.is_none() && asset.model.is_none();
            asset.kind.holds_weights() && made_here && asset.classification == Classification::Public
        });
        if project.role == ProjectRole::ModelProducer {
            for (id, asset) in released {
                let why = format!("the weights of the {} `{id}` are given to everyone", asset.kind);
                let likelihood = Level::new(4, "no guard goes with the weights");
                let impact = Level::new(4, "what is released cannot be taken back");
                let path = vec![Node::Asset(id.clone())];
                sink.push(Draft { path, more: 0, why, likelihood, impact, key: None });
            }
        }
        let models = system.all(|element| element.kind.thinks());
        let search = Search::from(system, models.into_iter().map(|at| (at, 0)).collect(), &[ANSWERS]);
        for reader in (0..system.elements.len()).filter(|at| system.is_outside(*at)) {
            let Some(way) = search.way(reader).filter(|way| way.nodes.len() > 1 && !way.is_inspected(system))
            else {
                continue;
            };
            let why = format!(
                "answers of `{}` reach `{}`, and nothing looks at what they are used for",
                system.ids[way.start()],
                system.ids[reader],
            );
            let limited = way.nodes.iter().any(|at| !system.elements[*at].limits.is_none());
            let logged = way.nodes.iter().any(|at| system.elements[*at].logs);
            let likelihood = Level::new(3, "general models are asked for everything")
                .when(limited, -1, "one caller can ask only so much")
                .when(!logged, 1, "nobody could tell afterwards");
            let impact = Level::new(3, "others are harmed with what was built here");
            let key = Some(SubjectRef::Element(system.ids[way.start()].clone()).key());
            sink.push(Draft { path: way.path(system), more: way.more, why, likelihood, impact, key });
        }
    }
}
