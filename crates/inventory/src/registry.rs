use bartizan_finding::RuleMeta;

use crate::rules::{
    AssetLost, ControlLost, DatasetUndeclared, GateLost, ModelDiffers, ModelUndeclared, PromptUndeclared,
    ProviderUndeclared, RestUndeclared, SystemLost, SystemUndeclared, ThreatLost, ToolUndeclared,
};

/// Counts up when any of these rules finds more, less or otherwise.
pub const RULE_SET: u32 = 1;

/// All rules of the family REC, by code.
pub fn rules() -> Vec<&'static RuleMeta> {
    vec![
        ModelUndeclared::META,
        DatasetUndeclared::META,
        PromptUndeclared::META,
        ToolUndeclared::META,
        ProviderUndeclared::META,
        SystemUndeclared::META,
        ModelDiffers::META,
        RestUndeclared::META,
        ThreatLost::META,
        ControlLost::META,
        AssetLost::META,
        SystemLost::META,
        GateLost::META,
    ]
}
