//! The files of a listing, as the inventory wants to see them.

use std::{
    collections::BTreeMap,
    io::{self, Read as _},
    path::PathBuf,
};

use bartizan_finding::Unexamined;
use bartizan_inventory::{File, Inventory, Limits, Tree, discover, is_installed};

use crate::files::{self, Listing};

/// Finds the assets in the files of `listing`; what it passed over is passed over here too, apart from what lies among
/// installed packages.
pub fn take(listing: &Listing) -> Inventory {
    let tree = Listed::new(listing);
    let mut inventory = discover(&tree, &Limits::default());
    let of_system = |gap: &&Unexamined| !gap.location.path().is_some_and(is_installed);
    inventory.unexamined.extend(listing.unexamined.iter().filter(of_system).cloned());
    inventory
}

/// Names and sizes of the files of `listing`.
pub(crate) fn files(listing: &Listing) -> Vec<File> {
    listing.files.iter().map(|file| File { name: file.name.clone(), size: file.size }).collect()
}

/// A listing, whose files are opened without following links and without waiting.
struct Listed<'l> {
    files: Vec<File>,
    paths: BTreeMap<&'l str, &'l PathBuf>,
}

impl<'l> Listed<'l> {
    fn new(listing: &'l Listing) -> Self {
        Self {
            files: files(listing),
            paths: listing.files.iter().map(|file| (file.name.as_str(), &file.path)).collect(),
        }
    }
}

impl Tree for Listed<'_> {
    fn files(&self) -> &[File] {
        &self.files
    }

    fn head(&self, name: &str, at_most: usize) -> io::Result<Vec<u8>> {
        let path = self.paths.get(name).ok_or(io::ErrorKind::NotFound)?;
        let file = files::open(path).map_err(|error| io::Error::new(error.kind(), files::plain(&error)))?;
        let mut head = Vec::new();
        #[expect(clippy::disallowed_methods, reason = "`take` bounds it")]
        file.take(at_most as u64).read_to_end(&mut head)?;
        Ok(head)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::files::Ignore;

    #[test]
    fn a_folder_on_disk_is_taken_stock_of() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ask.py"), "from openai import OpenAI\nmodel = \"gpt-4o\"\n").unwrap();
        fs::write(folder.path().join(".gitignore"), ".env\n").unwrap();
        fs::write(folder.path().join(".env"), "ANTHROPIC_API_KEY=x\n").unwrap();
        std::os::unix::fs::symlink("/etc/passwd", folder.path().join("x.py")).unwrap();
        let inventory = take(&files::list(folder.path(), "", Ignore::GitIgnored));
        let providers: Vec<_> = inventory.providers.iter().map(|one| one.name).collect();
        assert_eq!(providers, ["openai"]);
        assert_eq!(inventory.found.len(), 1);
        assert_eq!(inventory.unexamined.len(), 1);
    }
}
