//! Any stream ends within limits, is read once, and is judged alike however its bytes arrive.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{Limits, inspect};
use bartizan_fuzz::Slow;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut declared = vec![0x80, 4];
    declared.extend(bytes);
    let limits = Limits { pickle_values: 10_000, pickle_kept_bytes: 1 << 16, ..Limits::default() };
    for file in [bytes, &declared] {
        let seen = inspect(&file, "model.pkl", &limits, &mut |_| ControlFlow::Continue(()));
        let seen = seen.expect("memory can always be read");
        assert_eq!(seen.bytes_read, file.len() as u64);
        let slow = inspect(&Slow(file), "model.pkl", &limits, &mut |_| ControlFlow::Continue(()));
        assert_eq!(format!("{:?}", slow.expect("memory can always be read")), format!("{seen:?}"));
        for problem in &seen.problems {
            assert!(problem.message.chars().all(|c| !c.is_control()), "{:?}", problem.message);
        }
    }
});
