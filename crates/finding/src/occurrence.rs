use crate::{Confidence, Location, Redacted, RuleMeta, Severity};

/// One place where a rule's fault was seen. Readers and detectors yield these; a [`crate::FindingSet`] folds them
/// into findings.
#[derive(Clone, Debug)]
pub struct Occurrence {
    /// The rule that saw it.
    pub rule: &'static RuleMeta,
    /// The row of the rule's table, where it has one.
    pub variant: Option<&'static str>,
    /// How bad it is here.
    pub severity: Severity,
    /// How sure the rule is here.
    pub confidence: Confidence,
    /// Where it is.
    pub location: Location,
    /// What was seen, in one sentence that holds no raw value.
    pub message: String,
    /// What may be said about the value, where it is a secret or personal.
    pub redacted: Option<Redacted>,
}

impl Occurrence {
    /// An occurrence with the rule's own severity and confidence.
    pub fn new(rule: &'static RuleMeta, location: Location, message: impl Into<String>) -> Self {
        Self {
            rule,
            variant: None,
            severity: rule.severity,
            confidence: rule.confidence,
            location,
            message: message.into(),
            redacted: None,
        }
    }

    /// Names the row of the rule's table.
    #[must_use]
    pub fn variant(mut self, id: &'static str) -> Self {
        self.variant = Some(id);
        self
    }

    /// Sets another severity than the rule's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Sets another confidence than the rule's.
    #[must_use]
    pub fn confidence(mut self, confidence: Confidence) -> Self {
        self.confidence = confidence;
        self
    }

    /// Adds what may be said about the value.
    #[must_use]
    pub fn redacted(mut self, redacted: Redacted) -> Self {
        self.redacted = Some(redacted);
        self
    }
}
