//! Listing and opening files that nobody vouches for.
//!
//! Nothing is opened before it is known to be a regular file below the project's folder: a pipe would block, a
//! device would never end, a link would lead elsewhere. Whatever is passed over is named.

use std::{
    collections::BTreeSet,
    fs::File,
    io::{self, Read as _},
    os::unix::fs::MetadataExt as _,
    path::{Component, Path, PathBuf},
};

use bartizan_finding::{Location, Unexamined};
use rustix::fs::{Mode, OFlags};

/// A listing stops after this many files; the rest is reported as not examined.
pub const MAX_FILES: usize = 200_000;

/// Folders that hold no content of an asset.
const NEVER: [&str; 3] = [".git", ".bartizan", ".hg"];

/// A regular file below the root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListedFile {
    /// Relative to the root, with `/`, escaped where the name is not UTF-8.
    pub name: String,
    /// What to open.
    pub path: PathBuf,
    /// Its size when it was listed, in bytes.
    pub size: u64,
}

/// What lies below a path.
#[derive(Debug, Default)]
pub struct Listing {
    /// The regular files, sorted by name.
    pub files: Vec<ListedFile>,
    /// What was passed over, and why.
    pub unexamined: Vec<Unexamined>,
}

/// Which files of a folder belong to the listing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ignore {
    /// All of them: a declared asset is read whole, even where git ignores it.
    Nothing,
    /// Those that `.gitignore` does not name: for a folder that was not declared.
    GitIgnored,
}

/// Lists the regular files at or below `relative`, a path below `root`.
pub fn list(root: &Path, relative: &str, ignore: Ignore) -> Listing {
    let mut listing = Listing::default();
    let start = root.join(relative);
    let Ok(root) = root.canonicalize() else {
        listing.pass_over(relative, "the folder cannot be opened");
        return listing;
    };
    let walk = ignore::WalkBuilder::new(&start)
        .standard_filters(false)
        .git_ignore(ignore == Ignore::GitIgnored)
        .require_git(false)
        .parents(ignore == Ignore::GitIgnored)
        .follow_links(false)
        .sort_by_file_name(std::ffi::OsStr::cmp)
        .filter_entry(|entry| !NEVER.iter().any(|never| entry.file_name() == *never))
        .build();
    let mut seen = BTreeSet::new();
    for entry in walk {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let place = error_path(&error)
                    .map_or_else(|| relative.to_owned(), |path| name(&start, &path, relative));
                listing.pass_over(&place, &reason(&error));
                continue;
            }
        };
        if entry.file_type().is_some_and(|kind| kind.is_dir()) {
            continue;
        }
        let name = name(&start, entry.path(), relative);
        if listing.files.len() >= MAX_FILES {
            listing.pass_over(relative, &format!("more than {MAX_FILES} files; the rest is not listed"));
            break;
        }
        match regular(&root, entry.path()) {
            // The same file reached by two links is read once.
            Ok((path, size)) if seen.insert(path.clone()) => {
                listing.files.push(ListedFile { name, path, size });
            }
            Ok(_) => {}
            Err(why) => listing.pass_over(&name, &why),
        }
    }
    listing.files.sort();
    listing
}

/// Opens a regular file for reading without following a link at its end and without waiting for a pipe.
pub fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other("not a regular file")) }
}

/// Reads a regular file of at most `limit` bytes.
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let mut file = open(path)?.take(limit + 1);
    let mut content = Vec::new();
    #[expect(clippy::disallowed_methods, reason = "`take` bounds it")]
    file.read_to_end(&mut content)?;
    if content.len() as u64 > limit {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, format!("longer than {limit} bytes")));
    }
    Ok(content)
}

/// Whether the system would let this process write into a folder.
pub fn is_writable(folder: &Path) -> bool {
    rustix::fs::access(folder, rustix::fs::Access::WRITE_OK).is_ok()
}

impl Listing {
    fn pass_over(&mut self, name: &str, why: &str) {
        self.unexamined.push(Unexamined::new(Location::file(name), why));
    }
}

