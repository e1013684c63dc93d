//! Folders whose names say that what lies there is no part of the running system.

/// Folders of installed packages: what others wrote, and nobody edits.
pub(crate) const INSTALLED: [&str; 8] =
    ["node_modules", "site-packages", "dist-packages", ".venv", "venv", "__pycache__", ".tox", ".bartizan"];

/// Whether a file lies in a folder of installed packages.
pub fn is_installed(name: &str) -> bool {
    folder_among(&INSTALLED, name).is_some()
}

/// Folders of tests: what they name, the running system need not use.
pub(crate) const TESTS: [&str; 7] =
    ["tests", "test", "__tests__", "fixtures", "cassettes", "testdata", "__mocks__"];

/// Folders at the top whose code is not part of the system that runs.
pub(crate) const ASIDE: [&str; 8] =
    ["tests", "test", "docs", "doc", "examples", "example", ".github", "benches"];

/// The outermost folder with one of these names that a file lies in.
pub(crate) fn folder_among<'n>(names: &[&str], name: &'n str) -> Option<&'n str> {
    let mut end = 0;
    for part in name.split('/') {
        end += part.len();
        if names.contains(&part) && end < name.len() {
            return name.get(..end);
        }
        end += 1;
    }
    None
}
