use bartizan_finding::Rule;
use bartizan_project::{ActorKind, Capability};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    search::Search,
    sink::{Draft, Sink, ThreatRule},
    system::{DECISIONS, PROMPTS, System},
};

/// Users can talk the model out of its instructions.
///
/// ## What it finds
/// A way from people or from an outer zone to a model on which prompts travel. A guard on the way lowers the
/// likelihood; it does not end the threat, because no guard recognises every hostile prompt.
/// ## Why it matters
/// Instructions and input reach the model as one text. Whoever writes part of it can try to overrule the rest:
/// to make the model say what it should not, reveal what it was told, or call what it can call.
/// ## Example
/// `customer` > `web-chat` > `assistant-server` with `carries = ["user-prompts"]` and no `inspected = true`.
/// ## Fix
/// Let a gateway inspect prompts and answers, give the model no authority that its least trusted user should
/// not have, and measure with red-team runs how often attacks succeed.
/// ## References
/// - owasp-llm:2026/LLM01
/// - owasp-asi:2026/ASI01
/// - atlas:5.6.0/AML.T0051.000
/// - atlas:5.6.0/AML.T0054
#[derive(Rule)]
#[rule(code = "THR001", severity = "high", confidence = "high", controls = ["red-team", "prompt-hygiene", "runtime-monitoring"])]
pub struct DirectInjection;

impl ThreatRule for DirectInjection {
    fn consideration(&self) -> Consideration {
        Consideration::Rc03
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::Outsider, ActorKind::TenantUser], Capability::Oc1)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        let search = Search::from(system, system.prompt_origins(), &[PROMPTS]);
        let tools = Search::toward(system, system.acting(), &[DECISIONS]);
        for model in system.all(|element| element.kind.thinks()) {
            let Some(way) = search.way(model).filter(|way| way.is_direct(system)) else { continue };
            let from = system.ids[way.start()];
            let inspected = way.is_inspected(system);
            let acts = tools.cost(model).is_some();
            let why = format!(
                "prompts from `{from}` reach `{}` {}",
                system.ids[model],
                if inspected { "past one guard" } else { "and nothing looks at them on the way" },
            );
            let likelihood = Level::new(4, "anyone who can type can try")
                .when(system.is_outside(way.start()), 1, "the prompts come from outside the organisation")
                .when(inspected, -2, "a guard looks at the prompts");
            let impact = Level::new(2, "the model says what it should not").when(
                acts,
                1,
                "it also decides what is done",
            );
            sink.push(Draft { path: way.path(system), more: way.more, why, likelihood, impact, key: None });
        }
    }
}
