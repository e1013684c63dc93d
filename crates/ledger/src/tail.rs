//! The right edge of the log, and what appending to it writes.

use bartizan_finding::{Digest, Timestamp};

use crate::{
    LedgerError, bundle,
    head::Head,
    merkle,
    tile::{Row, Tile, WIDTH},
    view::{View, edge_root},
};

/// All that is needed to append: the checkpoint, the partial tiles and the partial bundle.
#[derive(Clone, Debug)]
pub(crate) struct Tail {
    pub(crate) head: Head,
    pub(crate) logged_at: Option<Timestamp>,
    size: u64,
    edge: Vec<Vec<Digest>>,
    bundle: Vec<u8>,
}

/// What must be on disk before the log may say that it has more entries.
#[derive(Debug, Default)]
pub(crate) struct Growth {
    /// Tiles and bundles with their bytes. None has a name that the log before already relies on.
    pub(crate) files: Vec<(Tile, Vec<u8>)>,
    /// The hashes of the new leaves.
    pub(crate) leaves: Vec<Digest>,
}

impl Tail {
    pub(crate) fn load(view: &View) -> Result<Self, LedgerError> {
        let size = view.len();
        let mut bundle = Vec::new();
        if !size.is_multiple_of(WIDTH) {
            let last = view.bundle(size / WIDTH)?;
            bundle = last.bytes;
            bundle.truncate(last.places.last().map_or(0, |place| place.end));
        }
        let logged_at = view.newest_logged_at()?;
        Ok(Self { head: view.head().clone(), logged_at, size, edge: view.edge().to_vec(), bundle })
    }

    /// How many entries there are, with those that [`Tail::grow`] added.
    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn root(&self) -> Digest {
        edge_root(&self.edge)
    }

    /// Adds entries, each of 1 to 4096 bytes.
    pub(crate) fn grow(&mut self, entries: &[Vec<u8>]) -> Growth {
        let before = self.size;
        let mut growth = Growth::default();
        for entry in entries {
            let leaf = merkle::leaf_hash(entry);
            growth.leaves.push(leaf);
            bundle::push(&mut self.bundle, entry);
            self.size += 1;
            if self.size.is_multiple_of(WIDTH) {
                let tile = Tile::full(Row::Entries, self.size / WIDTH - 1);
                growth.files.push((tile, std::mem::take(&mut self.bundle)));
            }
            self.add_hash(leaf, &mut growth.files);
        }
        if let Some(tile) = Tile::at(Row::Entries, self.size / WIDTH, self.size) {
            growth.files.push((tile, self.bundle.clone()));
        }
        for (level, hashes) in self.edge.iter().enumerate() {
            let row = Row::Hashes(level as u8);
            let index = row.elements(self.size) / WIDTH;
            // A partial tile that has not grown is on disk already and is not touched.
            if let Some(tile) = Tile::at(row, index, self.size)
                && row.width(index, before) != tile.width
            {
                growth.files.push((tile, to_bytes(hashes)));
            }
        }
        growth
    }

    /// Adds a leaf and carries the hash of each tile that it fills to the level above.
    fn add_hash(&mut self, leaf: Digest, files: &mut Vec<(Tile, Vec<u8>)>) {
        let mut carry = leaf;
        for level in 0.. {
            if level == self.edge.len() {
                self.edge.push(Vec::new());
            }
            let hashes = &mut self.edge[level];
            hashes.push(carry);
            if hashes.len() < WIDTH as usize {
                return;
            }
            let row = Row::Hashes(level as u8);
            let tile = Tile::full(row, row.elements(self.size) / WIDTH - 1);
            files.push((tile, to_bytes(hashes)));
            carry = merkle::root_of(hashes);
            hashes.clear();
        }
    }
}

fn to_bytes(hashes: &[Digest]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| *hash.as_bytes()).collect()
}
