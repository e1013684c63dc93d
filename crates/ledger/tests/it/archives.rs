//! Archives: what is written comes back, the same bytes each time, and nothing else is read.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test, in helpers as in tests")]

use std::{
    io::Write as _,
    process::{Command, Stdio},
    sync::Arc,
};

use bartizan_finding::Digest;
use bartizan_ledger::{
    Archive, ArchiveError, ArchiveLimits, ArchiveWriter, Audit, Identity, Ledger, LedgerError, fs::Fs as _,
    log_files, verify,
};
use flate2::{Compression, write::GzEncoder};
use proptest::prelude::*;

use crate::support::{ORIGIN, at, drafts, envelope, erasure, filled, key, keys};

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ArchiveWriter::new(Vec::new());
    for (path, content) in files {
        writer.add(path, content).unwrap();
    }
    writer.finish().unwrap()
}

fn open(bytes: &[u8]) -> Result<Archive, ArchiveError> {
    Archive::open(bytes, &ArchiveLimits::default())
}

fn refusal(bytes: &[u8]) -> String {
    open(bytes).expect_err("it is refused").to_string()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}

/// The tar file within, as it was written.
fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = flate2::write::GzDecoder::new(Vec::new());
    tar.write_all(&archive(files)).unwrap();
    tar.finish().unwrap()
}

/// A header with a field set and the checksum made right again.
fn with(tar: &[u8], at: usize, field: &[u8]) -> Vec<u8> {
    let mut tar = tar.to_vec();
    tar[at..at + field.len()].copy_from_slice(field);
    tar[148..156].fill(b' ');
    let sum: u32 = tar[..512].iter().map(|byte| u32::from(*byte)).sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    gzip(&tar)
}

#[test]
fn what_is_written_comes_back() {
    let long = format!("{}/{}", "d".repeat(120), "n".repeat(100));
    let files: [(&str, &[u8]); 5] =
        [("a", b""), ("a-b", b"1"), (&long, &[7; 513]), ("ledger/x/y", &[8; 512]), ("ü/z", b"end")];
    let bytes = archive(&files);
    assert_eq!(bytes, archive(&files), "the same files give the same bytes");
    let archive = open(&bytes).unwrap();
    assert_eq!(archive.paths().collect::<Vec<_>>(), files.map(|(path, _)| path));
    for (path, content) in files {
        assert_eq!(archive.file(path), Some(content));
    }
    let folder = archive.folder("ledger");
    assert_eq!(folder.read("x/y", 512).unwrap(), [8; 512]);
    let kind = |error: std::io::Error| error.kind();
    assert_eq!(folder.read("x/y", 511).map_err(kind), Err(std::io::ErrorKind::FileTooLarge));
    assert_eq!(folder.read("x", 511).map_err(kind), Err(std::io::ErrorKind::IsADirectory));
    assert_eq!(folder.read("../a", 511).map_err(kind), Err(std::io::ErrorKind::NotFound));
    assert_eq!(folder.list("none").map_err(kind), Err(std::io::ErrorKind::NotFound));
    assert_eq!(folder.create("new").map(drop).map_err(kind), Err(std::io::ErrorKind::ReadOnlyFilesystem));
    let names = |path: &str| -> Vec<String> {
        archive.folder("").list(path).unwrap().into_iter().map(|item| item.name).collect()
    };
    assert_eq!(names(""), ["a", "a-b", &"d".repeat(120), "ledger", "ü"]);
    assert_eq!(names("ledger/x"), ["y"]);
    assert_eq!(open(&self::archive(&[])).unwrap().paths().count(), 0);
}

#[test]
fn only_plain_paths_in_order_are_written() {
    let mut writer = ArchiveWriter::new(Vec::new());
    let long = "x/".repeat(126) + "x";
    for path in [
        "",
        "/a",
        "a/",
        "a//b",
        "./a",
        "a/../b",
        "a\\b",
        "C:a",
        "a\nb",
        "a\u{202e}b",
        &long,
        &"n".repeat(101),
    ] {
        assert!(writer.add(path, b"").is_err(), "{path}");
    }
    writer.add("b", b"").unwrap();
    assert!(writer.add("a", b"").is_err());
    assert!(writer.add("b", b"").is_err());
}

