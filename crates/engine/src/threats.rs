//! Which threats are findings: those that are rated high or worse and about which nobody has decided anything that
//! holds today. The others are listed as threats and weighed as risks.

use bartizan_finding::{Location, Occurrence, Severity};
use bartizan_threat::{Model, Node, Risk, Threat};

use crate::registry;

/// The open threats as occurrences of their rules.
pub(crate) fn occurrences(model: &Model) -> Vec<Occurrence> {
    let open =
        |(threat, risk): &(&Threat, &Risk)| threat.severity >= Severity::High && risk.treatment.is_open();
    model.threats.iter().zip(&model.risks).filter(open).filter_map(|(threat, _)| occurrence(threat)).collect()
}

fn occurrence(threat: &Threat) -> Option<Occurrence> {
    let rule = registry::rule(&threat.rule)?;
    let elements = threat.path.iter().map(|node| Node::as_str(node).to_owned()).collect();
    let location = Location::Model { elements };
    Some(Occurrence::new(rule, location, threat.why.clone()).severity(threat.severity))
}
