use std::{io, ops::Bound, sync::Arc};

use super::Files;
use crate::fs::{Fs, Item, ItemKind, NewFile};

/// A folder of an archive, which can only be read.
#[derive(Clone)]
pub(super) struct ArchiveFs {
    files: Arc<Files>,
    /// The folder and a slash; empty at the top.
    prefix: String,
}

impl ArchiveFs {
    pub(super) fn new(files: Arc<Files>, folder: &str) -> Self {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        Self { files, prefix }
    }

    /// Whether something lies in the folder that these bytes begin the paths of.
    fn is_folder(&self, prefix: &str) -> bool {
        let next = self.files.range::<str, _>((Bound::Included(prefix), Bound::Unbounded)).next();
        next.is_some_and(|(path, _)| path.starts_with(prefix))
    }
}

/// Only how much it holds: its content may be gigabytes.
impl std::fmt::Debug for ArchiveFs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ArchiveFs").field("prefix", &self.prefix).field("files", &self.files.len()).finish()
    }
}

fn read_only<T>() -> io::Result<T> {
    Err(io::ErrorKind::ReadOnlyFilesystem.into())
}

impl Fs for ArchiveFs {
    fn read(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let path = format!("{}{path}", self.prefix);
        match self.files.get(&path) {
            Some(content) if content.len() as u64 > limit => Err(io::ErrorKind::FileTooLarge.into()),
            Some(content) => Ok(content.clone()),
            None if self.is_folder(&format!("{path}/")) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn list(&self, path: &str) -> io::Result<Vec<Item>> {
        let prefix = if path.is_empty() { self.prefix.clone() } else { format!("{}{path}/", self.prefix) };
        if !self.is_folder(&prefix) {
            // An archive has no empty folders, so one that is not there may be one that was empty.
            return Err(io::ErrorKind::NotFound.into());
        }
        let mut items: Vec<Item> = Vec::new();
        let mut from = Bound::Included(prefix.clone());
        while let Some((found, _)) = self.files.range((from.clone(), Bound::Unbounded)).next() {
            let Some(rest) = found.strip_prefix(&prefix) else { break };
            let (name, kind) = match rest.split_once('/') {
                Some((folder, _)) => (folder, ItemKind::Folder),
                None => (rest, ItemKind::File),
            };
            items.push(Item { name: name.to_owned(), kind });
            from = match kind {
                // What lies in a folder is passed over in one step: `0` comes right after `/`.
                ItemKind::Folder => Bound::Included(format!("{prefix}{name}0")),
                _ => Bound::Excluded(found.clone()),
            };
        }
        items.sort();
        items.dedup();
        Ok(items)
    }

    fn create(&self, _path: &str) -> io::Result<Box<dyn NewFile>> {
        read_only()
    }

    fn rename(&self, _from: &str, _to: &str) -> io::Result<()> {
        read_only()
    }

    fn remove_file(&self, _path: &str) -> io::Result<()> {
        read_only()
    }

    fn remove_folder(&self, _path: &str) -> io::Result<()> {
        read_only()
    }

    fn create_folder(&self, _path: &str) -> io::Result<()> {
        read_only()
    }

    fn sync_folder(&self, _path: &str) -> io::Result<()> {
        read_only()
    }

    fn syncs_at_once(&self, _files: usize) -> bool {
        false
    }

    fn sync_all(&self) -> io::Result<()> {
        read_only()
    }

    fn try_lock(&self, _path: &str) -> io::Result<Option<Box<dyn Send>>> {
        read_only()
    }
}
