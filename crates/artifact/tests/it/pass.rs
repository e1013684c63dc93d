//! Each byte is read once, and a file that changes meanwhile is not judged as if it had not.

use std::{cell::Cell, io, io::Write as _, ops::ControlFlow};

use bartizan_artifact::{FileClass, FileReader, Limits, ReadAt, STEP, inspect};
use bartizan_finding::Digest;

use crate::look::codes;
use bartizan_corpus::{
    pickle::Pickle,
    safetensors::safetensors,
    zip::{Member, zip},
};

/// Counts what is read, and may give fewer or more bytes than it promised.
struct Odd {
    bytes: Vec<u8>,
    promised: u64,
    read: Cell<u64>,
    fails_at: Option<u64>,
    /// Whether the first read of the last bytes shows a letter `a` as `b`.
    lies_once: bool,
}

impl Odd {
    fn new(bytes: Vec<u8>) -> Self {
        Self { promised: bytes.len() as u64, bytes, read: Cell::new(0), fails_at: None, lies_once: false }
    }
}

impl ReadAt for Odd {
    fn len(&self) -> u64 {
        self.promised
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        if self.fails_at.is_some_and(|at| offset >= at) {
            return Err(io::Error::other("no such sector"));
        }
        let count = self.bytes.read_at(offset, buffer)?;
        self.read.set(self.read.get() + count as u64);
        if self.lies_once && offset < self.len() - 22 && offset > self.len() - 300 && count > 20 {
            // Read ahead, this is the directory; the pass reads it later as a part of something longer.
            buffer[..count].iter_mut().filter(|byte| **byte == b'a').for_each(|byte| *byte = b'b');
        }
        Ok(count)
    }
}

fn go(_: u64) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn big_tensor() -> Vec<u8> {
    let size = 5 * STEP + 24;
    let header = format!("{{\"w\":{{\"dtype\":\"U8\",\"shape\":[{size}],\"data_offsets\":[0,{size}]}}}}");
    safetensors(&header, &vec![7; size])
}

fn big_pickle() -> Vec<u8> {
    let mut pickle = Pickle::proto(3).raw(b"]");
    for _ in 0..40 {
        pickle = pickle.bytes(&vec![9; 9000]).raw(b"a");
    }
    pickle.stop()
}

fn big_archive() -> Vec<u8> {
    let name = "weights.pkl";
    zip(&[
        Member::stored(name, &big_pickle()),
        Member::deflated("a", &big_pickle()),
        Member::stored("b", &big_tensor()),
    ])
}

#[test]
fn an_archive_whose_directory_changes_has_no_verdict() {
    let reader = Odd { lies_once: true, ..Odd::new(big_archive()) };
    let seen = inspect(&reader, "models.zip", &Limits::default(), &mut go).unwrap();
    assert!(codes(&seen).contains(&"ART001"), "{:?}", seen.problems);
    assert!(!seen.unexamined.is_empty());
    let reader = Odd::new(big_archive());
    let seen = inspect(&reader, "models.zip", &Limits::default(), &mut go).unwrap();
    assert_eq!(codes(&seen), Vec::<&str>::new());
    // The directory, and what may be in front of its end record, are read ahead.
    let ahead = reader.read.get() - reader.len();
    assert!(ahead <= 22 + 65_535 + 76 + 300, "{ahead}");
}

#[test]
fn each_byte_is_read_once() {
    for bytes in
        [big_tensor(), big_pickle(), vec![b'a'; 3 * STEP + 1], vec![0; 2 * STEP], Vec::new(), vec![1]]
    {
        let reader = Odd::new(bytes);
        let seen = inspect(&reader, "file", &Limits::default(), &mut go).unwrap();
        assert_eq!(reader.read.get(), reader.len(), "{}", seen.format);
        assert_eq!((seen.bytes_read, seen.size), (reader.len(), reader.len()));
        assert_eq!(seen.digest, Some(Digest::of(&reader.bytes)));
    }
}

#[test]
fn a_file_that_shrinks_or_grows_has_no_digest() {
    for (promised, say) in [(6 * STEP, "shorter"), (3 * STEP, "longer")] {
        let reader = Odd { promised: promised as u64, ..Odd::new(vec![b'a'; 4 * STEP]) };
        let seen = inspect(&reader, "notes.txt", &Limits::default(), &mut go).unwrap();
        assert_eq!((seen.class, seen.digest, codes(&seen)), (FileClass::Error, None, vec!["ART001"]));
        assert!(seen.problems[0].message.contains(say), "{}", seen.problems[0].message);
    }
}

#[test]
fn a_file_that_is_written_to_has_no_digest() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&vec![b'a'; 3 * STEP]).unwrap();
    let reader = FileReader::open(file.path()).unwrap();
    let mut first = true;
    let seen = inspect(&reader, "notes.txt", &Limits::default(), &mut |_| {
        if std::mem::take(&mut first) {
            let writer = std::fs::File::options().write(true).open(file.path()).unwrap();
            std::os::unix::fs::FileExt::write_all_at(&writer, b"b", 0).unwrap();
            let past = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1);
            writer.set_modified(past).unwrap();
        }
        ControlFlow::Continue(())
    });
    let seen = seen.unwrap();
    assert_eq!((seen.class, seen.digest, codes(&seen)), (FileClass::Error, None, vec!["ART001"]));
}

#[test]
fn a_cancelled_pass_is_inconclusive() {
    for bytes in [big_tensor(), big_pickle(), big_archive(), vec![b'a'; 5 * STEP]] {
        let reader = Odd::new(bytes);
        let mut calls = 0;
        let seen = inspect(&reader, "file", &Limits::default(), &mut |_| {
            calls += 1;
            if calls == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        let seen = seen.unwrap();
        assert_eq!((seen.class, seen.digest, calls), (FileClass::Inconclusive, None, 2));
        assert_eq!(seen.bytes_read, 2 * STEP as u64);
        assert_eq!(seen.unexamined[0].reason, "the pass was cancelled");
    }
}

#[test]
fn what_cannot_be_read_is_an_error() {
    for (fails_at, bytes) in
        [(0, big_tensor()), (2 * STEP as u64, big_tensor()), (5 * STEP as u64, big_archive())]
    {
        let reader = Odd { fails_at: Some(fails_at), ..Odd::new(bytes) };
        let error = inspect(&reader, "file", &Limits::default(), &mut go).unwrap_err();
        assert_eq!(error.to_string(), "no such sector");
    }
}

#[test]
fn only_regular_files_are_opened() {
    let folder = tempfile::tempdir().unwrap();
    assert!(FileReader::open(folder.path()).is_err());
    assert!(FileReader::open(std::path::Path::new("/dev/zero")).is_err());
}
