//! The console in a real browser: journeys of people, on pages and against them.
//!
//! Every page that a journey sees is held against the rules of accessibility, must not scroll sideways, and must leave
//! the browser's console silent. Pictures of all of them stay under `target/browser`.
#![expect(clippy::disallowed_methods, reason = "these tests run programs and read what they wrote")]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test, in helpers as in tests")]

mod browser;
mod crawl;
mod driver;
mod hands;
mod harness;
mod instruments;
mod journeys;
mod place;
mod program;
mod projects;
mod site;
