//! Entries of a log and bundles of them have one spelling each.

#![no_main]

use bartizan_fuzz::assert_visible;
use bartizan_ledger::{Record, bundle};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    match Record::parse(bytes) {
        Ok(record) => match record.to_bytes() {
            Ok(written) => {
                assert_eq!(Record::parse_canonical(&written), Ok(record), "what was written can be read");
                assert_eq!(Record::parse_canonical(bytes).is_ok(), written == bytes);
            }
            // A time may be spelled shorter than its canonical form is.
            Err(error) => assert!(bytes.len() > bundle::MAX_ENTRY - 100, "{error}"),
        },
        Err(error) => assert_visible(&error.to_string()),
    }

    let [low, high, rest @ ..] = bytes else { return };
    let count = u16::from_le_bytes([*low, *high]) % 300;
    let Ok(places) = bundle::split(rest, count) else { return };
    assert_eq!(places.len(), usize::from(count));
    let mut written = Vec::new();
    for place in places {
        let entry = rest.get(place).expect("an entry lies in the bundle");
        assert!(!entry.is_empty() && entry.len() <= bundle::MAX_ENTRY);
        written.extend(u16::try_from(entry.len()).expect("at most 4096 bytes").to_be_bytes());
        written.extend(entry);
    }
    assert!(rest.starts_with(&written));
    assert_eq!(bundle::split_exactly(rest, count).is_ok(), rest.len() == written.len());
});
