//! Server-rendered pages, a JSON API and live updates over one project.
//!
//! The console shows what a check has learned, as the program that serves it (the [`Host`]) reports it, and lets the
//! owner start another. It knows no project file, no rule and no proof: it renders the published report
//! ([`bartizan_report::v1`]) and the entries of the log that the host reads for it.

mod access;
mod address;
mod api;
mod assets;
mod call;
mod export;
mod host;
mod live;
mod pages;
mod refusal;
mod run;
mod server;
mod shown;
mod snapshot;
mod static_files;

pub use access::{BadOrigin, Origin};
pub use api::openapi;
pub use host::{Failure, Host, LogEntry, LogHead, LogStatement, Watch};
pub use server::{Console, Limits, Options};
