use bartizan_finding::Rule;

/// Evidence was changed after it was signed.
///
/// ## What it finds
/// An envelope that names the key of a known collector, but whose signature is not by that key over this content.
/// ## Why it matters
/// The content is not what the collector stated, or someone tries to pass off their own words as the collector's.
/// ## Example
/// A statement in which a count was set from 3 to 0 after signing.
/// ## Fix
/// Restore the envelope from a copy, or collect the evidence again. Find out who could change it.
/// ## References
/// - <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>
/// - <https://cwe.mitre.org/data/definitions/347.html>
#[derive(Rule)]
#[rule(code = "TRU008", severity = "high", confidence = "high", controls = ["evidence-log"])]
pub struct AlteredEvidence;
