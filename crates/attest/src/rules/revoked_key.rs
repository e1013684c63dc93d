use bartizan_finding::Rule;

/// Evidence is signed by a revoked key.
///
/// ## What it finds
/// A statement by a key that the trust file revokes, unless a witness has confirmed that the entry was in the log before
/// the time of the compromise.
/// ## Why it matters
/// Whoever took the key can sign anything with any date. Only what others had seen before the compromise is known to be
/// earlier.
/// ## Example
/// The key of `ci` is revoked from 2 May; an entry that no witness has seen says that it was collected on 1 May.
/// ## Fix
/// Collect the evidence again with the collector's new key. Have a witness cosign checkpoints, so that a later
/// revocation leaves earlier evidence standing.
/// ## References
/// - <https://c2sp.org/tlog-witness>
/// - <https://cwe.mitre.org/data/definitions/299.html>
#[derive(Rule)]
#[rule(code = "TRU005", severity = "high", confidence = "high", controls = ["evidence-log"])]
pub struct RevokedKey;
