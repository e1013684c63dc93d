use bartizan_finding::Rule;

/// An ignore hides nothing.
///
/// ## What it finds
/// An `[[ignore]]` that matched no finding of a complete run.
/// ## Why it matters
/// What it was written for is gone, and it would silently swallow the next finding of its kind.
/// ## Example
/// An ignore of `PII003` in `data/samples/*` after the samples were removed.
/// ## Fix
/// Remove it.
/// ## References
/// - NIST SP 800-218, RV.2.2
#[derive(Rule)]
#[rule(code = "PRJ007", severity = "low", confidence = "high", controls = [])]
pub struct IgnoreUnused;
