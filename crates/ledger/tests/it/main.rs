//! The ledger from outside: what is appended is there, what is changed is named, what breaks loses nothing.

mod anchors;
mod append;
mod archives;
mod fault_fs;
mod faults;
mod group;
mod interop;
mod kill;
mod proofs;
mod real;
mod stamps;
mod support;
mod tamper;
