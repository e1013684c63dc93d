//! The project that a check is about: declared in a file, or inferred from a folder.

use std::path::{Path, PathBuf};

use bartizan_project::{Discovery, Project, ProjectError};

use crate::{
    error::EngineError,
    files::{self, Ignore},
    inventory,
    state::STATE_FOLDER,
};

/// A project and where it lies.
#[derive(Debug)]
pub struct Source {
    /// What is declared, or what was inferred.
    pub project: Project,
    /// The folder that its paths are relative to.
    pub root: PathBuf,
    /// Where it came from.
    pub origin: Origin,
}

/// Where a project came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A file of the user's.
    Declared(PathBuf),
    /// What is in the folder.
    Inferred,
}

impl Source {
    /// Finds the project of `path`, or the one that `config` names, or infers one.
    pub fn find(path: &Path, config: Option<&Path>) -> Result<Self, EngineError> {
        match bartizan_project::discover(path, config)? {
            Discovery::Found(file) => Self::load(&file),
            Discovery::NotFound(place) => Self::infer(&place),
        }
    }

    /// The declared project of `path`, or nothing where there is none. Unlike [`Source::find`] it lists no files.
    pub fn declared(path: &Path, config: Option<&Path>) -> Result<Option<Self>, EngineError> {
        match bartizan_project::discover(path, config)? {
            Discovery::Found(file) => Self::load(&file).map(Some),
            Discovery::NotFound(_) => Ok(None),
        }
    }

    fn load(file: &Path) -> Result<Self, EngineError> {
        let loaded = bartizan_project::load(file)?;
        Ok(Self { project: loaded.project, root: loaded.root, origin: Origin::Declared(loaded.path) })
    }

    fn infer(place: &Path) -> Result<Self, EngineError> {
        let unreadable = |source| ProjectError::Unreadable { path: place.to_owned(), source };
        let place = place.canonicalize().map_err(unreadable)?;
        let (root, relative) = match (place.parent(), place.file_name()) {
            (Some(folder), Some(name)) if !place.is_dir() => {
                (folder.to_owned(), name.to_string_lossy().into_owned())
            }
            _ => (place.clone(), String::new()),
        };
        let listing = files::list(&root, &relative, Ignore::GitIgnored);
        let name = place
            .file_name()
            .map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned());
        if listing.files.is_empty() && listing.unexamined.is_empty() {
            return Err(EngineError::NothingToCheck(place));
        }
        let files = inventory::files(&listing);
        let text = bartizan_inventory::undeclared_text(&name, &files, relative.is_empty());
        let parsed = bartizan_project::parse(&text);
        let project =
            parsed.project.filter(|_| parsed.faults.is_empty()).ok_or_else(|| EngineError::NotInferred {
                path: place,
                faults: parsed.faults.iter().map(ToString::to_string).collect(),
            })?;
        Ok(Self { project, root, origin: Origin::Inferred })
    }

    /// Whether nobody declared it.
    pub fn is_inferred(&self) -> bool {
        self.origin == Origin::Inferred
    }

    /// The folder of its keys and ledger, unless another is given.
    pub fn state_folder(&self) -> PathBuf {
        self.root.join(STATE_FOLDER)
    }

    /// Which files belong to its assets.
    pub fn ignore(&self) -> Ignore {
        if self.is_inferred() { Ignore::GitIgnored } else { Ignore::Nothing }
    }
}
