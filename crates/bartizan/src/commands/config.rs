use std::{fs, path::PathBuf};

use anyhow::Context as _;
use bartizan_engine::files;
use bartizan_standards::{MAX_CATALOG_BYTES, OfficialTexts, import_catalog};

use crate::{arguments::ConfigCommand, environment::Environment, exit::Exit, output};

/// `bartizan config`
pub(crate) fn run(command: &ConfigCommand, environment: &Environment) -> anyhow::Result<Exit> {
    match command {
        ConfigCommand::Schema => output::print(&super::json(&bartizan_project::schema())?)?,
        ConfigCommand::ImportCatalog { file } => {
            let json = files::read(file, MAX_CATALOG_BYTES as u64)
                .with_context(|| format!("cannot read {}", file.display()))?;
            let texts =
                import_catalog(&json).with_context(|| format!("cannot take in {}", file.display()))?;
            let folder = folder(environment)
                .context("there is no folder to keep it in: neither HOME nor XDG_STATE_HOME is set")?;
            fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
            let path = folder.join(format!("{}.json", texts.edition.tag().replace(':', "-")));
            output::write_file(&path, &super::json(&texts)?)?;
            output::print(&format!(
                "Took in {} texts of {} from `{}`; {} are missing, {} ids are not known here.\nKept in {}\n",
                texts.texts.len(),
                texts.edition.title(),
                texts.title,
                texts.missing.len(),
                texts.unknown.len(),
                path.display()
            ))?;
        }
    }
    Ok(Exit::Done)
}

/// The official wording that the user has brought along; a file that cannot be read is as good as absent, and said.
pub(crate) fn official(environment: &Environment) -> Vec<OfficialTexts> {
    let Some(folder) = folder(environment) else { return Vec::new() };
    let paths = bartizan_standards::Edition::ALL
        .map(|edition| folder.join(format!("{}.json", edition.tag().replace(':', "-"))));
    let read = |path: PathBuf| {
        let json = files::read(&path, MAX_CATALOG_BYTES as u64).ok()?;
        let texts = serde_json::from_slice(&json);
        if texts.is_err() {
            output::talk(&format!("bartizan: {} is not what `config import-catalog` writes", path.display()));
        }
        texts.ok()
    };
    paths.into_iter().filter_map(read).collect()
}

fn folder(environment: &Environment) -> Option<PathBuf> {
    environment.heads.as_ref().and_then(|heads| heads.parent()).map(|state| state.join("catalogs"))
}
