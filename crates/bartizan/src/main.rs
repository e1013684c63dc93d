//! Guards a large language model over its whole life.
//!
//! This crate is the command line: it reads the environment and the arguments, calls the engine, shows what it says
//! and ends with the exit code of the table in [`exit`]. It knows no format, no rule and no proof.

mod arguments;
mod commands;
mod environment;
mod exit;
mod fault;
mod interrupt;
mod network;
mod output;
mod progress;
mod served;

use std::process::ExitCode;

use crate::environment::Environment;

fn main() -> ExitCode {
    let arguments = match arguments::parse(std::env::args_os()) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are answers, not errors, and a closed pipe is no reason to complain.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let run = Environment::read().and_then(|environment| commands::run(arguments, &environment));
    match run {
        Ok(exit) => exit.into(),
        Err(error) => fault::report(&error).into(),
    }
}
