//! The ledger from outside: what is appended is there, what is changed is named, what breaks loses nothing.

mod append;
mod fault_fs;
mod faults;
mod group;
mod interop;
mod kill;
mod proofs;
mod real;
mod support;
mod tamper;
