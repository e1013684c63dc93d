//! The tree as a whole: which hashes lead to the signed root, and so which files are right.

use std::{collections::BTreeMap, ops::Range};

use bartizan_finding::Digest;

use super::{
    bundles::{BundleAudit, older_forms, read_hashes},
    fault::{Fault, Wrong},
    files::Tiles,
};
use crate::{
    fs::Fs,
    log::CHECKPOINT,
    merkle::{self, HashReader},
    tile::{Row, Tile, WIDTH, levels},
    view::{edge_root, to_hashes},
};

/// More bundles than this may not be missing for the rest to be judged: what is computed here grows with them.
const MOST_MISSING: u64 = 1 << 20;

/// The hashes of the tree that are known to be right: by the signed root, or, without one, by the entries alone.
#[derive(Debug, Default)]
pub(super) struct Truth {
    /// By level, from 1; an element is `None` where nothing led to it.
    rows: Vec<Vec<Option<Digest>>>,
    /// Leaf hashes of some bundles.
    leaves: BTreeMap<u64, Vec<Digest>>,
}

/// A level of the tree above the leaves, as two sources tell it.
struct Level {
    row: Row,
    files: BTreeMap<u64, Vec<Digest>>,
    computed: Vec<Option<Digest>>,
}

/// Judges every tile and bundle against `root`, or against each other if there is none.
pub(super) fn judge(
    fs: &dyn Fs,
    tiles: &Tiles,
    size: u64,
    root: Option<Digest>,
    audits: &[BundleAudit],
    faults: &mut Vec<Fault>,
) -> Truth {
    if size.div_ceil(WIDTH) > audits.len() as u64 + MOST_MISSING {
        return Truth::default();
    }
    let mut older = Vec::new();
    let above = read_levels(fs, tiles, size, audits, &mut older, faults);
    let last = audits.last().filter(|audit| audit.index == size / WIDTH);
    let edge = root.and_then(|root| find_edge(size, root, last, &above, faults));

    // From the top down: a tile is right if it has the hash that the level above, which is right, has of it.
    let mut rows: Vec<Vec<Option<Digest>>> = Vec::new();
    for (number, level) in above.iter().enumerate().rev() {
        let mut row = vec![None; level.computed.len()];
        let full = row.len() as u64 / WIDTH;
        for index in 0..full {
            let place = place(index, row.len());
            let expected = rows.last().and_then(|parent| parent[index as usize]);
            level.judge_full(index, expected, &mut row[place], faults);
        }
        let place = place(full, row.len());
        level.judge_edge(full, edge.as_ref().map(|edge| &*edge[number + 1]), &mut row[place], faults);
        rows.push(row);
    }
    rows.reverse();
    for audit in audits {
        judge_bundle(audit, expected_of(audit, &rows, edge.as_deref()), faults);
    }
    for (form, path) in older {
        if !faults.iter().any(|fault| fault.path == form) {
            faults.push(Fault::new(path, Wrong::Altered));
        }
    }
    if edge.is_none() {
        rows = above.into_iter().map(|level| level.computed).collect();
    }
    let leaves = audits.iter().filter_map(|audit| {
        let (entries, tile) = audit.hashes.as_ref()?;
        let expected = expected_of(audit, &rows, edge.as_deref());
        let right = |hashes: &&Vec<_>| expected.is_none_or(|expected| merkle::root_of(hashes) == expected);
        [entries, tile].into_iter().find(right).map(|hashes| (audit.index, hashes.clone()))
    });
    let leaves = leaves.collect();
    Truth { rows, leaves }
}

