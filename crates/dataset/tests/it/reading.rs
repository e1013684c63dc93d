use std::{cell::Cell, io, ops::ControlFlow};

use bartizan_artifact::ReadAt;
use bartizan_dataset::{Limits, scan};
use bartizan_detect::{Engine, Selection};
use bartizan_finding::Digest;

use crate::scanned;

/// A reader that counts what it gives, and gives little at a time.
struct Counting<'a> {
    bytes: &'a [u8],
    promised: u64,
    given: Cell<u64>,
}

impl ReadAt for Counting<'_> {
    fn len(&self) -> u64 {
        self.promised
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(1000);
        let count = self.bytes.read_at(offset, &mut buffer[..most])?;
        self.given.set(self.given.get() + count as u64);
        Ok(count)
    }
}

#[test]
fn each_byte_is_read_once_and_hashed() {
    let bytes = b"{\"text\": \"nothing to see here\"}\n".repeat(10_000);
    let reader = Counting { bytes: &bytes, promised: bytes.len() as u64, given: Cell::new(0) };
    let engine = Engine::new(Selection::all(), None);
    let mut heard = Vec::new();
    let mut watch = |read| {
        heard.push(read);
        ControlFlow::Continue(())
    };
    let scan = scan(&reader, "a.jsonl", &engine, &Limits::default(), &mut watch, &mut |_| {}).unwrap();
    assert_eq!((reader.given.get(), scan.bytes_read, scan.size), (320_000, 320_000, 320_000));
    assert_eq!(scan.digest, Some(Digest::of(&bytes)));
    assert_eq!((scan.records, heard.last()), (10_000, Some(&320_000)));
}

#[test]
fn a_scan_that_is_ended_says_so_and_claims_no_digest() {
    let bytes = b"{\"text\": \"ana@acme.io\"}\n".repeat(10_000);
    let engine = Engine::new(Selection::all(), None);
    let mut count = 0;
    let mut watch = |_| ControlFlow::Break(());
    let scan = scan(&bytes, "a.jsonl", &engine, &Limits::default(), &mut watch, &mut |_| count += 1).unwrap();
    assert_eq!((scan.digest, scan.bytes_read), (None, 65_536));
    assert_eq!(scan.unexamined[0].reason, "the scan was ended after 65536 of 240000 bytes");
    // The row that is cut by this is no fault of the file.
    assert_eq!(count, 65_536 / 24);
}

#[test]
fn a_file_that_shrinks_is_not_taken_for_whole() {
    let reader = Counting { bytes: b"{\"a\": 1}\n", promised: 20, given: Cell::new(0) };
    let engine = Engine::new(Selection::all(), None);
    let watch = &mut |_| ControlFlow::Continue(());
    let scan = scan(&reader, "a.jsonl", &engine, &Limits::default(), watch, &mut |_| {}).unwrap();
    assert_eq!(scan.digest, None);
    assert_eq!(scan.unexamined[0].reason, "the file changed while it was read");
}

#[test]
fn what_cannot_be_read_yet_is_hashed_and_listed() {
    for (head, name) in
        [(&b"\x1f\x8b\x08\0"[..], "gzip"), (b"PAR1....PAR1", "Parquet"), (b"\xff\xfeh\0i\0", "UTF-16")]
    {
        let (scan, found) = scanned("a.jsonl", head);
        assert!(found.is_empty());
        assert_eq!(scan.unexamined[0].reason, format!("the content is {name}, which is not read yet"));
        assert_eq!(scan.digest, Some(Digest::of(head)));
    }
}
