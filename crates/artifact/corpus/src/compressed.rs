//! Compressed files, right and wrong.

use std::io::Write as _;

use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};

use crate::{
    Sample,
    pickle::{Pickle, system},
    zip::{Member, zip},
};

const FAMILY: &str = "compressed";

/// One member of gzip.
pub fn gzip(data: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// One stream of zlib.
pub fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, path: &str, bytes, codes| Sample::hostile(FAMILY, what, path, bytes, codes);
    let benign = |what: &str, path: &str, bytes| Sample::benign(FAMILY, what, path, bytes);
    let evil = system().stop();
    let plain = Pickle::proto(4).raw(b"N").stop();
    let mut damaged = gzip(&evil);
    let at = damaged.len() - 8;
    damaged[at] ^= 1;
    vec![
        hostile("pickle in gzip", "model.pkl.gz", gzip(&evil), &["PKL001"]),
        hostile("pickle in gzip twice", "model.pkl.gz", gzip(&gzip(&evil)), &["PKL001"]),
        hostile("pickle in zlib", "model.joblib", zlib(&evil), &["PKL001"]),
        hostile(
            "pickle in the second member",
            "model.pkl.gz",
            [gzip(&plain), gzip(&evil)].concat(),
            &["PKL001"],
        ),
        hostile("pickle in gzip with a wrong checksum", "model.pkl.gz", damaged, &["CMP002", "PKL001"]),
        hostile(
            "pickle behind compressed data",
            "model.pkl.gz",
            [gzip(&evil), system().stop()].concat(),
            &["CMP003", "PKL001"],
        ),
        hostile(
            "archive in gzip in an archive",
            "bundle.zip",
            zip(&[Member::deflated("inner.zip.gz", &gzip(&zip(&[Member::deflated("data.pkl", &evil)])))]),
            &["PKL001"],
        ),
        benign("pickle in gzip", "model.pkl.gz", gzip(&plain)),
        benign("pickle in zlib", "model.joblib", zlib(&plain)),
        benign("two pickles in two members", "model.pkl.gz", [gzip(&plain), gzip(&plain)].concat()),
        benign(
            "archive in an archive",
            "bundle.zip",
            zip(&[Member::deflated("a.zip", &zip(&[Member::deflated("a.txt", b"text")]))]),
        ),
    ]
}
