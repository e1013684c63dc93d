//! Writes the example projects from a seed.
