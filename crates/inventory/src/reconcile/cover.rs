//! Which files no asset covers.

use std::collections::{BTreeMap, BTreeSet};

use bartizan_artifact::escape;
use bartizan_project::{AssetKind, Project};

use crate::{
    Found, Inventory, Kind,
    folders::{ASIDE, TESTS, folder_among},
    group::{ancestors, parent},
};

/// More things of one kind than this are told by the folders in which they lie.
const MAX_APART: usize = 40;

/// What lies in the folder and is covered by no asset.
pub(crate) struct Cover {
    /// What should be declared.
    pub(crate) lying: Vec<Lying>,
    /// What only whoever looks after the whole wants to know of: examples, tests, code, settings.
    pub(crate) aside: Vec<Found>,
}

/// A file or folder that no asset covers.
#[derive(Clone, Debug)]
pub(crate) struct Lying {
    pub(crate) found: Found,
    /// The first file that can run code when it is loaded.
    pub(crate) runs_code: Option<String>,
}

impl Cover {
    pub(crate) fn of(inventory: &Inventory, project: &Project) -> Self {
        let assets = Assets::of(project);
        let (covered, open): (Vec<_>, Vec<_>) =
            inventory.told.iter().partition(|told| assets.cover(&told.file.name, told.kind));
        // A folder in which something is declared is not proposed as a whole.
        let mut split: BTreeSet<&str> = covered.iter().flat_map(|told| ancestors(&told.file.name)).collect();
        split.extend(assets.paths.keys().flat_map(|path| ancestors(path)));
        let folders: BTreeMap<&str, &Found> =
            inventory.found.iter().map(|found| (found.path.as_str(), found)).collect();
        let (mut lying, mut aside) = (BTreeMap::new(), BTreeMap::new());
        for told in open {
            let name = told.file.name.as_str();
            let into = if is_aside(name, told.kind) { &mut aside } else { &mut lying };
            let path = proposed(name, told.kind, &folders, &split);
            let entry = into.entry((told.kind, path.to_owned())).or_insert_with(|| Lying {
                found: Found {
                    kind: told.kind,
                    path: path.to_owned(),
                    folder: path != name,
                    files: 0,
                    bytes: 0,
                    base: folders.get(path).and_then(|found| found.base.clone()),
                    why: folders
                        .get(path)
                        .filter(|found| found.kind == told.kind)
                        .map_or_else(|| "because of its name".to_owned(), |found| found.why.clone()),
                },
                runs_code: None,
            });
            entry.found.files += 1;
            entry.found.bytes = entry.found.bytes.saturating_add(told.file.size);
            if entry.runs_code.is_none() && told.kind.is_weights() && runs_code(name) {
                entry.runs_code = Some(name.to_owned());
            }
        }
        let mut aside: Vec<_> = fold(aside).into_iter().map(|lying| lying.found).collect();
        aside.extend(inventory.found.iter().filter(|found| assets.leave(found)).cloned());
        Self { lying: fold(lying), aside }
    }
}

/// The declared paths and what lies there.
struct Assets {
    paths: BTreeMap<String, Vec<AssetKind>>,
}

impl Assets {
    fn of(project: &Project) -> Self {
        let mut paths: BTreeMap<String, Vec<AssetKind>> = BTreeMap::new();
        for asset in project.assets.values() {
            if let Some(path) = &asset.path {
                let names = path.as_str().split('/').filter(|name| !matches!(*name, "" | "."));
                paths.entry(names.collect::<Vec<_>>().join("/")).or_default().push(asset.kind);
            }
        }
        Self { paths }
    }

    /// Whether an asset that can be what `kind` says holds the file.
    fn cover(&self, name: &str, kind: Kind) -> bool {
        let at = |path: &str| {
            self.paths
                .get(path)
                .is_some_and(|kinds| kinds.iter().any(|of| covers(*of, kind, path.is_empty())))
        };
        at(name) || ancestors(name).any(at) || at("")
    }

    /// Whether something that is no model, data or prompt is left to be told of.
    fn leave(&self, found: &Found) -> bool {
        let rest = [Kind::LockFile, Kind::Environment, Kind::Code, Kind::Config, Kind::Container];
        let within = |path: &String| {
            let below = |rest: &str| rest.starts_with('/');
            found.path == "." || path.strip_prefix(found.path.as_str()).is_some_and(below)
        };
        if !rest.contains(&found.kind) || is_aside(&found.path, found.kind) {
            return false;
        }
        let known = self.cover(&found.path, found.kind) || found.folder && self.paths.keys().any(within);
        !known
    }
}

