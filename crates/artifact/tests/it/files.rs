//! Any file: routing, names, files that are two things at once.

use bartizan_artifact::{FileClass, Format};

use crate::look::{codes, named, text};
use bartizan_corpus::{
    pickle::{Pickle, system},
    safetensors::{safetensors, unpadded},
};

const ONE: &str = r#"{"w":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#;

#[test]
fn text_is_left_to_detectors_and_binaries_are_not_passed() {
    for (name, bytes, format, class) in [
        ("tokenizer.json", b"{\"a\": 1}".as_slice(), Format::Json, FileClass::Clean),
        ("README.md", b"# Model", Format::ModelCard, FileClass::Clean),
        ("empty", b"", Format::Empty, FileClass::Clean),
        ("model.bin", b"tjgg\x03\0\0\0", Format::Ggml, FileClass::Finding),
        ("blob", b"\x00\x01\x02\x03", Format::Other, FileClass::Inconclusive),
        (
            "weights.bin",
            b"version https://git-lfs.github.com/spec/v1\n",
            Format::LfsPointer,
            FileClass::Inconclusive,
        ),
        ("ops.so", b"\x7fELF\x02\x01\x01\0", Format::Elf, FileClass::Inconclusive),
    ] {
        let seen = named(name, bytes);
        assert_eq!((seen.format, seen.class), (format, class), "{name}");
        assert_eq!(seen.unexamined.is_empty(), class == FileClass::Clean, "{name}");
    }
    assert!(named("README.md", b"# Model").format.is_text());
    assert_eq!(codes(&named("ops.so", b"\x7fELF\x02\x01\x01\0")), ["ART005"]);
}

/// A program that imports and stops is one of two lines and a dot, as are many tables.
#[test]
fn a_table_that_starts_like_an_import_is_text() {
    for table in [
        "const_p1,const_p2\n.7376958,.2623042\n.9818866,.0181134\n",
        "class, size\n\n.5,2\n",
        "cell \"a\",b\nb\n.",
    ] {
        let seen = named("results.csv", table.as_bytes());
        assert_eq!((seen.format, seen.class), (Format::Text, FileClass::Clean), "{}", text(&seen));
    }
    for program in ["ccollections\nOrderedDict\n.", "cmy-module\n<lambda>\n.", "cos\nsystem\n(S'true'\ntR."] {
        assert_eq!(named("results.csv", program.as_bytes()).format, Format::Pickle, "{program:?}");
    }
}

#[test]
fn what_only_claims_to_be_tar_is_told() {
    let mut tar = vec![0; 512];
    tar[257..262].copy_from_slice(b"ustar");
    tar[..7].copy_from_slice(b"tensors");
    let seen = named("model.pt", &tar);
    assert_eq!((seen.format, seen.class), (Format::Tar, FileClass::Finding), "{}", text(&seen));
    assert_eq!(codes(&seen), ["TAR001"]);
}

#[test]
fn text_that_turns_binary_is_not_text() {
    let mut bytes = vec![b'a'; 100_000];
    bytes.push(0xff);
    let seen = named("notes.txt", &bytes);
    assert_eq!((seen.format, seen.class), (Format::Other, FileClass::Inconclusive));
}

#[test]
fn a_name_that_lies_is_told() {
    insta::assert_snapshot!(text(&named("model.safetensors", &Pickle::proto(2).raw(b"}").stop())), @r"
    pickle: finding
    high ART002 model.safetensors: the name ends in .safetensors, the contents are: pickle
    ");
    assert_eq!(codes(&named("model.pkl", &Pickle::proto(2).raw(b"}").stop())), Vec::<&str>::new());
}

#[test]
fn an_archive_behind_another_file_is_found() {
    let mut end = b"PK\x05\x06".to_vec();
    end.extend([0; 18]);
    let mut file = safetensors(ONE, &[0; 4]);
    file.extend(&end);
    assert_eq!(codes(&named("model.safetensors", &file)), ["ART003", "STS008"]);
    // The same inside a tensor, where the format itself is in order.
    let header = ONE.replace('4', "22");
    assert_eq!(codes(&named("model.safetensors", &safetensors(&header, &end))), ["ART003"]);
    // Python finds a directory with any bytes behind it.
    let mut directory = b"PK\x01\x02".to_vec();
    directory.resize(46, 0);
    directory.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x2e\0\0\0\0\0\0\0\0\0 and more");
    let header = ONE.replace('4', &directory.len().to_string());
    assert_eq!(codes(&named("model.safetensors", &safetensors(&header, &directory))), ["ART003"]);
    directory[0] = 0;
    assert_eq!(codes(&named("model.safetensors", &safetensors(&header, &directory))), Vec::<&str>::new());
    // Far from the end it is only bytes.
    end.resize(22 + 70_000, 0);
    let header = ONE.replace('4', &end.len().to_string());
    assert_eq!(codes(&named("model.safetensors", &safetensors(&header, &end))), Vec::<&str>::new());
}

#[test]
fn a_header_that_is_also_a_program_is_found() {
    // 0x05470280: PROTO 2, then BINFLOAT, which swallows the rest of the length and the start of the JSON.
    let mut file = vec![0x80, 0x02, b'G', 0x05, 0, 0, 0, 0];
    file.extend(b"{\"A");
    file.extend(Pickle::old().raw(b"cposix\nsystem\n(X\x04\0\0\0truetR.").0);
    let seen = named("model.safetensors", &file);
    assert_eq!(seen.format, Format::Safetensors);
    assert!(codes(&seen).contains(&"ART004"), "{}", text(&seen));
    assert!(!codes(&named("model.safetensors", &safetensors(ONE, &[0; 4]))).contains(&"ART004"));
}

#[test]
fn what_stands_in_a_tensor_is_looked_at() {
    let elf = b"\x7fELF\x02\x01\x01\0";
    let pickle = system().stop();
    for data in [elf.as_slice(), b"PK\x03\x04\x14\0\0\0", b"#!/bin/sh\ntrue\n", &pickle] {
        let header = ONE.replace('4', &data.len().to_string());
        assert_eq!(codes(&named("m.safetensors", &safetensors(&header, data))), ["STS011"]);
        // One byte further on it is only numbers.
        let mut shifted = vec![0];
        shifted.extend(data);
        let header = ONE.replace('4', &shifted.len().to_string());
        assert_eq!(codes(&named("m.safetensors", &safetensors(&header, &shifted))), Vec::<&str>::new());
    }
}

#[test]
fn problems_of_one_rule_are_capped_and_counted() {
    let entries: Vec<_> = (0..250)
        .map(|index| {
            format!(
                "\"t{index}\":{{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[{},{}]}}",
                2 * index,
                2 * index + 1
            )
        })
        .collect();
    let seen = named("m.safetensors", &unpadded(&format!("{{{}}}", entries.join(",")), &[0; 499]));
    let holes = seen.problems.iter().filter(|problem| problem.rule.code.as_str() == "STS008").count();
    assert_eq!(holes, 100);
    assert_eq!(seen.unexamined[0].reason, "149 more problems of STS008 are not listed, only the first 100");
}
