//! Any bytes as a `CatBoost` model end within limits, and each byte is read once.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{Limits, inspect};
use bartizan_fuzz::assert_visible;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The magic is put in front, so that the fuzzer need not guess it.
    let file = [b"CBM1".as_slice(), bytes].concat();
    let limits = Limits { names: 100, tensors: 1000, flat_objects: 10_000, ..Limits::default() };
    let seen = inspect(&file, "model.cbm", &limits, &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, file.len() as u64);
    assert!(seen.digest.is_some(), "a reader that stops early says so");
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
});
