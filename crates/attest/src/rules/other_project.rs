use bartizan_finding::Rule;

/// Evidence was made for another project.
///
/// ## What it finds
/// A statement whose project is not the one that is checked, or a trust file of another project.
/// ## Why it matters
/// A scan of one system says nothing of another, even where both use the same file: limits, rules and scope are those of
/// the project that it was made for.
/// ## Example
/// A statement for the project `intranet` in the ledger of `helpdesk`.
/// ## Fix
/// Collect the evidence for this project. Where the project was renamed, have the root key sign a trust file under the
/// new name and collect again.
/// ## References
/// - <https://slsa.dev/spec/v1.1/verifying-artifacts>
#[derive(Rule)]
#[rule(code = "TRU007", severity = "medium", confidence = "high", controls = ["evidence-log"])]
pub struct OtherProject;
