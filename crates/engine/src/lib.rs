//! Plans, runs and records a check, with an observer for progress and cancel.
//!
//! [`check`] is the whole pass over a project; [`outcome::report`] turns what it learned into the report that people
//! and programs read. This crate knows no terminal and no command line: time, randomness and folders come in with the
//! [`Request`].

mod bytes;
mod check;
mod claims;
mod desk;
mod error;
pub mod files;
pub mod gate;
pub mod gather;
pub mod heads;
pub mod import;
mod index;
mod inspect;
pub mod inventory;
pub mod log;
mod observer;
pub mod outcome;
pub mod outside;
pub mod pack;
pub mod people;
mod plan;
pub mod record;
pub mod registry;
mod rules;
pub mod scan;
mod source;
pub mod standing;
pub mod state;
mod suppress;
mod threats;

pub use bytes::{Bytes, digest_of};
pub use check::{Baseline, Checked, Mode, Request, check};
pub use error::EngineError;
pub use observer::{Cancel, Observer, Silent, Stage};
pub use plan::{Plan, Task};
pub use source::{Origin, Source};
