//! Files written so that none is ever seen half done: to a temporary name, synced, renamed, folder synced.

use std::{collections::BTreeSet, io, time::Duration};

use crate::{
    LedgerError,
    fs::{Fs, NewFile, parent},
};

/// Where unfinished files lie. Only the holder of the lock has any, so what is found there is left over.
pub(crate) const UNFINISHED: &str = "tmp";

/// From so many files on, one sync of everything is faster than syncing each.
const SYNC_AT_ONCE: usize = 8;

/// Files that are written but not yet under their names.
#[derive(Debug)]
pub(crate) struct Staged<'a> {
    fs: &'a dyn Fs,
    folders: &'a mut BTreeSet<String>,
    /// Whether files and names are synced with one call each.
    at_once: bool,
    paths: Vec<String>,
}

/// A failure, and whether it was one to sync: after that nothing that the system says of unsynced data holds.
#[derive(Debug)]
pub(crate) struct WriteError {
    pub(crate) error: LedgerError,
    pub(crate) of_sync: bool,
}

impl From<LedgerError> for WriteError {
    fn from(error: LedgerError) -> Self {
        Self { error, of_sync: false }
    }
}

impl WriteError {
    pub(crate) fn sync(path: &str, error: io::Error) -> Self {
        Self { error: LedgerError::io("sync", path, error), of_sync: true }
    }
}

impl<'a> Staged<'a> {
    /// For about `count` files. `folders` are those whose names are known to be durable.
    pub(crate) fn new(fs: &'a dyn Fs, folders: &'a mut BTreeSet<String>, count: usize) -> Self {
        Self { fs, folders, at_once: count >= SYNC_AT_ONCE && fs.syncs_at_once(), paths: Vec::new() }
    }

    /// Writes a file that is to get this path. It is closed at once: a batch may have more files than a process may
    /// have open.
    pub(crate) fn add(&mut self, path: String, bytes: &[u8]) -> Result<(), WriteError> {
        let temporary = format!("{UNFINISHED}/{}", self.paths.len());
        let failed = |error| LedgerError::io("write", &path, error);
        let mut file = create(self.fs, &temporary).map_err(failed)?;
        write_all(&mut *file, bytes).map_err(failed)?;
        if !self.at_once {
            file.sync().map_err(|error| WriteError::sync(&path, error))?;
        }
        self.paths.push(path);
        Ok(())
    }

    /// Makes content and names durable. When it fails, some files may have their names and others not.
    pub(crate) fn finish(self) -> Result<(), WriteError> {
        let Self { fs, folders, at_once, paths } = self;
        // An envelope may replace the same one of an earlier entry, so content is durable before it gets its name.
        if at_once {
            fs.sync_all().map_err(|error| WriteError::sync("", error))?;
        }
        let mut changed = BTreeSet::new();
        for (number, path) in paths.iter().enumerate() {
            make_folders(fs, parent(path), folders, &mut changed)?;
            fs.rename(&format!("{UNFINISHED}/{number}"), path)
                .map_err(|error| LedgerError::io("write", path, error))?;
            changed.insert(parent(path).to_owned());
        }
        if at_once {
            fs.sync_all().map_err(|error| WriteError::sync("", error))?;
        } else {
            for folder in &changed {
                fs.sync_folder(folder).map_err(|error| WriteError::sync(folder, error))?;
            }
        }
        folders.extend(changed.into_iter().filter(|folder| !folder.is_empty()));
        Ok(())
    }
}

/// Makes a folder and those above it, and notes in `changed` whose list of names has to be synced.
///
/// A folder that is there may have been made by a process that died before it synced the name, so only what this
/// handle has synced itself, in `durable`, counts.
fn make_folders(
    fs: &dyn Fs,
    path: &str,
    durable: &BTreeSet<String>,
    changed: &mut BTreeSet<String>,
) -> Result<(), LedgerError> {
    if path.is_empty() || durable.contains(path) || changed.contains(path) {
        return Ok(());
    }
    make_folders(fs, parent(path), durable, changed)?;
    fs.create_folder(path).map_err(|error| LedgerError::io("create", path, error))?;
    changed.insert(parent(path).to_owned());
    changed.insert(path.to_owned());
    Ok(())
}

/// Takes the ledger's lock, and waits up to half a minute for whoever has it: a batch takes milliseconds.
pub(crate) fn lock(fs: &dyn Fs) -> Result<Box<dyn Send>, LedgerError> {
    const TRIES: u32 = 10_000;
    for attempt in 0..TRIES {
        if let Some(lock) = fs.try_lock("lock").map_err(|error| LedgerError::io("lock", "lock", error))? {
            return Ok(lock);
        }
        std::thread::sleep(Duration::from_micros(u64::from(attempt.clamp(2, 30)) * 100));
    }
    Err(LedgerError::Busy)
}

/// Removes what a process that died, or a batch that failed, has left unfinished. Only with the lock.
pub(crate) fn sweep(fs: &dyn Fs) -> io::Result<()> {
    for item in fs.list(UNFINISHED)? {
        fs.remove_file(&format!("{UNFINISHED}/{}", item.name))?;
    }
    Ok(())
}

fn create(fs: &dyn Fs, path: &str) -> io::Result<Box<dyn NewFile>> {
    match fs.create(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            fs.remove_file(path)?;
            fs.create(path)
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            fs.create_folder(UNFINISHED)?;
            fs.create(path)
        }
        made => made,
    }
}

fn write_all(file: &mut dyn NewFile, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match file.write(bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
