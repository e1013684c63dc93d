//! Everything a developer or CI runs, as one program: `cargo xtask test|lint|layers|gen|tools|bench`.
//!
//! It starts other programs (in [`run`] alone), echoes each of them, times each step and ends with a table.

mod bench;
mod cargo;
mod files;
mod host;
mod layers;
mod lint;
mod pages;
mod run;
mod sources;
mod test;
mod tools;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::host::Host;

fn main() -> ExitCode {
    let args = Args::parse();
    let outcome = Host::read().and_then(|host| match args.command {
        Task::Test { install, full } => test::run(&host, install, full),
        Task::Lint { deny } => Ok(lint::run(&host, deny)),
        Task::Layers => layers::check(&host).map(|()| Exit::Done),
        Task::Gen { check } => pages::run(&host, check),
        Task::Tools => test::tools(&host),
        Task::Bench { names } => bench::run(&host, &names),
    });
    match outcome {
        Ok(exit) => exit.into(),
        Err(error) => {
            run::say(&format!("error: {error:#}"));
            Exit::Failed.into()
        }
    }
}

/// Everything a developer or CI runs.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Args {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Run every check: format, clippy, layers, generated pages, tests, doc tests, and the judges that others wrote.
    ///
    /// Needs the package registries once, for what is not yet under target/tools; after that it works offline.
    /// Exits with 1 when a step failed and with 4 when the machine lacks something that must be installed first.
    Test {
        /// Install missing system packages with sudo (as root they are installed without asking).
        #[arg(long)]
        install: bool,
        /// Also run the tests marked `#[ignore]`: soak tests and whatever needs minutes or gigabytes.
        #[arg(long)]
        full: bool,
    },
    /// Run the checks that need no test: format, sources, layers, clippy, generated pages.
    Lint {
        /// Also check licences, bans and sources with cargo-deny, which must be installed.
        #[arg(long)]
        deny: bool,
    },
    /// Check the arrows between the crates against xtask/layers.toml.
    Layers,
    /// Write docs/reference from the program itself.
    Gen {
        /// Change nothing; fail when a page is stale, missing or left over.
        #[arg(long)]
        check: bool,
    },
    /// Install the tools against which the output is tested, and print where they are.
    ///
    /// After `eval "$(cargo xtask tools)"`, `cargo nextest run --profile xtask -p CRATE` also runs the crate's tests
    /// against them.
    Tools,
    /// Run the bench programs and write docs/performance.md.
    Bench {
        /// Run only the bench programs with these names and print their figures without writing the page.
        names: Vec<String>,
    },
}

/// How a run ended. The numbers are those of the program itself, where 4 also means that work could not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    Done = 0,
    Failed = 1,
    Missing = 4,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        super::Args::command().debug_assert();
    }
}
