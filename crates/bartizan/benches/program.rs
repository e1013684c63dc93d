//! What a user waits for: `cargo xtask bench program`.

#![expect(clippy::disallowed_methods, reason = "a bench of the program starts it")]

use std::{
    error::Error,
    path::Path,
    process::{Command, Stdio},
};

use bartizan_measure::{Clock, Figure, interleave, peak_memory_of_children};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let run = |arguments: &[&str]| run(folder.path(), arguments);

    let [version] = interleave(Clock::Wall, 31, [&mut || run(&["--version"])])?;
    version.milliseconds("bartizan --version").at_most(20.0).print();

    let (cold, outcome) = Clock::Wall.time(|| {
        run(&["demo", "helpdesk", "helpdesk"])?;
        run(&["check", "helpdesk", "--quiet"])
    });
    outcome?;
    Figure::new("write the helpdesk and check it", cold.as_secs_f64(), "s", 1).print();
    let [warm] = interleave(Clock::Wall, 15, [&mut || run(&["check", "helpdesk", "--quiet"])])?;
    warm.seconds("check the helpdesk again").at_most(2.0).print();
    let most = peak_memory_of_children() as f64 / 1e6;
    Figure::new("peak memory of any of these", most, "MB", 1).at_most(200.0).print();
    Ok(())
}

/// Runs the program to its end. Any other exit than 0 is an error.
fn run(folder: &Path, arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    let status = Command::new(env!("CARGO_BIN_EXE_bartizan"))
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("XDG_STATE_HOME", folder.join("state-home"))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("`bartizan {}`: {status}", arguments.join(" ")).into())
    }
}
