use bartizan_engine::Mode;
use bartizan_finding::Severity;

use super::check;
use crate::{
    arguments::{AssessArguments, Global},
    environment::Environment,
    exit::Exit,
};

/// `bartizan assess`
pub(crate) fn run(
    arguments: &AssessArguments,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let path = arguments.path.clone().unwrap_or_else(|| environment.folder.clone());
    let mut request = check::request(path, Severity::Critical, global, environment.heads.clone())?;
    request.mode = Mode::Assess;
    request.organisation = environment.organisation(None)?;
    let (_, report) = check::check_request(&request, global)?;
    check::write(&report, &arguments.format, None, global, environment)?;
    Ok(check::required(&report, &arguments.require, report.outcome.exit_code))
}
