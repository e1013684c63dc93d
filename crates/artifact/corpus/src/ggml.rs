//! Writes models as llama.cpp read them before GGUF.

use crate::{
    Sample,
    pickle::{Pickle, system},
};

const FAMILY: &str = "ggml";

/// The figures of a model with so many words: vocabulary, embedding, multiple, heads, layers, rotation, type.
pub fn figures(words: u32) -> Vec<u8> {
    [words, 32, 256, 4, 1, 8, 0].map(u32::to_le_bytes).concat()
}

/// A word, with a score where the version has one.
pub fn word(text: &str, score: bool) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap().to_le_bytes();
    [length.as_slice(), text.as_bytes(), if score { &[0; 4] } else { &[] }].concat()
}

/// The description of a tensor.
pub fn tensor(name: &str, kind: u32, shape: &[u32]) -> Vec<u8> {
    let length = u32::try_from(name.len()).unwrap();
    let mut out = [u32::try_from(shape.len()).unwrap(), length, kind].map(u32::to_le_bytes).concat();
    out.extend(shape.iter().flat_map(|side| side.to_le_bytes()));
    [out, name.as_bytes().to_vec()].concat()
}

/// A model with two words and one tensor; each part may be replaced.
pub fn model(
    magic: &[u8; 4],
    version: Option<u32>,
    words: &[Vec<u8>],
    tensor: &[u8],
    data: &[u8],
) -> Vec<u8> {
    let mut out = magic.to_vec();
    if let Some(version) = version {
        out.extend(version.to_le_bytes());
    }
    out.extend(figures(u32::try_from(words.len()).unwrap()));
    out.extend(words.concat());
    out.extend_from_slice(tensor);
    if magic == b"tjgg" && !tensor.is_empty() {
        out.resize(out.len().next_multiple_of(32), 0);
    }
    [out, data.to_vec()].concat()
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "ggml-model.bin", bytes, codes);
    let words = [word("<s>", true), word("a", true)];
    let short = [word("<s>", false), word("a", false)];
    let weights = tensor("w", 0, &[4, 2]);
    let ggjt = |tensor: &[u8], data: &[u8]| model(b"tjgg", Some(3), &words, tensor, data);
    let good = ggjt(&weights, &[0; 32]);
    let evil = Pickle(system().stop()).raw(&[0; 64]).0;
    let elf = [b"\x7fELF\x02\x01\x01\0".to_vec(), vec![0; 24]].concat();
    let long_word = [u32::MAX.to_le_bytes().to_vec(), vec![b'a'; 64]].concat();
    let hostiles = vec![
        hostile(
            "word beyond the file",
            model(b"tjgg", Some(3), std::slice::from_ref(&long_word), &[], &[]),
            &["GGL001"],
        ),
        hostile("word beyond the file, ggml", model(b"lmgg", None, &[long_word], &[], &[]), &["GGL001"]),
        hostile(
            "vocabulary beyond the file",
            [b"tjgg\x03\0\0\0".to_vec(), figures(1000)].concat(),
            &["GGL001"],
        ),
        hostile(
            "vocabulary larger than any",
            [b"tjgg\x03\0\0\0".to_vec(), figures(u32::MAX), vec![0; 64]].concat(),
            &["GGL001"],
        ),
        hostile(
            "version that is not known",
            [b"tjgg\x63\0\0\0".to_vec(), figures(0), vec![0; 64]].concat(),
            &["GGL001"],
        ),
        hostile("tensor beyond the file", ggjt(&tensor("w", 0, &[4096, 4096]), &[0; 32]), &["GGL001"]),
        hostile(
            "tensor that cannot be counted",
            ggjt(&tensor("w", 0, &[u32::MAX, u32::MAX, u32::MAX]), &[0; 32]),
            &["GGL001"],
        ),
        hostile("tensor of an unknown type", ggjt(&tensor("w", 99, &[4, 2]), &[0; 32]), &["GGL001"]),
        hostile(
            "tensor of too many dimensions",
            ggjt(&tensor("w", 0, &[1, 1, 1, 1, 1, 1]), &[0; 4]),
            &["GGL001"],
        ),
        hostile("tensor of no dimensions", ggjt(&tensor("w", 0, &[]), &[0; 4]), &["GGL001"]),
        hostile("tensor that is not of whole blocks", ggjt(&tensor("w", 2, &[5]), &[0; 32]), &["GGL001"]),
        hostile("name longer than any", ggjt(&tensor(&"w".repeat(4096), 0, &[1]), &[0; 4]), &["GGL001"]),
        hostile("cut off", good[..good.len() - 5].to_vec(), &["GGL001"]),
        hostile("cut off in a shape", [ggjt(&[], &[]), weights[..14].to_vec()].concat(), &["GGL001"]),
        hostile("program in a tensor", ggjt(&tensor("w", 0, &[8]), &elf), &["GGL002"]),
        hostile("pickle in a tensor", ggjt(&tensor("w", 0, &[8]), &evil[..32]), &["GGL002"]),
        hostile(
            "program in a tensor, ggmf",
            model(b"fmgg", Some(1), &words, &tensor("w", 0, &[8]), &elf),
            &["GGL002"],
        ),
        hostile(
            "program in a tensor, ggml",
            model(b"lmgg", None, &short, &tensor("w", 0, &[8]), &elf),
            &["GGL002"],
        ),
        hostile("pickle behind the tensors", [good.clone(), system().stop()].concat(), &["GGL001"]),
    ];
    let benign = |what: &str, bytes| Sample::benign(FAMILY, what, "ggml-model.bin", bytes);
    let mut samples = hostiles;
    samples.extend([
        benign("ggjt", good),
        benign("ggmf", model(b"fmgg", Some(1), &words, &weights, &[0; 32])),
        benign("ggml", model(b"lmgg", None, &short, &weights, &[0; 32])),
        benign("quantised", ggjt(&tensor("w", 2, &[64]), &[0; 36])),
        benign("quantised before", model(b"tjgg", Some(1), &words, &tensor("w", 2, &[64]), &[0; 40])),
        benign("no tensors", model(b"tjgg", Some(3), &words, &[], &[])),
    ]);
    samples
}
