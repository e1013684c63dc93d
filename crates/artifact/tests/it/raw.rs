//! Files of plain numbers, and the files that say what they are.

use bartizan_artifact::{FileClass, Format, Inspection, explain, relate};
use bartizan_corpus::{
    checkpoint::{index, odd, small, tensor},
    coreml::{model, program, weights::weights},
    onnx::{external, with_tensor},
    openvino::graph,
};
use proptest::prelude::*;

use crate::look::{codes, named, text};

/// Numbers of which nothing is known by themselves.
fn numbers(length: usize) -> Vec<u8> {
    [b"\xfe\xfd".as_slice(), &vec![0x7c; length]].concat()[..length].to_vec()
}

/// What is said about each file, and about the folder.
fn folder(files: &[(&str, Vec<u8>)]) -> (Vec<Inspection>, Vec<String>) {
    let mut seen: Vec<Inspection> = files.iter().map(|(path, bytes)| named(path, bytes)).collect();
    let mut named: Vec<_> = files.iter().map(|(path, _)| *path).zip(seen.iter_mut()).collect();
    explain(&mut named);
    let named: Vec<_> = files.iter().map(|(path, _)| *path).zip(&seen).collect();
    let found = relate(&named).iter().map(|problem| problem.rule.code.to_string()).collect();
    (seen, found)
}

const INDEX: &str = "m/variables/variables.index";
const DATA: &str = "m/variables/variables.data-00000-of-00001";

#[test]
fn numbers_alone_are_inconclusive() {
    let (seen, found) = folder(&[(DATA, numbers(64)), ("m/other.index", small(64))]);
    assert!(seen[0].raw);
    assert_eq!((seen[0].format, seen[0].class), (Format::Other, FileClass::Inconclusive));
    // The other index asks for numbers of its own.
    assert_eq!(found, ["REL006"]);
}

