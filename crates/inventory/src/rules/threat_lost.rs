use bartizan_finding::Rule;

/// A threat that was derived before is not derived any more.
///
/// ## What it finds
/// A threat that an earlier trusted assessment derived and this run does not, although every element, asset and flow
/// on its path is still declared, and whose loss nobody agreed to later than the last assessment that had it.
/// ## Why it matters
/// A risk that is no longer written down is no longer treated. Whoever edits the project file can make a threat vanish
/// by saying that a tool writes nothing or that a flow is inspected; that has to be somebody else's decision too.
/// ## Example
/// `effects = ["write:refunds"]` is taken out of `[element.refund-tool]`, and the threats that end there are gone.
/// ## Fix
/// Put back what made the threat hold. If the system really changed, ask for the loss with
/// `bartizan exception add --lost threat/ID` and have somebody else agree with `bartizan exception approve ID`.
/// ## References
/// - NIST SP 800-218A, PW.1.1
/// - NIST SP 800-218, RV.2.2
#[derive(Rule)]
#[rule(code = "REC101", severity = "high", confidence = "high", controls = ["threat-model"])]
pub struct ThreatLost;
