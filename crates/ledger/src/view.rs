//! The log as it was at one checkpoint, read from tiles and bundles of which none is believed unseen.

use std::{
    collections::BTreeMap,
    io,
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

use bartizan_finding::{Digest, Timestamp};

use crate::{
    LedgerError,
    bundle::{self, MAX_BUNDLE},
    error::Damage,
    fs::Fs,
    head::Head,
    merkle::{self, HashReader},
    record::Record,
    tile::{Row, Tile, WIDTH, levels},
};

/// Full tiles that are kept in memory: 8 MiB of hashes.
const KEPT_TILES: usize = 1024;

/// The log at one checkpoint. It does not change when others append.
///
/// Every hash it gives was checked against the root of the checkpoint, and every entry against such a hash.
#[derive(Debug)]
pub struct View {
    fs: Arc<dyn Fs>,
    head: Head,
    /// The partial tile of each level, empty where the level has only full ones.
    edge: Vec<Vec<Digest>>,
    kept: Mutex<BTreeMap<(u8, u64), FullTile>>,
}

/// The 256 hashes of a full tile.
type FullTile = Arc<[Digest]>;

/// An entry and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its index in the log.
    pub index: u64,
    /// The hash of its leaf.
    pub hash: Digest,
    /// What it says.
    pub record: Record,
}

impl View {
    /// Reads the right edge of the tree and checks it against `head`, whose signature the caller has verified.
    pub(crate) fn open(fs: Arc<dyn Fs>, head: Head) -> Result<Self, LedgerError> {
        let mut edge = Vec::new();
        for level in 0..levels(head.size) {
            let row = Row::Hashes(level);
            let index = row.elements(head.size) / WIDTH;
            edge.push(match Tile::at(row, index, head.size) {
                Some(tile) => read_hashes(&*fs, tile)?,
                None => Vec::new(),
            });
        }
        if edge_root(&edge) != head.root {
            let tile = Tile::at(Row::Hashes(0), (head.size.max(1) - 1) / WIDTH, head.size);
            let path = tile.map_or_else(|| "checkpoint".to_owned(), |tile| tile.path());
            return Err(LedgerError::damaged(path, Damage::Hash));
        }
        Ok(Self { fs, head, edge, kept: Mutex::default() })
    }

    /// The checkpoint.
    pub const fn head(&self) -> &Head {
        &self.head
    }

    /// How many entries there are.
    pub const fn len(&self) -> u64 {
        self.head.size
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.head.size == 0
    }

