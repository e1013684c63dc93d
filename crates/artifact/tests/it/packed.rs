//! Compressed files and 7-Zip archives: bombs end within limits, damage is told, and no file that is cut is clean.

use std::ops::ControlFlow;

use bartizan_artifact::{FileClass, Format, Inspection, Limits, inspect};
use bartizan_corpus::{
    Truth,
    compressed::{bzip2, gzip, xz, zstd},
    llamafile::{APE, llamafile},
    pickle::{Pickle, system},
    samples,
    sevenzip::{Archive, BZIP2, DEFLATE, LZMA2, PPMD, file},
    zip::{Member, zip},
};
use proptest::prelude::*;

use crate::look::{codes, named, text};

const FAMILIES: [&str; 6] = ["compressed", "llamafile", "oci", "sevenzip", "tar", "zip"];

fn limited(file: &[u8], path: &str, limits: &Limits) -> Inspection {
    let seen = inspect(&file, path, limits, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(seen.bytes_read, file.len() as u64);
    seen
}

#[test]
fn bombs_end_within_limits() {
    let zeros = vec![0; 8 << 20];
    let limits = Limits { inflated_bytes: 1 << 20, ..Limits::default() };
    for (what, file, code) in [
        ("gzip", gzip(&zeros), "CMP001"),
        ("gzip twice", gzip(&gzip(&zeros)), "CMP001"),
        ("bzip2", bzip2(&zeros), "CMP001"),
        ("7-Zip", Archive::new(DEFLATE, vec![file("a", &zeros)]).bytes(), "SVZ008"),
        ("7-Zip with bzip2", Archive::new(BZIP2, vec![file("a", &zeros)]).bytes(), "SVZ008"),
        ("ZIP in ZIP", zip(&[Member::deflated("a.zip", &zip(&[Member::deflated("a", &zeros)]))]), "ZIP010"),
    ] {
        let seen = limited(&file, "model.bin", &limits);
        assert!(codes(&seen).contains(&code), "{what}\n{}", text(&seen));
        assert_eq!(seen.class, FileClass::Finding);
        assert!(!seen.unexamined.is_empty(), "{what}");
    }
}

#[test]
fn what_fits_the_first_time_and_not_the_second_is_told() {
    // Measuring takes from one budget and reading from another; neither may end in silence.
    let plain = Pickle::proto(3).bytes(&vec![0; 3 << 20]).stop();
    for inflated_bytes in [1 << 20, 2 << 20, 3 << 20, 4 << 20] {
        let limits = Limits { inflated_bytes, spool_bytes: 1 << 16, ..Limits::default() };
        let seen = limited(&gzip(&plain), "model.pkl.gz", &limits);
        assert!(seen.class == FileClass::Clean || !seen.unexamined.is_empty(), "{}", text(&seen));
        assert_eq!(
            seen.class == FileClass::Clean,
            inflated_bytes > 3 << 20,
            "{inflated_bytes}\n{}",
            text(&seen)
        );
    }
}

#[test]
fn nesting_is_followed_to_its_limit() {
    for depth in 1..9 {
        let file = (0..depth).fold(system().stop(), |inner, _| gzip(&inner));
        let seen = named("model.gz", &file);
        assert_eq!(codes(&seen) == ["PKL001"], depth <= 6, "{depth}\n{}", text(&seen));
        assert_ne!(seen.class, FileClass::Clean, "{depth}");
    }
}

#[test]
fn formats_that_are_not_read_are_named() {
    for (file, reason) in [
        (b"\x1f\x9d\x90rest".to_vec(), "format not supported: compressed with compress (.Z)"),
        (b"\x02\x21\x4c\x18\0rest".to_vec(), "format not supported: compressed with LZ4 in its first format"),
        (b"Rar!\x1a\x07\0rest".to_vec(), "format not supported: RAR archive"),
        (b"Rar!\x1a\x07\x01\0rest".to_vec(), "format not supported: RAR archive, version 5"),
        (Archive::new(PPMD, vec![file("a", b"text")]).bytes(), "packed with PPMd, which is not supported"),
    ] {
        let seen = named("model", &file);
        let reasons: Vec<_> = seen.unexamined.iter().map(|gap| gap.reason.as_str()).collect();
        assert_eq!(reasons, [reason]);
        assert_eq!(seen.class, FileClass::Inconclusive);
    }
}

#[test]
fn a_llamafile_asks_for_a_person() {
    let member = Member::stored(".args", b"-m\nmodel.gguf\n");
    for start in [APE, b"\x7fELF\x02\x01\x01\0"] {
        let seen = named("model.llamafile", &llamafile(start, std::slice::from_ref(&member)));
        assert_eq!((seen.format, seen.class), (Format::Llamafile, FileClass::Review), "{}", text(&seen));
        assert_eq!(codes(&seen), ["ART005"]);
    }
}

#[test]
fn what_a_person_reads() {
    let archive = Archive::new(LZMA2, vec![file("notes.txt", b"text"), file("data.pkl", &system().stop())]);
    insta::assert_snapshot!(text(&named("pytorch_model.bin", &archive.bytes())), @r"
    7-Zip archive: finding
    critical PKL001/process pytorch_model.bin!data.pkl at byte 26: loading the file calls posix.system, which starts programs
    high ART002 pytorch_model.bin: the name ends in .bin, the contents are: 7-Zip archive
    ");
    insta::assert_snapshot!(text(&named("model.pkl.xz", &[xz(&system().stop()), zstd(b"more")].concat())), @r"
    xz: finding
    medium CMP003 model.pkl.xz at byte 80: 16 bytes follow the compressed data
    critical PKL001/process model.pkl.xz!model.pkl at byte 26: loading the file calls posix.system, which starts programs
    not examined: model.pkl.xz at byte 80: bytes that follow the compressed data
    ");
}

#[test]
fn a_file_that_is_cut_is_not_clean() {
    for sample in samples().into_iter().filter(|sample| FAMILIES.contains(&sample.family)) {
        // Between two streams nobody knows that there was a second.
        let several = sample.what.starts_with("two");
        if sample.truth == Truth::Hostile || sample.bytes.len() > 20_000 || several {
            continue;
        }
        // Zeros at the end of an archive are filling, of which some may be missing.
        let filling = sample.bytes.iter().rev().take_while(|byte| **byte == 0).count();
        let longest = sample.bytes.len() - filling.saturating_sub(1023).min(filling);
        for length in (16..longest).step_by(1 + longest / 300) {
            let seen = named(&sample.path, &sample.bytes[..length]);
            assert_ne!(
                seen.class,
                FileClass::Clean,
                "{} {} at {length}\n{}",
                sample.family,
                sample.what,
                text(&seen)
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]
    #[test]
    fn a_file_with_changed_bytes_is_inspected(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        more in proptest::collection::vec(any::<u8>(), 0..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let samples: Vec<_> = samples().into_iter().filter(|sample| FAMILIES.contains(&sample.family)).collect();
        let sample = &samples[which.index(samples.len())];
        let mut file = sample.bytes.clone();
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        if cut.index(4) == 0 {
            file.truncate(cut.index(file.len()) + 1);
        }
        file.extend(more);
        let limits = Limits { inflated_bytes: 1 << 24, ..Limits::default() };
        let seen = limited(&file, &sample.path, &limits);
        prop_assert!(seen.digest.is_some());
        let slow = crate::pickles::Slow(&file, 7);
        let slow = inspect(&slow, &sample.path, &limits, &mut |_| ControlFlow::Continue(())).unwrap();
        prop_assert_eq!(format!("{slow:?}"), format!("{seen:?}"));
    }
}
