//! A file system that fails and forgets.
//!
//! It holds what processes see and what is on the disk apart. Content becomes durable by a sync of its file, a name
//! by a sync of its folder, and nothing by anything else; closing a file does nothing. A crash keeps any part of
//! what was not synced, in any order.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bartizan_ledger::fs::{Fs, Item, ItemKind, NewFile};

/// What happens at one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The machine stops. A write in progress got as far as a multiple of this many bytes.
    Crash { sector: usize },
    /// The operation fails with an input/output error.
    Eio,
    /// The operation fails for want of space; of a write, half was done.
    Enospc,
}

/// How much of what was not synced a crash leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Survives {
    Nothing,
    Everything,
    /// Each write and each name as a seeded coin says.
    Some(u64),
}

#[derive(Clone, Debug)]
pub(crate) struct FaultFs(Arc<Mutex<Disk>>);

#[derive(Clone, Debug, Default)]
struct Disk {
    files: Vec<Inode>,
    seen: BTreeMap<String, Node>,
    durable: BTreeMap<String, Node>,
    pending: Vec<(String, String, Option<Node>)>,
    syncs_at_once: bool,
    operations: usize,
    fault: Option<(usize, Fault)>,
    crashed: bool,
    locked: bool,
}

#[derive(Clone, Debug, Default)]
struct Inode {
    seen: Vec<u8>,
    durable: Vec<u8>,
    pending: Vec<(usize, Vec<u8>)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Node {
    Folder,
    File(usize),
}

impl FaultFs {
    pub(crate) fn new(syncs_at_once: bool) -> Self {
        Self(Arc::new(Mutex::new(Disk { syncs_at_once, ..Disk::default() })))
    }

    /// The same files on another disk, with everything durable.
    pub(crate) fn fork(&self) -> Self {
        let mut disk = self.disk().clone();
        disk.sync_all();
        disk.locked = false;
        Self(Arc::new(Mutex::new(disk)))
    }

    /// Lets the operation with this number, counted from now, fail.
    pub(crate) fn fail_at(&self, operation: usize, fault: Fault) {
        let mut disk = self.disk();
        disk.operations = 0;
        disk.fault = Some((operation, fault));
    }

    /// How many operations there were since [`FaultFs::fail_at`] or the beginning.
    pub(crate) fn operations(&self) -> usize {
        self.disk().operations
    }

    pub(crate) fn has_crashed(&self) -> bool {
        self.disk().crashed
    }

    /// What is there after the machine has started again.
    pub(crate) fn after_crash(&self, survives: Survives) -> Self {
        let disk = self.disk().clone();
        let mut coin = Coin(match survives {
            Survives::Some(seed) => seed | 1,
            _ => 1,
        });
        let mut keeps = || match survives {
            Survives::Nothing => false,
            Survives::Everything => true,
            Survives::Some(_) => coin.flip(),
        };
        let mut tree = disk.durable;
        for (_, path, node) in disk.pending {
            if keeps() {
                set(&mut tree, path, node);
            }
        }
        // What lies in a folder that did not survive is gone.
        let folders: Vec<_> = tree.keys().cloned().collect();
        for path in folders {
            let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
            if !parent.is_empty() && !tree.contains_key(parent) {
                tree.remove(&path);
            }
        }
        let files = disk.files.into_iter().map(|inode| {
            let mut content = inode.durable;
            for (start, bytes) in inode.pending {
                if keeps() {
                    put(&mut content, start, &bytes);
                }
            }
            Inode { seen: content.clone(), durable: content, pending: Vec::new() }
        });
        let files = files.collect();
        let syncs_at_once = disk.syncs_at_once;
        Self(Arc::new(Mutex::new(Disk {
            files,
            seen: tree.clone(),
            durable: tree,
            syncs_at_once,
            ..Disk::default()
        })))
    }

