//! Findings, posture and runs as text, JSON, SARIF, HTML, Markdown and `JUnit`.
//!
//! The engine fills one value, [`v1::Report`]; every format is a pure function of it. The types of [`v1`] are a
//! published contract and therefore apart from the types that the rest of the program computes with: a field may
//! be added, none is renamed or removed. This crate knows no file, no clock and no terminal: widths, colours and
//! rules come in as parameters.

pub mod compare;
pub mod html;
mod json;
pub mod junit;
#[cfg(test)]
mod leaks;
pub mod markdown;
pub mod picture;
mod printable;
#[cfg(test)]
mod sample;
pub mod sarif;
pub mod scan;
mod sentence;
pub mod text;
pub mod v1;

pub use json::{schema, schema_text, to_json, visible};
