//! Rules over the project file itself, one file each. What they need beyond the project comes in as a parameter.

mod asset_without_owner;
mod dataset_without_source;
mod element_without_owner;
mod group_without_members;
mod ignore_expired;
mod ignore_unused;
mod missing_path;
mod model_without_provenance;
mod treatment_expired;
mod treatment_unused;

use bartizan_finding::{Occurrence, Rule};
use jiff::civil::Date;

use crate::Project;

pub use self::{
    asset_without_owner::AssetWithoutOwner, dataset_without_source::DatasetWithoutSource,
    element_without_owner::ElementWithoutOwner, group_without_members::GroupWithoutMembers,
    ignore_expired::IgnoreExpired, ignore_unused::IgnoreUnused, missing_path::MissingPath,
    model_without_provenance::ModelWithoutProvenance, treatment_expired::TreatmentExpired,
    treatment_unused::TreatmentUnused,
};

/// A rule that looks at nothing but the project and the day.
pub(crate) trait ProjectRule: Rule + Sync {
    /// Says what is wrong.
    fn check(&self, project: &Project, today: Date, sink: &mut dyn FnMut(Occurrence));
}
