mod convert;
mod scan;

use crate::{
    arguments::{Global, ModelCommand},
    environment::Environment,
    exit::Exit,
};

/// `bartizan model`
pub(crate) fn run(
    command: &ModelCommand,
    global: &Global,
    environment: &Environment,
) -> anyhow::Result<Exit> {
    match command {
        ModelCommand::Convert(arguments) => convert::run(arguments, global),
        ModelCommand::Scan(arguments) => scan::run(arguments, global, environment),
    }
}
