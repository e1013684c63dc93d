//! What lies in the ledger's folder, by name.

use std::collections::BTreeSet;

use bartizan_finding::Digest;

use super::fault::{Fault, Wrong};
use crate::{
    fs::{Fs, ItemKind},
    log::{BLOBS, blob_path},
    tile::{Row, Tile, WIDTH},
};

/// Deeper than any folder of tiles: seven groups of digits, the row and the partial forms.
const DEEPEST: usize = 12;

/// The tiles and bundles that are there.
#[derive(Debug, Default)]
pub(super) struct Tiles(BTreeSet<Tile>);

impl Tiles {
    pub(super) fn find(fs: &dyn Fs, faults: &mut Vec<Fault>) -> Self {
        let mut found = BTreeSet::new();
        walk(fs, "tile", faults, &mut |path| {
            let tile = Tile::from_path(path);
            tile.is_some_and(|tile| found.insert(tile))
        });
        Self(found)
    }

    pub(super) fn has(&self, tile: &Tile) -> bool {
        self.0.contains(tile)
    }

    /// How many entries the bundles hold, by their names.
    pub(super) fn size(&self) -> u64 {
        let bundles = self.row(Row::Entries);
        bundles
            .map(|tile| tile.index.saturating_mul(WIDTH).saturating_add(tile.width.into()))
            .max()
            .unwrap_or(0)
    }

    pub(super) fn row(&self, row: Row) -> impl Iterator<Item = Tile> {
        self.0
            .range(Tile { row, index: 0, width: 0 }..=Tile { row, index: u64::MAX, width: u16::MAX })
            .copied()
    }

    /// The forms of a tile that are narrower than it is in a log of `size` entries.
    pub(super) fn older(&self, row: Row, index: u64, size: u64) -> impl Iterator<Item = Tile> {
        let width = row.width(index, size);
        self.0.range(Tile { row, index, width: 0 }..Tile { row, index, width }).copied()
    }

    /// What lies beyond a log of `size` entries.
    pub(super) fn beyond(&self, size: u64) -> impl Iterator<Item = Tile> {
        self.0.iter().copied().filter(move |tile| tile.width > tile.row.width(tile.index, size))
    }

    /// The tile to read where a log of `size` entries needs `needed`: the full form may have replaced a partial one.
    pub(super) fn form(&self, needed: Tile) -> Option<Tile> {
        let full = Tile::full(needed.row, needed.index);
        [needed, full].into_iter().find(|tile| self.has(tile))
    }

    /// The indices in a row of which no form is there, as ranges, in a log of `size` entries.
    pub(super) fn gaps(&self, row: Row, size: u64) -> Vec<(Tile, u64)> {
        let count = row.elements(size).div_ceil(WIDTH);
        let mut present: Vec<_> = self
            .row(row)
            .filter(|tile| tile.index < count && tile.width >= row.width(tile.index, size))
            .map(|tile| tile.index)
            .collect();
        present.dedup();
        present.push(count);
        let (mut gaps, mut next) = (Vec::new(), 0);
        for index in present {
            if index > next
                && let Some(first) = Tile::at(row, next, size)
            {
                gaps.push((first, index - next - 1));
            }
            next = index + 1;
        }
        gaps
    }
}

/// The envelopes that are there, sorted.
pub(super) fn blobs(fs: &dyn Fs, faults: &mut Vec<Fault>) -> BTreeSet<Digest> {
    let mut found = BTreeSet::new();
    walk(fs, BLOBS, faults, &mut |path| {
        let hex = path.get(BLOBS.len() + 1..).unwrap_or_default().replacen('/', "", 1);
        // Only the one path that an envelope is written to names it.
        let digest = hex.parse::<Digest>().ok().filter(|digest| blob_path(digest) == path);
        digest.is_some_and(|digest| found.insert(digest))
    });
    found
}

/// Offers every file below a folder; one that is not `wanted` is a stray, and so is what is neither file nor folder.
fn walk(fs: &dyn Fs, top: &str, faults: &mut Vec<Fault>, wanted: &mut dyn FnMut(&str) -> bool) {
    let mut folders = vec![(top.to_owned(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        let items = match fs.list(&folder) {
            Ok(items) => items,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            Err(error) => {
                faults.push(Fault::new(folder, Wrong::Unreadable(error.to_string())));
                continue;
            }
        };
        for item in items {
            let path = format!("{folder}/{}", item.name);
            match item.kind {
                ItemKind::Folder if depth < DEEPEST => folders.push((path, depth + 1)),
                ItemKind::File if wanted(&path) => {}
                _ => faults.push(Fault::new(path, Wrong::Stray)),
            }
        }
    }
}
