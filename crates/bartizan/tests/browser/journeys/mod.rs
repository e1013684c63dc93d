//! What people come to do.

mod auditor;
mod hostile;
mod large;
mod newcomer;
mod refusals;
mod risk;
mod runs;
mod threat;
mod triage;
mod without_script;

use serde_json::Value;

use crate::{browser::Browser, program::Console};

/// Comes in by the link that was printed.
fn enter(browser: &Browser, console: &Console) {
    browser.go(&console.link);
    assert_eq!(browser.path(), "/", "the link leads to the overview, and its token leaves the address");
}

/// What the API says at a path, which must be there.
fn api(browser: &Browser, path: &str) -> Value {
    let answer = browser.fetch(path);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text);
    serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{path}: {error}: {}", answer.text))
}
