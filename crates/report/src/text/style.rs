use anstyle::{AnsiColor, Effects};

use crate::v1::{Severity, Status};

/// Whether the text carries colours. A mark or a word always says the same, so nothing is lost without.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// No escape sequences at all: for pipes, files and terminals without colour.
    #[default]
    Plain,
    /// The sixteen colours that every terminal theme defines for its own background.
    Colour,
}

/// What a piece of text is, as far as its colour is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Ink,
    Muted,
    Strong,
    Command,
    Status(Status),
    Severity(Severity),
}

impl Style {
    /// Adds `text` in the colour of `role`.
    pub(super) fn paint(self, out: &mut String, role: Role, text: &str) {
        if self == Self::Plain || role == Role::Ink {
            out.push_str(text);
        } else {
            let style = role.style();
            out.extend([format!("{style}{text}{style:#}")]);
        }
    }
}

impl Role {
    fn style(self) -> anstyle::Style {
        let colour = |colour: AnsiColor| colour.on_default();
        match self {
            Self::Ink => anstyle::Style::new(),
            Self::Muted
            | Self::Status(Status::Unknown | Status::NotApplicable)
            | Self::Severity(Severity::Info) => anstyle::Style::new().effects(Effects::DIMMED),
            Self::Strong => anstyle::Style::new().effects(Effects::BOLD),
            Self::Command | Self::Severity(Severity::Low) => colour(AnsiColor::Cyan),
            Self::Status(Status::Satisfied) => colour(AnsiColor::Green),
            Self::Status(Status::Partial) | Self::Severity(Severity::Medium) => colour(AnsiColor::Yellow),
            Self::Status(Status::Failing) | Self::Severity(Severity::High) => colour(AnsiColor::Red),
            Self::Status(Status::Expired) => colour(AnsiColor::BrightYellow),
            Self::Status(Status::Excepted) => colour(AnsiColor::Magenta),
            Self::Status(Status::Inherited) => colour(AnsiColor::Blue),
            Self::Severity(Severity::Critical) => colour(AnsiColor::Red).effects(Effects::BOLD),
        }
    }
}
