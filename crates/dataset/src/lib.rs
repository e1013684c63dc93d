//! Readers of training and tuning data, and their scan.
//!
//! [`scan`] reads a file once: the same bytes are hashed, split into records and columns, and given to the detectors
//! of `bartizan-detect`, each string as the program that loads the data will see it. It keeps in mind one window of
//! bytes and the columns, never a record. This crate knows no project, no clock and no network.

mod classification;
mod columns;
mod csv;
mod format;
mod json;
mod limits;
mod registry;
mod scan;
mod structure;
mod text;
mod tokens;
mod utf8;
mod value;

pub use classification::{BadClassification, Classification};
pub use columns::{Column, Kind};
pub use format::Format;
pub use limits::Limits;
pub use registry::{RULE_SET, rules};
pub use scan::{Scan, scan};
