//! A project for a folder that has none: what is in it, written down as a project file would say it.
//!
//! The text goes through the same parser as a file of the user's, so an inferred project can do nothing that a
//! declared one cannot.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_project::RelPath;

use crate::files::Listing;

/// Every file that no other asset takes belongs to this asset.
const REST: &str = "other-files";

/// Ends of the names of files that lie beside weights, data and prompts and belong to them.
const BESIDE: [&str; 9] =
    [".json", ".txt", ".md", ".model", ".jinja", ".yaml", ".yml", ".gitattributes", "license"];

/// A project file holds at most 4,000 entries.
const MAX_ASSETS: usize = 2_000;

/// What a file looks like by its name. Its content decides later how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Guess {
    Model,
    Dataset,
    Prompt,
    LockFile,
}

/// The text of a project file for what `listing` holds, or nothing where it is empty. `whole` says that it lists a
/// folder, of which every file then belongs to some asset.
pub(crate) fn project_text(name: &str, listing: &Listing, whole: bool) -> Option<String> {
    if listing.files.is_empty() && listing.unexamined.is_empty() {
        return None;
    }
    let mut text = String::from("format = 1\n\n[project]\nname = ");
    text.push_str(&quoted(name));
    text.push_str("\npurpose = \"Inferred from the folder: nobody has declared this project yet\"\nrole = \"system-producer\"\n");
    let mut ids = BTreeSet::from([REST.to_owned()]);
    if whole {
        let assets = assets(listing);
        let taken = |name: &str| assets.keys().any(|path| name == path || below(name, path));
        if listing.files.is_empty() || !listing.files.iter().all(|file| taken(&file.name)) {
            asset(&mut text, REST, "code", ".");
        }
        for (path, guess) in &assets {
            asset(&mut text, &fresh_id(path, &mut ids), guess.kind(), path);
        }
    } else {
        // Somebody who names a single file wants it looked at, whatever it is called.
        for file in &listing.files {
            asset(
                &mut text,
                &fresh_id(&file.name, &mut ids),
                guess(&file.name).unwrap_or(Guess::Model).kind(),
                &file.name,
            );
        }
    }
    Some(text)
}

fn asset(text: &mut String, id: &str, kind: &str, path: &str) {
    text.push_str(&format!("\n[asset.{}]\nkind = \"{kind}\"\npath = {}\n", quoted(id), quoted(path)));
}

/// Paths of assets and what each is: a folder below which everything is of one kind or belongs to such things, else
/// the single files.
fn assets(listing: &Listing) -> BTreeMap<String, Guess> {
    let mut folders: BTreeMap<&str, Vec<(&str, Guess)>> = BTreeMap::new();
    for file in &listing.files {
        // A name that no project file can hold stays with the rest, where it is looked at all the same.
        if let Some(guess) = guess(&file.name).filter(|_| RelPath::parse(&file.name).is_some()) {
            let folder = file.name.rsplit_once('/').map_or("", |(folder, _)| folder);
            folders.entry(folder).or_default().push((&file.name, guess));
        }
    }
    let mut assets = BTreeMap::new();
    for (folder, files) in folders {
        let first = files.first().map(|(_, guess)| *guess);
        match first {
            Some(guess) if !folder.is_empty() && guess.groups() && guess.fills(folder, listing) => {
                assets.insert(folder.to_owned(), guess);
            }
            // So many files of several kinds are nobody's hand-made folder: they stay with the rest, which looks at
            // each by its content.
            _ if assets.len() + files.len() > MAX_ASSETS => {}
            _ => assets.extend(files.into_iter().map(|(name, guess)| (name.to_owned(), guess))),
        }
    }
    assets
}

