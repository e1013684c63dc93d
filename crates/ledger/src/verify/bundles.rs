//! Each bundle by itself: its entries, and the tile of their hashes.

use std::{
    ops::Range,
    sync::atomic::{AtomicUsize, Ordering},
};

use bartizan_finding::{Digest, Timestamp};

use super::{
    fault::{Fault, Wrong},
    files::Tiles,
};
use crate::{
    Damage,
    bundle::{self, MAX_BUNDLE},
    fs::Fs,
    merkle,
    record::{Content, Record},
    tile::{Row, Tile, WIDTH},
    view::to_hashes,
};

/// The entries of a bundle that are named when it and its hashes differ.
const MOST_NAMED: usize = 8;

/// What one bundle told.
#[derive(Debug)]
pub(super) struct BundleAudit {
    pub(super) index: u64,
    /// The bundle's file.
    pub(super) path: String,
    /// The tile of its hashes, if it is there.
    pub(super) tile_path: Option<String>,
    /// The root over the hashes of the entries, if all could be read.
    pub(super) from_entries: Option<Digest>,
    /// The root over the hashes in the tile, if it could be read.
    pub(super) from_tile: Option<Digest>,
    /// Entries whose hash is not the one in the tile.
    pub(super) differing: Vec<u64>,
    /// Older forms of bundle and tile that are not beginnings of them.
    pub(super) older_bundles: Vec<String>,
    pub(super) older_tiles: Vec<String>,
    /// The hashes of entries and of tile, where they are needed further on.
    pub(super) hashes: Option<(Vec<Digest>, Vec<Digest>)>,
    pub(super) faults: Vec<Fault>,
    pub(super) mentions: Vec<Mention>,
    pub(super) times: Option<(Timestamp, Timestamp)>,
}

/// An entry that says something of an envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mention {
    pub(super) envelope: Digest,
    pub(super) index: u64,
    /// How long the envelope is; `None` where it was erased.
    pub(super) size: Option<u64>,
}

/// Audits the bundles that are there, in order, on `threads` threads.
pub(super) fn audit(
    fs: &dyn Fs,
    tiles: &Tiles,
    size: u64,
    keep: &(dyn Fn(u64) -> bool + Sync),
    threads: usize,
) -> Vec<BundleAudit> {
    let mut work: Vec<_> = tiles
        .row(Row::Entries)
        .filter_map(|tile| Tile::at(Row::Entries, tile.index, size))
        .filter_map(|needed| Some((needed, tiles.form(needed)?)))
        .collect();
    work.dedup();
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done = Vec::new();
        while let Some((needed, form)) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            done.push(audit_one(fs, tiles, size, *needed, *form, keep(needed.index)));
        }
        done
    };
    let mut audits = if threads < 2 {
        run()
    } else {
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..threads).map(|_| scope.spawn(run)).collect();
            let joined = workers
                .into_iter()
                .flat_map(|worker| worker.join().expect("the audit of a bundle does not panic"));
            joined.collect()
        })
    };
    audits.sort_unstable_by_key(|audit| audit.index);
    audits
}

fn audit_one(fs: &dyn Fs, tiles: &Tiles, size: u64, needed: Tile, form: Tile, keep: bool) -> BundleAudit {
    let mut audit = BundleAudit {
        index: needed.index,
        path: form.path(),
        tile_path: None,
        from_entries: None,
        from_tile: None,
        differing: Vec::new(),
        older_bundles: Vec::new(),
        older_tiles: Vec::new(),
        hashes: None,
        faults: Vec::new(),
        mentions: Vec::new(),
        times: None,
    };
    let entry_hashes = audit.read_entries(fs, tiles, size, needed, form);
    let tile_hashes = audit.read_tile(fs, tiles, size, needed);
    if let (Some(entries), Some(tile)) = (&entry_hashes, &tile_hashes) {
        let pairs = (needed.index * WIDTH..).zip(entries.iter().zip(tile));
        let differing = pairs.filter(|(_, (entry, tile))| entry != tile).map(|(index, _)| index);
        audit.differing = differing.take(MOST_NAMED).collect();
    }
    audit.from_entries = entry_hashes.as_deref().map(merkle::root_of);
    audit.from_tile = tile_hashes.as_deref().map(merkle::root_of);
    if keep {
        audit.hashes = Some((entry_hashes.unwrap_or_default(), tile_hashes.unwrap_or_default()));
    }
    audit
}

