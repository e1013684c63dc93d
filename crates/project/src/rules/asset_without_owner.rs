use bartizan_finding::{Occurrence, Rule};
use jiff::civil::Date;

use crate::{Project, SubjectRef, rules::ProjectRule};

/// An asset has no owner.
///
/// ## What it finds
/// An asset without `owner`.
/// ## Why it matters
/// Nobody is asked when evidence about it expires, nobody renews it, and risks fall to whoever runs the tool.
/// ## Example
/// `[asset.tickets]` with a kind and a path alone.
/// ## Fix
/// Set `owner` to the id of a group.
/// ## References
/// - NIST SP 800-218A, PO.2.1
#[derive(Rule)]
#[rule(code = "PRJ002", severity = "medium", confidence = "high", controls = ["ownership"])]
pub struct AssetWithoutOwner;

impl ProjectRule for AssetWithoutOwner {
    fn check(&self, project: &Project, _: Date, sink: &mut dyn FnMut(Occurrence)) {
        for (id, asset) in &project.assets {
            if asset.owner.is_none() {
                let location = project.location(&SubjectRef::Asset(id.clone()).key());
                sink(Occurrence::new(
                    Self::META,
                    location,
                    format!("the {} `{id}` has no owner", asset.kind),
                ));
            }
        }
    }
}
