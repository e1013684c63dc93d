//! The scanners of others that `cargo xtask bench artifacts` measures in the same run, each in an environment of its own.

use std::path::PathBuf;

use anyhow::{Context, Result};

use super::{PYTHON_FOR_JUDGES, Venv, find_python, install};
use crate::files;
use crate::host::Host;
use crate::run::Call;

/// The scanners, by the name of their package; each has a list of pinned packages in `xtask/tools/peers`.
pub(crate) const PEERS: [&str; 4] = ["picklescan", "modelscan", "fickling", "modelaudit"];

/// The variable that tells the bench where the environments are: a folder for each scanner, and `scan.py`, which drives
/// them.
pub(crate) const VARIABLE: &str = "BARTIZAN_TOOLS_PEERS";

/// Installs what is not yet there, and returns the folder of the environments.
pub(crate) fn peers(host: &Host) -> Result<PathBuf> {
    let folder = host.tools().join("peers");
    let found = find_python(host, PYTHON_FOR_JUDGES).context("no Python with venv on this machine")?;
    for peer in PEERS {
        let environment = folder.join(peer);
        let python = environment.join("bin/python");
        if Call::new(&python, &host.root).args(["-m", "pip", "--version"]).ask().is_err() {
            files::remove_folder(&environment)?;
            Call::new(&found.program, &host.root).args(["-m", "venv"]).arg(&environment).run()?;
        }
        install(host, &Venv { python, version: found.version }, &format!("peers/{peer}.txt"), None)?;
    }
    files::write(&folder.join("scan.py"), files::read_text(&host.root.join("xtask/tools/peers/scan.py"))?)?;
    Ok(folder)
}
