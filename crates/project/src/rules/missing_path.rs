use bartizan_finding::Rule;

/// A declared asset is not where the project says.
///
/// ## What it finds
/// An asset whose `path` names no file or folder, or one that leads out of the project's folder.
/// ## Why it matters
/// Nothing was looked at under that name. Everything that the project derives from the asset, its threats,
/// controls and evidence, speaks of something that is not there.
/// ## Example
/// `path = "model/"` in a folder without `model`.
/// ## Fix
/// Correct the path, or remove the asset if it is gone for good.
/// ## References
/// - NIST SP 800-218A, PS.3.2
#[derive(Rule)]
#[rule(code = "PRJ001", severity = "high", confidence = "high", controls = ["threat-model"])]
pub struct MissingPath;
