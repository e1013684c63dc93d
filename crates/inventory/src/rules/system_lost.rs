use bartizan_finding::Rule;

/// An element or flow that was declared before is gone.
///
/// ## What it finds
/// An element or a flow that an earlier trusted assessment had and the project file has not, and whose loss nobody
/// agreed to. The flows at a lost element, the threats on whose path it lay and the controls that applied to nothing
/// else are listed with it and give no findings of their own.
/// ## Why it matters
/// Threats are derived from elements and flows. A tool that is left out of the project file takes its threats along,
/// and with them everything that was asked about it, while it goes on running.
/// ## Example
/// `[element.orders-api]` and its two flows are removed, and nine threats are not derived any more.
/// ## Fix
/// Declare it again. If it is really gone or has another name, ask for the loss with
/// `bartizan exception add --lost element/ID` and have somebody else agree with `bartizan exception approve ID`.
/// ## References
/// - NIST SP 800-218A, PW.1.1
/// - NIST SP 800-218, PO.4.2
#[derive(Rule)]
#[rule(code = "REC104", severity = "high", confidence = "high", controls = ["threat-model"])]
pub struct SystemLost;
