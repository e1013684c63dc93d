use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::GroupId;
use bartizan_project::{GroupRole, Project};
use jiff::civil::Date;

use crate::{
    model::{Model, Node, Risk, Threat, Treated},
    registry::RULES,
    sink::Sink,
    system::System,
};

/// Derives threats, risks and the controls they ask for. `today` decides which treatments still hold.
pub fn derive(project: &Project, today: Date) -> Model {
    let system = System::new(project);
    let mut threats = Vec::new();
    for rule in RULES {
        rule.derive(&system, &mut Sink::new(&system, rule, &mut threats));
    }
    threats.sort_by(|a, b| (&a.rule, &a.path, &a.id).cmp(&(&b.rule, &b.path, &b.id)));
    threats.dedup_by(|a, b| a.id == b.id);
    let mut used = BTreeSet::new();
    let risks = threats.iter().map(|threat| risk(project, threat, today, &mut used)).collect();
    let mut controls: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for threat in &threats {
        for control in &threat.controls {
            controls.entry(control.clone()).or_default().push(threat.id.clone());
        }
    }
    let unused_treatments = (0..project.treatments.len()).filter(|index| !used.contains(index)).collect();
    Model { threats, risks, controls, unused_treatments }
}

fn risk(project: &Project, threat: &Threat, today: Date, used: &mut BTreeSet<usize>) -> Risk {
    let (likelihood, impact) = (threat.likelihood.value, threat.impact.value);
    Risk {
        threat: threat.id.clone(),
        likelihood,
        impact,
        score: likelihood * impact,
        severity: threat.severity,
        consideration: threat.consideration,
        owner: owner(project, threat),
        treatment: treatment(project, threat, today, used),
        controls: threat.controls.clone(),
    }
}

/// The decision that holds: one that names the target before one for all threats of the rule, and of two of the
/// same scope the one that stands first and has not expired.
fn treatment(project: &Project, threat: &Threat, today: Date, used: &mut BTreeSet<usize>) -> Treated {
    let fits = |index: &usize| {
        let scope = &project.treatments[*index].threat;
        let target = scope.target.as_deref();
        scope.rule == threat.rule && target.is_none_or(|target| target == threat.target())
    };
    let mut fitting: Vec<usize> = (0..project.treatments.len()).filter(fits).collect();
    used.extend(fitting.iter().copied());
    fitting.sort_by_key(|index| {
        let treatment = &project.treatments[*index];
        (treatment.expires < today, treatment.threat.target.is_none(), *index)
    });
    let Some(treatment) = fitting.first().map(|index| &project.treatments[*index]) else {
        return Treated::Untreated;
    };
    if treatment.expires < today {
        return Treated::Expired { expires: treatment.expires };
    }
    Treated::Decided {
        decision: treatment.decision,
        owner: treatment.owner.clone(),
        reason: treatment.reason.clone(),
        expires: treatment.expires,
    }
}

fn owner(project: &Project, threat: &Threat) -> Option<GroupId> {
    let of = |node: &Node| match node {
        Node::Element(id) => project.elements.get(id)?.owner.clone(),
        Node::Asset(id) => project.assets.get(id)?.owner.clone(),
    };
    threat.path.iter().rev().find_map(of).or_else(|| {
        let with =
            |role| project.groups.iter().find(|(_, group)| group.role == role).map(|(id, _)| id.clone());
        [GroupRole::ProductOwner, GroupRole::Executive].into_iter().find_map(with)
    })
}
