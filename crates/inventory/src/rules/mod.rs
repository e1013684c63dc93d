//! Rules over what was seen and over what was lost, one file each.

mod asset_lost;
mod control_lost;
mod dataset_undeclared;
mod gate_lost;
mod model_differs;
mod model_undeclared;
mod prompt_undeclared;
mod provider_undeclared;
mod rest_undeclared;
mod system_lost;
mod system_undeclared;
mod threat_lost;
mod tool_undeclared;

use bartizan_finding::Rule;

use crate::reconcile::{Reality, Seen};

pub use self::{
    asset_lost::AssetLost, control_lost::ControlLost, dataset_undeclared::DatasetUndeclared,
    gate_lost::GateLost, model_differs::ModelDiffers, model_undeclared::ModelUndeclared,
    prompt_undeclared::PromptUndeclared, provider_undeclared::ProviderUndeclared,
    rest_undeclared::RestUndeclared, system_lost::SystemLost, system_undeclared::SystemUndeclared,
    threat_lost::ThreatLost, tool_undeclared::ToolUndeclared,
};

/// A rule that holds what was seen against what is declared.
pub(crate) trait ObservedRule: Rule + Sync {
    /// Says what is not declared.
    fn check(&self, reality: &Reality<'_>, sink: &mut dyn FnMut(Seen));
}

/// The rules over what was seen, by code.
pub(crate) const OBSERVED: [&dyn ObservedRule; 8] = [
    &ModelUndeclared,
    &DatasetUndeclared,
    &PromptUndeclared,
    &ToolUndeclared,
    &ProviderUndeclared,
    &SystemUndeclared,
    &ModelDiffers,
    &RestUndeclared,
];
