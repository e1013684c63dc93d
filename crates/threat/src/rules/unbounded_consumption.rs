use bartizan_finding::Rule;
use bartizan_project::{ActorKind, Capability};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    search::Search,
    sink::{Draft, Sink, ThreatRule},
    system::{PROMPTS, System},
};

/// Anyone can use up the model.
///
/// ## What it finds
/// A way from people or an outer zone to a model on which no element limits what one caller may use up.
/// ## Why it matters
/// Answers cost money and time. Without limits one caller can spend the budget, keep the others out, or ask
/// often enough to copy the model.
/// ## Example
/// `customer` > `web-chat` > `assistant-server` without `limits` on any of them.
/// ## Fix
/// Set limits on requests, tokens and money for each caller where the callers are known, best at the gateway.
/// ## References
/// - owasp-llm:2026/LLM06
/// - owasp-asi:2026/ASI08
/// - atlas:5.6.0/AML.T0029
/// - atlas:5.6.0/AML.T0034
#[derive(Rule)]
#[rule(code = "THR010", severity = "medium", confidence = "high", controls = ["usage-limits", "runtime-monitoring"])]
pub struct UnboundedConsumption;

impl ThreatRule for UnboundedConsumption {
    fn consideration(&self) -> Consideration {
        Consideration::Rc07
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::Outsider, ActorKind::TenantUser, ActorKind::Competitor], Capability::Oc1)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        let search = Search::around(system, system.prompt_origins(), &[PROMPTS], &|at| {
            !system.elements[at].limits.is_none()
        });
        for model in system.all(|element| element.kind.thinks()) {
            let Some(way) = search.way(model).filter(|way| way.is_direct(system)) else { continue };
            let known = way.nodes.iter().skip(1).any(|at| system.elements[*at].authenticates);
            let why = format!(
                "nothing between `{}` and `{}` limits what one caller uses up",
                system.ids[way.start()],
                system.ids[model],
            );
            let likelihood = Level::new(3, "scripts and loops do it without ill will")
                .when(system.is_outside(way.start()), 1, "callers are outside the organisation")
                .when(known, -1, "callers are known, so they can be shut out");
            let impact = Level::new(3, "the service stops, or the bill comes");
            sink.push(Draft { path: way.path(system), more: way.more, why, likelihood, impact, key: None });
        }
    }
}
