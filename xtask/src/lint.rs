//! The checks that read the sources: each is one function, so that `test` and `lint` run the same ones.

use anyhow::Result;

use crate::cargo::cargo;
use crate::host::Host;
use crate::run::Steps;
use crate::{Exit, layers, pages, sources};

/// Runs every check, and those of cargo-deny where asked for.
pub(crate) fn run(host: &Host, deny: bool) -> Exit {
    let mut steps = Steps::default();
    reading(host, &mut steps);
    steps.step("clippy", || clippy(host));
    steps.step("generated pages", || {
        pages::build(host)?;
        pages::check(host)
    });
    if deny {
        steps.step("licences and bans", || self::deny(host));
    }
    if steps.close() { Exit::Done } else { Exit::Failed }
}

/// The checks that compile nothing.
pub(crate) fn reading(host: &Host, steps: &mut Steps) {
    steps.step("format", || cargo(host).args(["fmt", "--all", "--check"]).run());
    steps.step("sources", || sources::check(host));
    steps.step("layers", || layers::check(host));
}

/// Clippy over everything that is compiled, tests and benches too.
pub(crate) fn clippy(host: &Host) -> Result<()> {
    cargo(host).args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]).run()
}

/// Licences, bans and sources with cargo-deny. Advisories change without the sources, so they are no part of a check
/// of the sources.
fn deny(host: &Host) -> Result<()> {
    cargo(host).args(["deny", "check", "licenses", "bans", "sources"]).run()
}
