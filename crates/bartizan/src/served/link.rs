//! The file in which the owner finds the one-time link in force.

use std::{
    fs,
    io::{self, Read as _, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};

use bartizan_finding::Digest;

/// Where the link is kept, and what was kept there.
#[derive(Debug)]
pub(super) struct LinkFile {
    /// Where it may be kept, the best place first.
    places: Vec<PathBuf>,
    kept: Mutex<Option<Kept>>,
}

#[derive(Debug)]
struct Kept {
    path: PathBuf,
    text: String,
}

impl LinkFile {
    /// In the first of these files that can be written.
    pub(super) fn new(places: Vec<PathBuf>) -> Self {
        Self { places, kept: Mutex::default() }
    }

    /// Where the link in force is found; nothing where it could not be kept anywhere.
    pub(super) fn path(&self) -> Option<PathBuf> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map(|kept| kept.path.clone())
    }

    /// Puts this link in the place of the one before it. `chance` names the unfinished file, so that nobody can have
    /// put something in its way. It fails with the first place that could not be written if none could.
    pub(super) fn keep(&self, link: &str, chance: [u8; 32]) -> Result<(), (PathBuf, io::Error)> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let text = format!("{link}\n");
        let (mut now, mut failed) = (None, None);
        for path in &self.places {
            match write(path, &text, chance) {
                Ok(()) => {
                    now = Some(Kept { path: path.clone(), text });
                    break;
                }
                Err(error) => failed = failed.or_else(|| Some((path.clone(), error))),
            }
        }
        let is_kept = now.is_some();
        if let Some(before) = std::mem::replace(&mut *kept, now) {
            // Where the new one has taken its place, this is no longer what was written.
            before.remove();
        }
        failed.filter(|_| !is_kept).map_or(Ok(()), Err)
    }

    /// Takes the link away.
    pub(super) fn forget(&self) {
        if let Some(kept) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).take() {
            kept.remove();
        }
    }
}

impl Kept {
    /// Removes the file, unless another console has put its own link there.
    fn remove(&self) {
        let mut there = vec![0; self.text.len() + 1];
        let read = fs::File::open(&self.path).and_then(|mut file| file.read(&mut there));
        if read.is_ok_and(|read| there.starts_with(self.text.as_bytes()) && read == self.text.len()) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Writes a file that only its owner can read, whole or not at all. Nothing that lies there already is written into
/// or followed.
fn write(path: &Path, text: &str, chance: [u8; 32]) -> io::Result<()> {
    let unfinished = path.with_extension(format!("{}.tmp", Digest::of(&chance).hex()));
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| fs::rename(&unfinished, path));
    if written.is_err() {
        let _ = fs::remove_file(&unfinished);
    }
    written
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "the files are those that the tests have made")]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn what_lies_there_is_replaced_and_never_written_into() {
        let folder = tempfile::tempdir().unwrap();
        let (path, other) = (folder.path().join("console.link"), folder.path().join("other"));
        fs::write(&other, "other").unwrap();
        symlink(&other, &path).unwrap();
        symlink(&other, path.with_extension(format!("{}.tmp", Digest::of(&[1; 32]).hex()))).unwrap();
        let file = LinkFile::new(vec![path.clone()]);
        assert!(file.keep("a", [1; 32]).is_err(), "something lies in its way");
        assert_eq!(file.path(), None);
        file.keep("a", [2; 32]).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "a\n");
        assert!(!path.is_symlink());
        assert_eq!(fs::read_to_string(&other).unwrap(), "other");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        file.keep("b", [3; 32]).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        file.forget();
        assert!(!path.exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing unfinished stays");
    }

    #[test]
    fn a_place_that_cannot_be_written_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let (first, second) = (folder.path().join("absent/a.link"), folder.path().join("b.link"));
        let file = LinkFile::new(vec![first.clone(), second.clone()]);
        file.keep("a", [1; 32]).unwrap();
        assert_eq!(file.path(), Some(second));
        let (path, _) = LinkFile::new(vec![first.clone()]).keep("a", [1; 32]).unwrap_err();
        assert_eq!(path, first);
        let nowhere = LinkFile::new(Vec::new());
        nowhere.keep("a", [1; 32]).unwrap();
        assert_eq!(nowhere.path(), None);
    }

    #[test]
    fn the_link_of_another_console_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("console.link");
        let (one, two) = (LinkFile::new(vec![path.clone()]), LinkFile::new(vec![path.clone()]));
        one.keep("a", [1; 32]).unwrap();
        two.keep("b", [2; 32]).unwrap();
        one.forget();
        assert_eq!(fs::read_to_string(&path).unwrap(), "b\n");
        two.forget();
        assert!(!path.exists());
    }
}
