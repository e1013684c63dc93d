//! What of a ledger goes into an archive.

use std::collections::BTreeMap;

use bartizan_finding::Digest;

use crate::{
    Content, LedgerError, View,
    bundle::{self, MAX_BUNDLE},
    error::Damage,
    log::{CHECKPOINT, blob_path, read_blob},
    tile::{Row, Tile, WIDTH, levels},
    view::read_tile,
};

/// A file of a ledger.
#[derive(Debug)]
enum Piece {
    Blob(Digest),
    Checkpoint,
    Tile(Tile),
}

/// The files by which anybody can verify the log as it is in `view`: the checkpoint, the tiles and entry bundles that
/// it needs and, with `blobs`, every envelope that was not erased. Sorted by path; each is read when its turn comes.
///
/// Nothing is left out that the log needs: a file that is missing or damaged is an error.
pub fn log_files(
    view: &View,
    blobs: bool,
) -> Result<impl Iterator<Item = Result<(String, Vec<u8>), LedgerError>> + '_, LedgerError> {
    let size = view.len();
    let mut pieces = BTreeMap::from([(CHECKPOINT.to_owned(), Piece::Checkpoint)]);
    for row in std::iter::once(Row::Entries).chain((0..levels(size)).map(Row::Hashes)) {
        let tiles = (0..).map_while(|index| Tile::at(row, index, size));
        pieces.extend(tiles.map(|tile| (tile.path(), Piece::Tile(tile))));
    }
    if blobs {
        for entry in view.entries(0..size) {
            match entry?.record.content {
                Content::Statement(statement) => {
                    pieces.insert(blob_path(&statement.envelope), Piece::Blob(statement.envelope));
                }
                Content::Tombstone { erased, .. } => {
                    pieces.remove(&blob_path(&erased));
                }
            }
        }
    }
    Ok(pieces.into_iter().map(move |(path, piece)| Ok((path, read(view, &piece)?))))
}

fn read(view: &View, piece: &Piece) -> Result<Vec<u8>, LedgerError> {
    match piece {
        Piece::Blob(digest) => read_blob(view.fs(), digest),
        // As it was when the view was opened: others may have appended since.
        Piece::Checkpoint => Ok(view.head().note.clone().into_bytes()),
        Piece::Tile(tile) => {
            let limit = if tile.row == Row::Entries { MAX_BUNDLE } else { WIDTH * 32 };
            let (path, mut bytes) = read_tile(view.fs(), *tile, limit)?;
            // The full form may have taken the place of a partial one.
            let end = match tile.row {
                Row::Hashes(_) => usize::from(tile.width) * 32,
                Row::Entries => {
                    let places = bundle::split(&bytes, tile.width);
                    let places = places.map_err(|error| LedgerError::damaged(&path, error))?;
                    places.last().map_or(0, |place| place.end)
                }
            };
            if bytes.len() < end || (path == tile.path() && bytes.len() != end) {
                return Err(LedgerError::damaged(path, Damage::Length));
            }
            bytes.truncate(end);
            Ok(bytes)
        }
    }
}
