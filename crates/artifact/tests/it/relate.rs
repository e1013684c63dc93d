//! Files of one folder, held against each other.

use bartizan_artifact::{Inspection, relate};
use bartizan_corpus::template::{chatml, gguf, tokenizer_config};
use bartizan_finding::Severity;

use crate::look::named;

fn found(files: &[(&str, Vec<u8>)]) -> Vec<(String, Severity)> {
    let seen: Vec<Inspection> = files.iter().map(|(path, bytes)| named(path, bytes)).collect();
    let files: Vec<_> = files.iter().map(|(path, _)| *path).zip(&seen).collect();
    relate(&files).into_iter().map(|problem| (problem.rule.code.to_string(), problem.severity)).collect()
}

fn index(shards: &[&str]) -> Vec<u8> {
    let entries: Vec<_> =
        shards.iter().enumerate().map(|(at, shard)| format!("\"w{at}\": \"{shard}\"")).collect();
    format!("{{\"weight_map\": {{{}}}}}", entries.join(", ")).into_bytes()
}

fn auto_map(class: &str) -> Vec<u8> {
    format!("{{\"auto_map\": {{\"AutoModel\": \"{class}\"}}}}").into_bytes()
}

#[test]
fn templates_of_a_folder_agree() {
    let (one, other) = (chatml(""), chatml("{{ 'Be kind.' }}"));
    let same = [
        ("model/tokenizer_config.json", tokenizer_config(&one)),
        ("model/chat_template.jinja", format!("{one}\n").into_bytes()),
        ("model/model-q4.gguf", gguf(&one)),
        ("other/model-q4.gguf", gguf(&other)),
    ];
    assert_eq!(found(&same), []);
    let differ =
        [("model/tokenizer_config.json", tokenizer_config(&one)), ("model/model-q4.gguf", gguf(&other))];
    assert_eq!(found(&differ), [("REL001".to_owned(), Severity::Medium)]);
}

#[test]
fn code_that_is_named_is_there_and_was_read() {
    let config = ("model/config.json", auto_map("modeling_x.Model"));
    assert_eq!(found(std::slice::from_ref(&config)), [("REL002".to_owned(), Severity::Medium)]);
    let plain = ("model/modeling_x.py", b"import torch\n".to_vec());
    assert_eq!(found(&[config.clone(), plain]), []);
    let evil = ("model/modeling_x.py", b"import os\nos.system('true')\n".to_vec());
    assert_eq!(found(&[config, evil]), [("REL003".to_owned(), Severity::Critical)]);
    // Code of another repository is told where it is named.
    assert_eq!(found(&[("model/config.json", auto_map("owner/other--modeling_x.Model"))]), []);
}

#[test]
fn shards_and_index_agree() {
    let shard = |name: &'static str| (name, bartizan_corpus::safetensors::safetensors("{}", &[]));
    let list = index(&["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]);
    let all = [
        ("m/model.safetensors.index.json", list),
        shard("m/model-00001-of-00002.safetensors"),
        shard("m/model-00002-of-00002.safetensors"),
    ];
    assert_eq!(found(&all), []);
    assert_eq!(found(&all[..2]), [("REL004".to_owned(), Severity::Medium)]);
    let more = [all.as_slice(), &[shard("m/model-00003-of-00002.safetensors")]].concat();
    assert_eq!(found(&more), [("REL005".to_owned(), Severity::Low)]);
}
