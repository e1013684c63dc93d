//! One file for each command.

mod assess;
pub(crate) mod check;
mod completions;
mod config;
mod demo;
mod docs;
mod doctor;
mod exception;
mod explain;
mod gate;
mod init;
mod key;
mod ledger;
mod man;
mod model;
mod report;
mod risk;
mod rules;
mod standards;
mod threat;
mod trust;
mod up;

use bartizan_engine::{Source, heads::Heads, state, state::State};

use crate::{
    arguments::{Arguments, Command, Global},
    environment::Environment,
    exit::Exit,
    output,
};

/// The version that statements and reports name.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Runs a command.
pub(crate) fn run(arguments: Arguments, environment: &Environment) -> anyhow::Result<Exit> {
    let Arguments { command, global } = arguments;
    match command {
        Command::Init(arguments) => init::run(&arguments, &global, environment),
        Command::Check(arguments) => check::run(&arguments, &global, environment),
        Command::Up(arguments) => up::run(&arguments, &global, environment),
        Command::Demo { kind, folder, seed } => demo::run(kind, &folder, seed, environment),
        Command::Threat(command) => threat::run(&command, &global, environment),
        Command::Risk(command) => risk::run(&command, &global, environment),
        Command::Model(command) => model::run(&command, &global, environment),
        Command::Key(command) => key::run(&command, &global, environment),
        Command::Trust(command) => trust::run(&command, &global, environment),
        Command::Ledger(command) => ledger::run(&command, &global, environment),
        Command::Gate(arguments) => gate::run(&arguments, &global, environment),
        Command::Exception(command) => exception::run(&command, &global, environment),
        Command::Assess(arguments) => assess::run(&arguments, &global, environment),
        Command::Report(command) => report::run(&command, &global, environment),
        Command::Explain { code } => explain::run(&code, &global, environment),
        Command::Rules { format } => rules::run(format),
        Command::Standards(command) => standards::run(&command),
        Command::Config(command) => config::run(&command, environment),
        Command::Doctor { format } => doctor::run(format, &global, environment),
        Command::Completions { shell } => completions::run(shell),
        Command::Man { folder } => man::run(folder.as_deref()),
        Command::Docs { folder } => docs::run(&folder),
    }
}

/// The declared project of this folder, for commands that make no sense without one.
fn declared(global: &Global, environment: &Environment) -> anyhow::Result<Source> {
    Source::declared(&environment.folder, global.config.as_deref())?.ok_or_else(|| {
        anyhow::anyhow!("there is no bartizan.toml here or above; name one with --config FILE")
    })
}

/// The state folder of a project, or the one that was named.
pub(crate) fn state_folder(source: &Source, global: &Global) -> std::path::PathBuf {
    global.state.clone().unwrap_or_else(|| source.state_folder())
}

/// Remembers the head of a log that was just begun, so that the first check notices if it was replaced.
fn remember(state: &State, environment: &Environment) -> anyhow::Result<()> {
    let Some(folder) = &environment.heads else { return Ok(()) };
    let head = state.ledger.head()?;
    if let Err(error) = Heads::open(folder).and_then(|heads| heads.keep_state(state, &head)) {
        output::talk(&format!("bartizan: the head of the log is not remembered: {error}"));
    }
    Ok(())
}

/// A seed from the system's randomness.
fn seed() -> anyhow::Result<state::Seed> {
    Environment::seed().map(state::Seed)
}

/// A value as pretty JSON with a line feed at its end.
fn json(value: &impl serde::Serialize) -> anyhow::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}
