//! Whatever can be converted is written within bounds, reads back as it was written, and is safetensors without a fault.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{FileClass, Limits, convert::Checkpoint, inspect};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { pickle_values: 10_000, inflated_bytes: 1 << 20, ..Limits::default() };
    let Ok(checkpoint) = Checkpoint::read(&bytes, &limits, None) else { return };
    let mut out = Vec::new();
    // A view may repeat its elements without end.
    let mut bounded = Bounded(&mut out);
    let Ok(converted) = checkpoint.write(&mut bounded) else { return };
    checkpoint.verify(&converted, &out).expect("memory reads back as it was written");
    let seen = inspect(&out, "m.safetensors", &Limits::default(), &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    let structure = |code: &str| !matches!(code, "STS010" | "STS011" | "STS013");
    let faults = seen.problems.iter().filter(|problem| structure(problem.rule.code.as_str())).count();
    assert!(faults == 0 || seen.class == FileClass::Clean, "{:?}", seen.problems);
});

/// Takes a mebibyte.
struct Bounded<'o>(&'o mut Vec<u8>);

impl std::io::Write for Bounded<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > 1 << 20 {
            return Err(std::io::ErrorKind::FileTooLarge.into());
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
