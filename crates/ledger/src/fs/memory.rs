use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{Fs, Item, ItemKind, NewFile, parent};

/// A ledger's folder in memory, for projects that record nothing. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct MemoryFs(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    nodes: BTreeMap<String, Node>,
    locked: bool,
}

#[derive(Clone, Debug)]
enum Node {
    Folder,
    // Shared with the handle that is writing it, as an open file is.
    File(Arc<Mutex<Vec<u8>>>),
}

impl MemoryFs {
    /// An empty folder.
    pub fn new() -> Self {
        Self::default()
    }

    /// The paths of all files, sorted.
    pub fn files(&self) -> Vec<String> {
        let state = self.state();
        let files = state.nodes.iter().filter(|(_, node)| matches!(node, Node::File(_)));
        files.map(|(path, _)| path.clone()).collect()
    }

    /// Puts a file there as it is, with the folders it needs: for tests that play the attacker.
    pub fn put(&self, path: &str, bytes: Vec<u8>) {
        let mut state = self.state();
        let mut folder = parent(path);
        while !folder.is_empty() {
            state.nodes.insert(folder.to_owned(), Node::Folder);
            folder = parent(folder);
        }
        state.nodes.insert(path.to_owned(), Node::File(Arc::new(Mutex::new(bytes))));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere cannot leave the maps half changed: each operation changes them in one step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fs for MemoryFs {
    fn read(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let content = match self.state().nodes.get(path) {
            Some(Node::File(content)) => Arc::clone(content),
            Some(Node::Folder) => return Err(io::ErrorKind::IsADirectory.into()),
            None => return Err(io::ErrorKind::NotFound.into()),
        };
        let content = content.lock().unwrap_or_else(PoisonError::into_inner);
        if content.len() as u64 > limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(content.clone())
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn NewFile>> {
        let mut state = self.state();
        state.needs_folder(parent(path))?;
        if state.nodes.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let content = Arc::default();
        state.nodes.insert(path.to_owned(), Node::File(Arc::clone(&content)));
        Ok(Box::new(MemoryFile(content)))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut state = self.state();
        state.needs_folder(parent(to))?;
        if matches!(state.nodes.get(to), Some(Node::Folder)) {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        match state.nodes.get(from) {
            Some(Node::File(_)) => {}
            Some(Node::Folder) => return Err(io::ErrorKind::IsADirectory.into()),
            None => return Err(io::ErrorKind::NotFound.into()),
        }
        if let Some(node) = state.nodes.remove(from) {
            state.nodes.insert(to.to_owned(), node);
        }
        Ok(())
    }

    fn remove_file(&self, path: &str) -> io::Result<()> {
        let mut state = self.state();
        match state.nodes.get(path) {
            Some(Node::File(_)) => {
                state.nodes.remove(path);
                Ok(())
            }
            Some(Node::Folder) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn remove_folder(&self, path: &str) -> io::Result<()> {
        let mut state = self.state();
        state.needs_folder(path)?;
        if state.children(path).next().is_some() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        state.nodes.remove(path);
        Ok(())
    }

    fn create_folder(&self, path: &str) -> io::Result<()> {
        let mut state = self.state();
        state.needs_folder(parent(path))?;
        if let Some(Node::File(_)) = state.nodes.get(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        state.nodes.insert(path.to_owned(), Node::Folder);
        Ok(())
    }

    fn list(&self, path: &str) -> io::Result<Vec<Item>> {
        let state = self.state();
        state.needs_folder(path)?;
        Ok(state.children(path).collect())
    }

    fn sync_folder(&self, path: &str) -> io::Result<()> {
        self.state().needs_folder(path)
    }

    fn syncs_at_once(&self, _files: usize) -> bool {
        true
    }

    fn sync_all(&self) -> io::Result<()> {
        Ok(())
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<Box<dyn Send>>> {
        let mut state = self.state();
        state.needs_folder(parent(path))?;
        if state.locked {
            return Ok(None);
        }
        state.locked = true;
        Ok(Some(Box::new(MemoryLock(Arc::clone(&self.0)))))
    }
}

impl State {
    fn needs_folder(&self, path: &str) -> io::Result<()> {
        match self.nodes.get(path) {
            Some(Node::Folder) => Ok(()),
            None if path.is_empty() => Ok(()),
            Some(Node::File(_)) => Err(io::ErrorKind::NotADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn children<'a>(&'a self, folder: &str) -> impl Iterator<Item = Item> + use<'a> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let from = prefix.clone();
        self.nodes
            .range(from..)
            .map_while(move |(path, node)| Some((path.strip_prefix(&prefix)?, node)))
            .filter_map(|(name, node)| {
                let kind = match node {
                    Node::Folder => ItemKind::Folder,
                    Node::File(_) => ItemKind::File,
                };
                (!name.contains('/')).then(|| Item { name: name.to_owned(), kind })
            })
    }
}

#[derive(Debug)]
struct MemoryFile(Arc<Mutex<Vec<u8>>>);

impl NewFile for MemoryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct MemoryLock(Arc<Mutex<State>>);

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).locked = false;
    }
}
