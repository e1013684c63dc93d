use bartizan_finding::{Confidence, Redacted, RuleMeta, Severity};

/// One place in a text where a detector's rule holds. It says where and what kind, never the value.
#[derive(Clone, Debug)]
pub struct Match {
    /// The rule.
    pub rule: &'static RuleMeta,
    /// The row of the rule's table, where it has one.
    pub variant: Option<&'static str>,
    /// First byte, counted from the start of the stream.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
    /// How bad it is here.
    pub severity: Severity,
    /// How sure the detector is here.
    pub confidence: Confidence,
    /// What may be said about the value.
    pub redacted: Redacted,
}

/// What kind of thing a detector looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Family {
    /// Personal data: the `PII` rules.
    PersonalData,
    /// Keys, tokens, passwords: the `SEC` rules.
    Secrets,
    /// Text that people do not see and models do: the `HID` rules.
    HiddenText,
}

/// Which families an engine looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    families: [bool; 3],
}

impl Selection {
    /// Every family.
    pub const fn all() -> Self {
        Self { families: [true; 3] }
    }

    /// No family; add with [`Self::with`].
    pub const fn none() -> Self {
        Self { families: [false; 3] }
    }

    /// Adds a family.
    #[must_use]
    pub const fn with(mut self, family: Family) -> Self {
        self.families[family as usize] = true;
        self
    }

    /// Takes a family out.
    #[must_use]
    pub const fn without(mut self, family: Family) -> Self {
        self.families[family as usize] = false;
        self
    }

    /// Whether the family is looked for.
    pub const fn has(self, family: Family) -> bool {
        self.families[family as usize]
    }
}

impl Default for Selection {
    fn default() -> Self {
        Self::all()
    }
}

impl Match {
    /// What was seen, in one sentence that holds nothing of the value.
    pub fn message(&self) -> String {
        let row = self.variant.and_then(|id| self.rule.variant(id));
        match row {
            Some(row) => format!("{}: {}.", self.rule.title.trim_end_matches('.'), row.title),
            None => self.rule.title.to_owned(),
        }
    }
}
