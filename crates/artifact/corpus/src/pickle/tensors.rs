//! Tensors of `PyTorch` over storages, inside them and outside.

use super::Pickle;
use crate::Sample;

/// What is given to the function that puts a tensor together: offset, sizes and strides, as opcodes.
pub fn tensor(function: &str, storage: u8, place: &[u8]) -> Vec<u8> {
    Pickle::proto(2)
        .global("torch._utils", function)
        .raw(b"(")
        .storage("0", storage)
        .raw(b"tQ")
        .raw(place)
        .raw(b"\x89")
        .global("collections", "OrderedDict")
        .raw(b")RtR")
        .stop()
}

/// The files.
pub fn samples() -> Vec<Sample> {
    let places: [(&str, &[u8]); 8] = [
        ("more elements than the storage", b"K\x00M\xe8\x03\x85K\x01\x85"),
        ("offset beyond the storage", b"K\x09K\x02\x85K\x01\x85"),
        ("last element beyond the storage", b"K\x01K\x02\x85K\x01\x85"),
        ("stride beyond the storage", b"K\x00K\x02\x85M\xff\xff\x85"),
        ("negative offset", b"J\xff\xff\xff\xffK\x02\x85K\x01\x85"),
        ("negative stride", b"K\x01K\x02\x85J\xff\xff\xff\xff\x85"),
        ("negative size", b"K\x00J\xff\xff\xff\xff\x85K\x01\x85"),
        ("more sizes than strides", b"K\x00K\x01K\x01\x86K\x01\x85"),
    ];
    let mut samples = Vec::new();
    for (what, place) in places {
        for function in ["_rebuild_tensor_v2", "_rebuild_tensor", "_rebuild_qtensor"] {
            let bytes = tensor(function, 2, place);
            let sample =
                Sample::hostile("tensors", format!("{what}, {function}"), "model.bin", bytes, &["PKL017"]);
            samples.push(sample.from_advisory("CVE-2026-24747"));
        }
    }
    let overflow =
        b"K\x00\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f\x85";
    let sample = Sample::hostile(
        "tensors",
        "product that does not fit",
        "model.bin",
        tensor("_rebuild_tensor_v2", 2, overflow),
        &["PKL017"],
    );
    samples.push(sample.from_advisory("CVE-2025-32434"));
    let benign = |what: &str, place: &[u8]| {
        Sample::benign("tensors", what, "model.bin", tensor("_rebuild_tensor_v2", 6, place))
    };
    samples.extend([
        benign("vector", b"K\x00K\x06\x85K\x01\x85"),
        benign("matrix", b"K\x00K\x02K\x03\x86K\x03K\x01\x86"),
        benign("transposed matrix", b"K\x00K\x03K\x02\x86K\x01K\x03\x86"),
        benign("view", b"K\x04K\x02\x85K\x01\x85"),
        benign("expanded number", b"K\x00M\xe8\x03\x85K\x00\x85"),
        benign("one number", b"K\x05))"),
        benign("no numbers", b"K\x00K\x00K\x05\x86K\x05K\x01\x86"),
    ]);
    samples
}
