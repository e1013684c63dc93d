use std::collections::BTreeSet;

use bartizan_finding::{AssetId, Occurrence, RuleMeta};
use jiff::civil::Date;

use crate::{
    Project, SubjectRef,
    rules::{
        AssetWithoutOwner, DatasetWithoutSource, ElementWithoutOwner, GroupWithoutMembers, IgnoreExpired,
        IgnoreUnused, MissingPath, ModelWithoutProvenance, ProjectRule, TreatmentExpired, TreatmentUnused,
    },
};

/// Counts up when any of these rules finds more, less or otherwise.
pub const RULE_SET: u32 = 1;

/// The rules that need nothing but the project and the day.
const PURE: [&dyn ProjectRule; 7] = [
    &AssetWithoutOwner,
    &DatasetWithoutSource,
    &ModelWithoutProvenance,
    &GroupWithoutMembers,
    &IgnoreExpired,
    &TreatmentExpired,
    &ElementWithoutOwner,
];

/// All rules of the family PRJ, by code.
pub fn rules() -> Vec<&'static RuleMeta> {
    let mut rules: Vec<_> = PURE.iter().map(|rule| rule.meta()).collect();
    rules.extend([MissingPath::META, IgnoreUnused::META, TreatmentUnused::META]);
    rules.sort_by(|a, b| a.code.cmp(&b.code));
    rules
}

/// What is wrong with a well-formed project, in the order of the codes.
pub fn check(project: &Project, today: Date) -> Vec<Occurrence> {
    let mut found = Vec::new();
    for rule in PURE {
        rule.check(project, today, &mut |occurrence| found.push(occurrence));
    }
    found.sort_by(|a, b| (&a.rule.code, &a.location).cmp(&(&b.rule.code, &b.location)));
    found
}

/// PRJ001 for an asset whose path leads nowhere; `why` reads well after a colon. Whoever looks at the files calls
/// it.
pub fn missing_path(project: &Project, asset: &AssetId, why: &str) -> Occurrence {
    let key = format!("{}.path", SubjectRef::Asset(asset.clone()).key());
    let path =
        project.assets.get(asset).and_then(|asset| asset.path.as_ref()).map_or("", |path| path.as_str());
    let message = format!("the asset `{asset}` is not at `{path}`: {why}");
    Occurrence::new(MissingPath::META, project.location(&key), message)
}

/// PRJ007 for each ignore that hid nothing; `used` holds the indexes of those that did. Only for complete runs:
/// an ignore for something that was not looked at is not unused.
pub fn unused_ignores(project: &Project, used: &BTreeSet<usize>) -> Vec<Occurrence> {
    let unused = project.ignores.iter().enumerate().filter(|(index, _)| !used.contains(index));
    let occurrence = |(index, ignore): (usize, &crate::Ignore)| {
        let message = format!("the ignore of {} in `{}` hides nothing", ignore.rule, ignore.path);
        Occurrence::new(IgnoreUnused::META, project.location(&format!("ignore[{index}]")), message)
    };
    unused.map(occurrence).collect()
}

/// PRJ009 for each treatment that no threat answers to; `unused` holds their indexes.
pub fn unused_treatments(project: &Project, unused: &BTreeSet<usize>) -> Vec<Occurrence> {
    let stale = project.treatments.iter().enumerate().filter(|(index, _)| unused.contains(index));
    let occurrence = |(index, treatment): (usize, &crate::Treatment)| {
        let message = format!("no threat answers to {}", treatment.threat);
        Occurrence::new(TreatmentUnused::META, project.location(&format!("treatment[{index}]")), message)
    };
    stale.map(occurrence).collect()
}
