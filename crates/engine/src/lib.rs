//! Plans, runs and records a check, with an observer for progress and cancel.
