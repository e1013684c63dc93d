use std::{fs::File, io::BufWriter};

use anyhow::Context as _;
use bartizan_engine::{Mode, pack};
use bartizan_finding::Severity;

use super::check;
use crate::{
    arguments::{Global, ReportCommand},
    environment::Environment,
    exit::Exit,
    output,
};

/// `bartizan report`
pub(crate) fn run(
    command: &ReportCommand,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let ReportCommand::Pack { file } = command;
    let mut request =
        check::request(environment.folder.clone(), Severity::High, global, environment.heads.clone())?;
    request.mode = Mode::Assess;
    request.organisation = environment.organisation(None)?;
    let (checked, report) = check::check_request(&request, global)?;
    let unfinished = output::unfinished(file);
    let written = File::create(&unfinished)
        .with_context(|| format!("cannot write {}", file.display()))
        .and_then(|out| Ok(pack::write(&checked, &request, &report, &mut BufWriter::new(out))?));
    let manifest = output::finish(written, &unfinished, file)?;
    output::print(&format!(
        "Packed {} with the log of {} entries, root {}.\nA third party verifies it with `bartizan ledger verify {} --root {}`; tell them the root key on another way than the pack.\n",
        manifest.project,
        manifest.size,
        manifest.root,
        file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned()),
        checked.trust.root(),
    ))?;
    Ok(Exit::Done)
}
