//! Any bytes as a `SavedModel` end within limits, and each byte is read once.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{Limits, inspect};
use bartizan_fuzz::assert_visible;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // A first field is put in front, so that the fuzzer need not guess it.
    let file = [b"\x08\x01".as_slice(), bytes].concat();
    let limits = Limits { names: 100, tensors: 1000, flat_objects: 10_000, ..Limits::default() };
    let seen = inspect(&file, "saved_model.pb", &limits, &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, file.len() as u64);
    assert!(seen.digest.is_some(), "a reader that stops early says so");
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
});
