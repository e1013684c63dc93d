//! What lies at the paths of the assets: sizes and digests of files and folders.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    path::Path,
};

use bartizan_artifact::{FileReader, ReadAt as _};
use bartizan_attest::directory_digest;
use bartizan_finding::{AssetId, Digest};
use bartizan_project::Project;

use crate::{
    files::{self, Ignore},
    inspect::{self, Inspected},
    observer::Silent,
    plan::Plan,
};

/// What was found at the path of an asset.
#[derive(Clone, Debug, Default)]
pub struct Bytes {
    /// Its files: name, size, and digest where all of it could be read.
    pub files: Vec<(String, u64, Option<Digest>)>,
    /// The digest of the file or folder as a whole.
    pub whole: Option<Digest>,
}

/// What lies at the path of each asset, as far as it could be read.
pub(crate) fn bytes_of(project: &Project, plan: &Plan, inspected: &[Inspected]) -> BTreeMap<AssetId, Bytes> {
    let mut assets: BTreeMap<AssetId, Bytes> = BTreeMap::new();
    for (task, seen) in plan.tasks.iter().zip(inspected) {
        let files = &mut assets.entry(task.asset.clone()).or_default().files;
        files.push((task.file.name.clone(), seen.size, seen.digest));
    }
    let passed_over: BTreeSet<_> = plan.unexamined.iter().map(|(asset, _)| asset).collect();
    for (id, bytes) in &mut assets {
        let path =
            project.assets.get(id).and_then(|asset| asset.path.as_ref()).map_or("", |path| path.as_str());
        // A folder of which something was passed over has no digest: nobody knows all that is in it.
        bytes.whole =
            if passed_over.contains(id) { None } else { whole(path.trim_end_matches('/'), &bytes.files) };
    }
    assets
}

fn whole(path: &str, files: &[(String, u64, Option<Digest>)]) -> Option<Digest> {
    if let [(name, _, digest)] = files
        && name == path
    {
        return *digest;
    }
    let entries: Vec<_> = files
        .iter()
        .map(|(name, size, digest)| {
            let below = name.strip_prefix(path).map_or(name.as_str(), |rest| rest.trim_start_matches('/'));
            Some((below, *size, (*digest)?))
        })
        .collect::<Option<_>>()?;
    directory_digest(&entries).ok()
}

/// The digest of a file, or of a folder with the names of its files, as an asset at that path would have it.
pub fn digest_of(path: &Path) -> io::Result<Digest> {
    let folder = path.canonicalize()?;
    let (root, relative) = match (folder.parent(), folder.file_name()) {
        (Some(parent), Some(name)) if !folder.is_dir() => {
            (parent.to_owned(), name.to_string_lossy().into_owned())
        }
        _ => (folder.clone(), String::new()),
    };
    let listing = files::list(&root, &relative, Ignore::Nothing);
    if let Some(gap) = listing.unexamined.first() {
        return Err(io::Error::other(format!("{}: {}", gap.location, gap.reason)));
    }
    let hash = |file: &files::ListedFile| {
        let reader = FileReader::new(files::open(&file.path)?)?;
        Ok((file.name.clone(), reader.len(), Some(inspect::digest(&reader, &Silent)?)))
    };
    let hashed: Vec<_> = listing.files.iter().map(hash).collect::<io::Result<_>>()?;
    whole(&relative, &hashed).ok_or_else(|| io::Error::other("its files name no one tree"))
}
