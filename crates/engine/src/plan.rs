//! What has to be looked at: every file of every declared asset, once.

use std::{collections::BTreeMap, path::Path};

use bartizan_artifact::Limits;
use bartizan_detect::{Family, Selection};
use bartizan_finding::{AssetId, Location, Occurrence, PredicateKind, Unexamined};
use bartizan_project::{AssetKind, Project};

use crate::files::{self, Ignore, ListedFile};

/// A file to inspect, and what for.
#[derive(Clone, Debug)]
pub struct Task {
    /// The asset that it belongs to: the one whose path is nearest.
    pub asset: AssetId,
    /// What the asset is.
    pub kind: AssetKind,
    /// The file.
    pub file: ListedFile,
}

/// Everything that a check will do.
#[derive(Debug, Default)]
pub struct Plan {
    /// The files, by name.
    pub tasks: Vec<Task>,
    /// What cannot be looked at, and the asset it belongs to.
    pub unexamined: Vec<(AssetId, Unexamined)>,
    /// What is wrong with the declarations themselves, and the asset it belongs to.
    pub occurrences: Vec<(AssetId, Occurrence)>,
    /// Bounds on the reading of each file.
    pub limits: Limits,
}

impl Plan {
    /// Lists the files of all assets of `project`, whose paths are relative to `root`.
    pub fn new(project: &Project, root: &Path, ignore: Ignore) -> Self {
        let mut plan = Self::default();
        // Longer paths later, so that the nearest asset of a file is the last one that lists it.
        let mut assets: Vec<_> =
            project.assets.iter().filter_map(|(id, asset)| Some((id, asset, asset.path.as_ref()?))).collect();
        assets.sort_by_key(|(id, _, path)| {
            (depth(path.as_str()), path.as_str().len(), std::cmp::Reverse((*id).clone()))
        });
        let mut tasks: BTreeMap<String, Task> = BTreeMap::new();
        for (id, asset, path) in assets {
            let relative = if path.as_str() == "." { "" } else { path.as_str().trim_end_matches('/') };
            if std::fs::symlink_metadata(root.join(relative)).is_err() {
                plan.missing(project, id, path.as_str());
                continue;
            }
            let listing = files::list(root, relative, ignore);
            plan.unexamined.extend(listing.unexamined.into_iter().map(|gap| (id.clone(), gap)));
            for file in listing.files {
                tasks.insert(file.name.clone(), Task { asset: id.clone(), kind: asset.kind, file });
            }
        }
        plan.tasks = tasks.into_values().collect();
        plan
    }

    /// How many bytes will be read.
    pub fn bytes(&self) -> u64 {
        self.tasks.iter().map(|task| task.file.size).sum()
    }

    fn missing(&mut self, project: &Project, asset: &AssetId, path: &str) {
        self.occurrences
            .push((asset.clone(), bartizan_project::missing_path(project, asset, "there is nothing there")));
        let gap = Unexamined::new(Location::file(path), "the asset's path leads to nothing");
        self.unexamined.push((asset.clone(), gap));
    }
}

impl Task {
    /// Whether the file belongs to something that a model is loaded from.
    pub const fn is_model(&self) -> bool {
        matches!(self.kind, AssetKind::Model | AssetKind::Adapter | AssetKind::Tokenizer)
    }

    /// The kind of statement that its inspection yields.
    pub const fn predicate(&self) -> PredicateKind {
        if self.is_model() { PredicateKind::ModelScan } else { PredicateKind::DataScan }
    }

    /// What is looked for in text. A vocabulary holds every odd character there is, and a key file holds a key.
    pub const fn families(&self) -> Selection {
        match self.kind {
            AssetKind::Model | AssetKind::Adapter | AssetKind::Tokenizer => {
                Selection::none().with(Family::Secrets)
            }
            AssetKind::Dataset | AssetKind::Prompt | AssetKind::Log => Selection::all(),
            AssetKind::Key => Selection::none(),
            AssetKind::Code
            | AssetKind::Config
            | AssetKind::LockFile
            | AssetKind::Container
            | AssetKind::Endpoint => Selection::none().with(Family::Secrets).with(Family::HiddenText),
        }
    }
}

fn depth(path: &str) -> usize {
    if path == "." { 0 } else { path.split('/').count() }
}
