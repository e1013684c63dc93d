//! The few file operations that a ledger needs, behind a trait.
//!
//! The trait makes durability explicit: what was written is durable only after [`NewFile::sync`], a name only after
//! [`Fs::sync_folder`] on its folder, and everything after [`Fs::sync_all`]. An implementation must not sync where it
//! is not asked to (closing a file is no sync), so that a test can lose everything that was not asked for.

mod memory;
mod real;

use std::{fmt::Debug, io};

pub use memory::MemoryFs;
pub use real::{RealFs, RealFsError};

/// A folder that holds a ledger. Paths are relative to it, with `/` between names, and never lead out of it.
pub trait Fs: Debug + Send + Sync {
    /// The whole content of a regular file. A longer one than `limit` bytes gives [`io::ErrorKind::FileTooLarge`].
    fn read(&self, path: &str, limit: u64) -> io::Result<Vec<u8>>;

    /// Makes a new, empty file; one that exists gives [`io::ErrorKind::AlreadyExists`].
    fn create(&self, path: &str) -> io::Result<Box<dyn NewFile>>;

    /// Gives a file another name, replacing what had it.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Removes a file.
    fn remove_file(&self, path: &str) -> io::Result<()>;

    /// Removes an empty folder.
    fn remove_folder(&self, path: &str) -> io::Result<()>;

    /// Makes a folder, whose parent exists; one that is there already is well.
    fn create_folder(&self, path: &str) -> io::Result<()>;

    /// The names in a folder, sorted. The empty path is the ledger's folder.
    fn list(&self, path: &str) -> io::Result<Vec<Item>>;

    /// Makes the names in a folder durable.
    fn sync_folder(&self, path: &str) -> io::Result<()>;

    /// Whether [`Fs::sync_all`] can be had, with errors reported, and is the better way to make so many files
    /// durable. Else each file and folder is synced alone.
    fn syncs_at_once(&self, files: usize) -> bool;

    /// Makes everything durable that was done so far, closed files and removed names included.
    fn sync_all(&self) -> io::Result<()>;

    /// Takes the exclusive lock of the file at `path`, which is made if need be; `None` if another has it. It is
    /// given back when the value is dropped or the process ends.
    fn try_lock(&self, path: &str) -> io::Result<Option<Box<dyn Send>>>;
}

/// A file that was just made and is being written.
pub trait NewFile: Debug + Send {
    /// Writes some of `bytes` after what was written, and says how many.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize>;

    /// Makes the content durable, though not the name.
    fn sync(&mut self) -> io::Result<()>;
}

/// A name in a folder.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Item {
    /// The name. One that is not UTF-8 has replacement characters, and its kind is [`ItemKind::Other`].
    pub name: String,
    /// What has the name.
    pub kind: ItemKind,
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ItemKind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
    /// A link, device, socket or anything else that no ledger has.
    Other,
}

/// The folder of a path, empty at the top.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
