//! Any array ends within limits, and is judged alike however its bytes arrive.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{Limits, inspect};
use bartizan_fuzz::{Slow, assert_visible};
use libfuzzer_sys::fuzz_target;

/// What is put in front, so that the fuzzer need not guess it.
const STARTS: [&[u8]; 3] = [
    b"\x93NUMPY",
    b"\x93NUMPY\x01\0\x76\0{'descr': ",
    b"\x93NUMPY\x03\0\x40\0\0\0{'descr': '|O', 'fortran_order': False, 'shape': (1,)}",
];

fuzz_target!(|bytes: &[u8]| {
    let Some((which, rest)) = bytes.split_first() else { return };
    let start = STARTS[usize::from(*which) % STARTS.len()];
    let file = [start, rest].concat();
    let limits = Limits {
        pickle_values: 10_000,
        pickle_kept_bytes: 1 << 16,
        inflated_bytes: 1 << 22,
        ..Limits::default()
    };
    let seen = inspect(&file, "w.npy", &limits, &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, file.len() as u64);
    let slow = inspect(&Slow(&file), "w.npy", &limits, &mut |_| ControlFlow::Continue(()));
    assert_eq!(format!("{:?}", slow.expect("memory can always be read")), format!("{seen:?}"));
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
});
