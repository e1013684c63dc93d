//! The scanners of others, each in its own environment.

use std::{
    collections::BTreeMap,
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde::Deserialize;

use crate::corpus::Verdict;

/// A scanner: its name, and how its program is called for one file.
pub(crate) struct Peer {
    pub(crate) name: &'static str,
    arguments: &'static [&'static str],
    root: PathBuf,
}

const PEERS: [(&str, &[&str]); 4] = [
    ("picklescan", &["--path"]),
    ("modelscan", &["--path"]),
    ("fickling", &["--check-safety"]),
    ("modelaudit", &["scan"]),
];

/// Those that `cargo xtask bench` has installed; none where the bench was started by hand.
pub(crate) fn all() -> Result<Vec<Peer>, Box<dyn Error>> {
    let Some(root) = env::var_os("BARTIZAN_TOOLS_PEERS").map(PathBuf::from) else { return Ok(Vec::new()) };
    let peers = PEERS.map(|(name, arguments)| Peer { name, arguments, root: root.clone() });
    for peer in &peers {
        if !peer.python().exists() {
            return Err(format!("{} is not installed in {}", peer.name, root.display()).into());
        }
    }
    Ok(peers.into())
}

impl Peer {
    fn python(&self) -> PathBuf {
        self.root.join(self.name).join("bin/python")
    }

    /// A call without network, telemetry and colours.
    fn call(&self, program: &Path, folder: &Path) -> Command {
        let mut call = Command::new(program);
        call.current_dir(folder)
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", &self.root)
            .env("CI", "true")
            .env("NO_COLOR", "1")
            .env("PROMPTFOO_DISABLE_TELEMETRY", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        call
    }

    /// Runs the scanner's own program on one file, as a user does.
    pub(crate) fn program(&self, folder: &Path, file: &str) -> Result<(), Box<dyn Error>> {
        let program = self.root.join(self.name).join("bin").join(self.name);
        self.call(&program, folder).args(self.arguments).arg(file).status()?;
        Ok(())
    }

    /// What it says of each file, in one process.
    pub(crate) fn judge(&self, folder: &Path, paths: &[String]) -> Result<Vec<Verdict>, Box<dyn Error>> {
        #[derive(Deserialize)]
        struct Line {
            path: String,
            verdict: Verdict,
        }
        let list = folder.join("files.txt");
        fs::write(&list, paths.join("\n"))?;
        let mut call = self.call(&self.python(), folder);
        let output =
            call.arg(self.root.join("scan.py")).arg(self.name).arg(&list).stdout(Stdio::piped()).output()?;
        fs::remove_file(list)?;
        let said: BTreeMap<String, Verdict> = std::str::from_utf8(&output.stdout)?
            .lines()
            .map(|line| serde_json::from_str(line).map(|Line { path, verdict }| (path, verdict)))
            .collect::<Result<_, _>>()?;
        Ok(paths.iter().map(|path| said.get(path).copied().unwrap_or(Verdict::Error)).collect())
    }
}
