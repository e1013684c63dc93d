use bartizan_finding::Rule;

/// A gate is gone, or its policy is another one.
///
/// ## What it finds
/// A gate that an earlier trusted assessment had and the project file has not; or a gate whose policy text is neither
/// the one that was first assessed nor the one that was agreed last.
/// ## Why it matters
/// A gate that can be switched off by editing a file in the same change that it should stop is no gate.
/// ## Example
/// A line that forbids a release with a failing scan is taken out of `policies/deploy.cedar`.
/// ## Fix
/// Put the gate or the old text back. If it shall change, ask for it with `bartizan exception add --lost gate/ID` or
/// `bartizan exception add --lost gate-policy/ID`, which binds the digest of the new text, and have somebody else
/// agree with `bartizan exception approve ID`.
/// ## References
/// - NIST SP 800-218, PO.4.1
/// - NIST SP 800-218, PS.1.1
#[derive(Rule)]
#[rule(code = "REC105", severity = "critical", confidence = "high", controls = ["release-approval"])]
pub struct GateLost;
