//! What is found in folders that are built here, and the project files that are proposed for them.
#![expect(clippy::unwrap_used, reason = "what fails here fails the test, in helpers as in tests")]

mod hostile;
mod losses;
mod proposals;
mod reconcile;
mod repositories;

use std::{collections::BTreeMap, io};

use bartizan_inventory::{File, Inventory, Limits, Tree, discover};

/// A folder in memory.
pub(crate) struct Folder {
    files: Vec<File>,
    contents: BTreeMap<String, Vec<u8>>,
}

impl Folder {
    pub(crate) fn new<N: Into<String>, C: AsRef<[u8]>>(files: impl IntoIterator<Item = (N, C)>) -> Self {
        let contents: BTreeMap<String, Vec<u8>> =
            files.into_iter().map(|(name, content)| (name.into(), content.as_ref().to_vec())).collect();
        let file =
            |(name, content): (&String, &Vec<u8>)| File { name: name.clone(), size: content.len() as u64 };
        Self { files: contents.iter().map(file).collect(), contents }
    }

    pub(crate) fn inventory(&self) -> Inventory {
        discover(self, &Limits::default())
    }
}

impl Tree for Folder {
    fn files(&self) -> &[File] {
        &self.files
    }

    fn head(&self, name: &str, at_most: usize) -> io::Result<Vec<u8>> {
        let content = self.contents.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(content[..content.len().min(at_most)].to_vec())
    }
}
