//! How a status, a severity and a score look: a colour, a mark, a word.

use bartizan_figure::Tone;
use bartizan_report::{
    picture::{severity_tone, status_tone},
    v1::{DecisionState, GateVerdict, Posture, Severity, Status},
};

use crate::shown::Markup;

/// A status as mark and word.
pub(crate) fn status(status: Status) -> Markup {
    marked(status, if status == Status::NotApplicable { "not applicable" } else { status.as_str() })
}

/// What a gate says, as mark and word.
pub(crate) fn verdict(verdict: GateVerdict) -> Markup {
    let word = match verdict {
        GateVerdict::Allow => "allows",
        GateVerdict::BreakGlass => "opened by break-glass",
        GateVerdict::Deny => "denies",
        GateVerdict::Unusable => "cannot be used",
    };
    marked(verdict.status(), word)
}

/// Where a decision stands, as mark and word.
pub(crate) fn decision(state: DecisionState) -> Markup {
    marked(state.status(), state.as_str())
}

/// Whether declared and observed agree, as mark and word.
pub(crate) fn posture(posture: Posture) -> Markup {
    marked(posture.status(), posture.as_str())
}

/// A word with the mark and the colour of a status.
fn marked(status: Status, word: &str) -> Markup {
    Markup(format!(
        "<span class=\"status {}\"><span class=\"mark\" aria-hidden=\"true\">{}</span> {word}</span>",
        status_tone(status).class(),
        status.mark()
    ))
}

/// A severity as its word, in its colour.
pub(crate) fn severity(severity: Severity) -> Markup {
    Markup(format!(
        "<span class=\"severity {}\">{}</span>",
        severity_tone(severity).class(),
        severity.as_str()
    ))
}

/// The colour of likelihood times impact.
pub(super) fn score_tone(score: u8) -> Tone {
    match score {
        20.. => Tone::Critical,
        12.. => Tone::High,
        6.. => Tone::Medium,
        _ => Tone::Low,
    }
}
