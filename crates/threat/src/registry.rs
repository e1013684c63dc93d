use bartizan_finding::RuleMeta;

use crate::{
    rules::{
        BoundaryCrossing, DataExfiltration, DirectInjection, ExcessiveAgency, IndirectInjection,
        InsiderTampering, Misuse, Overreliance, PromptLeakage, SensitiveDisclosure, SupplyChain,
        TrainingPoisoning, UnboundedConsumption, WeightsTheft,
    },
    sink::ThreatRule,
};

/// Counts up when any of these rules finds more, less or otherwise.
pub const RULE_SET: u32 = 1;

/// All rules, by code.
pub(crate) const RULES: [&dyn ThreatRule; 14] = [
    &DirectInjection,
    &IndirectInjection,
    &ExcessiveAgency,
    &DataExfiltration,
    &TrainingPoisoning,
    &SupplyChain,
    &WeightsTheft,
    &SensitiveDisclosure,
    &PromptLeakage,
    &UnboundedConsumption,
    &BoundaryCrossing,
    &Overreliance,
    &Misuse,
    &InsiderTampering,
];

/// All rules of the family THR, by code.
pub fn rules() -> Vec<&'static RuleMeta> {
    RULES.iter().map(|rule| rule.meta()).collect()
}
