use bartizan_finding::Rule;
use bartizan_project::{ActorKind, Capability};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    model::Node,
    sink::{Draft, Sink, ThreatRule},
    system::System,
};

/// One person can change what is served, unseen.
///
/// ## What it finds
/// A model that is served and that is made and owned by the same group, while the project has no gate, or while
/// no digest pins the bytes.
/// ## Why it matters
/// Whoever trains a model can put something into it. Where the same hands also release it, nothing stands
/// between a grudge, a bribe or a stolen account and production.
/// ## Example
/// `[group.training]` trains and owns `assistant`, there is no `[gate.…]`, and `assistant` has no `digest`.
/// ## Fix
/// Let somebody else approve the release of a digest, pin it, and verify it where it is served.
/// ## References
/// - owasp-asi:2026/ASI03
/// - atlas:5.6.0/AML.T0018
/// - atlas:5.6.0/AML.T0012
#[derive(Rule)]
#[rule(code = "THR014", severity = "medium", confidence = "medium", controls = ["release-approval", "model-integrity", "evidence-log"])]
pub struct InsiderTampering;

impl ThreatRule for InsiderTampering {
    fn consideration(&self) -> Consideration {
        Consideration::Rc08
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::Insider], Capability::Oc2)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        let project = system.project;
        for (id, asset) in
            project.assets.iter().filter(|(_, asset)| asset.kind.holds_weights() && asset.path.is_some())
        {
            let maker = |group: &&bartizan_finding::GroupId| {
                project.groups.get(*group).is_some_and(|group| group.trains.contains(id))
            };
            let Some(group) = asset.owner.as_ref().filter(maker) else { continue };
            let servers = system.all(|element| element.serves.contains(id));
            let Some(server) = servers.first() else { continue };
            let (gated, pinned) = (!project.gates.is_empty(), asset.digest.is_some());
            if gated && pinned {
                continue;
            }
            let why = format!(
                "`{group}` both makes and owns `{id}`, which `{}` serves{}{}",
                system.ids[*server],
                if gated { "" } else { "; no gate stands before a release" },
                if pinned { "" } else { "; no digest says which bytes were released" },
            );
            let likelihood = Level::new(2, "few people, and they are known")
                .when(!gated, 1, "nobody else has to agree")
                .when(!system.elements[*server].logs, 1, "the server keeps no log");
            let impact = Level::new(4, "every user gets what was put in");
            let path = vec![Node::Asset(id.clone()), Node::Element(system.ids[*server].clone())];
            let more = servers.len() as u64 - 1;
            sink.push(Draft { path, more, why, likelihood, impact, key: None });
        }
    }
}
