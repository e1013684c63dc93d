//! Writes pickles as joblib does: arrays lie in the stream, behind the `BUILD` of a wrapper.

use crate::{
    Sample,
    compressed::{gzip, zlib},
    numpy,
    pickle::{Pickle, system},
};

const FAMILY: &str = "joblib";

/// An array, as its wrapper describes it.
#[derive(Clone, Debug)]
pub struct Array<'a> {
    /// What `numpy.dtype` is given.
    pub dtype: &'a str,
    /// Opcodes that push the shape.
    pub shape: &'a [u8],
    /// Whether padding precedes the bytes, and how many bytes of it.
    pub padding: Option<u8>,
    pub data: Vec<u8>,
    /// The flags in the state of the type.
    pub flags: u8,
}

impl Pickle {
    /// An array in the place of a value.
    #[must_use]
    pub fn joblib(self, array: &Array<'_>) -> Self {
        let mut pickle = self
            .global("joblib.numpy_pickle", "NumpyArrayWrapper")
            .raw(b")\x81}(")
            .text("subclass")
            .global("numpy", "ndarray")
            .text("shape")
            .raw(array.shape)
            .text("order")
            .text("C")
            .text("dtype")
            .global("numpy", "dtype")
            .text(array.dtype)
            .raw(b"\x89\x88\x87R(K\x03")
            .text("<")
            .raw(b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK")
            .raw(&[array.flags])
            .raw(b"tb")
            .text("allow_mmap")
            .raw(b"\x88");
        if array.padding.is_some() {
            pickle = pickle.text("numpy_array_alignment_bytes").raw(b"K\x10");
        }
        pickle = pickle.raw(b"ub");
        if let Some(padding) = array.padding {
            pickle = pickle.raw(&[padding]).raw(&vec![0xff; usize::from(padding)]);
        }
        pickle.raw(&array.data)
    }
}

/// Two numbers.
pub fn plain() -> Array<'static> {
    Array { dtype: "f8", shape: b"K\x02\x85", padding: Some(3), data: vec![0; 16], flags: 0 }
}

/// The wrapper of before version 0.10, which names a file.
pub fn elsewhere(class: &str, filename: &str) -> Vec<u8> {
    Pickle::proto(2)
        .global("joblib.numpy_pickle", class)
        .raw(b")\x81}(")
        .text("filename")
        .text(filename)
        .text("subclass")
        .global("numpy", "ndarray")
        .raw(b"ub")
        .stop()
}

/// Arrays in a dictionary.
pub fn arrays(arrays: &[Array<'_>]) -> Vec<u8> {
    let mut pickle = Pickle::proto(4).raw(b"}(");
    for (at, array) in arrays.iter().enumerate() {
        pickle = pickle.text(&format!("array{at}")).joblib(array);
    }
    pickle.raw(b"u").stop()
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let mut samples = hostile();
    samples.extend(benign());
    samples
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn hostile() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "model.joblib", bytes, codes);
    let evil = system().stop();
    let objects = |data: Vec<u8>| Array { dtype: "O8", padding: None, flags: 63, data, ..plain() };
    let raw = |data: Vec<u8>, shape| Array { dtype: "u1", shape, padding: None, data, flags: 0 };
    // Opcodes that are the bytes of an array as well.
    let call = Pickle::old().global("posix", "system").call("true").0;
    let (length, shape) = (call.len(), [b'K', u8::try_from(call.len()).unwrap(), 0x85]);
    let memo = Pickle::proto(4).text("posix").raw(b"\x940").text("system").raw(b"\x940");
    let from_memo = Pickle::old().raw(b"h\x00h\x01\x93").call("true").0;
    let memo_shape = [b'K', u8::try_from(from_memo.len()).unwrap(), 0x85];
    let unknown = Pickle::old().global("package.tools", "launch").call("x").0;
    let unknown_shape = [b'K', u8::try_from(unknown.len()).unwrap(), 0x85];
    let padded = [vec![0xff; 3], call.clone()].concat();
    // The length of the padding is itself an opcode, and the padding goes on.
    let mut padding = b"posix\nsystem\nX\x04\0\0\0true\x85R.".to_vec();
    padding.resize(usize::from(b'c') + 1, 0);
    let padding = Array {
        dtype: "u1",
        shape: b"K\x01\x85",
        padding: None,
        data: [b"c".to_vec(), padding].concat(),
        flags: 0,
    };
    let aligned = aligned(&padding);
    vec![
        hostile("array of objects", arrays(&[objects(evil.clone())]), &["PKL001"])
            .from_advisory("CVE-2024-34997"),
        hostile(
            "array of objects behind a plain one",
            arrays(&[plain(), objects(evil.clone())]),
            &["PKL001"],
        )
        .from_advisory("CVE-2024-34997"),
        hostile(
            "call behind an array",
            Pickle::proto(4).joblib(&plain()).raw(b"0").global("posix", "system").call("true").stop(),
            &["PKL001"],
        )
        .from_advisory("CVE-2020-13092"),
        hostile("call in front of an array", system().raw(b"0").joblib(&plain()).stop(), &["PKL001"])
            .from_advisory("CVE-2020-13092"),
        hostile("array that is a call for pickle.load", arrays(&[raw(call.clone(), &shape)]), &["PKL015"]),
        hostile("padding that is a call for pickle.load", aligned, &["PKL015"]),
        hostile("names from the memo", memo.joblib(&raw(from_memo, &memo_shape)).stop(), &["PKL015"]),
        hostile("unknown call in an array", arrays(&[raw(unknown, &unknown_shape)]), &["PKL015"]),
        hostile("second array that is a call", arrays(&[plain(), raw(call.clone(), &shape)]), &["PKL015"]),
        hostile(
            "texts that are a call",
            arrays(&[Array { dtype: "S1", ..raw(call.clone(), &shape) }]),
            &["PKL015"],
        ),
        hostile(
            "call in a matrix",
            arrays(&[raw(padded[3..].to_vec(), &[b'K', 1, b'K', u8::try_from(length).unwrap(), 0x86])]),
            &["PKL015"],
        ),
        hostile(
            "pickle in the bytes of an array",
            arrays(&[Array {
                data: evil.clone(),
                shape: &[b'K', u8::try_from(evil.len()).unwrap(), 0x85],
                padding: Some(2),
                dtype: "u1",
                flags: 0,
            }]),
            &["PKL001", "PKL009"],
        ),
        hostile(
            "file outside the folder",
            elsewhere("NDArrayWrapper", "../../shared/weights.npy"),
            &["PKL016"],
        ),
        hostile("file by its whole path", elsewhere("NDArrayWrapper", "/etc/passwd"), &["PKL016"]),
        hostile("compressed file outside", elsewhere("ZNDArrayWrapper", "..\\weights.z"), &["PKL016"]),
        hostile("file on another drive", elsewhere("NDArrayWrapper", "C:weights.npy"), &["PKL016"]),
        hostile(
            "file of a computed name",
            Pickle::proto(2)
                .global("joblib.numpy_pickle", "NDArrayWrapper")
                .raw(b")\x81}")
                .text("filename")
                .global("builtins", "str")
                .call("x")
                .raw(b"sb")
                .stop(),
            &["PKL016"],
        ),
        hostile("gzip", gzip(&arrays(&[objects(evil.clone())])), &["PKL001"]),
        hostile("zlib", zlib(&arrays(&[objects(evil.clone())])), &["PKL001"]),
        hostile("zlib around an array that is a call", zlib(&arrays(&[raw(call, &shape)])), &["PKL015"]),
        hostile("array inside a frame", framed(&plain()), &["PKL011"]),
        hostile(
            "names the reader of arrays itself",
            Pickle::proto(4).global("joblib.numpy_pickle", "load").call("x").stop(),
            &["PKL001"],
        )
        .from_advisory("CVE-2024-34997"),
        hostile(
            "a method of the wrapper",
            Pickle::proto(4)
                .stack_global("joblib.numpy_pickle", "NumpyArrayWrapper.read_array")
                .raw(b")R")
                .stop(),
            &["PKL001"],
        )
        .from_advisory("CVE-2024-34997"),
    ]
}

