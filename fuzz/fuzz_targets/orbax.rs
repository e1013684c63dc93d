//! Any part of an OCDBT database ends within limits, and is judged alike however its bytes arrive.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{Limits, inspect};
use bartizan_fuzz::{Slow, assert_visible};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let length = (bytes.len() as u64 + 18).to_le_bytes();
    let file = [b"\x0c\xdb\x20\xde".as_slice(), &length, &[0, 0], bytes, &[0; 4]].concat();
    let limits = Limits { inflated_bytes: 1 << 22, ..Limits::default() };
    let seen = inspect(&file, "manifest.ocdbt", &limits, &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, file.len() as u64);
    assert!(seen.digest.is_some(), "a reader that stops early says so");
    let slow = inspect(&Slow(&file), "manifest.ocdbt", &limits, &mut |_| ControlFlow::Continue(()));
    assert_eq!(format!("{:?}", slow.expect("memory can always be read")), format!("{seen:?}"));
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
});
