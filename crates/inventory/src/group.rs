//! Which files are an asset together, told by their names.

use std::collections::BTreeMap;

use bartizan_project::RelPath;

use crate::{File, Kind};

/// Ends of the names of files that lie beside weights, data and prompts and belong to them.
const BESIDE: [&str; 9] =
    [".json", ".txt", ".md", ".model", ".jinja", ".yaml", ".yml", ".gitattributes", "license"];

/// A project file holds at most 4,000 entries.
const MAX_ASSETS: usize = 2_000;

/// What must be said of everything below a folder before it is one asset; one bit for each.
const OTHER: u8 = 1;
const TOKENIZER: u8 = 2;

/// The paths of assets and what each is: a folder below which everything is of one kind or belongs to such things,
/// else the single files. Takes time in proportion to the number of files.
pub(crate) fn assets(files: &[File]) -> BTreeMap<String, Kind> {
    let below = Below::of(files);
    let mut folders: BTreeMap<&str, Vec<(&str, Kind)>> = BTreeMap::new();
    for file in files {
        // A name that no project file can hold stays with the rest, where it is looked at all the same.
        if let Some(kind) = guess(&file.name).filter(|_| RelPath::parse(&file.name).is_some()) {
            folders.entry(parent(&file.name)).or_default().push((&file.name, kind));
        }
    }
    let mut assets: BTreeMap<String, Kind> = BTreeMap::new();
    for (folder, mut files) in folders {
        files.sort_unstable();
        let main = files.iter().map(|(_, kind)| *kind).find(|kind| *kind != Kind::Tokenizer);
        // A tokenizer beside weights belongs to them.
        if main == Some(Kind::Model) && !folder.is_empty() {
            files.retain(|(_, kind)| *kind != Kind::Tokenizer);
        }
        let kind = main.unwrap_or(Kind::Tokenizer);
        // Prompts lie in folders of theirs, or one by one among other text.
        let groups = match kind {
            Kind::LockFile => false,
            Kind::Prompt => folder.to_lowercase().contains("prompt"),
            _ => true,
        };
        if !folder.is_empty() && groups && below.is_only(folder, kind) {
            let adapter = kind == Kind::Model && below.adapters.contains(folder);
            let kind = if adapter { Kind::Adapter } else { kind };
            let within = ancestors(folder).any(|outer| {
                assets.get(outer).is_some_and(|outer| *outer == kind || kind == Kind::Tokenizer)
            });
            if !within && assets.len() < MAX_ASSETS {
                assets.insert(folder.to_owned(), kind);
            }
        } else if assets.len() + files.len() <= MAX_ASSETS {
            // More files of several kinds are nobody's hand-made folder: they stay with the rest, which looks at
            // each by its content.
            assets.extend(files.into_iter().map(|(name, kind)| (name.to_owned(), kind)));
        }
    }
    assets
}

/// The asset that a file belongs to: itself, or the nearest folder.
pub(crate) fn asset_of<'a>(name: &str, assets: &'a BTreeMap<String, Kind>) -> Option<(&'a String, Kind)> {
    let nearest = |path: &str| assets.get_key_value(path).map(|(path, kind)| (path, *kind));
    nearest(name).or_else(|| ancestors(name).find_map(nearest))
}

/// The folder of a file; empty for one that lies in no folder.
pub(crate) fn parent(name: &str) -> &str {
    name.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The folders around a file or folder, from the inside out.
pub(crate) fn ancestors(name: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(name.rsplit_once('/').map(|(folder, _)| folder), |folder| {
        folder.rsplit_once('/').map(|(outer, _)| outer)
    })
}

/// What lies below each folder.
#[derive(Default)]
struct Below<'a> {
    kinds: BTreeMap<&'a str, u8>,
    /// Folders with the configuration of an adapter.
    adapters: std::collections::BTreeSet<&'a str>,
}

impl<'a> Below<'a> {
    fn of(files: &'a [File]) -> Self {
        let mut below = Self::default();
        for file in files {
            let folder = parent(&file.name);
            let name = file.name.rsplit('/').next().unwrap_or_default();
            if name == "adapter_config.json" {
                below.adapters.insert(folder);
            }
            let lower = name.to_lowercase();
            let bits = match guess(&file.name) {
                Some(kind) => bit(kind),
                None if BESIDE.iter().any(|end| lower.ends_with(end)) => 0,
                None => OTHER,
            };
            for folder in ancestors(&file.name) {
                let known = below.kinds.entry(folder).or_insert(0x80);
                // What the folder knows, those around it know.
                if *known & bits == bits && *known & 0x80 == 0 {
                    break;
                }
                *known = *known & 0x7F | bits;
            }
        }
        below
    }

    /// Whether everything below a folder is of this kind, or is text of the kind that lies beside such files. Code
    /// does not: a package with one data file in it is code.
    fn is_only(&self, folder: &str, kind: Kind) -> bool {
        let beside = if kind == Kind::Model { TOKENIZER } else { 0 };
        self.kinds.get(folder).is_some_and(|bits| bits & !(bit(kind) | beside) == 0)
    }
}

const fn bit(kind: Kind) -> u8 {
    match kind {
        Kind::Model | Kind::Adapter => 4,
        Kind::Tokenizer => TOKENIZER,
        Kind::Dataset => 8,
        Kind::Prompt => 16,
        Kind::LockFile => 32,
        _ => OTHER,
    }
}

