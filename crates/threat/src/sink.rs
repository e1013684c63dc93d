use std::collections::BTreeSet;

use bartizan_finding::{Rule, RuleMeta};
use bartizan_project::{ActorKind, Capability, SubjectRef};
use bartizan_standards::Consideration;

use crate::{
    level::{Level, severity},
    model::{Node, Threat, ThreatId},
    system::System,
};

/// A rule over the system model.
pub(crate) trait ThreatRule: Rule + Sync {
    /// What its threats are about.
    fn consideration(&self) -> Consideration;

    /// Which kinds of actor are able to, and the least capability that it takes.
    fn actors(&self) -> (&'static [ActorKind], Capability);

    /// Says where it holds.
    fn derive(&self, system: &System<'_>, sink: &mut Sink<'_, '_>);
}

/// What a rule says of one threat; the sink adds what follows from the rule and the project.
pub(crate) struct Draft {
    pub(crate) path: Vec<Node>,
    pub(crate) more: u64,
    pub(crate) why: String,
    pub(crate) likelihood: Level,
    pub(crate) impact: Level,
    /// Key in the project file, where it is not that of the path's end.
    pub(crate) key: Option<String>,
}

/// Takes the threats of one rule.
pub(crate) struct Sink<'s, 'p> {
    system: &'s System<'p>,
    rule: &'s dyn ThreatRule,
    threats: &'s mut Vec<Threat>,
}

impl<'s, 'p> Sink<'s, 'p> {
    pub(crate) fn new(
        system: &'s System<'p>,
        rule: &'s dyn ThreatRule,
        threats: &'s mut Vec<Threat>,
    ) -> Self {
        Self { system, rule, threats }
    }

    pub(crate) fn push(&mut self, draft: Draft) {
        let Draft { path, more, why, likelihood, impact, key } = draft;
        let meta: &'static RuleMeta = self.rule.meta();
        let project = self.system.project;
        let (kinds, least) = self.rule.actors();
        let mut actors = BTreeSet::new();
        let mut inside = BTreeSet::new();
        for (id, actor) in project.all_actors() {
            if !kinds.contains(&actor.kind) || actor.capability < least {
                continue;
            }
            let reaches =
                |node: &Node| matches!(node, Node::Element(element) if actor.access.contains(element));
            if path.iter().any(reaches) {
                inside.insert(id.clone());
            }
            actors.insert(id);
        }
        let names: Vec<_> = inside.iter().map(|id| format!("`{id}`")).collect();
        let likelihood = likelihood.when(
            !names.is_empty(),
            1,
            format!("{} already reaches part of the path", names.join(", ")),
        );
        let key = key.unwrap_or_else(|| match path.last() {
            Some(Node::Element(id)) => SubjectRef::Element(id.clone()).key(),
            Some(Node::Asset(id)) => SubjectRef::Asset(id.clone()).key(),
            None => String::new(),
        });
        self.threats.push(Threat {
            id: ThreatId::new(&meta.code, &path),
            rule: meta.code.clone(),
            title: meta.title,
            severity: severity(likelihood.value, impact.value),
            why,
            more,
            actors,
            consideration: self.rule.consideration(),
            references: meta.references.to_vec(),
            controls: meta.controls.to_vec(),
            likelihood,
            impact,
            location: project.location(&key),
            path,
        });
    }
}
