use bartizan_finding::Rule;

/// A control that applied before does not apply any more.
///
/// ## What it finds
/// A control that had something in its scope at an earlier trusted assessment and has nothing now, although not all
/// that it applied to is gone from the project file, and whose loss nobody agreed to.
/// ## Why it matters
/// A control that does not apply asks for no evidence and fails nothing. Emptying its scope is the quietest way to
/// turn a report green.
/// ## Example
/// `kind = "tool"` becomes `kind = "user-interface"`, and no control asks any more who approves what the tool does.
/// ## Fix
/// Put back what the control applied to. If the system really changed, ask for the loss with
/// `bartizan exception add --lost control/ID` and have somebody else agree with `bartizan exception approve ID`.
/// ## References
/// - NIST SP 800-218, PO.4.1
/// - NIST SP 800-218A, PW.1.1
#[derive(Rule)]
#[rule(code = "REC102", severity = "high", confidence = "high", controls = ["threat-model"])]
pub struct ControlLost;
