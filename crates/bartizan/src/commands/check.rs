use std::path::PathBuf;

use bartizan_engine::{EngineError, Request, check, outcome, registry};
use bartizan_finding::Severity;
use bartizan_report::{
    html, junit, markdown, sarif,
    text::{self, Detail, Style},
    to_json,
    v1::{Report, Status},
};

use crate::{
    arguments::{CheckArguments, FormatKind, Global},
    environment::Environment,
    exit::Exit,
    output,
    progress::Progress,
};

/// `bartizan check`
pub(crate) fn run(
    arguments: &CheckArguments,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    if arguments.format.iter().filter(|format| format.file.is_none()).count() > 1 {
        anyhow::bail!(
            "only one format can go to one place: name a file for the others, such as --format json=FILE"
        );
    }
    let path = arguments.path.clone().unwrap_or_else(|| environment.folder.clone());
    let report = check_path(path, arguments.fail_on, global, environment)?;
    let exit = required(&report, arguments, report.outcome.exit_code);
    for format in &arguments.format {
        let rendered = render(
            &report,
            format.kind,
            global,
            environment,
            format.file.is_none() && arguments.output.is_none(),
        );
        match format.file.as_ref().or(arguments.output.as_ref()) {
            Some(file) => output::write_file(file, &rendered)?,
            None => output::print(&rendered)?,
        }
    }
    Ok(exit)
}

/// Checks a path and says what follows. Shared with `up`.
pub(crate) fn check_path(
    path: PathBuf,
    fail_on: Severity,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Report> {
    let request = request(path, fail_on, global, environment.heads.clone())?;
    let progress = Progress::new(!global.no_progress && !global.quiet);
    let checked = check(&request, &progress);
    progress.finish();
    if progress.was_cancelled() {
        output::talk("bartizan: stopped; what was not looked at is listed, and what was is recorded");
    }
    let checked = checked.map_err(|error: EngineError| anyhow::Error::new(error))?;
    Ok(outcome::report(&request, &checked, Environment::now()))
}

/// What is asked of the engine, now.
pub(crate) fn request(
    path: PathBuf,
    fail_on: Severity,
    global: &Global,
    heads: Option<PathBuf>,
) -> anyhow::Result<Request> {
    Ok(Request {
        path,
        config: global.config.clone(),
        state: global.state.clone(),
        heads,
        fail_on,
        now: Environment::now(),
        seed: super::seed()?,
        version: super::VERSION,
    })
}

/// Renders a report in one format.
pub(crate) fn render(
    report: &Report,
    kind: FormatKind,
    global: &Global,
    environment: &Environment,
    to_terminal: bool,
) -> String {
    match kind {
        FormatKind::Text => text::render(report, &text_options(global, environment, to_terminal)),
        FormatKind::Json => to_json(report),
        FormatKind::Sarif => sarif::render(report, &registry::rules()),
        FormatKind::Markdown => markdown::render(report),
        FormatKind::Junit => junit::render(report),
        FormatKind::Html => html::render(report),
    }
}

fn text_options(global: &Global, environment: &Environment, to_terminal: bool) -> text::Options {
    let defaults = text::Options::default();
    text::Options {
        width: environment
            .columns
            .filter(|_| to_terminal)
            .map_or(defaults.width, |columns| columns.clamp(40, 120)),
        style: if to_terminal && output::colour(global, environment) { Style::Colour } else { Style::Plain },
        detail: match (global.quiet, global.verbose) {
            (true, _) => Detail::Quiet,
            (_, true) => Detail::Verbose,
            _ => Detail::Normal,
        },
    }
}

/// The exit code with what `--require` asks for: a required control that is not satisfied is work that is missing, or,
/// where evidence speaks against it, a finding.
fn required(report: &Report, arguments: &CheckArguments, code: u8) -> Exit {
    let mut exit = code;
    for wanted in &arguments.require {
        let control = report.controls.iter().find(|control| control.id == wanted.as_str());
        let needed = match control.map(|control| control.status) {
            Some(Status::Satisfied | Status::NotApplicable) => continue,
            Some(Status::Failing) => 1,
            Some(_) => 4,
            None => 2,
        };
        let status = control.map_or("not in the catalogue", |control| control.status.as_str());
        output::talk(&format!("bartizan: the required control `{wanted}` is {status}"));
        exit = worse(exit, needed);
    }
    Exit::Code(exit)
}

/// The one of two exit codes that wins.
fn worse(one: u8, other: u8) -> u8 {
    const PRECEDENCE: [u8; 6] = [2, 5, 1, 4, 3, 0];
    PRECEDENCE.into_iter().find(|code| *code == one || *code == other).unwrap_or(one)
}

#[cfg(test)]
mod tests {
    use super::worse;

    #[test]
    fn the_worse_code_wins() {
        for (one, other, wins) in [(0, 4, 4), (4, 1, 1), (5, 1, 5), (2, 5, 2), (3, 0, 3), (0, 0, 0)] {
            assert_eq!((worse(one, other), worse(other, one)), (wins, wins));
        }
    }
}
