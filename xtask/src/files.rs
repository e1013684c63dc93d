//! Reading and writing the workspace's own files, with a bound.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

/// More than any file of the workspace or of a bench's output.
const LIMIT: u64 = 64 * 1024 * 1024;

/// The bytes of a file of at most [`LIMIT`].
#[expect(clippy::disallowed_methods, reason = "the bounded reader itself")]
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LIMIT + 1).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(bytes.len() as u64 <= LIMIT, "{} is larger than {LIMIT} bytes", path.display());
    Ok(bytes)
}

/// The text of a file of at most [`LIMIT`].
pub(crate) fn read_text(path: &Path) -> Result<String> {
    String::from_utf8(read(path)?).with_context(|| format!("{} is not UTF-8", path.display()))
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// Gives a file a second name, and makes the folders above it. A link costs no space; across file systems only a copy
/// works.
pub(crate) fn link(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    Ok(())
}

/// Writes files one after the other into one, and makes the folders above it. They are not held in memory.
pub(crate) fn join(parts: &[PathBuf], to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let mut whole = File::create(to).with_context(|| format!("cannot write {}", to.display()))?;
    for part in parts {
        File::open(part)
            .and_then(|mut part| std::io::copy(&mut part, &mut whole))
            .with_context(|| format!("cannot join {} to {}", part.display(), to.display()))?;
    }
    Ok(())
}

/// Removes a folder with all that is in it, if it is there.
pub(crate) fn remove_folder(path: &Path) -> Result<()> {
    if path.exists() {
        fs::remove_dir_all(path).with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}

/// Every file under a folder, as paths relative to it, sorted. Links are not followed.
pub(crate) fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        let entries = next.read_dir().with_context(|| format!("cannot list {}", next.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", next.display()))?;
            if entry.file_type()?.is_dir() {
                open.push(entry.path());
            } else {
                files.push(entry.path().strip_prefix(folder)?.to_owned());
            }
        }
    }
    files.sort();
    Ok(files)
}
