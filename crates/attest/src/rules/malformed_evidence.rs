use bartizan_finding::Rule;

/// Evidence cannot be read, or is of another kind than was asked for.
///
/// ## What it finds
/// An envelope or statement that is not well-formed, contradicts itself, is too large, repeats a name within an
/// object, or is of another kind than the place where it stands calls for.
/// ## Why it matters
/// What two programs read differently can be signed as one thing and used as another, so nothing of it counts.
/// ## Example
/// A statement with `"complete": true` that lists a file as not examined.
/// ## Fix
/// Collect the evidence again with the current version of the collector, and report the collector that made it.
/// ## References
/// - <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>
/// - <https://www.rfc-editor.org/rfc/rfc8259#section-4>
#[derive(Rule)]
#[rule(code = "TRU003", severity = "medium", confidence = "high", controls = ["evidence-log"])]
pub struct MalformedEvidence;
