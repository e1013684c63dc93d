//! Any stream with arrays in it ends within limits, and is judged alike however its bytes arrive.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{Limits, inspect};
use bartizan_fuzz::{Slow, assert_visible};
use libfuzzer_sys::fuzz_target;

/// What is put in front, so that the fuzzer need not guess it.
const STARTS: [&[u8]; 2] = [b"\x80\x04cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(", b"\x80\x04cnumpy\ndtype\nU\x02f8\x85R0cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(U\x05shapeK\x01\x85"];

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
    let seen = inspect(&file, "model.joblib", &limits, &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, file.len() as u64);
    let slow = inspect(&Slow(&file), "model.joblib", &limits, &mut |_| ControlFlow::Continue(()));
    assert_eq!(format!("{:?}", slow.expect("memory can always be read")), format!("{seen:?}"));
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
});