#[test]
fn each_format_explains_its_numbers() {
    let constant = r#"element_type="f32" shape="4, 3" offset="16" size="48""#;
    let openvino = graph("", r#"type="Parameter" version="opset1""#, constant, "");
    let onnx = |entries| with_tensor(&external("w", entries));
    let inside: &[_] = &[("location", "./data/w.bin"), ("offset", "56"), ("length", "8")];
    let cases = [
        (INDEX, small(64), DATA),
        ("ckpt/model.ckpt-1.index", small(64), "ckpt/model.ckpt-1.data-00000-of-00001"),
        ("model.xml", openvino, "model.bin"),
        ("m/model.onnx", onnx(inside), "m/data/w.bin"),
        ("m/model.onnx", onnx(&[("location", "w"), ("offset", "56")]), "m/w"),
    ];
    for (path, bytes, data) in cases {
        let judged = |length: usize| {
            let (mut seen, found) = folder(&[(data, numbers(length)), (path, bytes.clone())]);
            assert_eq!(seen[1].class, FileClass::Clean, "{}", text(&seen[1]));
            (seen.swap_remove(0), found)
        };
        for length in [64, 64 + 4096] {
            let (seen, found) = judged(length);
            assert_eq!(text(&seen), "raw tensor data: clean\n", "{path}");
            assert_eq!(found, [""; 0]);
        }
        for (length, code) in [(63, "REL006"), (64 + 4097, "REL007")] {
            let (seen, found) = judged(length);
            assert_eq!((seen.class, codes(&seen)), (FileClass::Review, vec![code]), "{path}");
            assert_eq!(found, [""; 0], "once is enough");
        }
        let (_, found) = folder(&[(path, bytes)]);
        assert_eq!(found, ["REL006"], "{path}");
    }
}

#[test]
fn a_package_explains_itself() {
    let program = model(502, &program("@model_path/weights/weight.bin", 64)).0;
    let path = "p.mlpackage/Data/com.apple.CoreML/model.mlmodel";
    let data = "p.mlpackage/Data/com.apple.CoreML/weights/weight.bin";
    let (seen, found) = folder(&[(path, program.clone()), (data, weights(&[(2, &[0; 48])]))]);
    assert_eq!(seen[1].format, Format::CoreMlWeights);
    assert_eq!(seen[1].class, FileClass::Clean, "{}", text(&seen[1]));
    assert_eq!(found, [""; 0]);
    let (seen, found) = folder(&[(path, program), (data, numbers(64))]);
    assert_eq!((seen[1].class, codes(&seen[1]), found), (FileClass::Review, vec!["REL006"], vec![]));
}

#[test]
fn several_files_may_share_numbers() {
    let data = |reach: u64| {
        let offset = (reach - 8).to_string();
        with_tensor(&external("w", &[("location", "w.bin"), ("offset", offset.as_str()), ("length", "8")]))
    };
    let files = [
        ("m/a.onnx", data(64)),
        ("m/b.onnx", data(20_000)),
        ("m/w.bin", numbers(20_000)),
        ("w.bin", numbers(64)),
    ];
    let (seen, found) = folder(&files);
    assert_eq!((seen[2].format, seen[3].format), (Format::RawData, Format::Other));
    assert_eq!(found, [""; 0]);
}

#[test]
fn what_a_loader_would_run_is_never_explained() {
    let foreign: [&[u8]; 6] = [
        b"dex\n035\0",
        b"#!/bin/sh\ntrue\n\xff",
        b"import os\n\xff",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"MSCF\0\0\0\0",
        b"\x7fELF\x02\x01\x01\0",
    ];
    for start in foreign {
        let mut data = start.to_vec();
        data.resize(64, 0xff);
        let before = named(DATA, &data);
        let (seen, _) = folder(&[(DATA, data), (INDEX, small(64))]);
        assert_eq!(text(&seen[0]), text(&before));
        assert!(!seen[0].raw && seen[0].class != FileClass::Clean, "{}", text(&seen[0]));
    }
    // An archive at the end.
    let data = [numbers(42), b"PK\x05\x06".to_vec(), vec![0; 18]].concat();
    let (seen, _) = folder(&[(DATA, data), (INDEX, small(64))]);
    assert_eq!(seen[0].class, FileClass::Finding);
    // A file that leads out of the folder names nothing.
    let onnx = with_tensor(&external("w", &[("location", "../w.bin"), ("length", "8")]));
    let (seen, _) = folder(&[("m/w.bin", numbers(8)), ("m/x/model.onnx", onnx)]);
    assert_eq!(seen[0].class, FileClass::Inconclusive);
}

#[test]
fn an_index_says_what_is_odd() {
    for (what, bytes, code) in odd() {
        let seen = named("variables.index", &bytes);
        assert_eq!(codes(&seen), [code], "{what}: {}", text(&seen));
    }
    let seen = named(INDEX, &index(2, &[("a", tensor(1, &[4], 0, 16)), ("b", tensor(19, &[2, 4], 16, 16))]));
    assert_eq!((seen.outline.tensors, seen.outline.parameters), (2, 12));
    assert_eq!(seen.outline.references[0].name, "variables.data-00000-of-00002");
}

#[test]
fn no_bit_of_an_index_can_be_changed_unseen() {
    let bytes = small(64);
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            let seen = named(INDEX, &changed);
            assert_ne!(seen.class, FileClass::Clean, "byte {at}, bit {bit}: {}", text(&seen));
        }
    }
}

#[test]
fn other_tables_are_not_taken_for_an_index() {
    use bartizan_corpus::checkpoint::{Block, table};
    let other = table(&[(b"z", Block::default().entry(b"", b"\x08\x01").finish())]);
    assert_eq!(named("000005.ldb", &other).format, Format::TfCheckpoint);
    let other = table(&[(b"z", Block::default().entry(b"key", b"value").finish())]);
    let old = table(&[(b"z", Block::default().entry(b"", b"\x0a\x02\x12\0").finish())]);
    for (bytes, what) in [(other, "no known signature"), (old, "a TensorFlow checkpoint of before version 1")]
    {
        let seen = named("000005.ldb", &bytes);
        let want = format!(
            "unknown binary format: inconclusive\nnot examined: 000005.ldb: format not supported: {what}\n"
        );
        assert_eq!(text(&seen), want);
    }
}

proptest! {
    /// Whatever an index and its numbers are changed to, nothing is explained that was more than not known.
    #[test]
    fn changed_files_are_explained_or_not(at in 0_usize..200, byte: u8, cut in 0_usize..200, data in 0_usize..9000) {
        let mut bytes = small(64);
        let length = bytes.len();
        bytes[at % length] = byte;
        bytes.truncate(length - cut % 3 * (cut % length) / 2);
        let (seen, _) = folder(&[(INDEX, bytes), (DATA, numbers(data))]);
        if seen[1].class == FileClass::Clean && seen[1].format == Format::RawData {
            prop_assert!(seen[0].format == Format::TfCheckpoint);
        }
    }
}
