use bartizan_finding::Rule;
use bartizan_project::{ActorKind, Approval, Capability};
use bartizan_standards::Consideration;

use crate::{
    level::Level,
    rules::harm_of,
    search::Search,
    sink::{Draft, Sink, ThreatRule},
    system::{DECISIONS, System},
};

/// A model can do harm that nobody has to agree to.
///
/// ## What it finds
/// An element that changes something and that a model can call, where neither the element has an approval nor a
/// person stands on the way.
/// ## Why it matters
/// A model errs, is talked into things and repeats itself at machine speed. Whatever it may do alone will at
/// some time be done wrongly, also without an attacker.
/// ## Example
/// `agent` > `orders-api`, where the tool has `effects = ["delete:orders"]` and no `approval`.
/// ## Fix
/// Set an approval before the effect and enforce it outside the model; take away effects that are not needed;
/// make what remains small and reversible.
/// ## References
/// - owasp-llm:2026/LLM03
/// - owasp-asi:2026/ASI02
/// - owasp-asi:2026/ASI05
/// - atlas:5.6.0/AML.T0053
/// - atlas:5.6.0/AML.T0101
#[derive(Rule)]
#[rule(code = "THR003", severity = "high", confidence = "high", controls = ["tool-authority", "red-team", "stop-and-rollback"])]
pub struct ExcessiveAgency;

impl ThreatRule for ExcessiveAgency {
    fn consideration(&self) -> Consideration {
        Consideration::Rc04
    }

    fn actors(&self) -> (&'static [ActorKind], Capability) {
        (&[ActorKind::TenantUser, ActorKind::IndirectAuthor, ActorKind::Outsider], Capability::Oc1)
    }

    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>) {
        let models = system.all(|element| element.kind.thinks());
        let search = Search::from(system, models.into_iter().map(|at| (at, 0)).collect(), &[DECISIONS]);
        for end in system.acting() {
            let Some(way) = search.way(end).filter(|way| way.approval(system) == Approval::None) else {
                continue;
            };
            let why = format!(
                "`{}` can {}, and nobody has to agree",
                system.ids[way.start()],
                super::power_over(system, way.start(), end),
            );
            let element = system.elements[end];
            let likelihood = Level::new(4, "models err and can be talked into things")
                .when(way.is_inspected(system), -1, "a guard looks at the calls")
                .when(!element.limits.is_none(), -1, "the element limits how often it acts");
            let impact =
                harm_of(system, end).when(!element.logs, 1, "the element keeps no log to undo it by");
            sink.push(Draft { path: way.path(system), more: way.more, why, likelihood, impact, key: None });
        }
    }
}
