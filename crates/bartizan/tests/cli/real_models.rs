//! Models that do nothing wrong: published ones, and files that the libraries themselves saved. What the scanner says of
//! them against their being clean is a false alarm.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::{
    interop::judge,
    run::{Place, Ran, files},
};

/// Files that are not read yet and say so; a line goes from here as soon as they are, which the test demands. Each is the
/// end of a path.
const NOT_YET_READ: [&str; 11] = [
    // fastText's own format.
    "/lid.176.ftz",
    // `MessagePack` of spaCy: keys that are numbers or bytes, a list at the top, more keys than are told apart.
    "/attribute_ruler/patterns",
    "/lemmatizer/lookups/lookups.bin",
    "/ner/model",
    "/parser/model",
    "/senter/model",
    "/tagger/model",
    "/tok2vec/model",
    "/tokenizer",
    "/vocab/key2row",
    "/vocab/lookups.bin",
];

/// Pickles of which no scanner can know that they are harmless: they name a class of their own package. That a person
/// is asked to look is the right answer, and it must be the only one.
const OF_AN_UNKNOWN_CLASS: (&str, &str, &str) = ("published/mlconjug3/", "review", "PKL002");

/// The libraries that saved files in every run.
const LIBRARIES: [&str; 9] =
    ["flax", "h5py", "keras", "lightgbm", "numpy", "onnx", "safetensors", "scikit-learn", "xgboost-cpu"];

/// What must be among the formats: a file that is taken for text or for something unknown is not clean by merit.
const FORMATS: [&str; 24] = [
    "Core ML model",
    "GGUF",
    "HDF5",
    "Keras HDF5",
    "Keras archive",
    "LZ4",
    "LightGBM model",
    "MessagePack",
    "NumPy archive",
    "NumPy array",
    "ONNX",
    "PyTorch file of before version 1.6",
    "TensorFlow Lite model",
    "TensorFlow SavedModel",
    "TorchScript archive",
    "XGBoost JSON",
    "XGBoost model",
    "bzip2",
    "gzip",
    "pickle",
    "safetensors",
    "skops archive",
    "xz",
    "zlib",
];

#[test]
fn interop_real_models_are_clean() {
    let folder = PathBuf::from(judge("BARTIZAN_TOOLS_REAL_MODELS"));
    let mut wrong = Vec::new();
    let mut formats = BTreeSet::new();
    let mut sources = BTreeMap::<String, bool>::new();
    for file in scanned(&folder).iter().filter(|file| !file.path.starts_with("saved/torch/")) {
        let source: Vec<_> = file.path.split('/').take(2).collect();
        let clean = sources.entry(source.join("/")).or_insert(true);
        *clean &= file.is_clean();
        formats.insert(file.format.clone());
        let (place, class, rule) = OF_AN_UNKNOWN_CLASS;
        if NOT_YET_READ.iter().any(|end| file.path.ends_with(end)) {
            if file.is_clean() {
                wrong.push(format!("{} is clean now: take it out of NOT_YET_READ", file.path));
            } else if file.class != "inconclusive" || !file.rules.is_empty() {
                wrong.push(file.to_string());
            }
        } else if file.path.starts_with(place) {
            let expected = file.class == class && file.rules == [rule] && file.unexamined.is_empty();
            if !expected {
                wrong.push(file.to_string());
            }
        } else if !file.is_clean() {
            wrong.push(file.to_string());
        }
    }
    assert!(wrong.is_empty(), "{} files are not clean:\n{}", wrong.len(), wrong.join("\n"));

    let published = sources.iter().filter(|(source, clean)| source.starts_with("published/") && **clean);
    assert!(published.count() >= 12, "{sources:?}");
    let saved: Vec<_> = sources.keys().filter_map(|source| source.strip_prefix("saved/")).collect();
    assert_eq!(saved, LIBRARIES);
    let missing: Vec<_> = FORMATS.iter().filter(|format| !formats.contains(**format)).collect();
    assert!(missing.is_empty(), "{missing:?} not among {formats:?}");
}