/// What a file looks like by its name. Its content decides later how it is read.
pub(crate) fn guess(name: &str) -> Option<Kind> {
    let lower = name.to_lowercase();
    let (folders, file) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    let below = |names: &[&str]| folders.split('/').any(|folder| names.contains(&folder));
    let below_data = || below(&["data", "dataset", "datasets", "corpus", "corpora", "kb", "knowledge"]);
    match file {
        "tokenizer.json" | "tokenizer.model" | "spiece.model" | "sentencepiece.bpe.model" | "tekken.json" => {
            return Some(Kind::Tokenizer);
        }
        "agents.md"
        | "claude.md"
        | "gemini.md"
        | "skill.md"
        | "copilot-instructions.md"
        | ".cursorrules"
        | ".windsurfrules" => return Some(Kind::Prompt),
        "uv.lock"
        | "poetry.lock"
        | "pipfile.lock"
        | "pdm.lock"
        | "pixi.lock"
        | "cargo.lock"
        | "yarn.lock"
        | "bun.lock"
        | "deno.lock"
        | "gemfile.lock"
        | "composer.lock"
        | "mix.lock"
        | "flake.lock"
        | "package-lock.json"
        | "npm-shrinkwrap.json"
        | "pnpm-lock.yaml"
        | "go.sum"
        | "conda-lock.yml"
        | "conda-lock.yaml"
        | "gradle.lockfile"
        | "packages.lock.json" => return Some(Kind::LockFile),
        _ => {}
    }
    match extension {
        "safetensors" | "pkl" | "pickle" | "pt" | "pth" | "ckpt" | "gguf" | "ggml" | "onnx" | "h5"
        | "hdf5" | "keras" | "tflite" | "joblib" | "npy" | "npz" | "dill" | "msgpack" | "mar" | "nemo"
        | "skops" => Some(Kind::Model),
        "bin" if file.contains("model") || file.contains("weights") || file.contains("optimizer") => {
            Some(Kind::Model)
        }
        "jsonl" | "ndjson" | "csv" | "tsv" | "parquet" | "arrow" => Some(Kind::Dataset),
        "txt" if file.starts_with("requirements") || below(&["requirements"]) => Some(Kind::LockFile),
        "prompt" | "prompty" => Some(Kind::Prompt),
        "md" | "txt" | "j2" | "jinja" | "jinja2" | "mustache" | "hbs"
            if below(&["prompts", "prompt"]) || file.contains("prompt") =>
        {
            Some(Kind::Prompt)
        }
        "yaml" | "yml" | "json" if below(&["prompts", "prompt"]) => Some(Kind::Prompt),
        "md" | "txt" | "text" if below_data() => Some(Kind::Dataset),
        "json" if below_data() && is_split(file) => Some(Kind::Dataset),
        _ => None,
    }
}

/// Whether a JSON file is named as a part of a data set usually is.
fn is_split(file: &str) -> bool {
    [
        "train", "test", "valid", "dev", "eval", "corpus", "dataset", "instruct", "sft", "dpo", "squad",
        "alpaca",
    ]
    .iter()
    .any(|word| file.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(names: &[&str]) -> Vec<(String, Kind)> {
        let files: Vec<_> = names.iter().map(|name| File { name: (*name).to_owned(), size: 1 }).collect();
        assets(&files).into_iter().collect()
    }

    fn pairs(found: &[(String, Kind)]) -> Vec<(&str, Kind)> {
        found.iter().map(|(path, kind)| (path.as_str(), *kind)).collect()
    }

    #[test]
    fn folders_of_one_kind_are_one_asset() {
        let found = found(&[
            "README.md",
            "data/a.jsonl",
            "data/b.csv",
            "model/config.json",
            "model/model.safetensors",
            "model/optimizer.pt",
            "package/__init__.py",
            "package/grammar.pickle",
            "prompts/system.md",
            "requirements.txt",
            "weights.gguf",
            "app/data.jsonl",
            "app/prompt.txt",
        ]);
        assert_eq!(
            pairs(&found),
            [
                ("app/data.jsonl", Kind::Dataset),
                ("app/prompt.txt", Kind::Prompt),
                ("data", Kind::Dataset),
                ("model", Kind::Model),
                ("package/grammar.pickle", Kind::Model),
                ("prompts", Kind::Prompt),
                ("requirements.txt", Kind::LockFile),
                ("weights.gguf", Kind::Model),
            ]
        );
    }

    #[test]
    fn tokenizers_adapters_and_folders_in_folders() {
        let found = found(&[
            "adapter/adapter_config.json",
            "adapter/adapter_model.safetensors",
            "base/model.safetensors",
            "base/onnx/model.onnx",
            "base/tokenizer.json",
            "words/tokenizer.json",
            "words/tokenizer_config.json",
            "mixed/model.safetensors",
            "mixed/run.py",
            "mixed/tokenizer.json",
            "pinned/Cargo.lock",
            "pinned/uv.lock",
            "data/train.json",
            "data/README.md",
        ]);
        assert_eq!(
            pairs(&found),
            [
                ("adapter", Kind::Adapter),
                ("base", Kind::Model),
                ("data", Kind::Dataset),
                ("mixed/model.safetensors", Kind::Model),
                ("pinned/Cargo.lock", Kind::LockFile),
                ("pinned/uv.lock", Kind::LockFile),
                ("words", Kind::Tokenizer),
            ]
        );
    }

    #[test]
    fn a_file_belongs_to_the_nearest_asset() {
        let assets = BTreeMap::from([("a".to_owned(), Kind::Code), ("a/b".to_owned(), Kind::Dataset)]);
        assert_eq!(asset_of("a/b/c/d.csv", &assets).unwrap().1, Kind::Dataset);
        assert_eq!(asset_of("a/x", &assets).unwrap().1, Kind::Code);
        assert_eq!(asset_of("ab/x", &assets), None);
    }
}
