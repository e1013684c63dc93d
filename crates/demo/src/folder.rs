use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write as _},
    path::Path,
};

use crate::{DemoError, Written};

/// The files of a project before they are written: content by path, which is relative and uses `/`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Folder(BTreeMap<String, Vec<u8>>);

impl Folder {
    /// Adds a file or puts another in its place.
    pub(crate) fn put(&mut self, path: &str, content: impl Into<Vec<u8>>) {
        self.0.insert(path.to_owned(), content.into());
    }

    /// The files, by path.
    pub(crate) fn files(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.0.iter().map(|(path, content)| (path.as_str(), content.as_slice()))
    }

    /// The content of a file.
    pub(crate) fn get_mut(&mut self, path: &str) -> Option<&mut Vec<u8>> {
        self.0.get_mut(path)
    }

    /// Writes all files into a folder that is empty or not there yet. No file is written over or through a link:
    /// each is made new.
    pub(crate) fn write(&self, dir: &Path) -> Result<Written, DemoError> {
        let at = |path: &Path| {
            let path = path.to_owned();
            move |source| DemoError::Io { path, source }
        };
        match fs::read_dir(dir) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    return Err(DemoError::Occupied(dir.to_owned()));
                }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(dir).map_err(at(dir))?;
            }
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => {
                return Err(DemoError::Occupied(dir.to_owned()));
            }
            Err(error) => return Err(at(dir)(error)),
        }
        let mut bytes = 0;
        for (path, content) in &self.0 {
            let target = dir.join(path);
            if let Some(parent) = target.parent() {
                fs::create_dir_all(parent).map_err(at(parent))?;
            }
            let mut file = File::create_new(&target).map_err(at(&target))?;
            file.write_all(content).map_err(at(&target))?;
            bytes += content.len() as u64;
        }
        Ok(Written { files: self.0.len() as u64, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let mut folder = Folder::default();
        folder.put("a/b.txt", "new");
        let target = dir.path().join("project");
        assert_eq!(folder.write(&target).unwrap(), Written { files: 1, bytes: 3 });
        assert!(matches!(folder.write(&target), Err(DemoError::Occupied(_))));
        assert!(matches!(folder.write(&target.join("a/b.txt")), Err(DemoError::Occupied(_))));
        let empty = dir.path().join("empty");
        fs::create_dir(&empty).unwrap();
        assert!(folder.write(&empty).is_ok());
    }
}
