use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::Severity;
use bartizan_project::{AssetKind, ElementKind, Isolation, Project};
use serde_json::Value;

use crate::{
    model::Model,
    search::Search,
    system::{CONTENT, DECISIONS, System},
};

/// What an `assessment` statement says of a project, by the names that the controls' criteria use. Lists hold the
/// ids of elements, assets, groups or threats, sorted.
pub fn facts(project: &Project, model: &Model) -> BTreeMap<String, Value> {
    let system = System::new(project);
    let elements = |numbers: Vec<usize>| list(numbers.into_iter().map(|at| system.ids[at].as_str()));
    let assets = |holds: &dyn Fn(&bartizan_project::Asset) -> bool| {
        list(project.assets.iter().filter(|(_, asset)| holds(asset)).map(|(id, _)| id.as_str()))
    };
    let open = |risk: &&crate::Risk| risk.severity >= Severity::High && risk.treatment.is_open();
    let untreated = list(model.risks.iter().filter(open).map(|risk| risk.threat.as_str()));
    let tools = system.acting().into_iter();
    let tools = tools.filter(|at| system.elements[*at].kind == ElementKind::Tool && !system.is_approved(*at));
    let serving = system.all(|element| {
        matches!(element.kind, ElementKind::Gateway | ElementKind::ModelServer) && element.limits.is_none()
    });
    let anonymous = system.all(|element| {
        matches!(element.kind, ElementKind::Gateway | ElementKind::ModelServer) && !element.authenticates
    });
    let exposed_training = system
        .all(|element| element.kind == ElementKind::TrainingJob && element.isolation == Isolation::None);
    let silent = system.all(|element| ACTING.contains(&element.kind) && !element.logs);
    let without_source = |asset: &bartizan_project::Asset| {
        let complete =
            asset.source.as_ref().is_some_and(|source| source.url.is_some() && source.licence.is_some());
        asset.kind == AssetKind::Dataset && asset.derived_from.is_empty() && !complete
    };
    let without_provenance = |asset: &bartizan_project::Asset| {
        let known = asset.source.is_some() || !asset.derived_from.is_empty() || asset.model.is_some();
        asset.kind.holds_weights() && !known
    };
    let groups =
        project.groups.iter().filter(|(_, group)| group.members.is_empty()).map(|(id, _)| id.as_str());
    [
        ("threats.derived", Value::from(model.threats.len())),
        ("risks.untreated-high", untreated),
        ("tools.write-without-approval", elements(tools.collect())),
        ("serving.without-limits", elements(serving)),
        ("serving.without-authentication", elements(anonymous)),
        ("training.without-isolation", elements(exposed_training)),
        ("elements.without-logs", elements(silent)),
        ("injection-paths.unguarded", elements(unguarded(&system))),
        ("datasets.without-source", assets(&without_source)),
        ("models.without-provenance", assets(&without_provenance)),
        ("assets.without-owner", assets(&|asset| asset.owner.is_none())),
        ("groups.without-members", list(groups)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .chain(open_threats(model))
    .collect()
}

/// What decides or acts, and so has to keep a log.
const ACTING: [ElementKind; 5] = [
    ElementKind::Agent,
    ElementKind::Gateway,
    ElementKind::ModelServer,
    ElementKind::Tool,
    ElementKind::TrainingJob,
];

/// Of each rule, how many of its threats nobody has decided anything about, whatever they weigh: `threats.open.THR003`.
fn open_threats(model: &Model) -> impl Iterator<Item = (String, Value)> {
    let mut open: BTreeMap<String, u64> =
        crate::rules().iter().map(|rule| (format!("threats.open.{}", rule.code), 0)).collect();
    for (threat, _) in model.threats.iter().zip(&model.risks).filter(|(_, risk)| risk.treatment.is_open()) {
        *open.entry(format!("threats.open.{}", threat.rule)).or_insert(0) += 1;
    }
    open.into_iter().map(|(name, count)| (name, Value::from(count)))
}

/// Retrievers, vector stores and memories from which a way without inspection and without approval leads through
/// a model to something that acts.
fn unguarded(system: &System<'_>) -> Vec<usize> {
    let retrieval = system.all(|element| {
        matches!(element.kind, ElementKind::Retriever | ElementKind::VectorStore | ElementKind::Memory)
    });
    let search = Search::toward(system, system.acting(), &[CONTENT, DECISIONS]);
    retrieval.into_iter().filter(|at| search.is_open(*at)).collect()
}

fn list<'i>(ids: impl Iterator<Item = &'i str>) -> Value {
    let sorted: BTreeSet<&str> = ids.collect();
    sorted.into_iter().collect()
}
