//! Any description in a skops archive ends within limits, and is judged alike however its bytes arrive.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{Format, Limits, inspect};
use bartizan_fuzz::{Slow, assert_visible};
use libfuzzer_sys::fuzz_target;

/// An archive of one stored member `schema.json`. Its checksum is left at zero, which is a finding of its own.
fn archive(schema: &[u8]) -> Vec<u8> {
    let size = u32::try_from(schema.len()).unwrap_or(0).to_le_bytes();
    let common = [&[0; 8], [0; 4].as_slice(), &size, &size, &[11, 0, 0, 0]].concat();
    let local = [b"PK\x03\x04\x14\0".as_slice(), &common, b"schema.json", schema].concat();
    let central = [b"PK\x01\x02\x14\0\x14\0".as_slice(), &common, &[0; 14], b"schema.json"].concat();
    let start = u32::try_from(local.len()).unwrap_or(0).to_le_bytes();
    let length = u32::try_from(central.len()).unwrap_or(0).to_le_bytes();
    let end = [b"PK\x05\x06\0\0\0\0\x01\0\x01\0".as_slice(), &length, &start, &[0, 0]].concat();
    [local, central, end].concat()
}

fuzz_target!(|bytes: &[u8]| {
    let schema = [br#"{"__class__": "list", "__module__": "builtins", "#.as_slice(), bytes].concat();
    let file = archive(&schema);
    let seen = inspect(&file, "model.skops", &Limits::default(), &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!((seen.format, seen.bytes_read), (Format::Skops, file.len() as u64));
    let slow = inspect(&Slow(&file), "model.skops", &Limits::default(), &mut |_| ControlFlow::Continue(()));
    assert_eq!(format!("{:?}", slow.expect("memory can always be read")), format!("{seen:?}"));
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
});
