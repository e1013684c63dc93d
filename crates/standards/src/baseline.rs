use std::fmt;

use serde::{Deserialize, Serialize};

/// Under which set of expectations a control stands. The two are rolled up apart, because SP 800-218A ends where
/// deployment begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Baseline {
    /// Developing and integrating models: SSDF 1.1 with the profile SP 800-218A.
    #[serde(rename = "ssdf-218a")]
    Ssdf218a,
    /// Running them: the RV practices of SSDF 1.1 and OWASP AISVS 1.0.
    Runtime,
}

impl Baseline {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Ssdf218a, Self::Runtime];

    /// The slug.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ssdf218a => "ssdf-218a",
            Self::Runtime => "runtime",
        }
    }

    /// The name that people read.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Ssdf218a => "SSDF 1.1 with SP 800-218A",
            Self::Runtime => "In service: SSDF 1.1 RV and AISVS 1.0",
        }
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
