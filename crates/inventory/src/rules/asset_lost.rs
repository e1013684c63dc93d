use bartizan_finding::Rule;

/// An asset that was declared before is gone.
///
/// ## What it finds
/// An asset that an earlier trusted assessment had and the project file has not, and whose loss nobody agreed to. What
/// cannot be there without it (threats on whose path it lay, controls that applied to nothing else) is listed with it.
/// ## Why it matters
/// What is not declared is not scanned, not signed for and not asked about. An asset that fails a check must not pass
/// by being taken off the list.
/// ## Example
/// `[asset.tickets]` is removed after personal data were found in it.
/// ## Fix
/// Declare it again. If it is really gone or has another name, ask for the loss with
/// `bartizan exception add --lost asset/ID` and have somebody else agree with `bartizan exception approve ID`.
/// ## References
/// - NIST SP 800-218, PS.3.1
/// - NIST SP 800-218A, PO.5.3
#[derive(Rule)]
#[rule(code = "REC103", severity = "high", confidence = "high", controls = ["threat-model"])]
pub struct AssetLost;
