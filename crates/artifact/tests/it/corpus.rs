//! The corpus: every hostile file is told, every benign one is clean, and neither rate falls.

use std::collections::BTreeMap;

use bartizan_artifact::FileClass;
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
