//! Writes archives as `PyTorch` does.

use crate::{
    pickle::Pickle,
    zip::{Member, zip},
};

/// An archive with tensors of the given storages: a pickle that asks for 2 floats under the key `0`.
pub fn torch(storages: &[(&str, &[u8])], more: &[Member]) -> Vec<u8> {
    let mut members = vec![Member::stored("archive/data.pkl", &state()).torch()];
    members.push(Member::stored("archive/byteorder", b"little").torch());
    for (key, bytes) in storages {
        members.push(Member::stored(&format!("archive/data/{key}"), bytes).torch());
    }
    members.push(Member::stored("archive/version", b"3\n").torch());
    members.push(Member::stored("archive/.data/serialization_id", b"0123456789").torch());
    members.extend(more.iter().cloned());
    zip(&members)
}

/// The pickle of a state dict with one parameter of two floats.
pub fn state() -> Vec<u8> {
    Pickle::proto(2)
        .global("collections", "OrderedDict")
        .raw(b")R(")
        .text("weight")
        .global("torch._utils", "_rebuild_parameter")
        .raw(b"(")
        .global("torch._utils", "_rebuild_tensor_v2")
        .raw(b"(")
        .storage("0", 2)
        .raw(b"tQK\x00K\x02\x85K\x01\x85\x89")
        .global("collections", "OrderedDict")
        .raw(b")RtR\x88")
        .global("collections", "OrderedDict")
        .raw(b")RtRu")
        .stop()
}
