//! Any configuration of a Keras model ends within limits, and its names are shown safely.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{Limits, inspect};
use bartizan_fuzz::assert_visible;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = [br#"{"class_name":"#.as_slice(), bytes].concat();
    let limits = Limits { pickle_values: 10_000, pickle_kept_bytes: 1 << 16, ..Limits::default() };
    let seen = inspect(&file, "model.json", &limits, &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, file.len() as u64);
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
});
