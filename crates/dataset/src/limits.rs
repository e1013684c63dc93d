/// Bounds on memory and work, whatever the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Deepest nesting of JSON values; most readers stop at 128 or before.
    pub depth: usize,
    /// Most columns that are told apart. The values of others are scanned as one column.
    pub columns: usize,
    /// Longest key in bytes that names a column.
    pub key_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { depth: 128, columns: 1024, key_bytes: 256 }
    }
}
