//! The binary as a user runs it: real folders, real keys, real exit codes.
#![expect(clippy::disallowed_methods, reason = "these tests run the program and read what it wrote")]

mod demos;
mod failures;
mod ledger;
mod run;
mod usage;
