//! Files written so that none is ever seen half done: to a temporary name, synced, renamed, folder synced.

use std::{collections::BTreeSet, io, time::Duration};

use crate::{
    LedgerError,
    fs::{Fs, NewFile, parent},
};

/// Where unfinished files lie. Only the holder of the lock has any, so what is found there is left over.
pub(crate) const UNFINISHED: &str = "tmp";

/// How many files are held open to be synced together: the first sync commits what the others need as well, so it
/// is faster to write all and then sync all. A process may have a thousand open or fewer.
const OPEN_AT_ONCE: usize = 64;

/// Files that are written but not yet under their names.
#[derive(Debug)]
pub(crate) struct Staged<'a> {
    fs: &'a dyn Fs,
    folders: &'a mut BTreeSet<String>,
    /// Whether files and names are synced with one call each.
    at_once: bool,
    /// Those of the last files that are not synced yet, if they are synced one by one.
    unsynced: Vec<Box<dyn NewFile>>,
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
        let at_once = fs.syncs_at_once(count);
        Self { fs, folders, at_once, unsynced: Vec::new(), paths: Vec::new() }
    }

    /// Writes a file that is to get this path.
    pub(crate) fn add(&mut self, path: String, bytes: &[u8]) -> Result<(), WriteError> {
        let temporary = format!("{UNFINISHED}/{}", self.paths.len());
        let failed = |error| LedgerError::io("write", &path, error);
        let mut file = create(self.fs, &temporary).map_err(failed)?;
        write_all(&mut *file, bytes).map_err(failed)?;
        self.paths.push(path);
        if !self.at_once {
            self.unsynced.push(file);
            if self.unsynced.len() >= OPEN_AT_ONCE {
                self.sync_files()?;
            }
        }
        Ok(())
    }

    fn sync_files(&mut self) -> Result<(), WriteError> {
        let first = self.paths.len() - self.unsynced.len();
        for (mut file, path) in self.unsynced.drain(..).zip(&self.paths[first..]) {
            file.sync().map_err(|error| WriteError::sync(path, error))?;
        }
        Ok(())
    }

    /// Makes content and names durable. The file that was added last gets its name when all others are durable: it
    /// is what makes the others count. When this fails, some of them may have their names and others not.
    pub(crate) fn finish(mut self) -> Result<(), WriteError> {
        // An envelope may replace the same one of an earlier entry, so content is durable before it gets its name.
        self.sync_files()?;
        let Self { fs, folders, at_once, paths, .. } = self;
        if at_once {
            fs.sync_all().map_err(|error| WriteError::sync("", error))?;
        }
        let Some((last, others)) = paths.split_last() else { return Ok(()) };
        let rename = |number: usize, path: &str| {
            let renamed = fs.rename(&format!("{UNFINISHED}/{number}"), path);
            renamed.map_err(|error| LedgerError::io("write", path, error))
        };
        let sync = |folder: &str| fs.sync_folder(folder).map_err(|error| WriteError::sync(folder, error));
        let mut changed = BTreeSet::new();
        for (number, path) in others.iter().enumerate() {
            make_folders(fs, parent(path), folders, &mut changed)?;
            rename(number, path)?;
            changed.insert(parent(path).to_owned());
        }
        if at_once {
            fs.sync_all().map_err(|error| WriteError::sync("", error))?;
        } else {
            changed.iter().try_for_each(|folder| sync(folder))?;
        }
        folders.extend(changed);
        rename(others.len(), last)?;
        sync(parent(last))
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
