//! The console over real connections.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test, in helpers as in tests")]
#![expect(clippy::disallowed_methods, reason = "a test waits by the clock and reads what it was sent")]

mod access;
mod api;
mod client;
mod headers;
mod host;
mod limits;
mod live;
mod reports;
mod runs;
mod sessions;
mod slow;