    /// The entries with these indices, in order. An index past the end is an error where it is reached.
    pub fn entries(&self, range: Range<u64>) -> Entries<'_> {
        Entries { view: self, next: range.start, end: range.end, bundle: None }
    }

    /// One entry.
    pub fn entry(&self, index: u64) -> Result<Entry, LedgerError> {
        let mut entries = self.entries(index..index.saturating_add(1));
        entries.next().unwrap_or(Err(LedgerError::OutOfRange { index, size: self.len() }))
    }

    /// The bytes of one entry, as they were hashed.
    pub fn entry_bytes(&self, index: u64) -> Result<Vec<u8>, LedgerError> {
        let bundle = self.bundle(index / WIDTH)?;
        let place = usize::try_from(index - bundle.start).ok().and_then(|at| bundle.places.get(at));
        let place = place.ok_or(LedgerError::OutOfRange { index, size: self.len() })?;
        Ok(bundle.bytes[place.clone()].to_vec())
    }

    /// When the newest entry was recorded, which is the latest of all times of recording.
    pub fn newest_logged_at(&self) -> Result<Option<Timestamp>, LedgerError> {
        match self.len().checked_sub(1) {
            Some(last) => self.entry(last).map(|entry| Some(entry.record.logged_at)),
            None => Ok(None),
        }
    }

    /// The inclusion proof for an entry, from its sibling upwards.
    pub fn inclusion(&self, index: u64) -> Result<Vec<Digest>, LedgerError> {
        merkle::inclusion(self, index, self.len())?.ok_or(LedgerError::OutOfRange { index, size: self.len() })
    }

    /// The proof that the log of `old` entries is a prefix of this one.
    pub fn consistency(&self, old: u64) -> Result<Vec<Digest>, LedgerError> {
        merkle::consistency(self, old, self.len())?
            .ok_or(LedgerError::OutOfRange { index: old, size: self.len() })
    }

    /// The root of the log when it had `size` entries.
    pub fn root_at(&self, size: u64) -> Result<Digest, LedgerError> {
        if size > self.len() {
            return Err(LedgerError::OutOfRange { index: size, size: self.len() });
        }
        merkle::root_at(self, size)
    }

    /// The entries of bundle `number`, in order: 256 of them, fewer in the last.
    ///
    /// Bundles can be read on several threads; [`View::entries`] reads them one after the other.
    pub fn bundle_entries(&self, number: u64) -> Result<Vec<Entry>, LedgerError> {
        let bundle = self.bundle(number)?;
        let indices = bundle.start..bundle.start + bundle.places.len() as u64;
        indices.filter_map(|index| bundle.entry(index)).collect()
    }

    /// The entries with these indices, which go up. Of a bundle only those that are asked for are hashed and
    /// compared with the tree, so that few of many cost little.
    pub fn pick(&self, indices: &[u64]) -> Result<Vec<Entry>, LedgerError> {
        let mut picked = Vec::with_capacity(indices.len());
        for of_one_bundle in indices.chunk_by(|a, b| a / WIDTH == b / WIDTH) {
            let Some(first) = of_one_bundle.first() else { continue };
            let (path, bytes, places) = self.raw_bundle(first / WIDTH)?;
            for index in of_one_bundle {
                let place = places.get((index % WIDTH) as usize);
                let out_of_range = LedgerError::OutOfRange { index: *index, size: self.len() };
                let entry = place.and_then(|place| bytes.get(place.clone())).ok_or(out_of_range)?;
                let hash = merkle::leaf_hash(entry);
                if hash != self.element(0, *index)? {
                    return Err(LedgerError::damaged(&path, Damage::Hash));
                }
                let record = Record::parse(entry)
                    .map_err(|why| LedgerError::damaged(&path, Damage::Record { index: *index, why }))?;
                picked.push(Entry { index: *index, hash, record });
            }
        }
        Ok(picked)
    }

    pub(crate) fn fs(&self) -> &dyn Fs {
        &*self.fs
    }

    pub(crate) fn edge(&self) -> &[Vec<Digest>] {
        &self.edge
    }

    /// The bytes of a bundle and where its entries lie in them, each checked against the tree.
    pub(crate) fn bundle(&self, index: u64) -> Result<Bundle, LedgerError> {
        let (path, bytes, places) = self.raw_bundle(index)?;
        let hashes: Vec<_> = places.iter().map(|place| merkle::leaf_hash(&bytes[place.clone()])).collect();
        let right = if places.len() as u64 == WIDTH {
            merkle::root_of(&hashes) == self.element(1, index)?
        } else {
            self.edge.first().is_some_and(|edge| *edge == hashes)
        };
        if !right {
            return Err(LedgerError::damaged(&path, Damage::Hash));
        }
        Ok(Bundle { path, start: index * WIDTH, bytes, places, hashes })
    }

    /// The bytes of a bundle and where its entries lie in them. None is compared with the tree yet.
    fn raw_bundle(&self, index: u64) -> Result<RawBundle, LedgerError> {
        let size = self.len();
        let tile = Tile::at(Row::Entries, index, size)
            .ok_or(LedgerError::OutOfRange { index: index.saturating_mul(WIDTH), size })?;
        let (path, bytes) = read_tile(&*self.fs, tile, MAX_BUNDLE)?;
        let places = bundle::split(&bytes, tile.width).map_err(|error| LedgerError::damaged(&path, error))?;
        let end = places.last().map_or(0, |place| place.end);
        // A full bundle may have taken the place of the partial one; at its own path nothing may follow.
        if end != bytes.len() && path == tile.path() {
            return Err(LedgerError::damaged(&path, Damage::Length));
        }
        Ok((path, bytes, places))
    }

    /// The `index`-th hash at a level of tiles.
    fn element(&self, level: u8, index: u64) -> Result<Digest, LedgerError> {
        let out_of_range = || LedgerError::OutOfRange { index, size: self.len() };
        let (tile, place) = (index / WIDTH, (index % WIDTH) as usize);
        let edge = self.edge.get(usize::from(level)).ok_or_else(out_of_range)?;
        if tile == Row::Hashes(level).elements(self.len()) / WIDTH {
            return edge.get(place).copied().ok_or_else(out_of_range);
        }
        Ok(self.full_tile(level, tile)?[place])
    }

    /// A full tile, checked against the hash that the level above has of it. The recursion goes up eight levels at
    /// most.
    fn full_tile(&self, level: u8, index: u64) -> Result<FullTile, LedgerError> {
        if let Some(tile) = self.kept.lock().unwrap_or_else(PoisonError::into_inner).get(&(level, index)) {
            return Ok(Arc::clone(tile));
        }
        let tile = Tile::full(Row::Hashes(level), index);
        let hashes: FullTile = read_hashes(&*self.fs, tile)?.into();
        if merkle::root_of(&hashes) != self.element(level + 1, index)? {
            return Err(LedgerError::damaged(tile, Damage::Hash));
        }
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT_TILES {
            kept.clear();
        }
        kept.insert((level, index), Arc::clone(&hashes));
        Ok(hashes)
    }
}

