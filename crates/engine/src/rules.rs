//! What only the engine can see: bytes held against what the project pins, and the log against what was known.

use bartizan_finding::{Rule, RuleMeta};

/// The bytes of an asset are not the ones that the project pins.
///
/// ## What it finds
/// An asset with a `digest` in the project file whose file, or folder, has another SHA-256 now.
/// The digest of a folder binds the names, sizes and contents of all its files.
/// ## Why it matters
/// Whatever was examined, tested and agreed to was about other bytes.
/// Weights can be changed so that a model behaves as before until a trigger appears.
/// ## Example
/// `digest = "sha256:…"` of `model/model.safetensors`, after one byte of a tensor was changed.
/// ## Fix
/// Find out who changed the asset and why.
/// Restore the pinned bytes, or examine the new ones, test the model again, and pin the new digest.
/// ## References
/// - NIST SP 800-218A, PS.1.3.R2 and PS.2.1.R1
/// - <https://atlas.mitre.org/techniques/AML.T0018>
#[derive(Rule)]
#[rule(code = "INT001", severity = "critical", confidence = "high", controls = ["model-integrity"])]
pub(crate) struct DigestDiffers;

/// The rules of this crate.
pub(crate) fn rules() -> Vec<&'static RuleMeta> {
    vec![DigestDiffers::META]
}