#[test]
#[ignore = "needs PyTorch, several gigabytes, which `cargo xtask test --full` installs"]
fn interop_real_models_that_torch_saved_are_clean() {
    let files = scanned(&torch_files());
    assert!(files.len() >= 20, "{} files", files.len());
    let wrong: Vec<_> = files.iter().filter(|file| !file.is_clean()).map(ToString::to_string).collect();
    assert!(wrong.is_empty(), "{} files are not clean:\n{}", wrong.len(), wrong.join("\n"));
}

/// Each `NAME.pt` that has a `NAME.safetensors`, which `PyTorch` wrote of the same tensors, becomes the same when it is
/// converted, as `PyTorch` itself reads it: names, kinds, shapes and every byte.
#[test]
#[ignore = "needs PyTorch, several gigabytes, which `cargo xtask test --full` installs"]
fn interop_real_models_that_torch_saved_convert_alike() {
    let (place, folder) = (Place::new(), torch_files());
    let expected: Vec<_> = files(&folder)
        .into_iter()
        .filter(|file| file.extension().is_some_and(|end| end == "safetensors"))
        .collect();
    assert!(expected.len() >= 10, "{expected:?}");
    let (mut wrong, mut pairs) = (Vec::new(), Vec::new());
    for theirs in expected {
        let (from, ours) = (theirs.with_extension("pt"), place.path(name(&theirs)));
        let Ran { code, err, .. } = place.run(&["model", "convert", text(&from), text(&ours)]);
        // Exit code 0: no tensor was left behind.
        if code == 0 {
            pairs.extend([theirs, ours]);
        } else {
            wrong.push(format!("{}: exit code {code}: {err}", name(&from)));
        }
    }
    let python = folder.join("../../../torch/bin/python");
    let output =
        std::process::Command::new(python).args(["-I", "-c", COMPARE]).args(&pairs).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    wrong.extend(String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Prints a line for each tensor that differs between the files of a pair. The bytes are compared, as some kinds of
/// numbers know no equality.
const COMPARE: &str = "\
import sys, torch
from safetensors.torch import load_file
def plain(t): return t.dtype, t.shape, t.reshape(-1).view(torch.uint8).tolist()
for theirs, ours in zip(sys.argv[1::2], sys.argv[2::2]):
    a, b = load_file(theirs), load_file(ours)
    for name in sorted(a.keys() | b.keys()):
        if name not in a or name not in b or plain(a[name]) != plain(b[name]):
            print(theirs, name, a.get(name), b.get(name))
";

/// Where `PyTorch` saved its files.
fn torch_files() -> PathBuf {
    Path::new(&judge("BARTIZAN_TOOLS_REAL_MODELS")).join("saved/torch")
}

/// What the report says of a file.
struct Scanned {
    /// Relative to the folder.
    path: String,
    class: String,
    format: String,
    rules: Vec<String>,
    unexamined: Vec<String>,
}

impl Scanned {
    fn is_clean(&self) -> bool {
        self.class == "clean" && self.unexamined.is_empty()
    }
}

impl std::fmt::Display for Scanned {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, class, format, rules, unexamined } = self;
        write!(f, "{path}: {class}, {format}, {rules:?}, {unexamined:?}")
    }
}

/// Scans a folder, and looks that every file of it is in the report.
fn scanned(folder: &Path) -> Vec<Scanned> {
    let ran = Place::new().run(&["model", "scan", text(folder), "--format", "json"]);
    let report: Value = serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {}", ran.err));
    let words = |list: &Value, key: &str| -> Vec<String> {
        list.as_array().unwrap().iter().map(|one| one[key].as_str().unwrap().to_owned()).collect()
    };
    let said = report["files"].as_array().unwrap().iter().map(|file| Scanned {
        path: Path::new(file["path"].as_str().unwrap()).strip_prefix(folder).unwrap().display().to_string(),
        class: file["class"].as_str().unwrap().to_owned(),
        format: file["format"].as_str().unwrap().to_owned(),
        rules: words(&file["findings"], "rule"),
        unexamined: words(&file["unexamined"], "reason"),
    });
    let said: Vec<_> = said.collect();
    let named: BTreeSet<_> = said.iter().map(|file| folder.join(&file.path)).collect();
    assert_eq!(named, files(folder).into_iter().collect::<BTreeSet<_>>());
    said
}

fn name(path: &Path) -> &str {
    path.file_name().unwrap().to_str().unwrap()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}
