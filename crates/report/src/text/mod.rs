//! The report for people at a terminal: the verdict in a sentence, what is wrong, how the controls stand, what was
//! not looked at, what is recorded, and what to do next.

mod controls;
mod decisions;
mod findings;
mod gates;
mod page;
mod style;

pub use style::Style;
pub(crate) use {
    page::{Page, count},
    style::Role,
};

use crate::{
    sentence,
    v1::{Coverage, Decision, EvidenceState, GateResult, Recorded, Report, Status, Unexamined, Verification},
};

/// How much is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// The verdict, and what keeps it from being whole.
    Quiet,
    /// What needs attention.
    #[default]
    Normal,
    /// Everything, with the places and the evidence.
    Verbose,
}

/// How the text is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Columns; fewer than 40 count as 40.
    pub width: usize,
    /// Colours or none.
    pub style: Style,
    /// How much is said.
    pub detail: Detail,
}

impl Default for Options {
    fn default() -> Self {
        Self { width: 80, style: Style::Plain, detail: Detail::Normal }
    }
}

/// The report as text. Every line ends in a line feed; none but a command is wider than the page. Whatever came
/// from a file is escaped and cut.
pub fn render(report: &Report, options: &Options) -> String {
    let mut page = Page::new(options.style, options.width.max(40));
    decisions::break_glass(&mut page, report);
    page.prose(0, Role::Strong, &report.summary);
    caveats(&mut page, report);
    if options.detail > Detail::Quiet {
        findings::write(&mut page, report, options.detail);
        if options.detail == Detail::Verbose {
            controls::threats(&mut page, report);
        }
        controls::write(&mut page, report, options.detail);
        gates::write(&mut page, report, options.detail);
        decisions::write(&mut page, report, options.detail);
        decisions::reconciliation(&mut page, report, options.detail);
        unexamined(&mut page, &report.unexamined, options.detail);
        evidence(&mut page, report, options.detail);
        next(&mut page, report);
    }
    page.finish()
}

/// What one gate decides, why, and what to do about each rule that refuses: the answer of `bartizan gate NAME`.
pub fn gate(gate: &GateResult, options: &Options) -> String {
    let mut page = Page::new(options.style, options.width.max(40));
    gates::one(&mut page, gate, options);
    page.finish()
}

/// What people have decided, what holds first: the answer of `bartizan exception list`.
pub fn decisions(decisions: &[Decision], options: &Options) -> String {
    let mut page = Page::new(options.style, options.width.max(40));
    decisions::all(&mut page, decisions, options);
    page.finish()
}

/// What a reader must know before believing the verdict.
fn caveats(page: &mut Page, report: &Report) {
    if report.outcome.verification.word == Verification::Failed {
        page.prose(0, Role::Status(Status::Failing), &report.outcome.verification.sentence);
    }
    if report.outcome.coverage.word != Coverage::Complete {
        page.prose(0, Role::Status(Status::Partial), &report.outcome.coverage.sentence);
    }
    if report.project.inferred {
        page.prose(
            0,
            Role::Muted,
            "There is no bartizan.toml: the project is inferred from the files in the folder.",
        );
    }
}

fn unexamined(page: &mut Page, list: &[Unexamined], detail: Detail) {
    if list.is_empty() {
        return;
    }
    page.heading(&format!("Not examined: {}", count(list.len() as u64, "place", "places")));
    let shown = if detail == Detail::Verbose { list.len() } else { 8 };
    for place in list.iter().take(shown) {
        let at = crate::printable::printable_path(&place.at, page.room(4));
        page.line(2, &[(Role::Status(Status::Unknown), "○ "), (Role::Ink, &at)]);
        page.prose(4, Role::Muted, &place.reason);
    }
    more(page, 2, list.len().saturating_sub(shown) as u64);
}

fn evidence(page: &mut Page, report: &Report, detail: Detail) {
    page.heading("Evidence");
    let of = |state| report.evidence.iter().filter(move |statement| statement.state == state);
    let [new, unchanged, refused] = [EvidenceState::New, EvidenceState::Unchanged, EvidenceState::Refused]
        .map(|state| of(state).count() as u64);
    let tally = format!(
        "{}, {unchanged} unchanged, {refused} refused.",
        count(new, "new statement", "new statements")
    );
    let place = match &report.run.recorded {
        Recorded::NotRecorded { reason } => format!("Not recorded: {reason}"),
        Recorded::Ledger { size, root, .. } => {
            let head: String = root.hex().chars().take(16).collect();
            let size = count(*size, "entry", "entries");
            format!("The log holds {size}, head {head}, {}.", sentence::witnessed(report))
        }
        Recorded::Bundle { statements } => {
            format!(
                "A bundle holds {} for another machine's log.",
                count(*statements, "statement", "statements")
            )
        }
    };
    page.prose(2, Role::Ink, &format!("{tally} {place}"));
    if report.run.self_attested {
        page.prose(
            2,
            Role::Muted,
            "Self-attested: the key that says whom to believe lies on the machine that collects.",
        );
    }
    for statement in of(EvidenceState::Refused) {
        let reason = statement.reason.as_deref().unwrap_or("no reason was recorded");
        let about = match (statement.subject.as_str(), statement.digest) {
            ("", None) => String::new(),
            ("", Some(digest)) => format!(" about {}", digest.hex().chars().take(16).collect::<String>()),
            (subject, _) => format!(" about {subject}"),
        };
        let text = format!("refused: {}{about}: {reason}", statement.predicate);
        page.hanging(2, "■ ", Role::Status(Status::Failing), &text);
    }
    if detail == Detail::Verbose {
        for statement in report.evidence.iter().filter(|statement| statement.state != EvidenceState::Refused)
        {
            let index = statement.index.map_or_else(|| "–".to_owned(), |index| index.to_string());
            let until = statement.expires.map_or_else(String::new, |time| format!(", until {}", day(time)));
            let text = format!(
                "{} about {}, {}, collected {}{until}",
                statement.predicate,
                statement.subject,
                statement.state.as_str(),
                day(statement.collected),
            );
            page.hanging(2, &format!("{index:>5}  "), Role::Muted, &text);
        }
    }
}

fn next(page: &mut Page, report: &Report) {
    if report.next.is_empty() {
        return;
    }
    page.heading("Next");
    for (at, step) in report.next.iter().take(3).enumerate() {
        page.hanging(2, &format!("{}. ", at + 1), Role::Ink, &step.sentence);
        if let Some(command) = &step.command {
            page.command(5, command);
        }
    }
}

/// Says how many rows are left out, where any are.
pub(crate) fn more(page: &mut Page, indent: usize, n: u64) {
    if n > 0 {
        page.prose(indent, Role::Muted, &format!("and {n} more, which --verbose lists"));
    }
}

fn day(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d").to_string()
}

#[cfg(test)]
mod tests;
