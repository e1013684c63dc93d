use bartizan_finding::Rule;

/// The trust file is not signed by the pinned root, or was rolled back.
///
/// ## What it finds
/// A `trust.toml` that the pinned root key has not signed in exactly these bytes, that is older than one seen before,
/// does not follow it, drops a revocation, or uses one key in two roles.
/// ## Why it matters
/// The trust file says whose evidence counts. Whoever can replace it, or bring back an old one that still trusts a
/// revoked key, decides every status.
/// ## Example
/// A `trust.toml` with serial 3 where serial 4 has been seen.
/// ## Fix
/// Restore the newest trust file and its envelope from the repository, or have the holder of the root key sign a
/// successor. Where neither explains the change, treat it as an incident.
/// ## References
/// - <https://theupdateframework.github.io/specification/latest/>
/// - <https://theupdateframework.io/docs/security/>
#[derive(Rule)]
#[rule(code = "TRU006", severity = "critical", confidence = "high", controls = ["evidence-log"])]
pub struct TrustFileRefused;
