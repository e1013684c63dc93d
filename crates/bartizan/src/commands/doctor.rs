//! `bartizan doctor`: what stands in the way of a check whose result is recorded, and what to do about it.
//!
//! It changes nothing and uses no network. It looks at less than `check` and `ledger verify` do, and says so where
//! that matters.

mod machine;
mod project;
mod state;

use bartizan_finding::Timestamp;
use serde::Serialize;

use crate::{
    arguments::{Global, ListFormat},
    environment::Environment,
    exit::Exit,
    output,
};

/// The lines are broken here where the terminal does not say how wide it is.
const WIDTH: usize = 80;

/// Where the sentences begin: after the mark and the name.
const INDENT: usize = 13;

/// How it stands with one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Health {
    /// Nothing is wrong.
    Good,
    /// A check can be recorded, and something could be better.
    Hint,
    /// It stands in the way of a recorded check.
    Wrong,
}

/// What was looked at, how it stands, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Line {
    id: &'static str,
    state: Health,
    says: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
}

impl Line {
    fn good(id: &'static str, says: impl Into<String>) -> Self {
        Self { id, state: Health::Good, says: shown(says), remedy: None }
    }

    fn hint(id: &'static str, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { id, state: Health::Hint, says: shown(says), remedy: Some(shown(remedy)) }
    }

    fn wrong(id: &'static str, says: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { id, state: Health::Wrong, says: shown(says), remedy: Some(shown(remedy)) }
    }
}

/// What `--format json` prints.
#[derive(Debug, Serialize)]
struct Diagnosis<'a> {
    schema: &'static str,
    version: &'static str,
    /// Whether nothing stands in the way of a recorded check.
    ready: bool,
    hints: usize,
    wrong: usize,
    lines: &'a [Line],
}

/// `bartizan doctor`
pub(crate) fn run(format: ListFormat, global: &Global, environment: &Environment) -> anyhow::Result<Exit> {
    let lines = examine(global, environment, Environment::now());
    let count = |state| lines.iter().filter(|line| line.state == state).count();
    let (hints, wrong) = (count(Health::Hint), count(Health::Wrong));
    let text = match format {
        ListFormat::Json => super::json(&Diagnosis {
            schema: "bartizan/doctor/v1",
            version: super::VERSION,
            ready: wrong == 0,
            hints,
            wrong,
            lines: &lines,
        })?,
        ListFormat::Text => {
            let width = environment.columns.unwrap_or(WIDTH).clamp(40, 120);
            let colour = output::colour(global, environment);
            let shown = lines.iter().filter(|line| !global.quiet || line.state == Health::Wrong);
            let shown: String = shown.map(|line| rendered(line, width, colour)).collect();
            format!("{}\n{shown}", verdict(hints, wrong))
        }
    };
    output::print(&text)?;
    Ok(if wrong == 0 { Exit::Done } else { Exit::Incomplete })
}

fn examine(global: &Global, environment: &Environment, now: Timestamp) -> Vec<Line> {
    let mut lines =
        vec![machine::version(), machine::terminal(global, environment), machine::console(super::up::USUAL)];
    lines.push(machine::heads(environment.heads.as_deref()));
    let Some(source) = project::find(global, environment, &mut lines) else {
        lines.push(machine::clock(now, None));
        return lines;
    };
    project::look(&source.project, now, &mut lines);
    let folder = super::state_folder(&source, global);
    let newest = state::look(&folder, &source.project, environment.heads.as_deref(), now, &mut lines);
    lines.push(machine::clock(now, newest));
    lines
}

fn verdict(hints: usize, wrong: usize) -> String {
    let hints = match hints {
        0 => String::new(),
        1 => "; there is 1 hint".to_owned(),
        _ => format!("; there are {hints} hints"),
    };
    match wrong {
        0 => format!("A check can run and be recorded{hints}."),
        1 => format!("1 thing stands in the way of a recorded check{hints}."),
        _ => format!("{wrong} things stand in the way of a recorded check{hints}."),
    }
}

fn rendered(line: &Line, width: usize, colour: bool) -> String {
    let (mark, paint) = match line.state {
        Health::Good => ('●', "32"),
        Health::Hint => ('◐', "33"),
        Health::Wrong => ('■', "31"),
    };
    let mark = if colour { format!("\u{1b}[{paint}m{mark}\u{1b}[0m") } else { mark.to_string() };
    let mut text = format!("{mark} {:<width$}", line.id, width = INDENT - 2);
    let says = wrapped(&line.says, width.saturating_sub(INDENT));
    let remedy = line.remedy.as_deref().map(|remedy| wrapped(remedy, width.saturating_sub(INDENT + 2)));
    let indent = " ".repeat(INDENT);
    for (at, said) in says.iter().enumerate() {
        text.push_str(&if at == 0 { format!("{said}\n") } else { format!("{indent}{said}\n") });
    }
    for (at, said) in remedy.iter().flatten().enumerate() {
        let lead = if at == 0 { "→ " } else { "  " };
        text.push_str(&format!("{indent}{lead}{said}\n"));
    }
    text
}

/// Broken at spaces. What is wider than the room, such as a path, and a command in backticks stay whole, so that they
/// can be copied.
fn wrapped(text: &str, room: usize) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    let mut inside = false;
    for word in text.split(' ') {
        match pieces.last_mut() {
            Some(piece) if inside => piece.push_str(&format!(" {word}")),
            _ => pieces.push(word.to_owned()),
        }
        inside ^= word.matches('`').count() % 2 == 1;
    }
    let mut lines: Vec<String> = Vec::new();
    for piece in pieces {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + piece.chars().count() <= room => {
                line.push_str(&format!(" {piece}"));
            }
            _ => lines.push(piece),
        }
    }
    lines
}

/// Names and messages can quote what somebody made up.
fn shown(text: impl Into<String>) -> String {
    bartizan_artifact::escape(&text.into(), 600)
}

/// An error with its causes.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let said = error.to_string();
        if !text.ends_with(&said) {
            text.push_str(&format!(": {said}"));
        }
        cause = error.source();
    }
    text
}

fn counted(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_verdict_counts() {
        assert_eq!(verdict(0, 0), "A check can run and be recorded.");
        assert_eq!(verdict(1, 0), "A check can run and be recorded; there is 1 hint.");
        assert_eq!(verdict(2, 1), "1 thing stands in the way of a recorded check; there are 2 hints.");
        assert_eq!(verdict(0, 3), "3 things stand in the way of a recorded check.");
    }

    #[test]
    fn lines_are_broken_under_their_beginning() {
        let line =
            Line::wrong("keys", "one two three four five six seven", "mend it with `bartizan key new`");
        let expected = "\
■ keys       one two three four five six
             seven
             → mend it with
               `bartizan key new`
";
        assert_eq!(rendered(&line, 40, false), expected);
        assert!(rendered(&line, 40, true).starts_with("\u{1b}[31m■\u{1b}[0m keys"));
    }

    #[test]
    fn what_others_wrote_is_escaped() {
        let line = Line::good("project", "x\u{1b}[2J\u{202e}");
        assert_eq!(line.says, "x\\u{1b}[2J\\u{202e}");
    }
}
