//! The binary as a user runs it: real folders, real keys, real exit codes.
#![expect(clippy::disallowed_methods, reason = "these tests run the program and read what it wrote")]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test, in helpers as in tests")]

mod admit;
mod ci;
mod demos;
mod doctor;
mod failures;
mod faults;
mod help;
mod init;
mod interop;
mod ledger;
mod model;
mod outside;
mod packaging;
mod real_models;
mod run;
mod standards;
mod travel;
mod up;
mod usage;
