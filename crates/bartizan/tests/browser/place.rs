//! Folders: where the judge is, and where pictures go.

use std::path::{Path, PathBuf};

/// The folder with `chromium`, `chromedriver`, `pdftotext` and `axe.min.js`, where `cargo xtask test` has put it.
pub(crate) fn judge() -> PathBuf {
    let variable = "BARTIZAN_TOOLS_BROWSER";
    let place = std::env::var_os(variable);
    place.unwrap_or_else(|| panic!("{variable} is not set; run `cargo xtask test`")).into()
}

/// An empty folder for what one journey leaves to be looked at: `target/browser/NAME`.
pub(crate) fn output(journey: &str) -> PathBuf {
    let target =
        Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the folder lies in the target folder");
    let folder = target.join("browser").join(journey);
    if folder.exists() {
        std::fs::remove_dir_all(&folder).expect("the pictures of the run before can be removed");
    }
    std::fs::create_dir_all(&folder).expect("the folder for pictures can be made");
    folder
}
