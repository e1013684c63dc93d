//! Any bytes as the index of a TensorFlow checkpoint end within limits.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{Limits, inspect};
use bartizan_fuzz::assert_visible;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The start and the end by which an index is told are put around them, so that the fuzzer need not guess them.
    let end = 0xdb47_7524_8b80_fb57_u64.to_le_bytes();
    let file = [b"\0\0\x02\x08\x01".as_slice(), bytes, &end].concat();
    let limits = Limits { tensors: 1000, directory_bytes: 1 << 20, ..Limits::default() };
    let seen = inspect(&file, "variables.index", &limits, &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, file.len() as u64);
    assert!(seen.digest.is_some(), "a reader that stops early says so");
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
});
