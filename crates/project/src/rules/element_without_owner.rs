use bartizan_finding::{Occurrence, Rule};
use jiff::civil::Date;

use crate::{ElementKind, Project, SubjectRef, Verb, rules::ProjectRule};

/// An element that decides or acts has no owner.
///
/// ## What it finds
/// A model server, an agent, a gateway or an element that changes something, without `owner`.
/// ## Why it matters
/// When it misbehaves nobody is there who may stop it, and the risks that end there have no owner either.
/// ## Example
/// `[element.orders-api]` with `effects = ["write:refunds"]` and no `owner`.
/// ## Fix
/// Set `owner` to the id of a group.
/// ## References
/// - NIST SP 800-218A, PO.2.1
#[derive(Rule)]
#[rule(code = "PRJ010", severity = "low", confidence = "high", controls = ["ownership"])]
pub struct ElementWithoutOwner;

impl ProjectRule for ElementWithoutOwner {
    fn check(&self, project: &Project, _: Date, sink: &mut dyn FnMut(Occurrence)) {
        for (id, element) in &project.elements {
            let acts =
                element.kind.thinks() || element.kind == ElementKind::Gateway || element.has(Verb::changes);
            if acts && element.owner.is_none() {
                let location = project.location(&SubjectRef::Element(id.clone()).key());
                sink(Occurrence::new(
                    Self::META,
                    location,
                    format!("the {} `{id}` has no owner", element.kind),
                ));
            }
        }
    }
}