    fn disk(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Disk {
    /// Counts an operation and fails if it is its turn. A crash returns the sector size first, so that a write can
    /// leave its part.
    fn turn(&mut self) -> Result<(), (io::Error, Option<usize>)> {
        if self.crashed {
            return Err((io::Error::other("the machine has stopped"), None));
        }
        let number = self.operations;
        self.operations += 1;
        match self.fault {
            Some((operation, fault)) if operation == number => Err(match fault {
                Fault::Crash { sector } => {
                    self.crashed = true;
                    (io::Error::other("the machine stops"), Some(sector))
                }
                Fault::Eio => (io::Error::from_raw_os_error(5), None),
                Fault::Enospc => (io::ErrorKind::StorageFull.into(), Some(1)),
            }),
            _ => Ok(()),
        }
    }

    fn alive(&self) -> io::Result<()> {
        if self.crashed { Err(io::Error::other("the machine has stopped")) } else { Ok(()) }
    }

    fn name(&mut self, path: &str, node: Option<Node>) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        set(&mut self.seen, path.to_owned(), node);
        self.pending.push((folder, path.to_owned(), node));
    }

    fn sync_folder(&mut self, folder: &str) {
        for (_, path, node) in self.pending.extract_if(.., |(of, ..)| of == folder) {
            set(&mut self.durable, path, node);
        }
    }

    fn sync_all(&mut self) {
        for (_, path, node) in self.pending.drain(..) {
            set(&mut self.durable, path, node);
        }
        self.files.iter_mut().for_each(Inode::sync);
    }

    fn needs_folder(&self, path: &str) -> io::Result<()> {
        match self.seen.get(path) {
            _ if path.is_empty() => Ok(()),
            Some(Node::Folder) => Ok(()),
            _ => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

impl Inode {
    fn sync(&mut self) {
        for (start, bytes) in std::mem::take(&mut self.pending) {
            put(&mut self.durable, start, &bytes);
        }
    }
}

impl Fs for FaultFs {
    fn read(&self, path: &str, limit: u64) -> io::Result<Vec<u8>> {
        let disk = self.disk();
        disk.alive()?;
        match disk.seen.get(path) {
            Some(Node::File(file)) if disk.files[*file].seen.len() as u64 > limit => {
                Err(io::ErrorKind::FileTooLarge.into())
            }
            Some(Node::File(file)) => Ok(disk.files[*file].seen.clone()),
            Some(Node::Folder) => Err(io::ErrorKind::IsADirectory.into()),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn NewFile>> {
        let mut disk = self.disk();
        disk.needs_folder(parent(path))?;
        if disk.seen.contains_key(path) {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        disk.turn().map_err(|(error, _)| error)?;
        disk.files.push(Inode::default());
        let file = disk.files.len() - 1;
        disk.name(path, Some(Node::File(file)));
        Ok(Box::new(FaultFile { fs: self.clone(), file }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let mut disk = self.disk();
        disk.needs_folder(parent(to))?;
        let node = *disk.seen.get(from).ok_or(io::ErrorKind::NotFound)?;
        disk.turn().map_err(|(error, _)| error)?;
        disk.name(to, Some(node));
        disk.name(from, None);
        Ok(())
    }

    fn remove_file(&self, path: &str) -> io::Result<()> {
        let mut disk = self.disk();
        if !matches!(disk.seen.get(path), Some(Node::File(_))) {
            return Err(io::ErrorKind::NotFound.into());
        }
        disk.turn().map_err(|(error, _)| error)?;
        disk.name(path, None);
        Ok(())
    }

    fn remove_folder(&self, path: &str) -> io::Result<()> {
        if !self.list(path)?.is_empty() {
            return Err(io::ErrorKind::DirectoryNotEmpty.into());
        }
        let mut disk = self.disk();
        disk.turn().map_err(|(error, _)| error)?;
        disk.name(path, None);
        Ok(())
    }

    fn create_folder(&self, path: &str) -> io::Result<()> {
        let mut disk = self.disk();
        disk.needs_folder(parent(path))?;
        if disk.seen.get(path) == Some(&Node::Folder) {
            return disk.alive();
        }
        disk.turn().map_err(|(error, _)| error)?;
        disk.name(path, Some(Node::Folder));
        Ok(())
    }

    fn list(&self, path: &str) -> io::Result<Vec<Item>> {
        let disk = self.disk();
        disk.alive()?;
        disk.needs_folder(path)?;
        let children = disk.seen.iter().filter(|(child, _)| parent(child) == path);
        let items = children.map(|(child, node)| Item {
            name: child.rsplit('/').next().unwrap_or_default().to_owned(),
            kind: if *node == Node::Folder { ItemKind::Folder } else { ItemKind::File },
        });
        Ok(items.collect())
    }

    fn sync_folder(&self, path: &str) -> io::Result<()> {
        let mut disk = self.disk();
        disk.needs_folder(path)?;
        disk.turn().map_err(|(error, _)| error)?;
        disk.sync_folder(path);
        Ok(())
    }

    fn syncs_at_once(&self, files: usize) -> bool {
        files >= 8 && self.disk().syncs_at_once
    }

    fn sync_all(&self) -> io::Result<()> {
        let mut disk = self.disk();
        if let Err((error, _)) = disk.turn() {
            if !disk.crashed {
                // The system forgets that the data was not written: a later sync will not write it.
                disk.files.iter_mut().for_each(|inode| inode.pending.clear());
            }
            return Err(error);
        }
        disk.sync_all();
        Ok(())
    }

    fn try_lock(&self, path: &str) -> io::Result<Option<Box<dyn Send>>> {
        let mut disk = self.disk();
        disk.alive()?;
        assert_eq!(path, "lock");
        if disk.locked {
            return Ok(None);
        }
        disk.locked = true;
        drop(disk);
        Ok(Some(Box::new(Unlock(self.clone()))))
    }
}

struct Unlock(FaultFs);

impl Drop for Unlock {
    fn drop(&mut self) {
        self.0.disk().locked = false;
    }
}

#[derive(Debug)]
struct FaultFile {
    fs: FaultFs,
    file: usize,
}

impl NewFile for FaultFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut disk = self.fs.disk();
        let (done, outcome) = match disk.turn() {
            Ok(()) => (bytes.len(), Ok(bytes.len())),
            Err((error, sector)) => {
                let sector = sector.unwrap_or(usize::MAX);
                (bytes.len() / 2 / sector * sector, Err(error))
            }
        };
        let inode = &mut disk.files[self.file];
        let start = inode.seen.len();
        // The disk writes in sectors, of which a crash may keep one and lose the next.
        for (number, sector) in bytes[..done].chunks(512).enumerate() {
            inode.pending.push((start + number * 512, sector.to_vec()));
        }
        put(&mut inode.seen, start, &bytes[..done]);
        outcome
    }

    fn sync(&mut self) -> io::Result<()> {
        let mut disk = self.fs.disk();
        let turn = disk.turn();
        let crashed = disk.crashed;
        let inode = &mut disk.files[self.file];
        match turn {
            Ok(()) => inode.sync(),
            Err((error, _)) => {
                if !crashed {
                    inode.pending.clear();
                }
                return Err(error);
            }
        }
        Ok(())
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn set(tree: &mut BTreeMap<String, Node>, path: String, node: Option<Node>) {
    match node {
        Some(node) => tree.insert(path, node),
        None => tree.remove(&path),
    };
}

fn put(content: &mut Vec<u8>, start: usize, bytes: &[u8]) {
    content.resize(content.len().max(start + bytes.len()), 0);
    content[start..start + bytes.len()].copy_from_slice(bytes);
}

/// xorshift64 (Marsaglia, 2003).
pub(crate) struct Coin(pub(crate) u64);

impl Coin {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn flip(&mut self) -> bool {
        self.next() >> 40 & 1 == 1
    }
}
