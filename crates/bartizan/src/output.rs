//! Where results go: standard output or files. A reader that went away is no error.

use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;

use crate::{
    arguments::{Color, Global},
    environment::Environment,
};

/// Writes to standard output.
pub(crate) fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("cannot write to standard output"),
    }
}

/// Says something beside the result, on standard error.
pub(crate) fn talk(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Writes a text file whole or not at all.
pub(crate) fn write_file(path: &Path, text: &str) -> anyhow::Result<()> {
    write_bytes(path, text.as_bytes())
}

/// Writes a file whole or not at all.
pub(crate) fn write_bytes(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let unfinished = unfinished(path);
    let written = fs::write(&unfinished, content).with_context(|| format!("cannot write {}", path.display()));
    finish(written, &unfinished, path)
}

/// The name beside `path` under which it is written before it is whole.
pub(crate) fn unfinished(path: &Path) -> PathBuf {
    let mut name = path.file_name().map(std::ffi::OsStr::to_os_string).unwrap_or_default();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Gives what was written its name, or takes it away where it could not be written.
pub(crate) fn finish<T>(written: anyhow::Result<T>, unfinished: &Path, path: &Path) -> anyhow::Result<T> {
    let renamed = written.and_then(|value| {
        fs::rename(unfinished, path).with_context(|| format!("cannot write {}", path.display()))?;
        Ok(value)
    });
    if renamed.is_err() {
        let _ = fs::remove_file(unfinished);
    }
    renamed
}

/// Whether standard output gets colour.
pub(crate) fn colour(global: &Global, environment: &Environment) -> bool {
    match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => environment.colour && io::stdout().is_terminal(),
    }
}
