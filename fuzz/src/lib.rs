//! What several targets rest on: a slow reader, keys, a small log, and what text for people must not hold.

use std::io;

use bartizan_artifact::ReadAt;

#[cfg(feature = "all")]
mod evidence;
#[cfg(feature = "all")]
pub use evidence::{collector, ledger, log, log_verifier, now, root, trust, trust_content};

/// Names that decide how bytes are read, of the target `content`.
pub const NAMES: [&str; 16] = [
    "model.bin",
    "config.json",
    "requirements.txt",
    "README.md",
    "conda.yaml",
    "modeling_x.py",
    "chat_template.jinja",
    "saved_model.pb",
    "keras_metadata.pb",
    "model.onnx",
    "model.mlmodel",
    "model.json",
    "d/0123456789abcdef",
    "zarr.json",
    "model.txt",
    "model.engine",
];

/// Bytes of which each read gives at most three.
pub struct Slow<'b>(pub &'b [u8]);

impl ReadAt for Slow<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(3);
        self.0.read_at(offset, &mut buffer[..count])
    }
}

/// Fails on text that could move a cursor, turn the direction of a line or hide in it.
///
/// # Panics
/// That is the failure.
pub fn assert_visible(text: &str) {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    assert!(!text.contains(hidden), "{text:?} holds what nobody sees");
}
