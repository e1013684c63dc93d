//! Writes container images as tar archives.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use crate::{
    Sample,
    compressed::{gzip, zstd},
    pickle::system,
    safetensors::safetensors,
    tar::{Entry, tar},
};

const FAMILY: &str = "oci";

/// The digest of some bytes, in hexadecimal digits.
pub fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn blob(bytes: &[u8]) -> Entry {
    Entry::file(&format!("blobs/sha256/{}", digest(bytes)), bytes)
}

fn descriptor(media: &str, bytes: &[u8]) -> String {
    format!(
        r#"{{"mediaType":"application/vnd.oci.image.{media}","digest":"sha256:{}","size":{}}}"#,
        digest(bytes),
        bytes.len()
    )
}

/// The members of an image with these layers, the blobs first, as `tar` puts them.
pub fn image(layers: &[Vec<u8>]) -> Vec<Entry> {
    let config = br#"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}"#;
    let list: Vec<_> = layers.iter().map(|layer| descriptor("layer.v1.tar", layer)).collect();
    let manifest = format!(
        r#"{{"schemaVersion":2,"config":{},"layers":[{}]}}"#,
        descriptor("config.v1+json", config),
        list.join(",")
    );
    let index = format!(
        r#"{{"schemaVersion":2,"manifests":[{}]}}"#,
        descriptor("manifest.v1+json", manifest.as_bytes())
    );
    let mut entries: Vec<_> = layers.iter().map(|layer| blob(layer)).collect();
    entries.extend([
        blob(config),
        blob(manifest.as_bytes()),
        Entry::file("index.json", index.as_bytes()),
        Entry::file("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#),
    ]);
    entries
}

/// What `docker save` wrote before version 25.
pub fn docker(layer: &[u8]) -> Vec<u8> {
    let config = br#"{"architecture":"amd64","os":"linux"}"#;
    let id = digest(layer);
    let manifest = format!(
        r#"[{{"Config":"{}.json","RepoTags":["model:1"],"Layers":["{id}/layer.tar"]}}]"#,
        digest(config)
    );
    tar(&[
        Entry::of(b'5', &format!("{id}/"), ""),
        Entry::file(&format!("{id}/VERSION"), b"1.0"),
        Entry::file(&format!("{id}/layer.tar"), layer),
        Entry::file(&format!("{}.json", digest(config)), config),
        Entry::file("manifest.json", manifest.as_bytes()),
    ])
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "image.tar", bytes, codes);
    let benign = |what: &str, bytes| Sample::benign(FAMILY, what, "image.tar", bytes);
    let weights = safetensors(r#"{"w":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}"#, &[0; 8]);
    let good = tar(&[Entry::of(b'5', "models/", ""), Entry::file("models/model.safetensors", &weights)]);
    let bad = tar(&[Entry::file("models/model.bin", &system().stop())]);
    let rooted = tar(&[
        Entry::of(b'2', "bin", "usr/bin"),
        Entry::of(b'2', "etc/mtab", "/proc/mounts"),
        Entry::of(b'2', "var/run", "../run"),
        Entry::file("models/.wh.old", b""),
        Entry::file("usr/bin/su", b"text").with(|entry| entry.mode = b"0004755\0".to_vec()),
        Entry::of(b'3', "dev/null", ""),
    ]);
    let changed = |change: fn(&mut Vec<Entry>)| {
        let mut entries = image(std::slice::from_ref(&good));
        change(&mut entries);
        tar(&entries)
    };
    vec![
        hostile("pickle in a layer", tar(&image(std::slice::from_ref(&bad))), &["PKL001"]),
        hostile("pickle in a layer in gzip", tar(&image(&[gzip(&bad)])), &["PKL001"]),
        hostile("pickle in a layer in zstd", tar(&image(&[zstd(&bad)])), &["PKL001"]),
        hostile("pickle in the second layer", tar(&image(&[gzip(&good), gzip(&bad)])), &["PKL001"]),
        hostile("pickle in a layer of docker save", docker(&bad), &["PKL001"]),
        hostile(
            "name that leads out of a layer",
            tar(&image(&[tar(&[Entry::file("../x", b"text")])])),
            &["TAR003"],
        ),
        hostile("image in gzip", gzip(&tar(&image(std::slice::from_ref(&bad)))), &["ART002", "PKL001"]),
        hostile("layer that is not its digest", changed(|entries| entries[0].data[600] ^= 1), &["OCI001"]),
        hostile(
            "layer in place of another",
            changed(|entries| entries[0].data = tar(&[Entry::file("models/x", b"text")])),
            &["OCI001"],
        ),
        hostile(
            "settings that are not their digest",
            changed(|entries| entries[1].data[2] ^= 1),
            &["OCI001"],
        ),
        hostile(
            "manifest that is not its digest",
            changed(|entries| entries[2].data.push(b' ')),
            &["OCI001"],
        ),
        hostile(
            "layer with a link outside an image",
            changed(|entries| entries.push(Entry::file("extra.tar", &tar(&[Entry::of(b'2', "x", "/etc")])))),
            &["TAR004"],
        ),
        hostile(
            "layer that nobody asks for",
            changed(|entries| entries.push(blob(&tar(&[Entry::file("x.pkl", &system().stop())])))),
            &["OCI002", "PKL001"],
        ),
        benign("one layer", tar(&image(std::slice::from_ref(&good)))),
        benign("layers in gzip and zstd", tar(&image(&[gzip(&good), zstd(&good)]))),
        benign("layer with links, a device and a mark of deletion", tar(&image(&[gzip(&rooted)]))),
        benign("docker save", docker(&good)),
    ]
}
