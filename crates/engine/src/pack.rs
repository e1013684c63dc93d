//! One file that a third party verifies offline: the whole log with every envelope, whose evidence counts, what was
//! declared, the report that follows from it, and who outside has seen the log.
//!
//! ```text
//! pack.dsse                    the digests of the four files below, signed by the collector that packed
//! pack.json                    the project, the time, the head of the log, the program
//! bartizan.toml                the project file
//! assets.json                  what lay at the path of each asset: names and digests
//! report.json                  bartizan/report/v1
//! root.pub, trust.toml, trust.toml.dsse
//! ledger/…                     the log in the C2SP tlog-tiles layout, and blobs/
//! anchors/…                    cosigned checkpoints and time stamps, where there are any
//! ```
//!
//! Nothing of the log is left out, so a pack cannot show the evidence for something and leave out what speaks against
//! it. Whoever verifies it computes the status of each control anew and holds the report against it.

mod read;
mod verify;
mod write;

use std::collections::BTreeMap;

use bartizan_finding::{AssetId, Digest, Timestamp};
use bartizan_ledger::{AnchorKind, Verification};
use serde::{Deserialize, Serialize};

use crate::bytes::Bytes;

pub use verify::verify;
pub use write::write;

/// The value of [`Manifest::schema`].
pub const SCHEMA: &str = "bartizan/pack/v1";

/// The payload type of the signature over a pack's manifest.
pub const PAYLOAD: &str = "application/vnd.bartizan.pack+json";

/// What a pack says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Always `bartizan/pack/v1`.
    pub schema: String,
    /// The project's name.
    pub project: String,
    /// When it was packed.
    pub created: Timestamp,
    /// The version of the program.
    pub version: String,
    /// The collector that packed it, whose key signs this.
    pub collector: String,
    /// Entries of the log.
    pub size: u64,
    /// Root of the Merkle tree over them.
    pub root: Digest,
    /// The files that this binds, by name.
    pub files: BTreeMap<String, Digest>,
}

/// What lay at the path of each asset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Assets(pub BTreeMap<AssetId, Packed>);

/// What lay at the path of one asset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// The digest of the file or folder as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<Digest>,
    /// Its files: name, size, digest where it could be read.
    pub files: Vec<(String, u64, Option<Digest>)>,
}

impl Assets {
    fn of(assets: &BTreeMap<AssetId, Bytes>) -> Self {
        let packed = |bytes: &Bytes| Packed { whole: bytes.whole, files: bytes.files.clone() };
        Self(assets.iter().map(|(id, bytes)| (id.clone(), packed(bytes))).collect())
    }

    fn bytes(&self) -> BTreeMap<AssetId, Bytes> {
        let bytes = |packed: &Packed| Bytes { files: packed.files.clone(), whole: packed.whole };
        self.0.iter().map(|(id, packed)| (id.clone(), bytes(packed))).collect()
    }
}

/// What a stranger learns from a pack.
#[derive(Debug)]
pub struct Verdict {
    /// What the pack says of itself, where that can be read.
    pub manifest: Option<Manifest>,
    /// What is wrong, as sentences. None where the pack holds.
    pub faults: Vec<String>,
    /// What is not wrong but limits what the pack shows, as sentences.
    pub limits: Vec<String>,
    /// The root key that everything rests on.
    pub root: Option<String>,
    /// The audit of the log.
    pub audit: Option<Verification>,
    /// Statements that count.
    pub trusted: u64,
    /// Statements that do not, by index, with the reason.
    pub refused: Vec<(u64, String)>,
    /// Who outside has seen the log: how, by name, when, and how many entries.
    pub anchors: Vec<(AnchorKind, String, Timestamp, u64)>,
    /// How many controls have which status when it was packed, by the evidence in it.
    pub then: BTreeMap<String, u64>,
    /// The same at the time of verification.
    pub now: BTreeMap<String, u64>,
}

impl Verdict {
    /// Whether the pack holds.
    pub fn holds(&self) -> bool {
        self.faults.is_empty()
    }
}
