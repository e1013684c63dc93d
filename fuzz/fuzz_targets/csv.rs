//! A table is read once and judged alike however its bytes arrive and wherever its pieces end; rows and columns stay
//! within what the file holds.

#![no_main]

use std::{ops::ControlFlow, sync::LazyLock};

use bartizan_artifact::ReadAt;
use bartizan_dataset::{Format, Limits, Scan, scan};
use bartizan_detect::{Engine, Selection};
use bartizan_finding::{Digest, Location, Occurrence};
use bartizan_fuzz::{Slow, assert_visible};
use libfuzzer_sys::fuzz_target;

static ENGINE: LazyLock<Engine> = LazyLock::new(|| Engine::new(Selection::all(), None));
const LIMITS: Limits = Limits { depth: 12, columns: 6, key_bytes: 16 };
/// The scan takes pieces of so many bytes.
const PIECE: usize = 4096;
const NAMES: [&str; 2] = ["data.csv", "data.tsv"];

fuzz_target!(|bytes: &[u8]| {
    let [kind, cut, bytes @ ..] = bytes else { return };
    let name = NAMES[usize::from(*kind) % NAMES.len()];
    let (seen, found) = read(&bytes, name);
    if seen.format != Format::Csv {
        return;
    }
    let (slow, again) = read(&Slow(bytes), name);
    assert_eq!((format!("{slow:?}"), format!("{again:?}")), (format!("{seen:?}"), format!("{found:?}")));

    // Each byte is read once, and what is not said to be passed over was looked at.
    assert_eq!((seen.bytes_read, seen.digest), (bytes.len() as u64, Some(Digest::of(bytes))));
    if !seen.unexamined.is_empty() {
        // The bytes are something else, under the name of a table: nothing is said of what is in them.
        assert_eq!((found.len(), seen.records, seen.columns.len()), (0, 0, 0));
        return;
    }
    let line_ends = bytes.iter().filter(|byte| matches!(byte, b'\r' | b'\n')).count() as u64;
    assert!(seen.records <= line_ends + 1);
    assert!(seen.columns.len() <= LIMITS.columns + 2);
    for column in &seen.columns {
        assert_visible(&column.pointer);
        assert!(column.rows <= seen.records && column.min_length <= column.max_length);
        assert!(column.total_length <= bytes.len() as u64);
    }
    for occurrence in &found {
        assert_visible(&occurrence.message);
        match &occurrence.location {
            Location::Record { row, .. } => assert!((1..=line_ends + 1).contains(row)),
            place => assert_eq!(*place, Location::file(name)),
        }
    }

    // Blank rows in front move the end of a piece into the table, and all rows down, and change nothing else.
    if !bytes.starts_with(b"\xEF") && !bytes.starts_with(b"sep=") && !bytes.is_empty() {
        let blank = PIECE.saturating_sub(usize::from(*cut));
        let (moved, below) = read(&[&vec![b'\n'; blank][..], bytes].concat().as_slice(), name);
        if moved.format == Format::Csv {
            let down = found.into_iter().map(|occurrence| lower(occurrence, blank as u64));
            assert_eq!(sorted(below), sorted(down));
            assert_eq!((moved.records, moved.columns), (seen.records, seen.columns));
        }
    }
});

fn lower(mut occurrence: Occurrence, rows: u64) -> Occurrence {
    if let Location::Record { row, .. } = &mut occurrence.location {
        *row += rows;
    }
    occurrence
}

/// Within a row, what two rules say of one piece comes in another order than of two.
fn sorted(found: impl IntoIterator<Item = Occurrence>) -> Vec<String> {
    let mut found: Vec<_> = found.into_iter().map(|occurrence| format!("{occurrence:?}")).collect();
    found.sort_unstable();
    found
}

fn read(file: &dyn ReadAt, name: &str) -> (Scan, Vec<Occurrence>) {
    let mut found = Vec::new();
    let go_on = &mut |_| ControlFlow::Continue(());
    let seen = scan(file, name, &ENGINE, &LIMITS, go_on, &mut |occurrence| found.push(occurrence));
    (seen.expect("memory can always be read"), found)
}
