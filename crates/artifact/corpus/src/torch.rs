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

/// A state dict under construction: what `torch.save` writes for one.
#[derive(Clone, Debug)]
pub struct State(Pickle);

impl State {
    pub fn new() -> Self {
        Self(Pickle::default().global("collections", "OrderedDict").raw(b")R("))
    }

    /// A tensor: a view of a storage of a class of `torch`, from an offset on, with sizes and strides.
    #[must_use]
    pub fn tensor(
        self,
        name: &str,
        class: &str,
        key: &str,
        offset: u32,
        shape: &[u32],
        strides: &[u32],
    ) -> Self {
        let numbers = |mut pickle: Pickle, numbers: &[u32]| {
            pickle = pickle.raw(b"(");
            for number in numbers {
                pickle = pickle.raw(b"J").raw(&number.to_le_bytes());
            }
            pickle.raw(b"t")
        };
        let pickle =
            self.0.text(name).global("torch._utils", "_rebuild_tensor_v2").raw(b"((").text("storage");
        let pickle = pickle.global("torch", class).text(key).text("cpu").raw(b"J\x08\0\0\0tQJ");
        let pickle = numbers(numbers(pickle.raw(&offset.to_le_bytes()), shape), strides);
        Self(pickle.raw(b"\x89").global("collections", "OrderedDict").raw(b")RtR"))
    }

    /// The opcodes, without declaration and end.
    pub fn body(self) -> Vec<u8> {
        self.0.raw(b"u").0
    }

    /// The whole pickle.
    pub fn stop(self) -> Vec<u8> {
        [b"\x80\x02".to_vec(), self.body(), b".".to_vec()].concat()
    }
}
