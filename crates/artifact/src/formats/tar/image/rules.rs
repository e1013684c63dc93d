//! What can be wrong with a container image.

use bartizan_finding::Rule;

/// A blob of an image is not what its name says.
///
/// ## What it finds
/// A member `blobs/sha256/<digest>` with another SHA-256 than its name, or with another length than the document that asks
/// for it states; the second is medium.
/// ## Why it matters
/// Images are signed and pinned by digest. Programs that trust the name instead of the bytes run what was put in place of
/// the blob.
/// ## Example
/// A layer that was changed after the image was signed.
/// ## Fix
/// Do not load the image. Pull it again by digest.
/// ## References
/// - <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>
/// - <https://cwe.mitre.org/data/definitions/354.html>
#[derive(Rule)]
#[rule(code = "OCI001", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct DigestDisagrees;

/// An image and its blobs do not belong together.
///
/// ## What it finds
/// A blob that no document of the image asks for, or one that is asked for and is not there.
/// ## Why it matters
/// A blob that nobody asks for travels with the image unseen. Images for several systems often lack the blobs of the
/// others, which is harmless.
/// ## Example
/// A layer that was left in the archive when the image was built anew.
/// ## Fix
/// Save the image again from the registry.
/// ## References
/// - <https://github.com/opencontainers/image-spec/blob/main/image-layout.md>
#[derive(Rule)]
#[rule(code = "OCI002", severity = "low", confidence = "high", controls = ["model-integrity"])]
pub(crate) struct Incomplete;