/// An array whose data starts with the length of its padding.
fn aligned(array: &Array<'_>) -> Vec<u8> {
    let Array { data, .. } = array;
    let whole = Pickle::proto(4).joblib(&Array { padding: Some(0), data: Vec::new(), ..array.clone() }).0;
    [whole[..whole.len() - 1].to_vec(), data.clone(), b".".to_vec()].concat()
}

/// A frame that goes on behind the wrapper, so that readers differ in where the array starts.
fn framed(array: &Array<'_>) -> Vec<u8> {
    let body = Pickle::default().joblib(array).stop();
    Pickle::framed(&body)
}

fn benign() -> Vec<Sample> {
    let benign = |what: &str, path: &str, bytes| Sample::benign(FAMILY, what, path, bytes);
    let objects = Array { dtype: "O8", padding: None, flags: 63, data: numpy::objects(), ..plain() };
    let old = Array { padding: None, ..plain() };
    vec![
        benign("array", "model.joblib", arrays(&[plain()])),
        benign("two arrays", "model.joblib", arrays(&[plain(), plain()])),
        benign("array without padding", "model.pkl", arrays(std::slice::from_ref(&old))),
        benign("no padding needed", "model.joblib", arrays(&[Array { padding: Some(0), ..plain() }])),
        benign("array of objects", "model.joblib", arrays(&[objects.clone(), plain()])),
        benign(
            "no numbers",
            "model.joblib",
            arrays(&[Array { shape: b"K\x00K\x03\x86", data: Vec::new(), ..plain() }]),
        ),
        benign("one number", "model.joblib", arrays(&[Array { shape: b")", data: vec![0; 8], ..plain() }])),
        benign(
            "bytes that start like opcodes",
            "model.joblib",
            arrays(&[Array {
                dtype: "u1",
                shape: b"K\x04\x85",
                padding: None,
                data: b"(((\0".to_vec(),
                flags: 0,
            }]),
        ),
        benign(
            "texts",
            "model.joblib",
            arrays(&[Array {
                dtype: "U2",
                shape: b"K\x01\x85",
                data: b"a\0\0\0b\0\0\0".to_vec(),
                ..plain()
            }]),
        ),
        benign("gzip", "model.joblib.gz", gzip(&arrays(&[plain()]))),
        benign("zlib", "model.joblib", zlib(&arrays(&[plain(), old]))),
        benign("plain values", "model.joblib", Pickle::proto(4).raw(b"}").text("C").raw(b"K\x01s").stop()),
    ]
}
