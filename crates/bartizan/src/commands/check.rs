use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bartizan_engine::{
    Baseline, Checked, Mode, Request, check, files, outcome, registry,
    state::{self, Signer},
};
use bartizan_finding::{ControlId, Severity};
use bartizan_report::{
    html, junit, markdown, sarif,
    text::{self, Detail, Style},
    to_json,
    v1::{Report, Status},
};

use crate::{
    arguments::{CheckArguments, Format, FormatKind, Global},
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
    let mut request = request(path, arguments.fail_on, global, environment.heads.clone())?;
    request.baseline = arguments.baseline.as_deref().map(baseline).transpose()?;
    request.previous.clone_from(&arguments.previous);
    request.gates.clone_from(&arguments.gate);
    request.organisation = environment.organisation(arguments.organisation.as_deref())?;
    if arguments.bundle.is_some() {
        request.mode = Mode::Bundle(Box::new(signer(arguments, environment)?));
    }
    let (checked, report) = check_request(&request, global)?;
    if let (Some(file), Some(bundle)) = (&arguments.bundle, &checked.bundle) {
        output::write_bytes(file, bundle)?;
    }
    let exit = required(&report, &arguments.require, report.outcome.exit_code);
    write(&report, &arguments.format, arguments.output.as_deref(), global, environment)?;
    Ok(exit)
}

/// Writes a report in each format to its place.
pub(crate) fn write(
    report: &Report,
    formats: &[Format],
    output: Option<&Path>,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<()> {
    for format in formats {
        let to_terminal = format.file.is_none() && output.is_none();
        let rendered = render(report, format.kind, global, environment, to_terminal);
        match format.file.as_deref().or(output) {
            Some(file) => output::write_file(file, &rendered)?,
            None => output::print(&rendered)?,
        }
    }
    Ok(())
}

/// The report of an earlier run, whose findings are not new.
fn baseline(file: &Path) -> anyhow::Result<Baseline> {
    const AT_MOST: u64 = 1 << 30;
    let bytes = files::read(file, AT_MOST).with_context(|| format!("cannot read {}", file.display()))?;
    let report = serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is no report of `bartizan check --format json`", file.display()))?;
    let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    Ok(Baseline { name, report })
}

/// The collector that signs a bundle. Its key is not in the project, so its name has to be said.
fn signer(arguments: &CheckArguments, environment: &Environment) -> anyhow::Result<Signer> {
    let (Some(name), Some(key)) = (&arguments.collector, &arguments.key) else {
        anyhow::bail!("a bundle is signed: name the collector with --collector and its key with --key");
    };
    Ok(Signer { name: name.clone(), key: state::read_key(key, environment.key_passphrase.as_deref())? })
}

/// Checks a path and says what follows. Shared with `up`.
pub(crate) fn check_path(
    path: PathBuf,
    fail_on: Severity,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Report> {
    let mut request = request(path, fail_on, global, environment.heads.clone())?;
    request.organisation = environment.organisation(None)?;
    check_request(&request, global).map(|(_, report)| report)
}

/// Does what is asked of the engine, with progress, and says what follows.
pub(crate) fn check_request(request: &Request, global: &Global) -> anyhow::Result<(Checked, Report)> {
    let progress = Progress::new(!global.no_progress && !global.quiet);
    let checked = check(request, &progress);
    progress.finish();
    if progress.was_cancelled() {
        output::talk("bartizan: stopped; what was not looked at is listed, and what was is recorded");
    }
    let checked = checked?;
    let report = outcome::report(request, &checked, Environment::now())?;
    Ok((checked, report))
}

/// What is asked of the engine, now.
pub(crate) fn request(
    path: PathBuf,
    fail_on: Severity,
    global: &Global,
    heads: Option<PathBuf>,
) -> anyhow::Result<Request> {
    Ok(Request {
        config: global.config.clone(),
        state: global.state.clone(),
        heads,
        fail_on,
        ..Request::new(path, Environment::now(), super::seed()?, super::VERSION)
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

/// How text is laid out.
pub(crate) fn text_options(global: &Global, environment: &Environment, to_terminal: bool) -> text::Options {
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
pub(crate) fn required(report: &Report, wanted: &[ControlId], code: u8) -> Exit {
    let mut exit = code;
    for wanted in wanted {
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
