//! Any metadata and tensors end within limits, each byte is read once, and what is clean has no byte to spare.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{FileClass, Format, Limits, inspect};
use bartizan_fuzz::assert_visible;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // Magic and version are put in front, so that the fuzzer need not guess them; both byte orders and all versions.
    let Some((version, rest)) = bytes.split_first() else { return };
    let version = u32::from(version % 5);
    let versions = [version.to_le_bytes(), version.to_be_bytes()];
    for version in versions {
        let file = [b"GGUF".as_slice(), &version, rest].concat();
        let limits =
            Limits { tensors: 1000, metadata_entries: 1000, template_bytes: 1 << 12, ..Limits::default() };
        let seen = inspect(&file, "model.gguf", &limits, &mut |_| ControlFlow::Continue(()));
        let seen = seen.expect("memory can always be read");
        assert_eq!((seen.format, seen.bytes_read), (Format::Gguf, file.len() as u64));
        for problem in &seen.problems {
            assert_visible(&problem.message);
        }
        if seen.class == FileClass::Clean {
            // What was clean with a byte more is not: it belongs to nothing, unless it is a zero that pads the end.
            let longer = [file.as_slice(), b"\x01"].concat();
            let seen = inspect(&longer, "model.gguf", &limits, &mut |_| ControlFlow::Continue(()));
            assert_ne!(seen.expect("memory can always be read").class, FileClass::Clean);
        }
    }
});
