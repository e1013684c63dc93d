//! No rule without a fixture that fires.

use std::collections::BTreeSet;

use crate::{
    bypasses::structural,
    look::{codes, named},
    tensors::CASES,
};
use bartizan_corpus::{
    pickle::{Pickle, system},
    safetensors::{safetensors, unpadded},
};

#[test]
fn every_rule_fires_somewhere() {
    let mut files: Vec<Vec<u8>> =
        CASES.iter().map(|(header, data, _)| safetensors(header, &vec![0; *data])).collect();
    files.extend(structural().into_iter().map(|(_, bytes, _)| bytes));
    let elf = b"\x7fELF\x02\x01\x01\0";
    files.push(elf.to_vec());
    files.push(b"import os\n\xff\xff".to_vec());
    files.push(unpadded("{}", &system().stop()));
    files.push(safetensors(r#"{"w":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}"#, elf));
    files.push([1_u64.to_le_bytes().as_slice(), b"{"].concat());
    files.push([9_u64.to_le_bytes().as_slice(), b"{}"].concat());
    files.push(Pickle::old().global("project.models", "SVC").raw(b")R").stop());
    files.push([b"\x80\x02G\x05\0\0\0\0{\"Acposix\nsystem\n(Nt".as_slice(), b"R"].concat());
    files.push([b"N.".as_slice(), b"PK\x05\x06", &[0; 18]].concat());
    let text = || bartizan_corpus::tar::Entry::file("a.txt", b"text");
    files.push(bartizan_corpus::tar::tar(&[text(), text()]));
    files.extend(crate::gguf::cases().into_iter().map(|(_, bytes, _)| bytes));
    files.extend(crate::zips::cases().into_iter().map(|(_, bytes, _)| bytes));
    let mut fired: BTreeSet<_> = files
        .iter()
        .flat_map(|file| {
            codes(&named("model.safetensors", file)).into_iter().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    for sample in bartizan_corpus::samples() {
        fired.extend(codes(&named(&sample.path, &sample.bytes)).into_iter().map(str::to_owned));
    }
    for (_, bytes, _) in bartizan_corpus::checkpoint::odd() {
        fired.extend(codes(&named("variables.index", &bytes)).into_iter().map(str::to_owned));
    }
    for (name, bytes, _) in crate::graph::questionable() {
        fired.extend(codes(&named(name, &bytes)).into_iter().map(str::to_owned));
    }
    let configs = crate::configs::CASES.iter();
    fired.extend(configs.flat_map(|(.., want)| want.iter().copied().map(str::to_owned)));
    // What is between files has its own tests.
    fired.extend(["REL001", "REL002", "REL003", "REL004", "REL005", "REL006", "REL007"].map(str::to_owned));
    // A file that changes while it is read, and one that expands without measure, have their own tests.
    fired.extend(["ART001", "CMP001", "SVZ008", "ZIP010"].map(str::to_owned));
    let texts = [
        ("m.jinja", "{% for x in y %}"),
        ("m.jinja", "See https://example.invalid/x"),
        ("m.py", "def f(:\n"),
        ("m.py", "AutoModel.from_pretrained('x', trust_remote_code=True)\n"),
        ("m.yaml", "a: [1\nb: 2\n"),
        ("README.md", "model = load(x, trust_remote_code=True)\n"),
    ];
    for (name, contents) in texts {
        fired.extend(codes(&named(name, contents.as_bytes())).into_iter().map(str::to_owned));
    }
    let all: BTreeSet<_> = bartizan_artifact::rules().iter().map(|rule| rule.code.to_string()).collect();
    assert_eq!(fired, all);
}
