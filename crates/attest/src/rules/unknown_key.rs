use bartizan_finding::Rule;

/// Evidence is signed by no key that may sign it.
///
/// ## What it finds
/// A ledger entry, or a statement that is to be imported, whose signature is missing or is by a key that the trust
/// file does not name, does not entitle to this kind of statement, names under another collector, or did not name
/// as valid at that time.
/// ## Why it matters
/// Such evidence does not count: anyone can sign with a key of their own. In a ledger that only collectors write to,
/// its presence means that someone else could write there, or that a collector oversteps.
/// ## Example
/// An entry of kind `model-scan`, signed by a key that no `[[collector]]` of `trust.toml` lists.
/// ## Fix
/// Find out who appended the entry. Where the collector is meant to make such statements, have the root key sign a
/// trust file that names its key with the kind under `may`; run the check again with an entitled key otherwise.
/// ## References
/// - <https://github.com/secure-systems-lab/dsse/blob/master/protocol.md>
/// - <https://slsa.dev/spec/v1.1/verifying-artifacts>
#[derive(Rule)]
#[rule(code = "TRU001", severity = "high", confidence = "high", controls = ["evidence-log"])]
pub struct UnknownKey;
