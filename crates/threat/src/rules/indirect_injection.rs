use bartizan_finding::Rule;
use bartizan_project::{ActorKind, Approval, Capability};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    rules::harm_of,
    search::Search,
    sink::{Draft, Sink, ThreatRule},
    system::{CONTENT, DECISIONS, System},
};

/// Content that others wrote can make the model act.
///
/// ## What it finds
/// A way from content that outsiders may have written, through a model, to an element that changes something: a
/// document, web page, mail or tool result in, a write, a deletion, a message, a payment or a command out.
/// ## Why it matters
/// The model cannot tell what it reads from what it is told. Whoever places a sentence where the model will
/// read it acts with the authority of the model, without ever having an account.
/// ## Example
/// `kb-import` > `retriever` > `agent` > `refund-tool`, where the tool has `effects = ["write:refunds"]`.
/// ## Fix
/// Put an approval by a person or a policy before the effect, inspect and sanitise content before the model
/// reads it, or keep the tool out of conversations that read foreign content.
/// ## References
/// - owasp-llm:2026/LLM01
/// - owasp-asi:2026/ASI01
/// - owasp-asi:2026/ASI02
/// - atlas:5.6.0/AML.T0051.001
/// - atlas:5.6.0/AML.T0070
/// - atlas:5.6.0/AML.T0053
#[derive(Rule)]
#[rule(code = "THR002", severity = "high", confidence = "high", controls = ["retrieval-isolation", "tool-authority", "red-team", "data-hidden-text"])]
pub struct IndirectInjection;

impl ThreatRule for IndirectInjection {
    fn consideration(&self) -> Consideration {
        Consideration::Rc03
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::IndirectAuthor, ActorKind::SupplyChain], Capability::Oc1)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        let search = Search::from(system, system.content_origins(), &[CONTENT, DECISIONS]);
        for end in system.acting() {
            let Some(way) = search.way(end) else { continue };
            let Some(model) = way.model(system) else { continue };
            let approval = way.approval(system);
            let why = format!(
                "content from `{}` is read by `{}`, which can {}{}",
                system.ids[way.start()],
                system.ids[model],
                super::power_over(system, model, end),
                match approval {
                    Approval::None => ", and nobody has to agree",
                    Approval::Human => ", once a person agrees",
                    Approval::Policy => ", where a policy allows it",
                },
            );
            let likelihood = Level::new(4, "the model reads content that others may have written")
                .when(way.doubt == 0, 1, "it comes from an outer zone")
                .when(way.doubt == 2, -1, "it is the answer of a tool of ours")
                .when(way.is_inspected(system), -1, "a guard looks at it on the way")
                .when(way.is_sanitised(system), -1, "markup and hidden text are taken out")
                .when(approval == Approval::Policy, -1, "a policy outside the model must allow the effect")
                .when(approval == Approval::Human, -2, "a person must agree to the effect");
            let impact = harm_of(system, end);
            sink.push(Draft { path: way.path(system), more: way.more, why, likelihood, impact, key: None });
        }
    }
}
