use bartizan_finding::{Occurrence, Rule};
use jiff::civil::Date;

use crate::{Project, SubjectRef, rules::ProjectRule};

/// A model does not say where it comes from.
///
/// ## What it finds
/// A model or adapter with none of `source`, `derived_from` and `model`.
/// ## Why it matters
/// Weights whose origin nobody knows may carry anything: a backdoor, somebody else's property, data that had to
/// be deleted.
/// ## Example
/// `[asset.assistant]` with `kind = "model"` and `path = "model/"` alone.
/// ## Fix
/// Name where the weights were taken from (`source`) or what they were trained from (`derived_from`).
/// ## References
/// - NIST SP 800-218A, PS.3.2 and PW.4.4
/// - <https://atlas.mitre.org/techniques/AML.T0010.003>
#[derive(Rule)]
#[rule(code = "PRJ004", severity = "medium", confidence = "high", controls = ["model-provenance"])]
pub struct ModelWithoutProvenance;

impl ProjectRule for ModelWithoutProvenance {
    fn check(&self, project: &Project, _: Date, sink: &mut dyn FnMut(Occurrence)) {
        let weights = project.assets.iter().filter(|(_, asset)| asset.kind.holds_weights());
        for (id, asset) in weights {
            if asset.source.is_none() && asset.derived_from.is_empty() && asset.model.is_none() {
                let location = project.location(&SubjectRef::Asset(id.clone()).key());
                let message = format!("the {} `{id}` does not say where it comes from", asset.kind);
                sink(Occurrence::new(Self::META, location, message));
            }
        }
    }
}
