use crate::{arguments::AdmitArguments, exit::Exit};

/// `bartizan gate admit`
pub(super) fn run(_arguments: &AdmitArguments) -> anyhow::Result<Exit> {
    anyhow::bail!("not there yet")
}
