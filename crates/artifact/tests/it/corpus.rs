//! The corpus: every hostile file is told, every benign one is clean, and neither rate falls.

use std::{collections::BTreeMap, io, ops::ControlFlow};

use bartizan_artifact::{FileClass, Format, Limits, ReadAt, inspect};
use bartizan_corpus::{Sample, Truth, samples};

use crate::look::{codes, named, text};

/// How the files of one family fared.
#[derive(Default)]
struct Tally {
    hostile: usize,
    found: usize,
    passed: usize,
    benign: usize,
    alarms: usize,
    unclear: usize,
}

fn fails(sample: &Sample) -> Option<String> {
    let seen = named(&sample.path, &sample.bytes);
    let fired = codes(&seen);
    let fine = match sample.truth {
        Truth::Hostile => {
            seen.class == FileClass::Finding && sample.codes.iter().all(|code| fired.contains(code))
        }
        Truth::Benign => seen.class == FileClass::Clean,
    };
    (!fine).then(|| format!("{} / {} ({}):\n{}", sample.family, sample.what, sample.path, text(&seen)))
}

#[test]
fn each_file_is_judged_as_it_should_be() {
    let mut families: BTreeMap<&str, Tally> = BTreeMap::new();
    let mut wrong = Vec::new();
    for sample in samples() {
        let tally = families.entry(sample.family).or_default();
        let class = named(&sample.path, &sample.bytes).class;
        match sample.truth {
            Truth::Hostile => {
                tally.hostile += 1;
                tally.found += usize::from(class == FileClass::Finding);
                tally.passed += usize::from(class == FileClass::Clean);
            }
            Truth::Benign => {
                tally.benign += 1;
                tally.alarms += usize::from(class == FileClass::Finding);
                tally.unclear += usize::from(!matches!(class, FileClass::Finding | FileClass::Clean));
            }
        }
        wrong.extend(fails(&sample));
    }
    println!("family        hostile  found  passed | benign  alarms  unclear");
    for (family, tally) in &families {
        println!(
            "{family:<13} {:>7} {:>6} {:>7} | {:>6} {:>7} {:>8}",
            tally.hostile, tally.found, tally.passed, tally.benign, tally.alarms, tally.unclear
        );
    }
    assert!(wrong.is_empty(), "{} files are judged wrongly:\n{}", wrong.len(), wrong.join("\n"));
}

/// A generator of numbers without a pattern, so that each run changes the same bytes (Knuth's MMIX).
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    usize::try_from(*state >> 33).unwrap()
}

#[test]
fn changed_files_are_read_to_their_end() {
    let mut state = 42;
    // Gadgets are many and alike.
    for sample in
        samples().iter().filter(|sample| sample.family != "gadgets" || sample.what.ends_with("eval by INST"))
    {
        let length = sample.bytes.len();
        for round in 0..6 {
            let mut bytes = sample.bytes.clone();
            let at = next(&mut state) % length.max(1);
            match round {
                0..3 => bytes[at] ^= 1 << (next(&mut state) % 8),
                3 => bytes.truncate(at),
                4 => bytes.extend_from_slice(&sample.bytes[at..]),
                _ => {
                    bytes.splice(at..at, [0xff; 8]);
                }
            }
            // That each byte is read once is held there.
            named(&sample.path, &bytes);
        }
    }
}

/// Families of text, whose start may be whole.
const TEXTS: [&str; 6] = ["card", "config", "lightgbm", "python", "template", "yaml"];

/// Files of which a part is whole by itself: values behind one another, fields that stop where they like.
const WHOLE: [&str; 5] = [
    "metadata",
    "one layer alone, with a library of no functions",
    "padded to a record",
    "two leaves behind one another",
    "values and a leaf behind them",
];

/// Where the end of a file can be told from its bytes, a file without its last byte is not clean.
#[test]
fn a_cut_file_is_not_clean() {
    let mut clean = Vec::new();
    for sample in samples().iter().filter(|sample| sample.truth == Truth::Benign) {
        // The rest of a text or of documents behind one another may be whole.
        let last = sample.bytes.trim_ascii_end().len();
        for cut in [1, 2, 3] {
            let Some(end) = last.checked_sub(cut).filter(|end| *end > 0) else { continue };
            let seen = named(&sample.path, &sample.bytes[..end]);
            let known = TEXTS.contains(&sample.family)
                || seen.format.is_text()
                || WHOLE.contains(&sample.what.as_str());
            if !known && seen.class == FileClass::Clean {
                clean.push(format!("{} / {}, {cut} less", sample.family, sample.what));
            }
        }
    }
    assert!(clean.is_empty(), "{clean:#?}");
}

/// Bytes of which each read gives at most three.
struct Slow<'b>(&'b [u8]);

impl ReadAt for Slow<'_> {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = buffer.len().min(3);
        self.0.read_at(offset, &mut buffer[..count])
    }
}

#[test]
fn files_are_judged_alike_however_their_bytes_arrive() {
    for sample in samples().iter().filter(|sample| sample.family != "gadgets") {
        let slow = Slow(&sample.bytes);
        let seen =
            inspect(&slow, &sample.path, &Limits::default(), &mut |_| ControlFlow::Continue(())).unwrap();
        let whole = named(&sample.path, &sample.bytes);
        assert_eq!(text(&seen), text(&whole), "{} / {}", sample.family, sample.what);
    }
}

#[test]
fn files_are_told_apart_by_their_bytes() {
    use Format::{
        Ggml, Gzip, LightGbm, Npz, Numpy, OpenVino, Pickle, Pmml, Skops, Xgboost, XgboostJson, Zlib,
    };
    let families: [(&str, &[Format]); 8] = [
        ("ggml", &[Ggml]),
        ("joblib", &[Pickle, Gzip, Zlib]),
        ("lightgbm", &[LightGbm]),
        ("numpy", &[Numpy, Npz]),
        ("openvino", &[OpenVino]),
        ("pmml", &[Pmml, Gzip]),
        ("skops", &[Skops]),
        ("xgboost", &[Xgboost, XgboostJson, Gzip]),
    ];
    for sample in samples().iter().filter(|sample| sample.truth == Truth::Benign) {
        let Some((_, formats)) = families.iter().find(|(family, _)| *family == sample.family) else {
            continue;
        };
        for name in [sample.path.as_str(), "unnamed"] {
            let format = named(name, &sample.bytes).format;
            assert!(formats.contains(&format), "{} / {}: {format}", sample.family, sample.what);
        }
    }
}
