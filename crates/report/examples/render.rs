//! Turns a JSON report on standard input into another format on standard output:
//! `cargo run -p bartizan-report --example render html < report.json > report.html`.

use std::io::{self, Read as _, Write as _};

use bartizan_report::{html, junit, markdown, v1::Report};

/// A report is a few megabytes; more than this is something else.
const MOST: u64 = 256 << 20;

#[expect(clippy::disallowed_methods, reason = "the input is limited just before it is read")]
fn main() -> io::Result<()> {
    let mut text = String::new();
    io::stdin().lock().take(MOST).read_to_string(&mut text)?;
    let report: Report = serde_json::from_str(&text)?;
    let rendered = match std::env::args().nth(1).as_deref() {
        Some("markdown") => markdown::render(&report),
        Some("junit") => junit::render(&report),
        _ => html::render(&report),
    };
    io::stdout().write_all(rendered.as_bytes())
}
