//! Any tar archive of a container image ends within limits and is judged alike however its bytes arrive.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{Limits, inspect};
use bartizan_fuzz::{Slow, assert_visible};
use libfuzzer_sys::fuzz_target;

/// A member whose header has its checksum, so that the fuzzer need not guess it.
fn member(name: &str, data: &[u8]) -> Vec<u8> {
    let mut header = [0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[100..108].copy_from_slice(b"0000644\0");
    header[124..136].copy_from_slice(format!("{:011o}\0", data.len()).as_bytes());
    header[148..156].copy_from_slice(b"        ");
    header[156..157].copy_from_slice(b"0");
    header[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    let padding = vec![0; data.len().next_multiple_of(512) - data.len()];
    [&header, data, &padding].concat()
}

fuzz_target!(|bytes: &[u8]| {
    // Pieces with a byte between them that no JSON holds: the index, a manifest, a layer.
    let mut pieces = bytes.split(|byte| *byte == 0xff);
    let mut piece = || pieces.next().unwrap_or_default();
    let file = [
        member("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#),
        member("index.json", piece()),
        member("manifest.json", piece()),
        member("blobs/sha256/aa", piece()),
        member("blobs/sha256/bb", piece()),
        vec![0; 1024],
    ]
    .concat();
    let limits = Limits { archive_members: 100, inflated_bytes: 1 << 22, ..Limits::default() };
    let seen = inspect(&file, "image.tar", &limits, &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, file.len() as u64);
    assert!(seen.digest.is_some(), "a reader that stops early says so");
    let slow = inspect(&Slow(&file), "image.tar", &limits, &mut |_| ControlFlow::Continue(()));
    assert_eq!(format!("{:?}", slow.expect("memory can always be read")), format!("{seen:?}"));
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
});
