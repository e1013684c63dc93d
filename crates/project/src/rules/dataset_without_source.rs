use bartizan_finding::{Occurrence, Rule};
use jiff::civil::Date;

use crate::{AssetKind, Project, SubjectRef, rules::ProjectRule};

/// A data set does not say where it comes from or under which terms.
///
/// ## What it finds
/// A data set that is not derived from another and has no `source`, or whose source lacks an address or a
/// licence.
/// ## Why it matters
/// Data of unknown origin cannot be judged for poisoning, for consent or for the right to train on it, and nobody
/// can tell when the original changes.
/// ## Example
/// `[asset.faq]` with `kind = "dataset"` and no `source`.
/// ## Fix
/// Add `source = { url = "…", licence = "…" }`, or `derived_from` with the data sets that it was made from.
/// ## References
/// - NIST SP 800-218A, PW.3.1 and PW.3.2
/// - <https://atlas.mitre.org/techniques/AML.T0019>
#[derive(Rule)]
#[rule(code = "PRJ003", severity = "medium", confidence = "high", controls = ["data-provenance"])]
pub struct DatasetWithoutSource;

impl ProjectRule for DatasetWithoutSource {
    fn check(&self, project: &Project, _: Date, sink: &mut dyn FnMut(Occurrence)) {
        let datasets = project.assets.iter().filter(|(_, asset)| asset.kind == AssetKind::Dataset);
        for (id, asset) in datasets.filter(|(_, asset)| asset.derived_from.is_empty()) {
            let source = asset.source.as_ref();
            let lacks = match (source.and_then(|s| s.url.as_ref()), source.and_then(|s| s.licence.as_ref())) {
                (Some(_), Some(_)) => continue,
                (Some(_), None) => "a licence",
                (None, Some(_)) => "a source",
                (None, None) => "a source and a licence",
            };
            let location = project.location(&SubjectRef::Asset(id.clone()).key());
            sink(Occurrence::new(Self::META, location, format!("the data set `{id}` lacks {lacks}")));
        }
    }
}
