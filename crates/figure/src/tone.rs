use bartizan_finding::Severity;

/// What a colour says. Each has a class, two colours in [`THEME`](crate::THEME) and, for a status, a mark, so that
/// nothing is said by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tone {
    /// Status: all asked-for evidence is there.
    Satisfied,
    /// Status: some of it is there.
    Partial,
    /// Status: the evidence says otherwise.
    Failing,
    /// Status: the evidence is too old.
    Expired,
    /// Status: there is no evidence.
    Unknown,
    /// Status: a recorded decision to live with it.
    Excepted,
    /// Status: somebody else's evidence.
    Inherited,
    /// Status: nothing in scope.
    NotApplicable,
    /// Severity: stop.
    Critical,
    /// Severity: before this release.
    High,
    /// Severity: before the next release.
    Medium,
    /// Severity: when convenient.
    Low,
    /// Severity: worth knowing.
    Info,
    /// The colour of links and selection, for values that are neither good nor bad.
    Accent,
    /// Quiet.
    Neutral,
}

impl Tone {
    /// All tones, in the order of their definition.
    pub const ALL: [Self; 15] = [
        Self::Satisfied,
        Self::Partial,
        Self::Failing,
        Self::Expired,
        Self::Unknown,
        Self::Excepted,
        Self::Inherited,
        Self::NotApplicable,
        Self::Critical,
        Self::High,
        Self::Medium,
        Self::Low,
        Self::Info,
        Self::Accent,
        Self::Neutral,
    ];

    /// The class that sets `--tone` and `--soft` for an element and what is in it.
    pub const fn class(self) -> &'static str {
        match self {
            Self::Satisfied => "tone-satisfied",
            Self::Partial => "tone-partial",
            Self::Failing => "tone-failing",
            Self::Expired => "tone-expired",
            Self::Unknown => "tone-unknown",
            Self::Excepted => "tone-excepted",
            Self::Inherited => "tone-inherited",
            Self::NotApplicable => "tone-not-applicable",
            Self::Critical => "tone-critical",
            Self::High => "tone-high",
            Self::Medium => "tone-medium",
            Self::Low => "tone-low",
            Self::Info => "tone-info",
            Self::Accent => "tone-accent",
            Self::Neutral => "tone-neutral",
        }
    }

    /// The word that people read: that of the class, with spaces.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::Partial => "partial",
            Self::Failing => "failing",
            Self::Expired => "expired",
            Self::Unknown => "unknown",
            Self::Excepted => "excepted",
            Self::Inherited => "inherited",
            Self::NotApplicable => "not applicable",
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
            Self::Accent | Self::Neutral => "",
        }
    }

    /// The mark of a status; severities are words and have none.
    pub const fn mark(self) -> Option<char> {
        match self {
            Self::Satisfied => Some('●'),
            Self::Partial => Some('◐'),
            Self::Failing => Some('■'),
            Self::Expired => Some('◷'),
            Self::Unknown => Some('○'),
            Self::Excepted => Some('◆'),
            Self::Inherited => Some('↳'),
            Self::NotApplicable => Some('–'),
            Self::Critical
            | Self::High
            | Self::Medium
            | Self::Low
            | Self::Info
            | Self::Accent
            | Self::Neutral => None,
        }
    }
}

impl From<Severity> for Tone {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Critical => Self::Critical,
            Severity::High => Self::High,
            Severity::Medium => Self::Medium,
            Severity::Low => Self::Low,
            Severity::Info => Self::Info,
        }
    }
}
