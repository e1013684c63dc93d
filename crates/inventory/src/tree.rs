use std::io;

/// A regular file below the folder that is looked at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct File {
    /// Relative to the folder, with `/`.
    pub name: String,
    /// Its size in bytes.
    pub size: u64,
}

/// The folder that is looked at.
pub trait Tree {
    /// All files, in any order.
    fn files(&self) -> &[File];

    /// The first bytes of a file of the listing, at most `at_most`.
    fn head(&self, name: &str, at_most: usize) -> io::Result<Vec<u8>>;
}

/// Bounds on what is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of one file.
    pub file_bytes: usize,
    /// Most bytes of all files together.
    pub all_bytes: u64,
    /// Most places that are kept of one thing.
    pub places: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { file_bytes: 4 * 1024 * 1024, all_bytes: 256 * 1024 * 1024, places: 20 }
    }
}
