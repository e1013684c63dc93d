use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::Severity;
use bartizan_project::{AssetKind, ElementKind, Project};
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
        ("injection-paths.unguarded", elements(unguarded(&system))),
        ("datasets.without-source", assets(&without_source)),
        ("models.without-provenance", assets(&without_provenance)),
        ("assets.without-owner", assets(&|asset| asset.owner.is_none())),
        ("groups.without-members", list(groups)),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect()
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
