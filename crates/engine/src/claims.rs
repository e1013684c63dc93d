//! What a run has to say: one claim for each file, each pinned asset, and the project as declared.

use std::collections::BTreeMap;

use bartizan_finding::{AssetId, FindingSet, Location, Occurrence, PredicateKind};
use bartizan_project::Project;
use serde_json::json;

use crate::{
    bytes::Bytes,
    inspect::Inspected,
    plan::{Plan, Task},
    record::Claim,
    rules::DigestDiffers,
    standing::Standing,
};

/// One statement for each file whose digest is known.
pub(crate) fn file_claims(plan: &Plan, inspected: &[Inspected]) -> Vec<Claim> {
    let claim = |(task, seen): (&Task, &Inspected)| {
        let (counts, facts) = counted(&seen.findings, seen.facts.clone());
        Some(Claim {
            kind: task.predicate(),
            subject: (task.file.name.clone(), seen.digest?),
            rule_sets: seen.rule_sets.clone(),
            parameters: BTreeMap::from([("asset.kind".to_owned(), json!(task.kind.as_str()))]),
            counts,
            facts,
            unexamined: seen.unexamined.clone(),
        })
    };
    plan.tasks.iter().zip(inspected).filter_map(claim).collect()
}

/// One statement for each asset that the project pins, and a finding where its bytes are others.
pub(crate) fn integrity_claims(
    project: &Project,
    assets: &BTreeMap<AssetId, Bytes>,
    findings: &mut FindingSet,
) -> Vec<Claim> {
    let mut claims = Vec::new();
    for (id, asset) in &project.assets {
        let (Some(pinned), Some(found)) = (asset.digest, assets.get(id).and_then(|bytes| bytes.whole)) else {
            continue;
        };
        let mut wrong = FindingSet::new();
        if pinned != found {
            let path = asset.path.as_ref().map_or("", |path| path.as_str());
            let message = format!("`{id}` has the digest {found}, and the project pins {pinned}");
            let occurrence = Occurrence::new(DigestDiffers::META, Location::file(path), message);
            wrong.push(Some(id), occurrence);
        }
        let facts = BTreeMap::from([
            ("digest.matches".to_owned(), json!(pinned == found)),
            ("digest.pinned".to_owned(), json!(pinned)),
        ]);
        let (counts, facts) = counted(&wrong, facts);
        claims.push(Claim {
            kind: PredicateKind::IntegrityCheck,
            subject: (id.to_string(), found),
            rule_sets: BTreeMap::new(),
            parameters: BTreeMap::new(),
            counts,
            facts,
            unexamined: Vec::new(),
        });
        findings.merge(wrong);
    }
    claims
}

/// The statement about the project as declared.
pub(crate) fn assessment_claim(
    project: &Project,
    threats: &bartizan_threat::Model,
    standing: &Standing,
    findings: &FindingSet,
) -> Claim {
    let (counts, mut facts) = counted(findings, bartizan_threat::facts(project, threats));
    facts.extend(standing.facts());
    let of_project = |name: &str| ["PRJ", "REC", "THR"].iter().any(|family| name.starts_with(family));
    Claim {
        kind: PredicateKind::Assessment,
        subject: (project.name.clone(), project.root()),
        rule_sets: crate::registry::rule_sets(),
        parameters: BTreeMap::from([("role".to_owned(), json!(project.role.as_str()))]),
        counts: counts.into_iter().filter(|(name, _)| of_project(name)).collect(),
        facts,
        unexamined: Vec::new(),
    }
}

/// The counts of a set of findings, and the facts with what they say about severities.
pub(crate) fn counted(
    findings: &FindingSet,
    mut facts: BTreeMap<String, serde_json::Value>,
) -> (BTreeMap<String, u64>, BTreeMap<String, serde_json::Value>) {
    let by_severity = findings.counts_by_severity();
    if !by_severity.is_empty() {
        facts.insert("counts.by-severity".to_owned(), json!(by_severity));
    }
    (findings.counts(), facts)
}
