//! Model files by themselves, without a project: what each is, what is wrong with it, what could not be looked at.

mod outcome;

use std::{
    collections::BTreeSet,
    io,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use bartizan_artifact::{FileReader, Inspection, Limits, explain, inspect, inspect_structure, relate};
use bartizan_finding::{Location, Occurrence, Unexamined};
use rayon::prelude::*;

pub use self::outcome::report;
use crate::{
    files::{self, Ignore, ListedFile},
    observer::{Observer, Stage},
};

/// What is asked of a scan.
#[derive(Clone, Debug)]
pub struct ScanRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// How much of each file is read.
    pub depth: Depth,
    /// Bounds on the reading of each file.
    pub limits: Limits,
}

/// How much of a file is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Every byte.
    #[default]
    Bytes,
    /// Of safetensors and GGUF the structure, which says all but the values of tensors; of other formats every byte.
    Structure,
}

/// One file that was scanned.
#[derive(Debug)]
pub struct ScannedFile {
    /// Its name: the path that was asked for, and what follows below it.
    pub name: String,
    /// What was seen; the error where it could not be read.
    pub seen: Result<Inspection, String>,
}

/// What a scan saw.
#[derive(Debug, Default)]
pub struct Scanned {
    /// The files, by name.
    pub files: Vec<ScannedFile>,
    /// What is wrong between files of one folder.
    pub between: Vec<Occurrence>,
    /// What was not opened.
    pub unexamined: Vec<Unexamined>,
}

/// Scans files and folders, on all cores.
///
/// # Errors
/// When there is nothing at a path that was asked for.
pub fn scan(request: &ScanRequest, observer: &dyn Observer) -> io::Result<Scanned> {
    observer.stage(Stage::Plan);
    let mut scanned = Scanned::default();
    let (mut files, mut folders) = (Vec::new(), Vec::new());
    for path in &request.paths {
        let listed = if path.is_dir() { &mut folders } else { &mut files };
        list(path, listed, &mut scanned.unexamined).map_err(|error| {
            let message = format!("cannot scan {}: {}", path.display(), files::plain(&error));
            io::Error::new(error.kind(), message)
        })?;
    }
    // Of a folder of which one file alone was named nobody knows what else is in it.
    let whole: BTreeSet<String> = folders.iter().map(|file| file.name.clone()).collect();
    files.extend(folders);
    files.sort();
    files.dedup_by(|one, other| one.path == other.path);
    observer.stage(Stage::Inspect);
    observer.planned(files.len() as u64, files.iter().map(|file| file.size).sum());
    scanned.files = files.par_iter().map(|file| one(file, request, observer)).collect();
    let of_folders = |file: &&mut ScannedFile| whole.contains(&file.name);
    let seen = scanned.files.iter_mut().filter(of_folders);
    let mut seen: Vec<_> =
        seen.filter_map(|file| Some((file.name.as_str(), file.seen.as_mut().ok()?))).collect();
    explain(&mut seen);
    let seen: Vec<_> = seen.iter().map(|(name, seen)| (*name, &**seen)).collect();
    scanned.between = relate(&seen);
    Ok(scanned)
}

/// Adds the files at a path, which somebody named: a link that stands there is followed, links below it are not.
fn list(path: &Path, files: &mut Vec<ListedFile>, unexamined: &mut Vec<Unexamined>) -> io::Result<()> {
    let shown = path.to_string_lossy();
    let metadata = std::fs::metadata(path)?;
    if !metadata.is_dir() {
        let path = path.canonicalize()?;
        files.push(ListedFile { name: shown.into_owned(), path, size: metadata.len() });
        return Ok(());
    }
    let listing = files::list(path, "", Ignore::Nothing);
    let below = |name: &str| match shown.trim_end_matches('/') {
        "." | "" => name.to_owned(),
        folder => format!("{folder}/{name}"),
    };
    files.extend(listing.files.into_iter().map(|file| ListedFile { name: below(&file.name), ..file }));
    unexamined.extend(listing.unexamined.into_iter().map(|gap| {
        let location = match gap.location {
            Location::Bytes { path, members, start, end } => {
                Location::Bytes { path: below(&path), members, start, end }
            }
            other => other,
        };
        Unexamined { location, ..gap }
    }));
    Ok(())
}

fn one(file: &ListedFile, request: &ScanRequest, observer: &dyn Observer) -> ScannedFile {
    let mut before = 0;
    let mut watch = |so_far: u64| {
        observer.read(so_far.saturating_sub(before));
        before = so_far;
        if observer.cancelled() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let seen = files::open(&file.path).and_then(FileReader::new).and_then(|reader| match request.depth {
        Depth::Bytes => inspect(&reader, &file.name, &request.limits, &mut watch),
        Depth::Structure => inspect_structure(&reader, &file.name, &request.limits, &mut watch),
    });
    observer.file_done(&file.name);
    ScannedFile { name: file.name.clone(), seen: seen.map_err(|error| files::plain(&error)) }
}
