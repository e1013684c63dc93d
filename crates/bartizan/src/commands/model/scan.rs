use bartizan_artifact::Limits;
use bartizan_engine::{
    registry,
    scan::{Depth, ScanRequest, report, scan},
};
use bartizan_report::scan::{ScanReport, sarif, text};

use crate::{
    arguments::{FormatKind, Global, ScanArguments},
    commands::{VERSION, check::text_options},
    environment::Environment,
    exit::Exit,
    output,
    progress::Progress,
};

/// `bartizan model scan`
pub(crate) fn run(
    arguments: &ScanArguments,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    check_formats(arguments)?;
    let paths = if arguments.paths.is_empty() { vec![".".into()] } else { arguments.paths.clone() };
    let depth = if arguments.structure { Depth::Structure } else { Depth::Bytes };
    let request = ScanRequest { paths, depth, limits: Limits::default() };
    let progress = Progress::new(!global.no_progress && !global.quiet);
    let scanned = scan(&request, &progress);
    progress.finish();
    if progress.was_cancelled() {
        output::talk("bartizan: stopped; what was not looked at is listed");
    }
    let report = report(&request, &scanned?, arguments.fail_on, VERSION);
    for format in &arguments.format {
        let file = format.file.as_deref().or(arguments.output.as_deref());
        let rendered = render(&report, format.kind, global, environment, file.is_none());
        match file {
            Some(file) => output::write_file(file, &rendered)?,
            None => output::print(&rendered)?,
        }
    }
    Ok(Exit::Code(report.exit_code))
}

fn check_formats(arguments: &ScanArguments) -> anyhow::Result<()> {
    let other = arguments
        .format
        .iter()
        .find(|format| !matches!(format.kind, FormatKind::Text | FormatKind::Json | FormatKind::Sarif));
    if other.is_some() {
        anyhow::bail!("a scan is reported as text, json or sarif; `bartizan check` knows further formats");
    }
    if arguments.format.iter().filter(|format| format.file.is_none()).count() > 1 {
        anyhow::bail!(
            "only one format can go to one place: name a file for the others, such as --format json=FILE"
        );
    }
    Ok(())
}

fn render(
    report: &ScanReport,
    kind: FormatKind,
    global: &Global,
    environment: &Environment,
    to_terminal: bool,
) -> String {
    match kind {
        FormatKind::Json => report.to_json(),
        FormatKind::Sarif => sarif(report, &registry::rules()),
        _ => text(report, &text_options(global, environment, to_terminal)),
    }
}