/// Whether an asset of one kind stands for files of another that lie in it. Whoever declares the whole folder as code
/// has said nothing of the data in it, and weights that are declared as code are not looked at as a model.
const fn covers(asset: AssetKind, kind: Kind, is_root: bool) -> bool {
    use AssetKind::{Adapter, Code, Config, Container, Dataset, Endpoint, Key, LockFile, Model, Tokenizer};
    match kind {
        Kind::Model | Kind::Adapter => matches!(asset, Model | Adapter | Tokenizer | Dataset),
        Kind::Dataset | Kind::Prompt | Kind::Tokenizer => {
            !is_root || !matches!(asset, Code | Config | Container | Endpoint | Key | LockFile)
        }
        _ => true,
    }
}

/// The file, or the outermost folder around it that holds nothing but undeclared things of its kind.
fn proposed<'n>(
    name: &'n str,
    kind: Kind,
    folders: &BTreeMap<&str, &Found>,
    split: &BTreeSet<&str>,
) -> &'n str {
    if folders.contains_key(name) {
        return name;
    }
    let is_group = |folder: &&str| folders.get(*folder).is_some_and(|found| found.kind == kind);
    let inside: Vec<_> = ancestors(name).collect();
    let limit = inside.iter().rposition(is_group).map_or(1, |outermost| outermost + 1);
    let whole = inside.iter().take(limit).rev().find(|folder| !split.contains(*folder));
    whole.copied().unwrap_or(name)
}

/// Whether it lies where nobody looks for parts of the running system: among tests, examples, documentation, or, of
/// prompts, among the settings of the tools that developers use.
fn is_aside(name: &str, kind: Kind) -> bool {
    let first = name.split('/').next().unwrap_or_default();
    let file = name.rsplit('/').next().unwrap_or(name).to_lowercase();
    let of_developers = || {
        name.split('/').any(|part| part.starts_with('.'))
            || matches!(&*file, "agents.md" | "claude.md" | "gemini.md" | "copilot-instructions.md")
    };
    ASIDE.contains(&first)
        || TESTS.contains(&first)
        || folder_among(&TESTS, name).is_some()
        || kind == Kind::Prompt && of_developers()
}

/// Whether loading the file in the usual way can run what stands in it.
fn runs_code(name: &str) -> bool {
    let lower = name.to_lowercase();
    let extension = lower.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["pkl", "pickle", "pt", "pth", "ckpt", "bin", "joblib", "dill", "mar", "keras", "nemo"]
        .contains(&extension)
}

/// The entries; where there are very many of one kind, by the folder at the top.
fn fold(entries: BTreeMap<(Kind, String), Lying>) -> Vec<Lying> {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for (kind, _) in entries.keys() {
        *counts.entry(*kind).or_default() += 1;
    }
    let mut folded: BTreeMap<(Kind, String), Lying> = BTreeMap::new();
    for ((kind, path), lying) in entries {
        let many = counts.get(&kind).is_some_and(|count| *count > MAX_APART);
        let top = if many { path.split_once('/').map_or(".", |(top, _)| top).to_owned() } else { path };
        if let Some(known) = folded.get_mut(&(kind, top.clone())) {
            known.found.files += lying.found.files;
            known.found.bytes = known.found.bytes.saturating_add(lying.found.bytes);
            known.runs_code = known.runs_code.take().or(lying.runs_code);
            continue;
        }
        let mut lying = lying;
        if many {
            lying.found.why = format!("because of files such as {}", escape(&lying.found.path, 80));
            lying.found.folder = true;
            lying.found.path.clone_from(&top);
        }
        folded.insert((kind, top), lying);
    }
    folded.into_values().collect()
}

impl Kind {
    /// Whether it holds weights.
    pub(crate) const fn is_weights(self) -> bool {
        matches!(self, Self::Model | Self::Adapter)
    }
}

impl Found {
    /// Its path as people write it: a folder ends with a stroke.
    pub(crate) fn shown(&self) -> String {
        let slash = if self.folder && self.path != "." { "/" } else { "" };
        format!("{}{slash}", escape(&self.path, 200))
    }

    /// The folder in which it lies, or itself where it is one.
    pub(crate) fn folder(&self) -> &str {
        if self.folder { &self.path } else { parent(&self.path) }
    }
}
