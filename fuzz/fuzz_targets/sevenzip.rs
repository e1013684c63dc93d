//! Any 7-Zip archive ends within limits and is judged alike however its bytes arrive.

#![no_main]

use std::ops::ControlFlow;

use bartizan_artifact::{Limits, inspect};
use bartizan_fuzz::{Slow, assert_visible};
use flate2::Crc;
use libfuzzer_sys::fuzz_target;

/// Puts the checksums right that the first header holds, which are not found by chance: of the header behind the data,
/// which lies where the first one says, and of the fields that say so.
fn checked(file: &mut [u8]) {
    let Some(place) = file.get(12..28) else { return };
    let number = |at: usize| {
        let bytes = place.get(at..at + 8).and_then(|bytes| bytes.try_into().ok()).unwrap_or_default();
        usize::try_from(u64::from_le_bytes(bytes)).unwrap_or(usize::MAX)
    };
    let start = number(0).saturating_add(32);
    if let Some(header) = file.get(start..start.saturating_add(number(8))) {
        let sum = crc32(header).to_le_bytes();
        file[28..32].copy_from_slice(&sum);
    }
    let Some(fields) = file.get(12..32) else { return };
    let sum = crc32(fields).to_le_bytes();
    file[8..12].copy_from_slice(&sum);
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

fuzz_target!(|bytes: &[u8]| {
    let mut file = [b"7z\xbc\xaf\x27\x1c\0\x04".as_slice(), bytes].concat();
    checked(&mut file);
    let limits = Limits { archive_members: 100, inflated_bytes: 1 << 22, ..Limits::default() };
    let seen = inspect(&file, "model.7z", &limits, &mut |_| ControlFlow::Continue(()));
    let seen = seen.expect("memory can always be read");
    assert_eq!(seen.bytes_read, file.len() as u64);
    assert!(seen.digest.is_some(), "a reader that stops early says so");
    let slow = inspect(&Slow(&file), "model.7z", &limits, &mut |_| ControlFlow::Continue(()));
    assert_eq!(format!("{:?}", slow.expect("memory can always be read")), format!("{seen:?}"));
    for problem in &seen.problems {
        assert_visible(&problem.message);
    }
});
