use bartizan_finding::Rule;
use bartizan_project::{ActorKind, Approval, Capability, ElementKind, SubjectRef};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    search::Search,
    sink::{Draft, Sink, ThreatRule},
    system::{ANSWERS, CONTENT, System},
};

/// People may believe what is not true.
///
/// ## What it finds
/// Answers of a model that reach people although no person reviews them, and that are not both grounded in
/// retrieved content and inspected.
/// ## Why it matters
/// A model is as fluent when it is wrong. People act on what it says, on refunds and dosages and law, and the
/// owner answers for it.
/// ## Example
/// `assistant-server` > `web-chat` > `customer` without a retriever and without `inspected` answers.
/// ## Fix
/// Ground answers in content that the reader can open, check them before they are shown, and train those who
/// use them for work.
/// ## References
/// - owasp-llm:2026/LLM07
/// - owasp-asi:2026/ASI09
/// - atlas:5.6.0/AML.T0060
/// - atlas:5.6.0/AML.T0048.003
#[derive(Rule)]
#[rule(code = "THR012", severity = "low", confidence = "medium", controls = ["red-team", "runtime-monitoring", "role-training"])]
pub struct Overreliance;

impl ThreatRule for Overreliance {
    fn consideration(&self) -> Consideration {
        Consideration::Rc10
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::TenantUser, ActorKind::IndirectAuthor], Capability::Oc1)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        let models = system.all(|element| element.kind.thinks());
        let sources = system.all(|element| {
            matches!(element.kind, ElementKind::Retriever | ElementKind::VectorStore | ElementKind::Tool)
        });
        let grounding = Search::from(system, sources.into_iter().map(|at| (at, 0)).collect(), &[CONTENT]);
        let search = Search::from(system, models.into_iter().map(|at| (at, 0)).collect(), &[ANSWERS]);
        let users = system.all(|element| element.kind == ElementKind::User);
        let readers = if users.is_empty() {
            system.all(|element| element.kind == ElementKind::UserInterface)
        } else {
            users
        };
        for reader in readers {
            let Some(way) = search.way(reader).filter(|way| way.approval(system) == Approval::None) else {
                continue;
            };
            let grounded = grounding.way(way.start()).is_some();
            let inspected = way.is_inspected(system);
            if grounded && inspected {
                continue;
            }
            let why = format!(
                "answers of `{}` reach `{}` {}, and no person reviews them",
                system.ids[way.start()],
                system.ids[reader],
                match (grounded, inspected) {
                    (false, false) => "neither grounded in content nor inspected",
                    (true, _) => "uninspected",
                    (false, true) => "without content to ground them in",
                },
            );
            let likelihood = Level::new(4, "models are wrong without notice")
                .when(grounded, -1, "answers rest on retrieved content")
                .when(inspected, -1, "a guard looks at the answers");
            let impact = Level::new(2, "somebody acts on what is not true").when(
                system.is_outside(reader),
                1,
                "they are outside the organisation",
            );
            let key = Some(SubjectRef::Element(system.ids[way.start()].clone()).key());
            sink.push(Draft { path: way.path(system), more: way.more, why, likelihood, impact, key });
        }
    }
}
