use bartizan_finding::{Confidence, Severity};

/// Where a secret stands in the view, and how sure that is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Lower than the rule's only where a check that issuers build in says so.
    pub(crate) severity: Option<Severity>,
    pub(crate) confidence: Confidence,
}
