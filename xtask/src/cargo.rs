//! How cargo is called.

use crate::host::Host;
use crate::run::Call;

/// Cargo in the workspace, building into its own `target`.
pub(crate) fn cargo(host: &Host) -> Call {
    let cargo = Call::new("cargo", &host.root)
        .env("PATH", host.path_with_tools())
        .env("CARGO_TARGET_DIR", host.target());
    // On a fresh machine nothing is built twice, so what incremental builds keep would only be written.
    if host.ci { cargo.env("CARGO_INCREMENTAL", "0") } else { cargo }
}
