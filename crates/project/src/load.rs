//! Finding and reading the project file.

use std::{
    fs::File,
    io::{self, Read as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::{fault::Fault, model::Project, parse::parse, values::RelPath};

/// The name of the project file.
pub const FILE_NAME: &str = "bartizan.toml";

/// A project file is at most this long: 1 MiB.
pub const MAX_BYTES: u64 = 1 << 20;

/// Why there is no project.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// There is no such file, or it cannot be read.
    #[error("cannot read {}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It is a folder, a device, a pipe or a socket.
    #[error("{} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// It is longer than [`MAX_BYTES`].
    #[error("{} is longer than 1 MiB", .0.display())]
    TooLong(PathBuf),
    /// It is not UTF-8.
    #[error("{} is not UTF-8 from byte {valid} on", path.display())]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// How many bytes are.
        valid: usize,
    },
    /// A link leads out of the folder that the project may use.
    #[error("{} leads out of {}", path.display(), root.display())]
    Outside {
        /// What was asked for.
        path: PathBuf,
        /// The folder.
        root: PathBuf,
    },
    /// It was read, and these are its faults.
    #[error("{} has {} fault{}", path.display(), faults.len(), if faults.len() == 1 { "" } else { "s" })]
    Faulty {
        /// The file.
        path: PathBuf,
        /// What it says.
        text: Arc<str>,
        /// What is wrong with it; never empty.
        faults: Vec<Fault>,
    },
}

/// A project with the file that it came from.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The file.
    pub path: PathBuf,
    /// Its folder, which all paths of the project are relative to.
    pub root: PathBuf,
    /// What the file says.
    pub text: Arc<str>,
    /// The project.
    pub project: Project,
}

/// Where a project file was looked for, and whether there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discovery {
    /// This one.
    Found(PathBuf),
    /// None; a project can be inferred from what is at this place.
    NotFound(PathBuf),
}

/// Finds the project file: `explicit` if given; else `start` if it is a TOML file; else `bartizan.toml` in
/// `start` or in a folder above it, up to the root of the git repository that `start` lies in.
///
/// Without a repository only `start` itself is looked at: a file that someone else put into `/tmp` or `/home` is
/// not taken for the project of everybody below.
pub fn discover(start: &Path, explicit: Option<&Path>) -> Result<Discovery, ProjectError> {
    if let Some(file) = explicit {
        regular(file)?;
        return Ok(Discovery::Found(file.to_owned()));
    }
    let unreadable = |source| ProjectError::Unreadable { path: start.to_owned(), source };
    let is_file = std::fs::metadata(start).map_err(unreadable)?.is_file();
    if is_file {
        let toml = start.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("toml"));
        let found = if toml { Discovery::Found } else { Discovery::NotFound };
        return Ok(found(start.to_owned()));
    }
    let beside = start.join(FILE_NAME);
    if present(&beside)? {
        return Ok(Discovery::Found(beside));
    }
    let start = std::fs::canonicalize(start).map_err(unreadable)?;
    let Some(repository) = start.ancestors().find(|folder| folder.join(".git").exists()) else {
        return Ok(Discovery::NotFound(start));
    };
    let above = start
        .ancestors()
        .take_while(|folder| folder.starts_with(repository))
        .map(|folder| folder.join(FILE_NAME));
    for file in above {
        if present(&file)? {
            return Ok(Discovery::Found(file));
        }
    }
    Ok(Discovery::NotFound(start))
}

/// Reads and parses a project file.
pub fn load(path: &Path) -> Result<Loaded, ProjectError> {
    regular(path)?;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let unreadable = |source| ProjectError::Unreadable { path: path.to_owned(), source };
    let root = std::fs::canonicalize(folder).map_err(unreadable)?;
    if !std::fs::canonicalize(path).map_err(unreadable)?.starts_with(&root) {
        return Err(ProjectError::Outside { path: path.to_owned(), root });
    }
    let text: Arc<str> = text(path)?.into();
    let parsed = parse(&text);
    match parsed.project {
        Some(project) => Ok(Loaded { path: path.to_owned(), root, text, project }),
        None => Err(ProjectError::Faulty { path: path.to_owned(), text, faults: parsed.faults }),
    }
}

impl Loaded {
    /// Where a path of the project is on this machine. Links are followed; one that leads out of the project's
    /// folder is refused.
    pub fn resolve(&self, path: &RelPath) -> Result<PathBuf, ProjectError> {
        resolve(&self.root, path)
    }
}

/// Where a relative path is below `root`; see [`Loaded::resolve`].
pub fn resolve(root: &Path, path: &RelPath) -> Result<PathBuf, ProjectError> {
    let unreadable = |path: &Path, source| ProjectError::Unreadable { path: path.to_owned(), source };
    let root = std::fs::canonicalize(root).map_err(|source| unreadable(root, source))?;
    let wanted = root.join(path.as_str());
    let found = std::fs::canonicalize(&wanted).map_err(|source| unreadable(&wanted, source))?;
    if found.starts_with(&root) { Ok(found) } else { Err(ProjectError::Outside { path: wanted, root }) }
}

/// Whether there is something under this name. A dangling link is something: it is an error later on, not
/// silence.
fn present(path: &Path) -> Result<bool, ProjectError> {
    match std::fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(ProjectError::Unreadable { path: path.to_owned(), source }),
    }
}

/// Refuses what is no regular file before it is opened: opening a pipe waits for a writer.
fn regular(path: &Path) -> Result<(), ProjectError> {
    let metadata = std::fs::metadata(path)
        .map_err(|source| ProjectError::Unreadable { path: path.to_owned(), source })?;
    if metadata.is_file() { Ok(()) } else { Err(ProjectError::NotAFile(path.to_owned())) }
}

fn text(path: &Path) -> Result<String, ProjectError> {
    let unreadable = |source| ProjectError::Unreadable { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(unreadable)?.take(MAX_BYTES + 1);
    let mut bytes = Vec::new();
    let mut piece = [0; 8192];
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(count) => bytes.extend_from_slice(piece.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(source) => return Err(unreadable(source)),
        }
    }
    if bytes.len() as u64 > MAX_BYTES {
        return Err(ProjectError::TooLong(path.to_owned()));
    }
    String::from_utf8(bytes).map_err(|error| ProjectError::NotUtf8 {
        path: path.to_owned(),
        valid: error.utf8_error().valid_up_to(),
    })
}
