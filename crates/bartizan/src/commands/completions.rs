use clap_complete::Shell;

use crate::{arguments, exit::Exit, output};

/// `bartizan completions`
pub(crate) fn run(shell: Shell) -> anyhow::Result<Exit> {
    output::print(&script(shell))?;
    Ok(Exit::Done)
}

fn script(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut arguments::command(), "bartizan", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn every_shell_learns_every_command() {
        let command = arguments::command();
        for shell in Shell::value_variants() {
            let script = script(*shell);
            for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
                assert!(script.contains(inner.get_name()), "{shell} does not know {}", inner.get_name());
            }
            assert!(script.contains("fail-on"), "{shell} does not know the flags of check");
        }
    }
}
