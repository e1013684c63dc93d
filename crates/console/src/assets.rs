//! The files that are served as they are: one style sheet and one script.

use std::sync::LazyLock;

use bartizan_finding::Digest;

/// Name, media type and bytes of each.
pub(crate) static FILES: LazyLock<[(&'static str, &'static str, &'static [u8]); 2]> = LazyLock::new(|| {
    [
        ("console.css", "text/css; charset=utf-8", CSS.as_bytes()),
        ("console.js", "text/javascript; charset=utf-8", include_bytes!("../assets/console.js")),
    ]
});

static CSS: LazyLock<String> = LazyLock::new(|| {
    [bartizan_figure::THEME, bartizan_figure::STYLE, include_str!("../assets/console.css")].concat()
});

static HASH: LazyLock<String> = LazyLock::new(|| {
    let all: Vec<u8> = FILES.iter().flat_map(|(_, _, bytes)| bytes.iter().copied()).collect();
    Digest::of(&all).hex().chars().take(12).collect()
});

/// The address of a file. It changes with the bytes of the files, so that browsers may keep them forever.
pub(crate) fn path(name: &str) -> String {
    format!("/static/{}/{name}", *HASH)
}
