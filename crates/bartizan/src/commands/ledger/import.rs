use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use bartizan_engine::{
    Mode,
    import::{Imported, import},
};
use bartizan_finding::Severity;
use serde_json::json;

use crate::{
    arguments::{Global, ListFormat},
    commands,
    environment::Environment,
    exit::Exit,
    output,
    progress::Progress,
};

/// Statements that were refused are listed up to this many.
const SHOWN: usize = 50;

/// `bartizan ledger import`
pub(super) fn run(
    bundle: &Path,
    proofs: Option<&Path>,
    part: bool,
    format: ListFormat,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let path = environment.folder.clone();
    let mut request = commands::check::request(path, Severity::High, global, environment.heads.clone())?;
    request.mode = Mode::Assess;
    let progress = Progress::new(!global.no_progress && !global.quiet);
    let imported = import(&request, open(bundle)?, part, &progress);
    progress.finish();
    let imported = imported?;
    if let Some(folder) = proofs {
        write_proofs(folder, &imported)?;
    }
    let shown = match format {
        ListFormat::Json => json_of(&imported)?,
        ListFormat::Text => text_of(&imported),
    };
    output::print(&shown)?;
    Ok(if imported.refused.is_empty() { Exit::Done } else { Exit::VerificationFailed })
}

fn open(bundle: &Path) -> anyhow::Result<Box<dyn BufRead>> {
    if bundle.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(bundle).with_context(|| format!("cannot read {}", bundle.display()))?;
    Ok(Box::new(BufReader::new(file)))
}

fn write_proofs(folder: &Path, imported: &Imported) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    for taken in &imported.taken {
        let file: PathBuf = folder.join(format!("{}.proof", taken.index));
        output::write_file(&file, &taken.proof)?;
    }
    Ok(())
}

fn text_of(imported: &Imported) -> String {
    let mut text = String::new();
    for refused in imported.refused.iter().take(SHOWN) {
        let place =
            if refused.line == 0 { "the bundle".to_owned() } else { format!("line {}", refused.line) };
        text.push_str(&format!("■ {place}: {}\n", bartizan_artifact::escape(&refused.why, 400)));
    }
    if let Some(more) = imported.refused.len().checked_sub(SHOWN).filter(|more| *more > 0) {
        text.push_str(&format!("■ and {more} more\n"));
    }
    for taken in &imported.taken {
        text.push_str(&format!(
            "● {:>6}  {:<16} {:<12} {}\n",
            taken.index,
            taken.kind,
            bartizan_artifact::escape(&taken.collector, 40),
            bartizan_artifact::escape(&taken.subject, 80)
        ));
    }
    let statements =
        |count: usize| if count == 1 { "1 statement".to_owned() } else { format!("{count} statements") };
    text.push_str(&match (imported.taken.len(), imported.refused.len()) {
        (0, 0) => "Nothing is new".to_owned(),
        (0, refused) => format!("Refused {}; nothing is taken in", statements(refused)),
        (taken, 0) => format!("Took in {}", statements(taken)),
        (taken, refused) => format!("Took in {} and refused {refused}", statements(taken)),
    });
    if imported.known > 0 {
        text.push_str(&format!("; {} recorded before", imported.known));
    }
    if imported.not_compared > 0 {
        text.push_str(&format!("; {} about bytes that are not here", imported.not_compared));
    }
    text.push_str(&format!(".\n  {} entries, root {}\n", imported.head.size, imported.head.root));
    text
}

fn json_of(imported: &Imported) -> anyhow::Result<String> {
    let taken: Vec<_> = imported
        .taken
        .iter()
        .map(|taken| {
            json!({
                "line": taken.line, "index": taken.index, "predicate": taken.kind, "collector": taken.collector,
                "subject": taken.subject, "proof": taken.proof,
            })
        })
        .collect();
    let refused: Vec<_> =
        imported.refused.iter().map(|refused| json!({ "line": refused.line, "why": refused.why })).collect();
    commands::json(&json!({
        "taken": taken, "refused": refused, "known": imported.known, "not_compared": imported.not_compared,
        "size": imported.head.size, "root": imported.head.root,
    }))
}