fn read_levels(
    fs: &dyn Fs,
    tiles: &Tiles,
    size: u64,
    audits: &[BundleAudit],
    older: &mut Vec<(String, String)>,
    faults: &mut Vec<Fault>,
) -> Vec<Level> {
    let mut above: Vec<Level> = Vec::new();
    for number in 1..levels(size).max(1) {
        let row = Row::Hashes(number);
        let count = row.elements(size);
        let mut files = BTreeMap::new();
        for index in 0..count.div_ceil(WIDTH) {
            let Some(needed) = Tile::at(row, index, size) else { continue };
            let Some(form) = tiles.form(needed) else { continue };
            let path = form.path();
            if let Some(bytes) = read_hashes(fs, &path, form.width, faults) {
                let differing = older_forms(fs, tiles, needed, size, &bytes, faults);
                older.extend(differing.into_iter().map(|old| (path.clone(), old)));
                files.insert(index, to_hashes(&bytes, needed.width));
            }
        }
        let mut computed = vec![None; count as usize];
        match above.last() {
            None => {
                for audit in audits {
                    if let Some(element) = computed.get_mut(audit.index as usize) {
                        *element = audit.from_entries;
                    }
                }
            }
            Some(below) => {
                for (element, children) in
                    computed.iter_mut().zip(below.computed.chunks_exact(WIDTH as usize))
                {
                    *element = all(children).map(|children| merkle::root_of(&children));
                }
            }
        }
        above.push(Level { row, files, computed });
    }
    above
}

/// The right edge of the tree that leads to `root`: of each level either what the entries give or what the tile
/// says. There are at most six levels, so every choice is tried, the entries first.
fn find_edge(
    size: u64,
    root: Digest,
    last: Option<&BundleAudit>,
    above: &[Level],
    faults: &mut Vec<Fault>,
) -> Option<Vec<Vec<Digest>>> {
    let mut choices: Vec<Vec<Vec<Digest>>> = Vec::new();
    let (entries, tile) = last.and_then(|last| last.hashes.clone()).unwrap_or_default();
    let width = (size % WIDTH) as usize;
    choices.push([entries, tile].into_iter().filter(|hashes| hashes.len() == width).collect());
    for level in above {
        let index = level.computed.len() as u64 / WIDTH;
        let computed = all(&level.computed[place(index, level.computed.len())]);
        let width = level.computed.len() % WIDTH as usize;
        let file = level.files.get(&index).cloned().or((width == 0).then(Vec::new));
        choices.push([computed, file].into_iter().flatten().collect());
    }
    if choices.iter().any(Vec::is_empty) {
        // Then files are missing or unreadable, which has been said.
        return None;
    }
    for mask in 0_u32..1 << choices.len() {
        let chosen =
            choices.iter().enumerate().map(|(level, of)| of.get(mask as usize >> level & 1).cloned());
        if let Some(edge) = chosen.collect::<Option<Vec<_>>>()
            && edge_root(&edge) == root
        {
            return Some(edge);
        }
    }
    faults.push(Fault::new(CHECKPOINT, Wrong::OtherRoot));
    None
}

impl Level {
    fn path(&self, index: u64) -> String {
        let width = (self.computed.len() as u64 - index * WIDTH).min(WIDTH);
        Tile { row: self.row, index, width: width as u16 }.path()
    }

    fn judge_full(
        &self,
        index: u64,
        expected: Option<Digest>,
        truth: &mut [Option<Digest>],
        faults: &mut Vec<Fault>,
    ) {
        let file = self.files.get(&index);
        let computed = all(&self.computed[place(index, self.computed.len())]);
        let Some(expected) = expected else {
            return self.contradiction(index, computed.as_ref(), faults);
        };
        let right = |hashes: &&Vec<Digest>| merkle::root_of(hashes) == expected;
        if file.is_some_and(|file| !right(&file)) {
            faults.push(Fault::new(self.path(index), Wrong::Altered));
        }
        if let Some(hashes) = [file, computed.as_ref()].into_iter().flatten().find(right) {
            fill(truth, hashes);
        }
    }

    fn judge_edge(
        &self,
        index: u64,
        expected: Option<&[Digest]>,
        truth: &mut [Option<Digest>],
        faults: &mut Vec<Fault>,
    ) {
        let Some(expected) = expected else {
            return self.contradiction(
                index,
                all(&self.computed[place(index, self.computed.len())]).as_ref(),
                faults,
            );
        };
        if self.files.get(&index).is_some_and(|file| file != expected) {
            faults.push(Fault::new(self.path(index), Wrong::Altered));
        }
        fill(truth, expected);
    }

