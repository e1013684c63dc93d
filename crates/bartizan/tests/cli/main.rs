//! The binary as a user runs it: real folders, real keys, real exit codes.
#![expect(clippy::disallowed_methods, reason = "these tests run the program and read what it wrote")]
#![expect(clippy::unwrap_used, reason = "what fails here fails the test, in helpers as in tests")]

mod demos;
mod failures;
mod interop;
mod ledger;
mod run;
mod usage;
