use std::fmt;

use serde::{Deserialize, Serialize};

/// To whom a recommendation of SP 800-218A speaks. A project is judged by what it does: one that trains is judged
/// as a model producer, whatever else it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Audience {
    /// Trains, fine-tunes or aligns models.
    ModelProducer,
    /// Builds systems around models.
    SystemProducer,
    /// Buys and uses systems that hold models.
    Acquirer,
}

impl Audience {
    /// All three.
    pub const ALL: [Self; 3] = [Self::ModelProducer, Self::SystemProducer, Self::Acquirer];

    /// The slug, such as `model-producer`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ModelProducer => "model-producer",
            Self::SystemProducer => "system-producer",
            Self::Acquirer => "acquirer",
        }
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
