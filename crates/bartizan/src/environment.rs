//! The one place that asks the operating system for the time, randomness, variables and folders. Everything else
//! takes them as parameters.

use std::path::{Path, PathBuf};

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
    /// Whether colour may be used where the output is a terminal: `NO_COLOR` is not set.
    pub(crate) colour: bool,
    /// The width of the terminal, where one is told.
    pub(crate) columns: Option<usize>,
}

impl Environment {
    /// Reads it.
    #[expect(clippy::disallowed_methods, reason = "this is the place that reads the environment")]
    pub(crate) fn read() -> anyhow::Result<Self> {
        let state = std::env::var_os("XDG_STATE_HOME")
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
            .or_else(|| std::env::var_os("HOME").map(|home| Path::new(&home).join(".local/state")));
        Ok(Self {
            folder: std::env::current_dir().context("cannot tell the current folder")?,
            heads: state.map(|state| state.join("bartizan/heads")),
            runtime: std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute()),
            root_passphrase: std::env::var("BARTIZAN_ROOT_PASSPHRASE").ok().filter(|text| !text.is_empty()),
            colour: std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
            columns: std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).or_else(columns),
        })
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

/// The width of the terminal that standard output is, if it is one.
fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}
