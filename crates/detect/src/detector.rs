use std::fmt;

use bartizan_finding::{Confidence, RuleMeta, Severity};

use crate::{Family, prefilter::Signal, view::View};

/// Looks closer at an anchor. Pure: what it says depends on the view alone.
pub(crate) trait Detector: Send + Sync + fmt::Debug {
    fn family(&self) -> Family;

    fn rule(&self) -> &'static RuleMeta;

    /// Where it wants to be asked.
    fn trigger(&self) -> Trigger;

    fn bounds(&self) -> Bounds;

    /// Which of two overlapping matches is shown.
    fn rank(&self) -> Rank;

    /// Says what stands at `view.anchor`.
    fn judge(&self, view: &View<'_>, found: &mut dyn FnMut(Hit));
}

/// Where a detector wants to be asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Trigger {
    /// Where the prefilter gives this signal.
    Signal(Signal),
    /// Where one of these stands.
    Literals(&'static [&'static str]),
}

/// How far a detector looks, in bytes. Its view reaches from `lead + context` before the anchor to
/// `max_match + context` after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// A match starts at most this much before its anchor.
    pub(crate) lead: usize,
    /// A match is at most this long, and ends at most this much after its anchor.
    pub(crate) max_match: usize,
    /// What it looks at beside the match.
    pub(crate) context: usize,
}

impl Bounds {
    pub(crate) const fn behind(self) -> usize {
        self.lead + self.context
    }

    pub(crate) const fn ahead(self) -> usize {
        self.max_match + self.context
    }
}

/// Which of two overlapping matches is shown: the first in this order, and of equals the one that holds the
/// other. Beside everything else stands what hides in the text: it is always shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rank {
    /// The format says what it is.
    Specific,
    /// The format and a rule about its content say what it is.
    Likely,
    /// Only its surroundings say what it is.
    Generic,
    /// Competes with nothing.
    Aside,
}

/// What a detector says about a span of its view.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Hit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) variant: Option<&'static str>,
    /// What [`bartizan_finding::Redacted`] calls it.
    pub(crate) kind: &'static str,
    /// The fixed start of every value of the kind, where it has one.
    pub(crate) preview: Option<&'static str>,
    pub(crate) severity: Severity,
    pub(crate) confidence: Confidence,
}

impl Hit {
    /// A span that is all that the rule says it is.
    pub(crate) fn new(rule: &'static RuleMeta, kind: &'static str, start: usize, end: usize) -> Self {
        let (severity, confidence) = (rule.severity, rule.confidence);
        Self { start, end, variant: None, kind, preview: None, severity, confidence }
    }
}