#[test]
fn whatever_else_a_tar_file_can_hold_is_refused() {
    let one = tar(&[("file", b"content")]);
    let two = tar(&[("a", b"1"), ("b", b"2")]);
    let renamed = |name: &[u8]| with(&one, 0, name);
    let twice = {
        let mut bytes = two.clone();
        bytes[1024..1536].copy_from_slice(&two[..512]);
        gzip(&bytes)
    };
    let mut dirty = one.clone();
    dirty[600] = 1;
    let end = |zeros: usize, byte: u8| gzip(&[&one[..1024], &vec![0; zeros], &[byte]].concat());
    for (bytes, why) in [
        (renamed(b"../x"), "its member `../x` has a path that is not plain"),
        (renamed(b"/etc"), "its member `/etc` has a path that is not plain"),
        (renamed(b"a\\.b"), "its member `a\\.b` has a path with characters that no path has here"),
        (renamed(b"a\x1bzz"), "its member `a\u{fffd}zz` has a path with characters that no path has here"),
        (renamed(b"ab\0c"), "a path in it is not UTF-8"),
        (renamed(b"\xff\xfe"), "a path in it is not UTF-8"),
        (with(&one, 156, b"2"), "its member `file` is not a regular file"),
        (with(&one, 156, b"5"), "its member `file` is not a regular file"),
        (with(&one, 156, b"x"), "its member `file` is not a regular file"),
        (with(&one, 156, b"L"), "its member `file` is not a regular file"),
        (with(&one, 156, b"S"), "its member `file` is not a regular file"),
        (with(&one, 157, b"other"), "its member `file` leads to another file"),
        (with(&one, 257, b"ustar  \0"), "a header in it is not in the ustar form"),
        (with(&one, 124, b"\x80\0\0\0"), "its member `file` has a malformed size"),
        (with(&one, 124, b"77777777777\0"), "it holds more than 67108864 bytes in one file"),
        (with(&one, 124, b"00000002000\0"), "it ends without the two empty blocks"),
        (
            gzip(&{
                let mut bytes = one.clone();
                bytes[0] = b'g';
                bytes
            }),
            "the checksum of a header in it is wrong",
        ),
        (twice, "its member `a` stands twice"),
        (gzip(&dirty), "a file in it is not filled up with zeros"),
        (gzip(&tar(&[("a", b""), ("a/b", b"")])), "its member `a/b` lies in another file"),
        (gzip(&tar(&[("a", b""), ("a-c", b""), ("a/b/c", b"")])), "its member `a/b/c` lies in another file"),
        (gzip(&one[..1024]), "it ends within a header"),
        (gzip(&one[..1100]), "it ends within a header"),
        (gzip(&one[..1536]), "it ends without the two empty blocks"),
        (gzip(&one[..700]), "it ends within a file"),
        (end(1024, 1), "it ends without the two empty blocks"),
        (gzip(&[&one[..], &[0; 512 * 30]].concat()), "it goes on after its end"),
        (gzip(&[&one[..], &[1; 512]].concat()), "it goes on after its end"),
    ] {
        assert_eq!(refusal(&bytes), why);
    }
    // `tar` fills its output up to a full record.
    let filled_up = gzip(&[&one[..1024], &[0; 18 * 512][..]].concat());
    assert_eq!(open(&filled_up).unwrap().file("file"), Some(&b"content"[..]));
}

#[test]
fn whatever_else_a_gzip_file_can_hold_is_refused() {
    let good = archive(&[("a", &[b'x'; 3000])]);
    let set = |at: usize, to: u8| {
        let mut bytes = good.clone();
        bytes[at] = to;
        bytes
    };
    let end = good.len();
    for (bytes, why) in [
        (Vec::new(), "it is no gzip file"),
        (b"PK\x03\x04 and more".to_vec(), "it is no gzip file"),
        (set(2, 7), "it is no gzip file"),
        (set(3, 8), "its gzip header has fields that archives do not have here"),
        (set(4, 1), "its gzip header has fields that archives do not have here"),
        (set(12, good[12] ^ 0xff), "its data cannot be inflated"),
        (set(end - 8, good[end - 8] ^ 1), "its checksum is wrong"),
        (set(end - 1, 1), "its length is wrong"),
        ([&good[..], b"\0"].concat(), "it goes on after its end"),
        ([&good[..], &good[..]].concat(), "it goes on after its end"),
    ] {
        assert_eq!(refusal(&bytes), why);
    }
    for length in 0..end {
        assert!(open(&good[..length]).is_err(), "cut after {length} bytes");
    }
}

