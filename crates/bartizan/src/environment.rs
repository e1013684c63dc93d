//! The one place that asks the operating system for the time, randomness, variables and folders. Everything else
//! takes them as parameters.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use bartizan_finding::Timestamp;

/// What the program knows about where it runs, read once at the start.
#[derive(Debug)]
pub(crate) struct Environment {
    /// The current folder.
    pub(crate) folder: PathBuf,
    /// Where the last head of each log is kept: `$XDG_STATE_HOME/bartizan/heads`, else below `~/.local/state`.
    pub(crate) heads: Option<PathBuf>,
    /// `$XDG_RUNTIME_DIR`: a folder that only this user can read, gone when the session ends.
    pub(crate) runtime: Option<PathBuf>,
    /// `BARTIZAN_ROOT_PASSPHRASE`: opens or protects the root key.
    pub(crate) root_passphrase: Option<String>,
    /// `BARTIZAN_KEY_PASSPHRASE`: opens or protects the key of a person or of a collector elsewhere.
    pub(crate) key_passphrase: Option<String>,
    /// `$XDG_CONFIG_HOME/bartizan/config.toml`, else below `~/.config`: what holds for all projects of this user.
    pub(crate) user_file: Option<PathBuf>,
    /// Whether colour may be used where the output is a terminal: `NO_COLOR` is not set.
    pub(crate) colour: bool,
    /// The width of the terminal, where one is told.
    pub(crate) columns: Option<usize>,
}

impl Environment {
    /// Reads it.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
    pub(crate) fn read() -> anyhow::Result<Self> {
        let folder = |named: Option<OsString>, below: &str| {
            let named = named.map(PathBuf::from).filter(|path| path.is_absolute());
            named.or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(below)))
        };
        let state = folder(std::env::var_os("XDG_STATE_HOME"), ".local/state");
        let configuration = folder(std::env::var_os("XDG_CONFIG_HOME"), ".config");
        let secret = |value: Option<String>| value.filter(|text| !text.is_empty());
        Ok(Self {
            folder: std::env::current_dir().context("cannot tell the current folder")?,
            heads: state.map(|state| state.join("bartizan/heads")),
            runtime: std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute()),
            root_passphrase: secret(std::env::var("BARTIZAN_ROOT_PASSPHRASE").ok()),
            key_passphrase: secret(std::env::var("BARTIZAN_KEY_PASSPHRASE").ok()),
            user_file: configuration.map(|folder| folder.join("bartizan/config.toml")),
            colour: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            columns: std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).or_else(columns),
        })
    }

    /// The folder of the organisation's rules: the one that was named, else the one in the user's configuration. A
    /// configuration that cannot be read is an error: rules that are not found refuse nothing.
    pub(crate) fn organisation(&self, named: Option<&Path>) -> anyhow::Result<Option<PathBuf>> {
        if let Some(named) = named {
            return Ok(Some(named.to_owned()));
        }
        let Some(file) = &self.user_file else { return Ok(None) };
        let text = match bartizan_engine::files::read(file, 64 * 1024) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).with_context(|| format!("cannot read {}", file.display())),
        };
        let text = String::from_utf8(text).with_context(|| format!("{} is not UTF-8", file.display()))?;
        let user: User = toml::from_str(&text).with_context(|| format!("cannot use {}", file.display()))?;
        // A relative path is one beside the file.
        Ok(user
            .organisation
            .map(|folder| file.parent().map_or(folder.clone(), |beside| beside.join(&folder))))
    }

    /// The time, to the second: what statements and entries hold.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the clock")]
    pub(crate) fn now() -> Timestamp {
        let now = Timestamp::now();
        Timestamp::from_second(now.as_second()).unwrap_or(now)
    }

    /// 32 bytes of the system's randomness.
    #[expect(clippy::disallowed_methods, reason = "this is the place that asks for randomness")]
    pub(crate) fn seed() -> anyhow::Result<[u8; 32]> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).context("cannot get randomness from the system")?;
        Ok(seed)
    }
}

/// What the user's configuration may say.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct User {
    /// A folder of gate rules that no project can override.
    organisation: Option<PathBuf>,
}

/// The width of the terminal that standard output is, if it is one.
fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}
