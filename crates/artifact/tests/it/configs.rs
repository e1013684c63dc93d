//! Configuration beside the weights: which questions fire, and on what they stay silent.

use bartizan_artifact::{FileClass, is_config};

use crate::look::{codes, named, text};

/// Name, contents, and the rules that fire.
pub(crate) const CASES: &[(&str, &str, &[&str])] = &[
    (
        "config.json",
        r#"{"architectures": ["LlamaForCausalLM"], "rope": {"factor": NaN}, "auto_map": null}"#,
        &[],
    ),
    ("config.json", r#"{"auto_map": {}, "trust_remote_code": false}"#, &[]),
    ("notes.json", r#"{"trust_remote_code": true, "auto_map": {"AutoModel": "x.Y"}}"#, &[]),
    ("config.json", r#"{"a": 1"#, &["CFG001"]),
    ("config.json", r#"{"a": 1} {"b": 2}"#, &["CFG001"]),
    ("config.json", r#"{"auto_map": {"AutoConfig": "configuration_x.Config"}}"#, &["CFG002"]),
    (
        "tokenizer_config.json",
        r#"{"auto_map": {"AutoTokenizer": ["tokenization_x.Tok", null]}}"#,
        &["CFG002"],
    ),
    ("config.json", r#"{"text_config": {"auto_map": {"AutoModel": "a/b--modeling.Model"}}}"#, &["CFG002"]),
    (
        "config.json",
        r#"{"custom_pipelines": {"x": {"impl": "pipe.Pipe", "pt": ["AutoModel"]}}}"#,
        &["CFG002"],
    ),
    ("config.json", r#"{"trust_remote_code": true}"#, &["CFG003"]),
    ("config.json", r#"{"head": {"_target_": "package.module.Linear"}}"#, &["CFG004"]),
    ("model/config.json", r#"{"_target_": "posix.system", "_args_": ["true"]}"#, &["CFG004"]),
    (
        "model.safetensors.index.json",
        r#"{"weight_map": {"a": "model-1.safetensors", "b": "sub/x.bin"}}"#,
        &[],
    ),
    ("model.safetensors.index.json", r#"{"weight_map": {"a": "../x.bin"}}"#, &["CFG005"]),
    (
        "pytorch_model.bin.index.json",
        r#"{"weight_map": {"a": "/etc/x", "b": "https://x.example/y"}}"#,
        &["CFG005"],
    ),
    (
        "tokenizer.json",
        r#"{"added_tokens": [{"id": 1, "content": "<s>"}, {"id": 2, "content": "</s>"}], "model": {"type": "BPE"}}"#,
        &[],
    ),
    (
        "tokenizer.json",
        r#"{"added_tokens": [{"id": 1, "content": "<s>"}, {"content": "x", "id": 1}]}"#,
        &["CFG006"],
    ),
    (
        "tokenizer.json",
        r#"{"normalizer": {"type": "Sequence", "normalizers": [{"type": "Prepend", "prepend": "_"},
            {"type": "Replace", "pattern": {"String": " "}, "content": "_"}]}}"#,
        &[],
    ),
    (
        "tokenizer.json",
        r#"{"normalizer": {"type": "Sequence", "normalizers": [{"content": "accept", "type": "Replace",
            "pattern": {"String": "refuse"}}]}}"#,
        &["CFG007"],
    ),
    (
        "tokenizer.json",
        r#"{"decoder": {"type": "Replace", "pattern": {"Regex": "(?i)no thanks"}, "content": ""}}"#,
        &["CFG007"],
    ),
    ("tokenizer_config.json", r#"{"chat_template": "{{ messages[0]['content'] }}"}"#, &[]),
    ("tokenizer_config.json", r#"{"chat_template": "{{ ''.__class__ }}"}"#, &["TPL001"]),
    ("chat_template.json", r#"{"chat_template": "{{ ''.__cl\u0061ss__ }}"}"#, &["TPL001"]),
    (
        "tokenizer_config.json",
        r#"{"chat_template": [{"name": "x.__class__", "template": "{{ 1 }}"}, {"name": "b", "template": "{{ x|attr('y') }}"}]}"#,
        &["TPL002"],
    ),
    ("chat_template.jinja", "{{ x.__globals__ }}", &["TPL001"]),
    ("chat_template.jinja", "{% for m in messages %}{{ m }}{% endfor %}", &[]),
];

#[test]
fn each_rule_fires_where_it_should() {
    for (name, contents, want) in CASES {
        let seen = named(name, contents.as_bytes());
        assert_eq!(codes(&seen), *want, "{contents}\n{}", text(&seen));
        assert_eq!(seen.class == FileClass::Clean, want.is_empty(), "{contents}\n{}", text(&seen));
    }
}

#[test]
fn what_a_person_reads() {
    let contents = r#"{"model_type": "x\u001b[2J", "vocab_size": 100, "auto_map": {"AutoModel": "a/b--m.M"},
        "_target_": "builtins.eval"}"#;
    let seen = named("model/config.json", contents.as_bytes());
    insta::assert_snapshot!(text(&seen), @r"
    JSON: finding
    high CFG002 model/config.json!/auto_map/AutoModel at byte 74: the model runs code of another repository: a/b--m.M
    critical CFG004 model/config.json!/_target_ at byte 107: the configuration calls builtins.eval, which runs Python code
    ");
    insta::assert_snapshot!(serde_json::to_string(&seen.outline.facts).unwrap(), @r#"{"architecture":"x\\u{1b}[2J","vocabulary":"100"}"#);
    assert!(is_config("model/config.json") && !is_config("notes.md"));
}

#[test]
fn text_that_breaks_off_is_not_passed_over() {
    let mut late = format!("{{\"a\": \"{}", "x".repeat(100_000)).into_bytes();
    late.extend(b"\xff\"}");
    let seen = named("config.json", &late);
    assert_eq!((codes(&seen), seen.unexamined.len()), (vec!["CFG001"], 1), "{}", text(&seen));
    let deep = format!("{{\"a\": {}", "[".repeat(500));
    assert_eq!(codes(&named("config.json", deep.as_bytes())), ["CFG001"]);
    let mut template = b"a line\n".repeat(20_000);
    template.push(0xff);
    let seen = named("chat_template.jinja", &template);
    assert_eq!((seen.class, seen.unexamined.len()), (FileClass::Inconclusive, 1), "{}", text(&seen));
}
