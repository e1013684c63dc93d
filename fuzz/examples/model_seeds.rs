//! Writes the samples of model files under `corpus/`, as the targets that read models take them, for the fuzzer to start
//! from. They are built by code each time, so that no hostile file is kept.

use std::{collections::BTreeMap, fs, io, path::Path};

use bartizan_corpus::{Sample, samples};
use bartizan_fuzz::NAMES;

/// How a target takes a file.
enum Form {
    /// As it is.
    Whole,
    /// Without so many bytes at its start, which the target puts there.
    Without(usize),
    /// Without what it starts with, which the first byte chooses among these.
    Chosen(&'static [&'static [u8]]),
    /// The first byte chooses one of these names.
    Named(&'static [&'static str]),
}

/// Target, families, form.
const TARGETS: [(&str, &[&str], Form); 33] = [
    ("card", &["card"], Form::Without(4)),
    ("catboost", &["catboost"], Form::Without(4)),
    (
        "compressed",
        &["compressed"],
        Form::Chosen(&[
            b"\x1f\x8b\x08",
            b"BZh9",
            b"\xfd7zXZ\0",
            b"\x28\xb5\x2f\xfd",
            b"\x04\x22\x4d\x18",
            b"\x78\x9c",
            b"\x5d\0\0\x80\0",
        ]),
    ),
    (
        "config",
        &["config"],
        Form::Named(&[
            "config.json",
            "tokenizer.json",
            "model.safetensors.index.json",
            "model_index.json",
            "modules.json",
            "MAR-INF/MANIFEST.json",
            "requirements.txt",
        ]),
    ),
    ("content", &[], Form::Named(&NAMES)),
    ("convert", &["torchscript", "zip", "pickle"], Form::Whole),
    ("coreml", &["coreml"], Form::Whole),
    ("executorch", &["executorch"], Form::Without(8)),
    ("ggml", &["ggml"], Form::Chosen(&[b"tjgg\x03\0\0\0", b"fmgg\x01\0\0\0", b"lmgg"])),
    ("hdf5", &["hdf5"], Form::Without(8)),
    ("joblib", &["joblib"], Form::Chosen(&[b"\x80\x04", b"\x80\x03"])),
    ("keras", &["keras"], Form::Without(14)),
    ("lightgbm", &["lightgbm"], Form::Chosen(&[b"tree\nversion=v4\n"])),
    ("msgpack", &["msgpack"], Form::Without(8)),
    ("numpy", &["numpy"], Form::Chosen(&[b"\x93NUMPY"])),
    ("oci", &["config"], Form::Whole),
    ("onnx", &["onnx"], Form::Whole),
    ("orbax", &["orbax"], Form::Without(14)),
    ("pickle", &["pickle", "joblib"], Form::Whole),
    ("python", &["python"], Form::Whole),
    ("requirements", &["config"], Form::Whole),
    ("sevenzip", &["sevenzip"], Form::Without(8)),
    ("skops", &["keras"], Form::Whole),
    ("tar", &["tar", "oci"], Form::Whole),
    ("template", &["template"], Form::Whole),
    ("tensorflow", &["tensorflow"], Form::Whole),
    ("tensorrt", &["tensorrt"], Form::Without(8)),
    ("tflite", &["tflite"], Form::Without(8)),
    ("xgboost", &["xgboost"], Form::Chosen(&[b"{\"learner\":{\"", b"{L\0\0\0\0\0\0\0\x07learner{", b"binf"])),
    ("xml", &["pmml", "openvino"], Form::Chosen(&[b"<PMML>", b"<net>", b"<!DOCTYPE net ["])),
    ("yaml", &["yaml", "card"], Form::Whole),
    ("zip", &["zip", "torchscript", "skops", "keras"], Form::Without(4)),
    ("gguf", &["llamafile"], Form::Without(7)),
];

/// Longer ones slow the fuzzer down and hold nothing that shorter ones do not.
const LONGEST: usize = 64 << 10;

fn main() -> io::Result<()> {
    let mut counts = BTreeMap::new();
    for (number, sample) in samples().iter().enumerate() {
        for (target, families, form) in &TARGETS {
            let fits = families.is_empty() || families.contains(&sample.family);
            let Some(seed) = shaped(sample, form).filter(|seed| fits && seed.len() <= LONGEST) else {
                continue;
            };
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
            fs::create_dir_all(&folder)?;
            fs::write(folder.join(format!("sample-{number:04}")), seed)?;
            *counts.entry(target).or_insert(0_u32) += 1;
        }
    }
    for (target, count) in counts {
        println!("{target:14} {count}");
    }
    Ok(())
}

/// What the target takes for the sample, where it can.
fn shaped(sample: &Sample, form: &Form) -> Option<Vec<u8>> {
    let (choice, rest) = match form {
        Form::Whole => return Some(sample.bytes.clone()),
        Form::Without(length) => return sample.bytes.get(*length..).map(<[u8]>::to_vec),
        // A start that the file does not have is put in front of it all the same.
        Form::Chosen(starts) => starts
            .iter()
            .enumerate()
            .find_map(|(choice, start)| Some((choice, sample.bytes.strip_prefix(*start)?)))
            .unwrap_or((0, &sample.bytes)),
        Form::Named(names) => {
            let file = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
            let ending = |path: &str| path.rsplit('.').next().unwrap_or(path).to_owned();
            let path = &sample.path;
            let choice = names
                .iter()
                .position(|name| file(name) == file(path))
                .or_else(|| names.iter().position(|name| ending(name) == ending(path)))
                .unwrap_or(0);
            (choice, sample.bytes.as_slice())
        }
    };
    Some([&[u8::try_from(choice).ok()?], rest].concat())
}