/// Whether a file lies below a folder.
fn below(name: &str, folder: &str) -> bool {
    name.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn guess(name: &str) -> Option<Guess> {
    let lower = name.to_lowercase();
    let (folders, file) = lower.rsplit_once('/').unwrap_or(("", &lower));
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    let below = |names: &[&str]| folders.split('/').any(|folder| names.contains(&folder));
    match extension {
        "safetensors" | "pkl" | "pickle" | "pt" | "pth" | "ckpt" | "gguf" | "ggml" | "onnx" | "h5"
        | "hdf5" | "keras" | "tflite" | "joblib" | "npy" | "npz" | "dill" | "msgpack" | "mar" | "nemo"
        | "skops" => Some(Guess::Model),
        "bin" if file.contains("model") || file.contains("weights") || file.contains("optimizer") => {
            Some(Guess::Model)
        }
        "jsonl" | "ndjson" | "csv" | "tsv" | "parquet" | "arrow" => Some(Guess::Dataset),
        "lock" => Some(Guess::LockFile),
        "txt" if file.starts_with("requirements") => Some(Guess::LockFile),
        "json" if file == "package-lock.json" => Some(Guess::LockFile),
        "md" | "txt" | "j2" | "jinja" | "prompt"
            if below(&["prompts", "prompt"]) || file.contains("prompt") =>
        {
            Some(Guess::Prompt)
        }
        "md" | "txt" | "text"
            if below(&["data", "dataset", "datasets", "corpus", "corpora", "kb", "knowledge"]) =>
        {
            Some(Guess::Dataset)
        }
        _ => None,
    }
}

impl Guess {
    const fn kind(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Dataset => "dataset",
            Self::Prompt => "prompt",
            Self::LockFile => "lock-file",
        }
    }

    /// Whether a folder of these is one asset. A model's weights, tokenizer and configuration belong together.
    const fn groups(self) -> bool {
        !matches!(self, Self::LockFile)
    }

    /// Whether everything below a folder is of this kind, or is text of the kind that lies beside such files. Code
    /// does not: a package with one data file in it is code.
    fn fills(self, folder: &str, listing: &Listing) -> bool {
        let fits = |name: &str| match guess(name) {
            Some(other) => other == self,
            None => BESIDE.iter().any(|end| name.to_lowercase().ends_with(end)),
        };
        listing.files.iter().filter(|file| below(&file.name, folder)).all(|file| fits(&file.name))
    }
}

/// An id made of the end of `path` that no other asset has.
fn fresh_id(path: &str, taken: &mut BTreeSet<String>) -> String {
    let last = path.rsplit('/').next().unwrap_or(path).to_lowercase();
    let words: Vec<_> =
        last.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut base: String = words.join("-").chars().take(48).collect();
    if base.is_empty() {
        base.push_str("asset");
    }
    let mut id = base.clone();
    let mut number = 1;
    while !taken.insert(id.clone()) {
        number += 1;
        id = format!("{base}-{number}");
    }
    id
}

/// A TOML basic string.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::files::ListedFile;

    fn listing(names: &[&str]) -> Listing {
        let file = |name: &&str| ListedFile { name: (*name).to_owned(), path: PathBuf::new(), size: 0 };
        Listing { files: names.iter().map(file).collect(), unexamined: Vec::new() }
    }

    #[test]
    fn folders_of_one_kind_are_one_asset() {
        let listing = listing(&[
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
        let found: Vec<_> = assets(&listing).into_iter().collect();
        assert_eq!(
            found,
            [
                ("app/data.jsonl".to_owned(), Guess::Dataset),
                ("app/prompt.txt".to_owned(), Guess::Prompt),
                ("data".to_owned(), Guess::Dataset),
                ("model".to_owned(), Guess::Model),
                ("package/grammar.pickle".to_owned(), Guess::Model),
                ("prompts".to_owned(), Guess::Prompt),
                ("requirements.txt".to_owned(), Guess::LockFile),
                ("weights.gguf".to_owned(), Guess::Model),
            ]
        );
    }

    #[test]
    fn hostile_names_make_a_project_that_parses() {
        let names = ["a\"b.jsonl", "ünï/π.safetensors", "x/..jsonl", "y/..jsonl", "-/-.gguf"];
        let text = project_text("na\"me\u{1b}", &listing(&names), true).unwrap();
        let parsed = bartizan_project::parse(&text);
        assert!(parsed.faults.is_empty(), "{:?}\n{text}", parsed.faults);
        assert_eq!(parsed.project.unwrap().assets.len(), names.len());
        let text = project_text("x", &listing(&["a\n\u{1b}.jsonl", "b\\c.pkl"]), true).unwrap();
        assert_eq!(bartizan_project::parse(&text).project.unwrap().assets.len(), 1);
    }

    #[test]
    fn very_many_files_of_several_kinds_stay_with_the_rest() {
        let names: Vec<_> =
            (0..6_000).map(|n| format!("{n}.{}", if n % 2 == 0 { "jsonl" } else { "pkl" })).collect();
        let names: Vec<_> = names.iter().map(String::as_str).collect();
        let parsed = bartizan_project::parse(&project_text("x", &listing(&names), true).unwrap());
        assert_eq!(parsed.project.unwrap().assets.len(), 1);
    }

    #[test]
    fn an_empty_folder_is_nothing_to_check() {
        assert_eq!(project_text("x", &listing(&[]), true), None);
    }
}
