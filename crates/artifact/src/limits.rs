//! How much of a hostile file is kept in mind, whatever the file says about itself.

/// Bounds on memory and work. A file that exceeds one is `inconclusive`, and an `Unexamined` says which.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest safetensors header in bytes. The reference reader refuses more than 100,000,000 as well.
    pub header_bytes: u64,
    /// Most tensors whose place in the file is checked. The largest published models have some 100,000.
    pub tensors: usize,
    /// Deepest nesting of JSON values. `serde_json`, which the reference reader uses, goes as deep.
    pub json_depth: usize,
    /// Most pickles behind one another in one file.
    pub pickle_streams: u64,
    /// Most opcodes of one of them that are interpreted.
    pub pickle_opcodes: u64,
    /// Most values on a pickle's stack, and most entries of its memo.
    pub pickle_values: usize,
    /// Bytes of strings and tuples of a pickle that are kept at one time; others are known by type alone.
    pub pickle_kept_bytes: usize,
    /// Most opcodes and copied values that are spent on reading the bytes of joblib's arrays as opcodes too. Bytes that are
    /// none end it at once.
    pub pickle_rereading: u64,
    /// Longest header of a `NumPy` array, in bytes. `NumPy` itself takes 10,000 unless it is told otherwise.
    pub array_header_bytes: u64,
    /// Bytes that encoded and compressed strings of one pickle may be decoded to.
    pub decoded_bytes: u64,
    /// How deep pickles inside byte strings of pickles are followed.
    pub nesting: usize,
    /// How much of a byte string is searched for a nested pickle; at most [`crate::STEP`] bytes.
    pub nested_bytes: u64,
    /// Most problems of one rule that are listed for one file; the rest are counted.
    pub problems_per_rule: usize,
    /// Longest file that counts as text.
    pub text_bytes: u64,
    /// Most metadata entries of a GGUF file whose names are told apart.
    pub metadata_entries: usize,
    /// Longest chat template that is looked at, in bytes. The longest published ones have some 20,000.
    pub template_bytes: usize,
    /// Longest source code that is parsed, in bytes: a tree takes up to a hundred times as much memory. The longest
    /// published modelling code has some 300,000.
    pub source_bytes: usize,
    /// Longest YAML document that is parsed, in bytes: what its parser keeps takes up to two hundred times as much memory.
    pub yaml_bytes: usize,
    /// Most members of an archive.
    pub archive_members: usize,
    /// Longest directory of an archive, in bytes; so much of it is held in memory.
    pub directory_bytes: u64,
    /// Longest header of a tar archive that describes another one, in bytes. Other readers take no more (libarchive: 1 MiB).
    pub extended_bytes: u64,
    /// Most bytes that all members of one archive may decompress to, whatever its size.
    pub inflated_bytes: u64,
    /// Most bytes that one byte of an archive may stand for, where they are more than a gibibyte in all. Deflate
    /// reaches 1,032.
    pub inflation: u64,
    /// How deep files inside files are followed: archives, compressed streams, and what lies in them.
    pub containers: usize,
    /// Largest window of a decompressor, in bytes; a quarter of it for what lies inside. As much again is held where bytes
    /// are needed out of order.
    pub window_bytes: u64,
    /// Decompressed bytes of one member that are held in memory, where its reader needs them out of order; larger ones
    /// are decompressed again.
    pub spool_bytes: u64,
    /// The same, of all members of a file together.
    pub held_bytes: u64,
    /// Deepest nesting of messages of Protocol Buffers. Its own libraries refuse more than 100.
    pub message_depth: usize,
    /// Most names of one kind of a graph that are kept: functions, unknown operators, constants. The largest published
    /// graphs have some 10,000 functions.
    pub names: usize,
    /// Most tables, vectors and texts of a file in the format of `FlatBuffers` that are followed. Large models have some
    /// 100,000.
    pub flat_objects: u64,
}

impl Limits {
    /// What is left to bytes that are decompressed through a window while they are read: a quarter of all that is held
    /// beside it.
    pub(crate) const fn beside_a_window(&self) -> Self {
        Self {
            window_bytes: self.window_bytes / 4,
            source_bytes: self.source_bytes / 4,
            yaml_bytes: self.yaml_bytes / 4,
            pickle_kept_bytes: self.pickle_kept_bytes / 4,
            pickle_values: self.pickle_values / 4,
            directory_bytes: self.directory_bytes / 4,
            ..*self
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            header_bytes: 100_000_000,
            tensors: 500_000,
            json_depth: 127,
            pickle_streams: 10_000,
            pickle_opcodes: 200_000_000,
            pickle_values: 4_000_000,
            pickle_rereading: 4_000_000,
            pickle_kept_bytes: 32 << 20,
            array_header_bytes: 1 << 20,
            decoded_bytes: 256 << 20,
            nesting: 4,
            nested_bytes: 64 << 10,
            problems_per_rule: 100,
            text_bytes: 1 << 30,
            metadata_entries: 100_000,
            template_bytes: 1 << 20,
            source_bytes: 512 << 10,
            yaml_bytes: 192 << 10,
            archive_members: 100_000,
            directory_bytes: 16 << 20,
            extended_bytes: 1 << 20,
            inflated_bytes: 64 << 30,
            inflation: 200,
            containers: 6,
            window_bytes: 16 << 20,
            spool_bytes: 4 << 20,
            held_bytes: 8 << 20,
            message_depth: 100,
            names: 20_000,
            flat_objects: 1_000_000,
        }
    }
}