    fn contradiction(&self, index: u64, computed: Option<&Vec<Digest>>, faults: &mut Vec<Fault>) {
        if let (Some(file), Some(computed)) = (self.files.get(&index), computed)
            && file != computed
        {
            faults.push(Fault::new(self.path(index), Wrong::Contradicts("the entries below it".to_owned())));
        }
    }
}

fn judge_bundle(audit: &BundleAudit, expected: Option<Digest>, faults: &mut Vec<Fault>) {
    let tile_path = audit.tile_path.as_deref().unwrap_or_default();
    let (mut entries_right, mut tile_right) = (audit.from_entries.is_some(), audit.from_tile.is_some());
    if let Some(expected) = expected {
        entries_right = audit.from_entries == Some(expected);
        tile_right = audit.from_tile == Some(expected);
        if audit.from_tile.is_some() && !tile_right {
            faults.push(Fault::new(tile_path, Wrong::Altered));
        }
        if audit.from_entries.is_some() && !entries_right {
            // Only a tile that is right tells which entries are not.
            let named = if tile_right { &*audit.differing } else { &[] };
            faults.extend(named.iter().map(|index| Fault::at(&*audit.path, *index, Wrong::Altered)));
            if named.is_empty() {
                faults.push(Fault::new(&*audit.path, Wrong::Altered));
            }
        }
    } else {
        let other = || Wrong::Contradicts(tile_path.to_owned());
        faults.extend(audit.differing.iter().map(|index| Fault::at(&*audit.path, *index, other())));
    }
    let older =
        |right, newer: &str| if right { Wrong::Altered } else { Wrong::Contradicts(newer.to_owned()) };
    for path in &audit.older_bundles {
        faults.push(Fault::new(&**path, older(entries_right, &audit.path)));
    }
    for path in &audit.older_tiles {
        faults.push(Fault::new(&**path, older(tile_right, tile_path)));
    }
}

/// The root over the bundle's entries that the rest of the tree demands.
fn expected_of(
    audit: &BundleAudit,
    rows: &[Vec<Option<Digest>>],
    edge: Option<&[Vec<Digest>]>,
) -> Option<Digest> {
    match rows.first().and_then(|row| row.get(audit.index as usize)) {
        Some(parent) => *parent,
        None => edge.map(|edge| merkle::root_of(&edge[0])),
    }
}

/// Where the elements of tile `index` lie in a row of so many.
fn place(index: u64, elements: usize) -> Range<usize> {
    let start = index.saturating_mul(WIDTH) as usize;
    start.min(elements)..(start + WIDTH as usize).min(elements)
}

fn all(hashes: &[Option<Digest>]) -> Option<Vec<Digest>> {
    hashes.iter().copied().collect()
}

fn fill(truth: &mut [Option<Digest>], hashes: &[Digest]) {
    for (element, hash) in truth.iter_mut().zip(hashes) {
        *element = Some(*hash);
    }
}

/// A hash that nothing led to.
#[derive(Debug)]
pub(super) struct NotKnown;

impl HashReader for Truth {
    type Error = NotKnown;

    fn subtree(&self, level: u8, index: u64) -> Result<Digest, NotKnown> {
        let first = index << (level % 8);
        let elements = first..first + (1 << (level % 8));
        let hashes: Option<Vec<_>> = elements
            .map(|at| match (level / 8).checked_sub(1) {
                None => self.leaves.get(&(at / WIDTH))?.get((at % WIDTH) as usize).copied(),
                Some(row) => *self.rows.get(usize::from(row))?.get(usize::try_from(at).ok()?)?,
            })
            .collect();
        hashes.map(|hashes| merkle::root_of(&hashes)).ok_or(NotKnown)
    }
}
