use serde::{Deserialize, Serialize};

/// What a statement is about. Each has the in-toto predicate type `urn:bartizan:<kind>:v1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PredicateKind {
    /// A recorded decision about a piece of work, by named people.
    Approval,
    /// Threats, risks and facts derived from a project file.
    Assessment,
    /// The whole pass: which statements, new or unchanged, it rests on.
    CheckRun,
    /// A dataset or text asset that was read and searched.
    DataScan,
    /// A documented procedure that was executed and timed.
    Drill,
    /// A decision to live with something, for a while.
    Exception,
    /// What a gate decided, and why.
    GateDecision,
    /// An interval of a gateway's counters.
    GatewayWindow,
    /// Bytes that were compared with a pinned digest.
    IntegrityCheck,
    /// A model file that was read and judged.
    ModelScan,
    /// Attacks that were tried on a model, and their outcomes.
    RedteamRun,
    /// A person's finished training module.
    TrainingRecord,
    /// The list of collectors and what each may state.
    Trust,
}

impl PredicateKind {
    /// All kinds, in the order of their names.
    pub const ALL: [Self; 13] = [
        Self::Approval,
        Self::Assessment,
        Self::CheckRun,
        Self::DataScan,
        Self::Drill,
        Self::Exception,
        Self::GateDecision,
        Self::GatewayWindow,
        Self::IntegrityCheck,
        Self::ModelScan,
        Self::RedteamRun,
        Self::TrainingRecord,
        Self::Trust,
    ];

    /// The name in commands and configuration, such as `model-scan`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Assessment => "assessment",
            Self::CheckRun => "check-run",
            Self::DataScan => "data-scan",
            Self::Drill => "drill",
            Self::Exception => "exception",
            Self::GateDecision => "gate-decision",
            Self::GatewayWindow => "gateway-window",
            Self::IntegrityCheck => "integrity-check",
            Self::ModelScan => "model-scan",
            Self::RedteamRun => "redteam-run",
            Self::TrainingRecord => "training-record",
            Self::Trust => "trust",
        }
    }

    /// The in-toto predicate type, such as `urn:bartizan:model-scan:v1`.
    pub fn uri(self) -> String {
        format!("urn:bartizan:{}:v1", self.as_str())
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The kind with this predicate type.
    pub fn from_uri(uri: &str) -> Option<Self> {
        Self::from_name(uri.strip_prefix("urn:bartizan:")?.strip_suffix(":v1")?)
    }
}

impl std::fmt::Display for PredicateKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris_and_names_lead_back() {
        for kind in PredicateKind::ALL {
            assert_eq!(PredicateKind::from_uri(&kind.uri()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
        }
        assert!(PredicateKind::ALL.is_sorted_by_key(|kind| kind.as_str()));
        assert_eq!(PredicateKind::from_uri("urn:bartizan:model-scan:v2"), None);
    }
}
