//! A file of data is read once and judged alike however its bytes arrive; what is called sound JSON Lines is JSON
//! on each line, and the other way round.

#![no_main]

use std::{ops::ControlFlow, sync::LazyLock};

use bartizan_artifact::ReadAt;
use bartizan_dataset::{Format, Limits, Scan, scan};
use bartizan_detect::{Engine, Selection};
use bartizan_finding::{Digest, Location, Occurrence};
use bartizan_fuzz::{Slow, assert_visible};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(Selection::all(), None));
const LIMITS: Limits = Limits { depth: 12, columns: 6, key_bytes: 16 };

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, bytes)) = bytes.split_first() else { return };
    let name = ["data.jsonl", "data.json", "data.txt"][usize::from(*kind) % 3];
    let (seen, found) = read(&bytes, name);
    let (slow, again) = read(&Slow(bytes), name);
    assert_eq!((format!("{slow:?}"), format!("{again:?}")), (format!("{seen:?}"), format!("{found:?}")));
    assert_eq!((seen.bytes_read, seen.digest), (bytes.len() as u64, Some(Digest::of(bytes))));
    assert!(seen.columns.len() <= LIMITS.columns + 2);
    for column in &seen.columns {
        assert_visible(&column.pointer);
        assert!(column.rows <= seen.records.max(1) && column.min_length <= column.max_length);
    }
    let rows = if seen.format == Format::JsonLines { lines(bytes).count() as u64 } else { seen.records };
    for occurrence in &found {
        assert_visible(&occurrence.message);
        match &occurrence.location {
            Location::Text { start, end, .. } => assert!(start < end && *end <= seen.size),
            Location::Record { row, .. } => assert!((1..=rows.max(1)).contains(row)),
            place => assert_eq!(*place, Location::file(name)),
        }
    }
    let saw = |code: &str| found.iter().any(|occurrence| occurrence.rule.code.as_str() == code);
    if seen.format == Format::JsonLines && seen.unexamined.is_empty() && !saw("DAT009") {
        let sound = !["DAT001", "DAT002", "DAT004"].into_iter().any(saw);
        let mut rows = lines(bytes).filter(|line| !line.iter().all(|byte| b" \t\r".contains(byte)));
        let bad = rows.find(|line| {
            serde_json::from_slice::<Value>(line).is_err_and(|e| !e.to_string().contains("out of range"))
        });
        assert_eq!(bad.is_none(), sound, "{:?}", bad.map(String::from_utf8_lossy));
    }
});

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n')
}

fn read(file: &dyn ReadAt, name: &str) -> (Scan, Vec<Occurrence>) {
    let mut found = Vec::new();
    let go_on = &mut |_| ControlFlow::Continue(());
    let seen = scan(file, name, &ENGINE, &LIMITS, go_on, &mut |occurrence| found.push(occurrence));
    (seen.expect("memory can always be read"), found)
}
