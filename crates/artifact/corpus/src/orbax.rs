//! Writes the parts of Orbax checkpoints: OCDBT manifests and nodes, and descriptions of Zarr arrays.

use crate::{Sample, checksum::crc32c, pickle::system};

const FAMILY: &str = "orbax";
const MANIFEST: u32 = 0x0cdb_3a2a;
const VERSIONS: u32 = 0x0cdb_1234;
const NODE: u32 = 0x0cdb_20de;
/// The name of a data file.
const DATA: &str = "d/00112233445566778899aabbccddeeff";

/// A description of an array as Orbax writes it.
pub const ZARRAY: &str = r#"{"chunks":[2],"compressor":{"id":"zstd","level":1},"dimension_separator":".","dtype":"<f4","fill_value":null,"filters":null,"order":"C","shape":[2],"zarr_format":2}"#;

/// A part with this body, not compressed.
pub fn part(magic: u32, body: &[u8]) -> Vec<u8> {
    let length = body.len() as u64 + 18;
    let mut bytes = [magic.to_be_bytes().as_slice(), &length.to_le_bytes(), &[0, 0], body].concat();
    bytes.extend(crc32c(&bytes).to_le_bytes());
    bytes
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn files(paths: &[&str]) -> Vec<u8> {
    let mut bytes = varint(paths.len() as u64);
    // No path shares its start with the one before.
    bytes.extend(vec![0; paths.len().saturating_sub(1)]);
    bytes.extend(paths.iter().flat_map(|path| varint(path.len() as u64)));
    bytes.extend(vec![0; paths.len()]);
    bytes.extend(paths.concat().as_bytes());
    bytes
}

/// A manifest that takes its nodes from these files.
pub fn manifest(paths: &[&str]) -> Vec<u8> {
    let mut body = vec![7; 16];
    body.extend(varint(1024));
    body.extend(varint(100_000_000));
    body.extend([4, 1, 0, 0, 0, 0]);
    body.extend(files(paths));
    // One version, in the first file.
    body.extend([1, 1, 0, 0, 0, 10, 1, 10, 0]);
    body.extend([0; 8]);
    body.push(0);
    part(MANIFEST, &body)
}

/// A leaf with these values, and files for values outside of it.
pub fn leaf(paths: &[&str], values: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = vec![0];
    body.extend(files(paths));
    body.extend(varint(values.len() as u64));
    body.extend(vec![0; values.len().saturating_sub(1)]);
    body.extend(values.iter().flat_map(|(key, _)| varint(key.len() as u64)));
    body.extend(values.iter().flat_map(|(key, _)| key.bytes()));
    body.extend(values.iter().flat_map(|(_, value)| varint(value.len() as u64)));
    body.extend(vec![0; values.len()]);
    body.extend(values.iter().flat_map(|(_, value)| value.to_vec()));
    part(NODE, &body)
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let mut all = Vec::new();
    let mut hostile = |what: &str, path: &str, bytes: Vec<u8>, codes| {
        all.push(Sample::hostile(FAMILY, what, path, bytes, codes));
    };
    for path in ["../../../etc/hostname", "/etc/hostname", "gs://bucket.example.invalid/x", "d/../../x"] {
        hostile(&format!("manifest of {path}"), "manifest.ocdbt", manifest(&[DATA, path]), &["ORB003"]);
    }
    hostile(
        "leaf of a file above",
        DATA,
        leaf(&["../secret"], &[("a/.zarray", ZARRAY.as_bytes())]),
        &["ORB003"],
    );
    let mut versions = vec![4, 0];
    versions.extend(files(&["/srv/other"]));
    hostile("versions of a file outside", DATA, part(VERSIONS, &versions), &["ORB003"]);
    let pickled = |what: &str| ZARRAY.replace("\"filters\":null", what);
    let filter = pickled(r#""filters":[{"id":"pickle","protocol":5}]"#);
    hostile("filter that unpickles", "a/.zarray", filter.clone().into_bytes(), &["ORB006"]);
    hostile(
        "filter that unpickles, in a leaf",
        DATA,
        leaf(&[], &[("a/.zarray", filter.as_bytes())]),
        &["ORB006"],
    );
    let compressor = ZARRAY.replace("\"zstd\"", "\"Pickle\"");
    hostile("compressor that unpickles", "a/.zarray", compressor.into_bytes(), &["ORB006"]);
    let third = r#"{"zarr_format":3,"node_type":"array","shape":[2],"data_type":"object","codecs":[{"name":"numcodecs.pickle","configuration":{}}]}"#;
    hostile("codec that unpickles", "a/zarr.json", third.as_bytes().to_vec(), &["ORB006"]);
    let all_of = format!(r#"{{"metadata":{{"a/.zarray":{filter}}},"zarr_consolidated_format":1}}"#);
    hostile("filter that unpickles, consolidated", ".zmetadata", all_of.into_bytes(), &["ORB006"]);
    let plain = leaf(&[], &[("a/.zarray", ZARRAY.as_bytes()), ("a/0", b"\0\0\0\0\0\0\0\0")]);
    hostile("leaf that is cut", DATA, plain[..plain.len() - 9].to_vec(), &["ORB001"]);
    let mut endless = vec![0];
    endless.extend(varint(1 << 40));
    hostile("table without an end", DATA, part(NODE, &endless), &["ORB001"]);
    hostile("leaf that goes on", DATA, part(NODE, &[0, 0, 0, 1, 2, 3]), &["ORB001"]);
    let mut changed = manifest(&["../x"]);
    let at = changed.len() - 1;
    changed[at] ^= 1;
    hostile("manifest with another checksum", "manifest.ocdbt", changed, &["ORB002", "ORB003"]);
    let program = leaf(&["../x"], &[("a/0", b"\x7fELF\x02\x01\x01\0")]);
    hostile("program as a value", DATA, program, &["ORB003", "ORB004"]);
    let handlers = r#"{"item_handlers": {"state": "acme.handlers.Handler"}, "metrics": {}, "storage": {"path": "/etc/hostname"}}"#;
    hostile(
        "handler of its own",
        "_CHECKPOINT_METADATA",
        handlers.as_bytes().to_vec(),
        &["ORB003", "ORB005"],
    );
    let cut = filter.get(..filter.len() - 10).unwrap().as_bytes().to_vec();
    hostile("description that is cut", "a/.zarray", cut, &["ORB006", "ORB007"]);
    let evil = system().stop();
    hostile("pickle as a chunk", "params.a/0.0", evil, &["PKL001"]);

    let mut benign =
        |what: &str, path: &str, bytes: Vec<u8>| all.push(Sample::benign(FAMILY, what, path, bytes));
    benign("manifest", "manifest.ocdbt", manifest(&[DATA]));
    benign(
        "manifest of many files",
        "manifest.ocdbt",
        manifest(&["ocdbt.process_0/d/aa", "ocdbt.process_1/d/bb"]),
    );
    benign("leaf", DATA, plain.clone());
    benign("two leaves behind one another", DATA, [plain.clone(), plain.clone()].concat());
    benign("values and a leaf behind them", DATA, [vec![0, 1, 2, 3, 12, 219, 4, 5], plain].concat());
    benign("description of an array", "a/.zarray", ZARRAY.as_bytes().to_vec());
    let text = ZARRAY.replace("\"filters\":null", r#""filters":[{"id":"vlen-utf8"}]"#);
    benign("description of an array of text", "a/.zarray", text.into_bytes());
    let tree = r#"{"tree_metadata": {"('params', 'a')": {"key_metadata": [{"key": "params", "key_type": 2}], "value_metadata": {"value_type": "jax.Array"}}}, "use_zarr3": false}"#;
    benign("description of a tree", "_METADATA", tree.as_bytes().to_vec());
    let handlers = r#"{"item_handlers": "orbax.checkpoint._src.handlers.pytree_checkpoint_handler.PyTreeCheckpointHandler", "metrics": {}}"#;
    benign("description of a checkpoint", "_CHECKPOINT_METADATA", handlers.as_bytes().to_vec());
    let sharding =
        r#"{"cGFyYW1zLmE=":"{\"sharding_type\": \"SingleDeviceSharding\", \"device_str\": \"cpu:0\"}"}"#;
    benign("description of devices", "_sharding", sharding.as_bytes().to_vec());
    all
}
