//! Others judge the same folder.

use std::{
    path::Path,
    process::{Command, Output},
    sync::Arc,
};

use bartizan_finding::{Digest, Hasher};
use bartizan_ledger::{Ledger, RealFs};
use tlog_tiles::{Hash, HashReader as _, TileHashReader, TileReader};

use crate::support::{at, drafts, identity, keys};

/// The interpreter that has aics-tlog.
#[expect(clippy::disallowed_methods, reason = "the judge is found through the environment")]
fn judge() -> std::ffi::OsString {
    std::env::var_os("BARTIZAN_TOOLS_PYTHON").expect("`cargo xtask test` says where Python is")
}

#[expect(clippy::disallowed_methods, reason = "the judge is another program")]
fn audit(python: &std::ffi::OsStr, folder: &Path, indices: &[u64]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/aics_audit.py");
    let mut command = Command::new(python);
    command.arg("-I").arg(script).arg(folder).arg(keys()[0].to_string()).arg("300");
    command.args(indices.iter().map(ToString::to_string)).output().expect("the interpreter starts")
}

#[test]
fn interop_python_aics_tlog_audits_a_ledger() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Ledger::create(Arc::new(RealFs::open(folder.path()).unwrap()), identity()).unwrap();
    ledger.append(&drafts(0..300), at(0)).unwrap();
    ledger.append(&drafts(300..700), at(1)).unwrap();

    let indices = [0, 255, 256, 511, 650, 699];
    let output = audit(&judge(), folder.path(), &indices);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();

    let view = ledger.view().unwrap();
    let hexes = |hashes: Vec<Digest>| hashes.iter().map(Digest::hex).collect::<Vec<_>>();
    let inclusion: serde_json::Map<_, _> = indices
        .iter()
        .map(|index| (index.to_string(), hexes(view.inclusion(*index).unwrap()).into()))
        .collect();
    let mut entries = Hasher::new();
    for index in 0..700 {
        let entry = view.entry_bytes(index).unwrap();
        entries.update(&(entry.len() as u16).to_be_bytes());
        entries.update(&entry);
    }
    let ours = serde_json::json!({
        "size": 700,
        "root": view.head().root.hex(),
        "tiles": 4,
        "bundles": 3,
        "entries": entries.finish().hex(),
        "inclusion": inclusion,
        "consistency": hexes(view.consistency(300).unwrap()),
    });
    assert_eq!(said, ours);

    // It is no judge if it never says no.
    for path in ["tile/0/001", "tile/1/000.p/2", "tile/entries/000", "tile/entries/002.p/188", "checkpoint"] {
        let path = folder.path().join(path);
        let right = bytes_of(&path);
        let mut wrong = right.clone();
        wrong[20] ^= 1;
        std::fs::write(&path, wrong).unwrap();
        assert_eq!(audit(&judge(), folder.path(), &indices).status.code(), Some(1), "{}", path.display());
        std::fs::write(&path, right).unwrap();
    }
    assert!(audit(&judge(), folder.path(), &indices).status.success());
}

#[expect(clippy::disallowed_methods, reason = "a file that the test has just written")]
fn bytes_of(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("the file was just written")
}

/// The tiles of a ledger in memory, for the `tlog_tiles` crate.
struct Tiles(bartizan_ledger::MemoryFs);

impl TileReader for Tiles {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[tlog_tiles::Tile]) -> Result<Vec<Vec<u8>>, tlog_tiles::Error> {
        let read = |tile: &tlog_tiles::Tile| {
            // Its paths name the height of the tiles, which C2SP fixes at 8 and leaves out.
            let path = tile.path().replacen("tile/8/", "tile/", 1);
            bartizan_ledger::fs::Fs::read(&self.0, &path, 8192).expect("the tile is there")
        };
        Ok(tiles.iter().map(read).collect())
    }

    fn save_tiles(&self, _tiles: &[tlog_tiles::Tile], _data: &[Vec<u8>]) {}
}

#[test]
fn the_crate_tlog_tiles_proves_from_our_tiles() {
    let (fs, ledger) = crate::support::filled(700);
    let view = ledger.view().unwrap();
    let checkpoint = tlog_tiles::Checkpoint::from_bytes(
        view.head().note.split("\n\n").next().map(|text| format!("{text}\n")).unwrap().as_bytes(),
    )
    .unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.size()), (crate::support::ORIGIN, 700));
    assert_eq!(checkpoint.hash().0, *view.head().root.as_bytes());
    let tiles = Tiles(fs);
    let reader = TileHashReader::new(700, *checkpoint.hash(), &tiles);
    let bytes = |proof: Vec<Hash>| proof.iter().map(|hash| hash.0).collect::<Vec<_>>();
    let ours = |proof: Vec<Digest>| proof.iter().map(|hash| *hash.as_bytes()).collect::<Vec<_>>();
    for index in [0, 255, 256, 650, 699] {
        let theirs = tlog_tiles::prove_record(700, index, &reader).unwrap();
        assert_eq!(bytes(theirs), ours(view.inclusion(index).unwrap()));
        let leaf = tlog_tiles::record_hash(&view.entry_bytes(index).unwrap());
        let stored = reader.read_hashes(&[tlog_tiles::stored_hash_index(0, index)]).unwrap();
        assert_eq!(stored, [leaf]);
    }
    for old in [1, 255, 256, 300, 699] {
        let theirs = tlog_tiles::prove_tree(700, old, &reader).unwrap();
        assert_eq!(bytes(theirs), ours(view.consistency(old).unwrap()));
    }
}
