//! What is read of a bundle can be written and reads the same; each line is an envelope, blank or named, however the
//! bytes arrive.

#![no_main]

use std::io::BufReader;

use bartizan_attest::{BundleReader, write_bundle};
use bartizan_fuzz::assert_visible;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let lines: Vec<_> = BundleReader::new(bytes).collect();
    let slowly: Vec<_> = BundleReader::new(BufReader::with_capacity(3, bytes)).collect();
    assert_eq!(lines, slowly);
    let filled = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()).count();
    assert!(lines.len() <= filled, "a blank line says nothing");
    let mut envelopes = Vec::new();
    for line in lines {
        match line {
            Ok(line) => {
                assert_eq!(line.digest, line.envelope.digest());
                assert!(line.repeats.is_none_or(|first| first < line.number));
                envelopes.push(line.envelope);
            }
            Err(fault) => assert_visible(&fault.to_string()),
        }
    }
    let mut written = Vec::new();
    assert_eq!(write_bundle(&mut written, &envelopes).ok(), Some(envelopes.len() as u64));
    let again: Result<Vec<_>, _> = BundleReader::new(written.as_slice()).collect();
    let again: Vec<_> =
        again.expect("what was written can be read").into_iter().map(|line| line.envelope).collect();
    assert_eq!(again, envelopes);
});
