//! `TensorRT` engines: compiled programs for one kind of device, of which only what can be told from outside is told.
//!
//! An engine is opaque, so that a file of this format is never clean. What is looked for is what runs on the host: a
//! library that is packed into the engine, which the runtime loads when it is told that it may, and names of libraries.

pub(crate) mod rules;

use std::collections::BTreeSet;

use crate::{
    escape,
    outline::MAX_NAMES,
    read::{Halt, Pass},
    scope::Scope,
};

/// Longest name that is put together from bytes, and the shortest that is one.
const LONGEST: usize = 512;
const SHORTEST: usize = 6;

/// Machines of ELF files that run on the device (NVIDIA CUDA).
const DEVICE: u16 = 190;

/// Whether bytes start as an engine does: one of its magics, and then no text.
pub(crate) fn is_engine(head: &[u8]) -> bool {
    (head.starts_with(b"ptrt") || head.starts_with(b"ftrt")) && head.iter().take(64).any(|byte| *byte < 9)
}

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let mut scan = Scan::default();
    pass.each(size, &mut |piece| scan.push(piece))?;
    scan.name();
    for at in &scan.libraries {
        scope.add(rules::HostLibrary::META, *at, *at, "a library for the host is packed into the engine");
    }
    for (at, name) in &scan.names {
        let message = format!("the engine names a library: {}", escape(name, 80));
        scope.add(rules::NamesLibrary::META, *at, at + name.len() as u64, message);
    }
    let plugins: Vec<_> = scan.plugins.iter().map(String::as_str).collect();
    if !plugins.is_empty() {
        scope.outline.fact("plug-ins", &plugins.join(", "));
    }
    scope.add(rules::Opaque::META, 0, size, "the engine is a program that was compiled for a device");
    scope.unexamined(0, size, "the engine itself, which is compiled for a device");
    Ok(())
}

/// What was seen of the bytes.
#[derive(Default)]
struct Scan {
    at: u64,
    /// Letters and marks that follow one another.
    text: Vec<u8>,
    /// The last bytes, as many as tell which machine an ELF file is for.
    last: [u8; 20],
    libraries: Vec<u64>,
    names: Vec<(u64, String)>,
    plugins: BTreeSet<String>,
}

impl Scan {
    fn push(&mut self, piece: &[u8]) {
        for byte in piece {
            self.last.rotate_left(1);
            self.last[19] = *byte;
            self.at += 1;
            if self.last[0] == 0x7f && self.last.starts_with(b"\x7fELF") && matches!(self.last[4], 1 | 2) {
                let machine = [self.last[18], self.last[19]];
                let big = self.last[5] == 2;
                let machine = if big { u16::from_be_bytes(machine) } else { u16::from_le_bytes(machine) };
                if machine != DEVICE && self.last[6] == 1 && self.libraries.len() < MAX_NAMES {
                    self.libraries.push(self.at - 20);
                }
            }
            if byte.is_ascii_graphic() {
                if self.text.len() < LONGEST {
                    self.text.push(*byte);
                }
            } else if !self.text.is_empty() {
                self.name();
            }
        }
    }

    /// Looks at letters that stood together.
    fn name(&mut self) {
        if self.text.len() >= SHORTEST {
            let text = String::from_utf8_lossy(&self.text).into_owned();
            let lower = text.to_ascii_lowercase();
            let library = [".so", ".dll", ".dylib"].iter().any(|ending| lower.ends_with(ending))
                || lower.contains(".so.");
            if library && self.names.len() < MAX_NAMES {
                let start = self.at.saturating_sub(self.text.len() as u64 + 1);
                self.names.push((start, text));
            } else if is_plugin(&text) && self.plugins.len() < MAX_NAMES {
                self.plugins.insert(text);
            }
        }
        self.text.clear();
    }
}

/// Names of plug-ins end so by convention.
fn is_plugin(text: &str) -> bool {
    let stem = text.strip_suffix("_TRT").or_else(|| text.strip_suffix("Plugin")).unwrap_or_default();
    stem.len() >= 3 && stem.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}
