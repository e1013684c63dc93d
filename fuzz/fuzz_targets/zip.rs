//! Any archive ends within limits and is judged alike however its bytes arrive; what is clean has no byte to spare, and
//! no call hides in it.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{FileClass, Limits, inspect};
use bartizan_fuzz::{Slow, assert_visible};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = [b"PK\x03\x04".as_slice(), bytes].concat();
    let limits = Limits {
        pickle_values: 10_000,
        pickle_kept_bytes: 1 << 16,
        archive_members: 100,
        inflated_bytes: 1 << 22,
        ..Limits::default()
    };
    let seen = inspect(&file, "model.pt", &limits, &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, file.len() as u64);
    assert!(seen.digest.is_some(), "a reader that stops early says so");
    let slow = inspect(&Slow(&file), "model.pt", &limits, &mut |_| ControlFlow::Continue(()));
    assert_eq!(format!("{:?}", slow.expect("memory can always be read")), format!("{seen:?}"));
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
    if seen.class == FileClass::Clean {
        let longer = [file.as_slice(), b"\x01"].concat();
        let seen = inspect(&longer, "model.pt", &limits, &mut |_| ControlFlow::Continue(()));
        assert_ne!(seen.expect("memory can always be read").class, FileClass::Clean);
    }
});