#[test]
fn no_more_is_inflated_than_is_allowed() {
    let bytes = archive(&[("a", &vec![0; 1 << 20]), ("b", b"")]);
    assert!(bytes.len() < 3000, "a thousandth of what it holds");
    let limits = ArchiveLimits { members: 2, member_bytes: 1 << 20, inflated_bytes: 2 << 20 };
    assert!(Archive::open(&bytes[..], &limits).is_ok());
    for (limits, why) in [
        (ArchiveLimits { members: 1, ..limits }, "it holds more than 1 files"),
        (ArchiveLimits { member_bytes: 1000, ..limits }, "it holds more than 1000 bytes in one file"),
        (ArchiveLimits { inflated_bytes: 1 << 20, ..limits }, "it holds more than 1048576 bytes"),
        (ArchiveLimits { inflated_bytes: 0, ..limits }, "it holds more than 0 bytes"),
    ] {
        assert_eq!(Archive::open(&bytes[..], &limits).unwrap_err().to_string(), why);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_files_come_back(files in prop::collection::btree_map("[a-z]{1,3}(/[a-z0-9.]{1,4}x){0,3}", prop::collection::vec(any::<u8>(), 0..1500), 0..8)) {
        let list: Vec<_> = files.iter().map(|(path, content)| (path.as_str(), content.as_slice())).collect();
        let bytes = archive(&list);
        match open(&bytes) {
            Ok(found) => {
                for (path, content) in &list {
                    prop_assert_eq!(found.file(path), Some(*content));
                }
                prop_assert_eq!(found.paths().count(), list.len());
            }
            Err(error) => {
                // A file whose path is also a folder.
                let why = error.to_string();
                prop_assert!(why.ends_with("lies in another file"), "{}", why);
            }
        }
    }

    #[test]
    fn a_changed_byte_is_named_or_changes_nothing(at in any::<prop::sample::Index>(), bit in 0..8) {
        let files: [(&str, &[u8]); 2] = [("a", b"some content"), ("b", &[7; 700])];
        let mut bytes = archive(&files);
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        if let Ok(found) = open(&bytes) {
            // How hard was compressed, and where, is nobody's concern; nor are the bits that fill up the last byte.
            let trailer = bytes.len() - 8;
            prop_assert!((8..10).contains(&at) || at == trailer - 1, "{}", at);
            prop_assert!(files.iter().all(|(path, content)| found.file(path) == Some(*content)));
        }
    }
}

#[test]
fn a_log_goes_into_an_archive_and_is_verified_from_it() {
    let (fs, ledger) = filled(700);
    ledger.append(&[erasure(3), erasure(650)], at(900)).unwrap();
    let view = ledger.view().unwrap();
    // What is added later does not belong to it, whatever has become of its partial tiles.
    ledger.append(&drafts(700..1100), at(1000)).unwrap();
    let pack = |blobs| {
        let mut writer = ArchiveWriter::new(Vec::new());
        for file in log_files(&view, blobs).unwrap() {
            let (path, bytes) = file.unwrap();
            writer.add(&format!("ledger/{path}"), &bytes).unwrap();
        }
        open(&writer.finish().unwrap()).unwrap()
    };
    let archive = pack(true);
    assert_eq!(archive.paths().count(), 698 + 1 + 3 + 3 + 1);
    let folder = archive.folder("ledger");
    let verification = verify(&*folder, &keys(), &Audit::default());
    assert_eq!(verification.faults, []);
    assert_eq!(verification.left_over, Vec::<String>::new());
    assert_eq!((verification.entries, verification.blobs, verification.erased), (702, Some(698), 2));

    let reader = Identity::reader(ORIGIN.parse().unwrap(), [key().verifying_key()]);
    let packed = Ledger::open(folder, reader).unwrap();
    assert_eq!(packed.head().unwrap(), *view.head());
    assert_eq!(packed.blob(&Digest::of(&envelope(4))).unwrap(), envelope(4));
    assert!(matches!(packed.append(&drafts(0..1), at(1)), Err(LedgerError::NoKey)));

    let without = pack(false);
    let audit = Audit { blobs: false, ..Audit::default() };
    assert!(verify(&*without.folder("ledger"), &keys(), &audit).is_whole());
    assert!(!verify(&*without.folder("ledger"), &keys(), &Audit::default()).is_whole());

    fs.remove_file("tile/0/000").unwrap();
    let fresh = Ledger::open(Arc::new(fs.clone()), crate::support::identity()).unwrap().view().unwrap();
    let mut files = log_files(&fresh, false).unwrap();
    assert!(files.any(|file| file.is_err()), "what is missing is not left out in silence");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the judge is another program")]
fn tar_lists_an_archive() {
    let bytes = archive(&[("bartizan.toml", b"format = 1\n"), (&format!("l/{}", "e".repeat(99)), &[1; 600])]);
    let mut tar = Command::new("tar");
    let tar = tar.args(["-tvzf", "-", "--numeric-owner", "--utc"]);
    let mut tar = tar.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("tar is installed");
    tar.stdin.take().unwrap().write_all(&bytes).unwrap();
    let output = tar.wait_with_output().unwrap();
    assert!(output.status.success());
    let expected = format!(
        "-rw-r--r-- 0/0              11 1970-01-01 00:00 bartizan.toml\n\
         -rw-r--r-- 0/0             600 1970-01-01 00:00 l/{}\n",
        "e".repeat(99)
    );
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
}
