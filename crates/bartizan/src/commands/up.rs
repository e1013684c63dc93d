use std::path::Path;

use bartizan_engine::{EngineError, Source};
use bartizan_finding::Severity;
use bartizan_project::{Asset, AssetKind};

use crate::{
    arguments::{DemoKind, FormatKind, Global, UpArguments},
    environment::Environment,
    exit::Exit,
    output,
};

/// The folder of the example, below the one that `up` was called in.
const EXAMPLE: &str = "bartizan-demo";

/// `bartizan up`
pub(crate) fn run(
    arguments: &UpArguments,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    let place = arguments.path.clone().unwrap_or_else(|| environment.folder.clone());
    let example = place.join(EXAMPLE);
    let own = global.config.is_some() || has_something_of_its_own(&place);
    let (folder, is_example) = if own && !arguments.demo { (place, false) } else { (example, true) };
    if is_example && !folder.join("bartizan.toml").is_file() {
        output::talk(&format!("There is no project here: an example is written to {}", folder.display()));
        super::demo::write(DemoKind::Helpdesk, &folder, 1, environment)?;
    }
    let (_, report) =
        super::check::check_path(folder.clone(), Severity::High, global, environment).map_err(|error| {
            match error.downcast_ref::<EngineError>() {
                Some(EngineError::Project(_)) if is_example => error.context(format!(
                    "the example at {} was changed; remove it to have it written again",
                    folder.display()
                )),
                _ => error,
            }
        })?;
    output::print(&super::check::render(&report, FormatKind::Text, global, environment, true))?;
    if is_example {
        output::print(&format!(
            "\nThis is an example. Look further:\n  cd {}\n  bartizan threat list\n  bartizan ledger verify\n  bartizan demo compromised /tmp/compromised && bartizan check /tmp/compromised\n",
            folder.display()
        ))?;
    }
    Ok(Exit::Code(report.outcome.exit_code))
}

/// Whether there is a project here, or at least a model to look at.
fn has_something_of_its_own(place: &Path) -> bool {
    match Source::find(place, None) {
        Ok(source) if source.is_inferred() => {
            source.project.assets.values().any(|asset| asset.kind == AssetKind::Model && !is_example(asset))
        }
        Ok(_) => true,
        // A project with faults is a project, and the check says what is wrong with it.
        Err(error) => !matches!(error, EngineError::NothingToCheck(_)),
    }
}

/// Whether an asset belongs to the example that an earlier `up` wrote.
fn is_example(asset: &Asset) -> bool {
    asset.path.as_ref().is_some_and(|path| path.as_str().starts_with(EXAMPLE))
}
