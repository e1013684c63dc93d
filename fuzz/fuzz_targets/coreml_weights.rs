//! Any bytes as the weights of a Core ML package end within limits.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{Format, Limits, inspect};
use bartizan_fuzz::assert_visible;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    // The signature is put in front, so that the fuzzer need not guess it.
    let mut file = vec![1, 0, 0, 0, 2, 0, 0, 0];
    file.resize(64, 0);
    file.extend(0xdead_beef_u32.to_le_bytes());
    file.extend(bytes);
    let seen = inspect(&file, "weight.bin", &Limits::default(), &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.format, Format::CoreMlWeights);
    assert_eq!(seen.bytes_read, file.len() as u64);
    assert!(seen.digest.is_some(), "a reader that stops early says so");
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
});