impl BundleAudit {
    fn read_entries(
        &mut self,
        fs: &dyn Fs,
        tiles: &Tiles,
        size: u64,
        needed: Tile,
        form: Tile,
    ) -> Option<Vec<Digest>> {
        let bytes = read(fs, &self.path, MAX_BUNDLE, &mut self.faults)?;
        let split = if form == needed { bundle::split_exactly } else { bundle::split };
        let places = match split(&bytes, needed.width) {
            Ok(places) => places,
            Err(error) => {
                self.faults.push(Fault::new(&*self.path, Wrong::Malformed(error.into())));
                return None;
            }
        };
        for older in tiles.older(Row::Entries, needed.index, size) {
            let end = places.get(usize::from(older.width) - 1).map_or(0, |place| place.end);
            let path = older.path();
            if read(fs, &path, MAX_BUNDLE, &mut self.faults).is_some_and(|old| bytes.get(..end) != Some(&old))
            {
                self.older_bundles.push(path);
            }
        }
        for (index, place) in (needed.index * WIDTH..).zip(&places) {
            self.read_entry(index, &bytes, place.clone());
        }
        Some(places.into_iter().map(|place| merkle::leaf_hash(&bytes[place])).collect())
    }

    fn read_entry(&mut self, index: u64, bytes: &[u8], place: Range<usize>) {
        let record = match Record::parse_canonical(&bytes[place]) {
            Ok(record) => record,
            Err(why) => return self.faults.push(Fault::at(&*self.path, index, Wrong::Record(why))),
        };
        let (first, last) = self.times.unwrap_or((record.logged_at, record.logged_at));
        if record.logged_at < last {
            self.faults.push(Fault::at(&*self.path, index, Wrong::TimeWentBack));
        }
        self.times = Some((first, last.max(record.logged_at)));
        self.mentions.push(match record.content {
            Content::Statement(statement) => {
                Mention { envelope: statement.envelope, index, size: Some(statement.size) }
            }
            Content::Tombstone { erased, .. } => Mention { envelope: erased, index, size: None },
        });
    }

    fn read_tile(&mut self, fs: &dyn Fs, tiles: &Tiles, size: u64, bundle: Tile) -> Option<Vec<Digest>> {
        let needed = Tile { row: Row::Hashes(0), ..bundle };
        let form = tiles.form(needed)?;
        let path = form.path();
        self.tile_path = Some(path.clone());
        let bytes = read_hashes(fs, &path, form.width, &mut self.faults)?;
        self.older_tiles = older_forms(fs, tiles, needed, size, &bytes, &mut self.faults);
        Some(to_hashes(&bytes, needed.width))
    }
}

/// Older forms of a tile of hashes that are no beginnings of its bytes.
pub(super) fn older_forms(
    fs: &dyn Fs,
    tiles: &Tiles,
    tile: Tile,
    size: u64,
    bytes: &[u8],
    faults: &mut Vec<Fault>,
) -> Vec<String> {
    let mut differing = Vec::new();
    for older in tiles.older(tile.row, tile.index, size) {
        let path = older.path();
        let same = |old: Vec<u8>| bytes.get(..old.len()) == Some(&old);
        if read_hashes(fs, &path, older.width, faults).is_some_and(|old| !same(old)) {
            differing.push(path);
        }
    }
    differing
}

/// The bytes of a tile of so many hashes.
pub(super) fn read_hashes(fs: &dyn Fs, path: &str, width: u16, faults: &mut Vec<Fault>) -> Option<Vec<u8>> {
    let bytes = read(fs, path, WIDTH * 32, faults)?;
    if bytes.len() == usize::from(width) * 32 {
        return Some(bytes);
    }
    faults.push(Fault::new(path, Wrong::Malformed(Damage::Length)));
    None
}

pub(super) fn read(fs: &dyn Fs, path: &str, limit: u64, faults: &mut Vec<Fault>) -> Option<Vec<u8>> {
    let error = match fs.read(path, limit) {
        Ok(bytes) => return Some(bytes),
        Err(error) => error,
    };
    let what = match error.kind() {
        std::io::ErrorKind::FileTooLarge => Wrong::Malformed(Damage::Length),
        std::io::ErrorKind::NotFound => Wrong::Missing { more: 0 },
        _ => Wrong::Unreadable(error.to_string()),
    };
    faults.push(Fault::new(path, what));
    None
}
