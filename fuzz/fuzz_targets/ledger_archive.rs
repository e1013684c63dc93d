//! Whatever bytes come as an archive: what is read can be written, and is then the same archive.

#![no_main]

use std::io::Write as _;

use arbitrary::Arbitrary;
use bartizan_fuzz::assert_visible;
use bartizan_ledger::{Archive, ArchiveLimits, ArchiveWriter, fs::Fs};
use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;

/// Bytes at one of three depths, since a checksum keeps the fuzzer out of the deeper ones.
#[derive(Arbitrary, Debug)]
enum Input {
    File(Vec<u8>),
    Tar(Vec<u8>),
    /// Members, whose headers are then changed byte by byte.
    Members {
        members: Vec<(String, Vec<u8>)>,
        edits: Vec<(u16, u8)>,
        mended: bool,
    },
}

const LIMITS: ArchiveLimits = ArchiveLimits { members: 50, member_bytes: 10_000, inflated_bytes: 100_000 };

fuzz_target!(|input: Input| {
    let bytes = match input {
        Input::File(bytes) => bytes,
        Input::Tar(bytes) => gzip(&bytes),
        Input::Members { members, edits, mended } => gzip(&edited(members, &edits, mended)),
    };
    match Archive::open(&bytes[..], &LIMITS) {
        Ok(archive) => {
            let mut writer = ArchiveWriter::new(Vec::new());
            for path in archive.paths() {
                assert_visible(path);
                let content = archive.file(path).expect("it was just named");
                assert!(content.len() as u64 <= LIMITS.member_bytes);
                writer.add(path, content).expect("what is read can be written");
            }
            let again = writer.finish().expect("memory takes any archive");
            let again = Archive::open(&again[..], &LIMITS).expect("what is written is read");
            assert!(again.paths().eq(archive.paths()));
            listed(&*archive.folder(""), "", &mut archive.paths().count());
        }
        Err(error) => assert_visible(&error.to_string()),
    }
});

/// Walks the folders: each file is found once.
fn listed(fs: &dyn Fs, folder: &str, left: &mut usize) {
    for item in fs.list(folder).unwrap_or_default() {
        let path = if folder.is_empty() { item.name } else { format!("{folder}/{}", item.name) };
        if fs.read(&path, LIMITS.member_bytes).is_ok() {
            *left = left.checked_sub(1).expect("a file stands in one folder");
        } else {
            listed(fs, &path, left);
        }
    }
}

fn edited(members: Vec<(String, Vec<u8>)>, edits: &[(u16, u8)], mended: bool) -> Vec<u8> {
    let mut writer = ArchiveWriter::new(Vec::new());
    for (path, content) in members.iter().take(8) {
        let _ = writer.add(path, content);
    }
    let mut tar = flate2::write::GzDecoder::new(Vec::new());
    tar.write_all(&writer.finish().expect("memory takes any archive")).expect("it was just written");
    let mut tar = tar.finish().expect("it was just written");
    for (at, to) in edits {
        if let Some(byte) = tar.get_mut(usize::from(*at)) {
            *byte = *to;
        }
    }
    if mended && let Some(header) = tar.first_chunk_mut::<512>() {
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    tar
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(bytes).expect("memory takes any bytes");
    gzip.finish().expect("memory takes any bytes")
}
