//! What xtask knows of the machine: read once, then passed on.

use std::ffi::OsString;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The machine and the place of the workspace on it.
pub(crate) struct Host {
    /// The folder of the workspace.
    pub(crate) root: PathBuf,
    /// Whether `CI` is set: a judge that is not there is then a failure.
    pub(crate) ci: bool,
    /// Whether the run may install system packages without sudo.
    pub(crate) superuser: bool,
    /// Where programs are looked for.
    path: OsString,
    /// The home folder, where pyenv keeps its Pythons.
    home: Option<PathBuf>,
}

impl Host {
    /// Reads the environment.
    #[expect(clippy::disallowed_methods, reason = "the one place where xtask reads its environment")]
    pub(crate) fn read() -> Result<Self> {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = manifest.parent().context("xtask lies in a folder of the workspace")?.to_owned();
        let owner = std::fs::metadata("/proc/self").context("cannot read /proc/self")?.uid();
        Ok(Self {
            root,
            ci: std::env::var_os("CI").is_some_and(|value| !value.is_empty() && value != "false"),
            superuser: owner == 0,
            path: std::env::var_os("PATH").unwrap_or_default(),
            home: std::env::var_os("HOME").map(PathBuf::from),
        })
    }

    /// The folder into which everything is built. Fixed, so that what is under it can be found again.
    pub(crate) fn target(&self) -> PathBuf {
        self.root.join("target")
    }

    /// The folder of the tools that xtask installs for itself.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target().join("tools")
    }

    /// `PATH` with the folder of the cargo tools that xtask installed in front.
    pub(crate) fn path_with_tools(&self) -> OsString {
        let mut path = self.tools().join("cargo/bin").into_os_string();
        path.push(":");
        path.push(&self.path);
        path
    }

    /// Every file called `name` in a folder of `PATH`, in order.
    pub(crate) fn find_program(&self, name: &str) -> Vec<PathBuf> {
        std::env::split_paths(&self.path_with_tools())
            .map(|folder| folder.join(name))
            .filter(|file| file.is_file())
            .collect()
    }

    /// The Pythons that pyenv installed, in the order of their names.
    pub(crate) fn pyenv_pythons(&self) -> Vec<PathBuf> {
        let Some(home) = &self.home else { return Vec::new() };
        let Ok(versions) = home.join(".pyenv/versions").read_dir() else { return Vec::new() };
        let mut pythons: Vec<_> = versions
            .filter_map(|entry| Some(entry.ok()?.path().join("bin/python3")))
            .filter(|file| file.is_file())
            .collect();
        pythons.sort();
        pythons
    }
}
