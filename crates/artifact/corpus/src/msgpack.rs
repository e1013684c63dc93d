//! Writes trees in `MessagePack` as Flax does.

use crate::{
    Sample,
    pickle::{Pickle, system},
};

const FAMILY: &str = "msgpack";

/// A map of these entries.
pub fn map(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = match u8::try_from(entries.len()) {
        Ok(count @ 0..=15) => vec![0x80 | count],
        _ => [&[0xde], u16::try_from(entries.len()).unwrap().to_be_bytes().as_slice()].concat(),
    };
    for (key, value) in entries {
        bytes.extend(text(key));
        bytes.extend_from_slice(value);
    }
    bytes
}

/// A text.
pub fn text(text: &str) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap();
    let head = if length < 32 { vec![0xa0 | length] } else { vec![0xd9, length] };
    [head, text.as_bytes().to_vec()].concat()
}

/// Bytes.
pub fn bytes(data: &[u8]) -> Vec<u8> {
    [&[0xc6], u32::try_from(data.len()).unwrap().to_be_bytes().as_slice(), data].concat()
}

/// A number.
pub fn number(value: u64) -> Vec<u8> {
    [&[0xcf], value.to_be_bytes().as_slice()].concat()
}

/// An extension.
pub fn extension(kind: i8, data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&[0xc9], length.as_slice(), &kind.to_be_bytes(), data].concat()
}

/// An array.
pub fn array(shape: &[u64], dtype: &str, data: &[u8]) -> Vec<u8> {
    extension(1, &ndarray(shape, dtype, data))
}

fn ndarray(shape: &[u64], dtype: &str, data: &[u8]) -> Vec<u8> {
    let shape = shape.iter().flat_map(|extent| number(*extent)).collect::<Vec<_>>();
    let rank = 0x90 | u8::try_from(shape.len() / 9).unwrap();
    [vec![0x93, rank], shape, text(dtype), bytes(data)].concat()
}

/// An array that was cut in parts.
pub fn chunked(extent: u64, parts: &[Vec<u8>]) -> Vec<u8> {
    let names: Vec<_> = (0..parts.len()).map(|index| index.to_string()).collect();
    let entries: Vec<_> = names.iter().map(String::as_str).zip(parts.iter().cloned()).collect();
    map(&[
        ("__msgpack_chunked_array__", vec![0xc3]),
        ("shape", map(&[("0", number(extent))])),
        ("chunks", map(&entries)),
    ])
}

fn params(more: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let dense =
        map(&[("kernel", array(&[4, 2], "float32", &[0; 32])), ("bias", array(&[2], "float32", &[0; 8]))]);
    let entries: Vec<_> = [("Dense_0", dense)].into_iter().chain(more.iter().cloned()).collect();
    map(&[("params", map(&entries))])
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let mut all = Vec::new();
    let mut hostile = |what: &str, more: &[(&str, Vec<u8>)], codes| {
        all.push(Sample::hostile(FAMILY, what, "flax_model.msgpack", params(more), codes));
    };
    let run = system().stop();
    let old = Pickle::old().raw(b"cposix\nsystem\n(S'true'\ntR").stop();
    hostile("pickle in bytes", &[("state", bytes(&run))], &["PKL001"]);
    hostile("old pickle in bytes", &[("state", bytes(&old))], &["PKL001"]);
    hostile("pickle in an extension", &[("state", extension(42, &run))], &["MSG002", "PKL001"]);
    hostile("pickle in a negative extension", &[("state", extension(-7, &run))], &["MSG002", "PKL001"]);
    hostile("key that stands twice", &[("Dense_0", map(&[]))], &["MSG003"]);
    hostile("array that is too short", &[("w", array(&[1000], "float32", &[0; 8]))], &["MSG004"]);
    hostile("array that is too long", &[("w", array(&[1], "float32", &[0; 80]))], &["MSG004"]);
    hostile("array beyond 64 bits", &[("w", array(&[1 << 40, 1 << 40], "int8", &[0; 8]))], &["MSG004"]);
    hostile("parts that do not add up", &[("w", chunked(9, &[array(&[4], "int8", &[0; 4])]))], &["MSG004"]);
    let short = extension(1, &[ndarray(&[4], "int8", &[0; 4]), vec![0; 5]].concat());
    hostile("array with bytes behind it", &[("w", short)], &["MSG001"]);
    hostile("array without a shape", &[("w", extension(1, &[0x93, 0xc0, 0xc0, 0xc0]))], &["MSG001"]);
    hostile("value longer than the file", &[("w", vec![0xc6, 0x7f, 0xff, 0xff, 0xff])], &["MSG001"]);
    hostile("map larger than the file", &[("w", vec![0xdf, 0x7f, 0xff, 0xff, 0xff])], &["MSG001"]);
    hostile("byte that is not in use", &[("w", vec![0xc1])], &["MSG001"]);
    let elf = array(&[8], "uint8", b"\x7fELF\x02\x01\x01\0");
    let objects = array(&[1], "object", &[0; 8]);
    let both = [("elf", elf), ("o", objects), ("w", array(&[9], "int8", &[0; 8]))];
    hostile("program and objects as arrays", &both, &["MSG004", "MSG005", "MSG007"]);
    let mut more = |what: &str, bytes, codes| {
        all.push(Sample::hostile(FAMILY, what, "flax_model.msgpack", bytes, codes));
    };
    let plain = params(&[]);
    more("cut in the middle", plain[..plain.len() - 20].to_vec(), &["MSG001"]);
    more("script behind the tree", [plain.as_slice(), b"#!/bin/sh\ntrue\n"].concat(), &["MSG006"]);

    let mut benign = |what: &str, bytes| all.push(Sample::benign(FAMILY, what, "flax_model.msgpack", bytes));
    benign("parameters", plain);
    let types = [
        ("bool", 1),
        ("bfloat16", 2),
        ("float16", 2),
        ("int64", 8),
        ("complex128", 16),
        ("float8_e4m3fn", 1),
    ];
    let arrays: Vec<_> =
        types.iter().map(|(name, size)| (*name, array(&[2], name, &vec![0; 2 * size]))).collect();
    benign("arrays of many types", params(&arrays));
    let complex = extension(2, &[&[0x92, 0xcb], &[0; 8][..], &[0xcb], &[0; 8]].concat());
    let scalar = extension(3, &ndarray(&[], "float32", &[0; 4]));
    let rest = [
        ("complex", complex),
        ("scalar", scalar),
        ("step", number(3)),
        ("none", vec![0xc0]),
        ("name", text("a model")),
        ("list", vec![0x92, 1, 0xff]),
        ("raw", bytes(b"some bytes")),
        ("empty", map(&[])),
    ];
    benign("values of all kinds", params(&rest));
    benign(
        "array in parts",
        params(&[("w", chunked(6, &[array(&[4], "int8", &[0; 4]), array(&[2], "int8", &[0; 2])]))]),
    );
    benign("array without elements", params(&[("w", array(&[0, 3], "float32", &[]))]));
    let names: Vec<_> = (0..300).map(|index| format!("layer_{index}")).collect();
    let many: Vec<_> = names.iter().map(|name| (name.as_str(), array(&[1], "float32", &[0; 4]))).collect();
    benign("three hundred layers", params(&many));
    all
}
