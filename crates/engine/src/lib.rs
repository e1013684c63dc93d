//! Plans, runs and records a check, with an observer for progress and cancel.
//!
//! [`check`] is the whole pass over a project; [`outcome::report`] turns what it learned into the report that people
//! and programs read. This crate knows no terminal and no command line: time, randomness and folders come in with the
//! [`Request`].

mod check;
mod desk;
mod error;
pub mod files;
pub mod gather;
pub mod heads;
mod inspect;
pub mod inventory;
pub mod log;
mod observer;
pub mod outcome;
mod plan;
pub mod record;
pub mod registry;
mod rules;
mod source;
pub mod state;
mod threats;

pub use check::{Bytes, Checked, Request, check};
pub use error::EngineError;
pub use observer::{Cancel, Observer, Silent, Stage};
pub use plan::{Plan, Task};
pub use source::{Origin, Source};
