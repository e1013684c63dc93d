//! Where hashes and entries lie: the file names of C2SP tlog-tiles.

use std::fmt;

/// Hashes in a full tile and entries in a full bundle.
pub const WIDTH: u64 = 256;

/// A tile of hashes, or a bundle of entries, of which the first `width` exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tile {
    /// What it holds.
    pub row: Row,
    /// Which one in its row, from 0.
    pub index: u64,
    /// How many hashes or entries, 1 to 256.
    pub width: u16,
}

/// A row of tiles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Row {
    /// Entry bundles.
    Entries,
    /// Hashes of complete subtrees of 256^level leaves.
    Hashes(u8),
}

impl Row {
    /// How many entries one element of this row stands for, as a power of two.
    const fn shift(self) -> u32 {
        match self {
            Self::Entries => 0,
            Self::Hashes(level) => 8 * level as u32,
        }
    }

    /// How many elements the row has in a log of `size` entries.
    pub const fn elements(self, size: u64) -> u64 {
        match size.checked_shr(self.shift()) {
            Some(elements) => elements,
            None => 0,
        }
    }

    /// How many of the elements of tile `index` exist in a log of `size` entries: 0 to 256.
    pub fn width(self, index: u64, size: u64) -> u16 {
        let before = index.saturating_mul(WIDTH);
        let here = self.elements(size).saturating_sub(before).min(WIDTH);
        u16::try_from(here).unwrap_or(u16::MAX)
    }

    /// The folder that holds the row.
    pub fn folder(self) -> String {
        match self {
            Self::Entries => "tile/entries".to_owned(),
            Self::Hashes(level) => format!("tile/{level}"),
        }
    }
}

/// The levels of hash tiles that a log of `size` entries has.
pub fn levels(size: u64) -> u8 {
    (0..8).take_while(|level| Row::Hashes(*level).elements(size) > 0).count() as u8
}

impl Tile {
    /// The tile with its whole width.
    pub const fn full(row: Row, index: u64) -> Self {
        Self { row, index, width: 256 }
    }

    /// Tile `index` as it is in a log of `size` entries, or `None` where it holds nothing.
    pub fn at(row: Row, index: u64, size: u64) -> Option<Self> {
        let width = row.width(index, size);
        (width > 0).then_some(Self { row, index, width })
    }

    /// Whether it has its whole width.
    pub const fn is_full(&self) -> bool {
        self.width == 256
    }

    /// The path below the ledger's folder, such as `tile/0/x001/067` or `tile/entries/000.p/12`.
    pub fn path(&self) -> String {
        if self.is_full() { self.stem() } else { format!("{}/{}", self.partials(), self.width) }
    }

    /// The folder that holds its partial forms.
    pub fn partials(&self) -> String {
        format!("{}.p", self.stem())
    }

    /// The tile with this path, the inverse of [`Tile::path`]: any other spelling is none.
    pub fn from_path(path: &str) -> Option<Self> {
        let (row, rest) = path.strip_prefix("tile/")?.split_once('/')?;
        let row = match row {
            "entries" => Row::Entries,
            level => Row::Hashes(level.parse().ok().filter(|level| *level < 8)?),
        };
        let (stem, width) = match rest.split_once(".p/") {
            Some((stem, width)) => (stem, width.parse().ok().filter(|w| (1..256).contains(w))?),
            None => (rest, 256),
        };
        let mut index: u64 = 0;
        for part in stem.split('/') {
            let digits = part.strip_prefix('x').unwrap_or(part);
            let group = digits.parse::<u64>().ok().filter(|_| digits.len() == 3)?;
            index = index.checked_mul(1000)?.checked_add(group)?;
        }
        let tile = Self { row, index, width };
        (tile.path() == path).then_some(tile)
    }

    fn stem(&self) -> String {
        let mut stem = format!("{:03}", self.index % 1000);
        let mut rest = self.index / 1000;
        while rest > 0 {
            stem = format!("x{:03}/{stem}", rest % 1000);
            rest /= 1000;
        }
        format!("{}/{stem}", self.row.folder())
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.path())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_paths_of_the_specification() {
        let tile = |row, index, width| Tile { row, index, width }.path();
        assert_eq!(tile(Row::Hashes(0), 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(tile(Row::Entries, 5, 12), "tile/entries/005.p/12");
        // A tree of 70,000 entries has 273 full and one partial tile at level 0, and so on.
        let widths: Vec<_> = (0..levels(70_000))
            .map(|level| {
                let row = Row::Hashes(level);
                (row.elements(70_000) / 256, row.width(row.elements(70_000) / 256, 70_000))
            })
            .collect();
        assert_eq!(widths, [(273, 112), (1, 17), (0, 1)]);
        assert_eq!(levels(0), 0);
        assert_eq!((levels(255), levels(256)), (1, 2));
    }

    #[test]
    fn other_spellings_are_no_tiles() {
        for path in [
            "",
            "tile",
            "tile/0",
            "tile/0/",
            "tile/0/1",
            "tile/0/0001",
            "tile/00/001",
            "tile/8/001",
            "tile/0/x000/001",
            "tile/0/001.p/0",
            "tile/0/001.p/256",
            "tile/0/001.p/01",
            "tile/0/+01",
            "tile/0/001/002",
            "tile/0/x001",
            "tile/data/001",
            "tile/0/001.p",
            "tile/-1/001",
            "tile/0/x999/x999/x999/x999/x999/x999/x999/999",
        ] {
            assert_eq!(Tile::from_path(path), None, "{path}");
        }
    }

    proptest! {
        #[test]
        fn paths_lead_back_and_agree_with_tlog_tiles(index in 0..=u64::MAX >> 8, level in 0_u8..8, width in 1_u16..=256) {
            let ours = Tile { row: Row::Hashes(level), index, width };
            prop_assert_eq!(Tile::from_path(&ours.path()), Some(ours));
            let theirs = tlog_tiles::Tile::new(8, level, index, u32::from(width), false);
            prop_assert_eq!(theirs.path(), ours.path().replacen("tile/", "tile/8/", 1));
        }

        #[test]
        fn any_text_is_a_tile_or_none(path in "(tile/)?[0-9entri]{0,7}/[x0-9./p]{0,24}") {
            if let Some(tile) = Tile::from_path(&path) {
                prop_assert_eq!(tile.path(), path);
            }
        }
    }
}