impl HashReader for View {
    type Error = LedgerError;

    fn subtree(&self, level: u8, index: u64) -> Result<Digest, LedgerError> {
        let (row, height) = (level / 8, level % 8);
        if height == 0 {
            return self.element(row, index);
        }
        let first = index << height;
        let hashes: Result<Vec<_>, _> =
            (first..first + (1 << height)).map(|at| self.element(row, at)).collect();
        Ok(merkle::root_of(&hashes?))
    }
}

/// A bundle's path and bytes, and where its entries lie in them.
type RawBundle = (String, Vec<u8>, Vec<Range<usize>>);

/// A bundle whose entries are those of the log.
#[derive(Debug)]
pub(crate) struct Bundle {
    pub(crate) path: String,
    pub(crate) start: u64,
    pub(crate) bytes: Vec<u8>,
    pub(crate) places: Vec<Range<usize>>,
    pub(crate) hashes: Vec<Digest>,
}

impl Bundle {
    fn entry(&self, index: u64) -> Option<Result<Entry, LedgerError>> {
        let at = usize::try_from(index.checked_sub(self.start)?).ok()?;
        let bytes = &self.bytes[self.places.get(at)?.clone()];
        Some(match Record::parse(bytes) {
            Ok(record) => Ok(Entry { index, hash: self.hashes[at], record }),
            Err(why) => Err(LedgerError::damaged(&self.path, Damage::Record { index, why })),
        })
    }
}

/// Entries in the order of the log. After an error there are no more.
#[derive(Debug)]
pub struct Entries<'a> {
    view: &'a View,
    next: u64,
    end: u64,
    bundle: Option<Bundle>,
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, LedgerError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let entry = self.read();
        self.next = if entry.is_ok() { self.next + 1 } else { self.end };
        Some(entry)
    }
}

impl Entries<'_> {
    fn read(&mut self) -> Result<Entry, LedgerError> {
        if let Some(entry) = self.bundle.as_ref().and_then(|bundle| bundle.entry(self.next)) {
            return entry;
        }
        let bundle = self.view.bundle(self.next / WIDTH)?;
        let bundle = self.bundle.insert(bundle);
        bundle
            .entry(self.next)
            .unwrap_or(Err(LedgerError::OutOfRange { index: self.next, size: self.view.len() }))
    }
}

/// The root that the right edge of a tree leads to.
pub(crate) fn edge_root(edge: &[Vec<Digest>]) -> Digest {
    let mut root: Option<Digest> = None;
    for hashes in edge {
        let mut end = hashes.len();
        // The complete subtrees within the tile, from the right: one for each bit of its width.
        while end > 0 {
            let start = end & (end - 1);
            let left = merkle::root_of(&hashes[start..end]);
            root = Some(root.map_or(left, |right| merkle::node_hash(&left, &right)));
            end = start;
        }
    }
    root.unwrap_or_else(merkle::empty_root)
}

/// The bytes of a tile and their path: a partial tile may have been replaced by the full one.
pub(crate) fn read_tile(fs: &dyn Fs, tile: Tile, limit: u64) -> Result<(String, Vec<u8>), LedgerError> {
    let path = tile.path();
    match fs.read(&path, limit) {
        Ok(bytes) => return Ok((path, bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(unreadable(path, error)),
    }
    let full = Tile::full(tile.row, tile.index).path();
    match fs.read(&full, limit) {
        Ok(bytes) => Ok((full, bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(LedgerError::damaged(path, Damage::Missing))
        }
        Err(error) => Err(unreadable(full, error)),
    }
}

pub(crate) fn unreadable(path: String, error: io::Error) -> LedgerError {
    match error.kind() {
        io::ErrorKind::FileTooLarge => LedgerError::damaged(path, Damage::Length),
        _ => LedgerError::io("read", &path, error),
    }
}

fn read_hashes(fs: &dyn Fs, tile: Tile) -> Result<Vec<Digest>, LedgerError> {
    let (path, bytes) = read_tile(fs, tile, WIDTH * 32)?;
    let expected = if path == tile.path() { usize::from(tile.width) } else { WIDTH as usize };
    if bytes.len() != expected * 32 {
        return Err(LedgerError::damaged(path, Damage::Length));
    }
    Ok(to_hashes(&bytes, tile.width))
}

/// The first `width` hashes of a tile's bytes.
pub(crate) fn to_hashes(bytes: &[u8], width: u16) -> Vec<Digest> {
    let (hashes, _) = bytes.as_chunks::<32>();
    hashes.iter().take(usize::from(width)).map(|hash| Digest::from_bytes(*hash)).collect()
}
