//! Any tree in `MessagePack` ends within limits; what is clean has no byte to spare.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{FileClass, Limits, inspect};
use bartizan_fuzz::{Slow, assert_visible};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let file = [b"\x81\xa6params".as_slice(), bytes].concat();
    let limits = Limits { pickle_values: 10_000, pickle_kept_bytes: 1 << 16, ..Limits::default() };
    let seen = inspect(&file, "flax_model.msgpack", &limits, &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, file.len() as u64);
    assert!(seen.digest.is_some(), "a reader that stops early says so");
    let slow = inspect(&Slow(&file), "flax_model.msgpack", &limits, &mut |_| ControlFlow::Continue(()));
    assert_eq!(format!("{:?}", slow.expect("memory can always be read")), format!("{seen:?}"));
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
    if seen.class == FileClass::Clean {
        let longer = [file.as_slice(), b"\x01"].concat();
        let seen = inspect(&longer, "flax_model.msgpack", &limits, &mut |_| ControlFlow::Continue(()));
        assert_ne!(seen.expect("memory can always be read").class, FileClass::Clean);
    }
});