/// The path to open for `path` and its size, where it is, or links to, a regular file below `root`.
fn regular(root: &Path, path: &Path) -> Result<(PathBuf, u64), String> {
    let target = path.canonicalize().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => "the link leads nowhere".to_owned(),
        _ => format!("cannot be opened: {}", plain(&error)),
    })?;
    if !target.starts_with(root) {
        return Err("the link leads out of the project's folder".to_owned());
    }
    let meta =
        std::fs::symlink_metadata(&target).map_err(|error| format!("cannot be opened: {}", plain(&error)))?;
    if meta.is_file() { Ok((target, meta.size())) } else { Err("not a regular file".to_owned()) }
}

/// The name of `path` relative to the root: `relative` and what follows it.
fn name(start: &Path, path: &Path, relative: &str) -> String {
    let below = path.strip_prefix(start).unwrap_or(path);
    let parts = Path::new(relative).components().chain(below.components());
    let names = parts.filter_map(|part| match part {
        Component::Normal(name) => Some(name.to_string_lossy()),
        _ => None,
    });
    names.collect::<Vec<_>>().join("/")
}

fn error_path(error: &ignore::Error) -> Option<PathBuf> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path.clone()),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => error_path(err),
        _ => None,
    }
}

fn reason(error: &ignore::Error) -> String {
    error
        .io_error()
        .map_or_else(|| "cannot be listed".to_owned(), |error| format!("cannot be listed: {}", plain(error)))
}

/// An I/O error without the operating system's number, as a fragment.
pub(crate) fn plain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such file".to_owned(),
        io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string().to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::symlink};

    use super::*;

    fn names(listing: &Listing) -> Vec<&str> {
        listing.files.iter().map(|file| file.name.as_str()).collect()
    }

    fn passed_over(listing: &Listing) -> Vec<String> {
        listing.unexamined.iter().map(|gap| format!("{}: {}", gap.location, gap.reason)).collect()
    }

    #[test]
    fn links_pipes_and_strangers_are_named_and_not_opened() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("project");
        fs::create_dir_all(root.join("model/.git")).unwrap();
        fs::write(root.join("model/a.bin"), b"a").unwrap();
        fs::write(root.join("model/.git/config"), b"x").unwrap();
        fs::write(dir.path().join("outside"), b"x").unwrap();
        symlink("a.bin", root.join("model/inside")).unwrap();
        symlink("../../outside", root.join("model/outside")).unwrap();
        symlink("loop", root.join("model/loop")).unwrap();
        symlink("nowhere", root.join("model/gone")).unwrap();
        rustix::fs::mknodat(
            rustix::fs::CWD,
            root.join("model/pipe"),
            rustix::fs::FileType::Fifo,
            Mode::RUSR | Mode::WUSR,
            0,
        )
        .unwrap();

        let listing = list(&root, "model", Ignore::Nothing);

        assert_eq!(names(&listing), ["model/a.bin"]);
        assert_eq!(
            passed_over(&listing),
            [
                "model/gone: the link leads nowhere",
                "model/loop: cannot be opened: too many levels of symbolic links (os error 40)",
                "model/outside: the link leads out of the project's folder",
                "model/pipe: not a regular file",
            ]
        );
        assert!(open(&root.join("model/pipe")).is_err());
        assert!(open(&root.join("model/inside")).is_err(), "a link is opened through its target only");
    }

    #[test]
    fn git_ignored_files_are_left_out_only_where_nothing_was_declared() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(".gitignore"), "*.log\n").unwrap();
        fs::write(dir.path().join("a.log"), b"").unwrap();
        fs::write(dir.path().join("b.txt"), b"").unwrap();
        assert_eq!(names(&list(dir.path(), "", Ignore::GitIgnored)), [".gitignore", "b.txt"]);
        assert_eq!(names(&list(dir.path(), "", Ignore::Nothing)), [".gitignore", "a.log", "b.txt"]);
    }

    #[test]
    fn a_single_file_and_a_missing_one() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("data")).unwrap();
        fs::write(dir.path().join("data/a.jsonl"), b"{}").unwrap();
        assert_eq!(names(&list(dir.path(), "data/a.jsonl", Ignore::Nothing)), ["data/a.jsonl"]);
        let missing = list(dir.path(), "data/b.jsonl", Ignore::Nothing);
        assert_eq!(passed_over(&missing), ["data/b.jsonl: cannot be listed: no such file"]);
    }
}
