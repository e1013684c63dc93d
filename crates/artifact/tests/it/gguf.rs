//! GGUF: what writers write is clean, and each rule fires where it should.

use bartizan_artifact::{FileClass, Format, Limits, inspect};
use bartizan_corpus::gguf::Gguf;
use proptest::prelude::*;

use crate::look::{codes, named, text};

fn sound(version: u32, big: bool) -> Gguf {
    Gguf::new()
        .version(version, big)
        .text("general.architecture", "llama")
        .text("general.name", "Tiny\u{202e}")
        .text("general.license", "apache-2.0")
        .number("general.file_type", 15)
        .number("llama.context_length", 4096)
        .text("tokenizer.ggml.model", "gpt2")
        .texts("tokenizer.ggml.tokens", &[b"a", b"b", b"<s>"])
        .text("tokenizer.chat_template", "{{ messages[0]['content'] }}")
        .tensor("token_embd.weight", &[256, 2], 12, 0)
        .tensor("output_norm.weight", &[4], 0, 288)
}

#[test]
fn what_writers_write_is_described_and_clean() {
    for (version, big) in [(1, false), (2, false), (3, false), (3, true)] {
        let seen = named("model.gguf", &sound(version, big).build(&[0; 304]));
        assert_eq!((seen.format, seen.class), (Format::Gguf, FileClass::Clean), "{}", text(&seen));
        assert_eq!(codes(&seen), Vec::<&str>::new());
        assert_eq!((seen.format.is_inspected(), seen.format.carries_code()), (true, Some(false)));
        assert_eq!((seen.outline.tensors, seen.outline.parameters), (2, 516));
        assert_eq!(seen.outline.facts["gguf-version"], version.to_string());
    }
    let seen = named("model.gguf", &sound(3, false).build(&[0; 304]));
    insta::assert_snapshot!(serde_json::to_string_pretty(&seen.outline.facts).unwrap(), @r#"
    {
      "architecture": "llama",
      "chat-template": "sha256:e2ce372d1e093249ecf0ac01bf8ce1be16316356ee0be7176898b31d3b9db73c",
      "context-length": "4096",
      "gguf-version": "3",
      "licence": "apache-2.0",
      "name": "Tiny\\u{202e}",
      "quantisation": "Q4_K_M",
      "tokenizer": "gpt2",
      "vocabulary": "3"
    }
    "#);
    // The last tensor may be padded.
    assert_eq!(codes(&named("model.gguf", &sound(3, false).build(&[0; 320]))), Vec::<&str>::new());
}

/// What is wrong, the file, and the rules that fire.
pub(crate) fn cases() -> Vec<(&'static str, Vec<u8>, &'static [&'static str])> {
    let new = Gguf::new;
    let one = |offset, data| new().tensor("w", &[8], 24, offset).build(data);
    let nested = |depth: usize| {
        let level = [9_u32.to_le_bytes().as_slice(), &1_u64.to_le_bytes()].concat();
        [level.repeat(depth), [4_u32.to_le_bytes().as_slice(), &0_u64.to_le_bytes()].concat()].concat()
    };
    let claims = |tensors: u64, entries: u64| {
        [b"GGUF\x03\0\0\0".as_slice(), &tensors.to_le_bytes(), &entries.to_le_bytes()].concat()
    };
    let long = "n".repeat(64);
    let mut dirty = new().tensor("v", &[8], 24, 0).tensor("w", &[8], 24, 32).build(&[0; 40]);
    let padding = dirty.len() - 20;
    dirty[padding] = 1;
    vec![
        ("version 9", b"GGUF\x09\0\0\0".to_vec(), &["GGF001"]),
        ("cut off in the version", b"GGUF\x03\0".to_vec(), &["GGF002"]),
        ("cut off in a name", sound(3, false).build(&[])[..40].to_vec(), &["GGF003"]),
        ("unknown value type", new().entry("k", 13, &[0; 8]).build(&[]), &["GGF002"]),
        ("unknown item type", new().entry("k", 9, &[99; 12]).build(&[]), &["GGF002"]),
        ("2^61 tensors", claims(1 << 61, 0), &["GGF002", "GGF003"]),
        ("2^64 - 1 entries", claims(0, u64::MAX), &["GGF002", "GGF003"]),
        ("string of 2^64 - 1 bytes", new().entry("k", 8, &u64::MAX.to_le_bytes()).build(&[]), &["GGF003"]),
        (
            "array of 2^62 numbers",
            new()
                .entry("k", 9, &[&4_u32.to_le_bytes()[..], &(1_u64 << 62).to_le_bytes()].concat())
                .build(&[]),
            &["GGF003"],
        ),
        ("product that wraps", new().tensor("w", &[1 << 32, 1 << 32], 0, 0).build(&[]), &["GGF003"]),
        ("product beyond signed", new().tensor("w", &[1 << 62, 2], 24, 0).build(&[]), &["GGF003"]),
        ("bytes that wrap", new().tensor("w", &[1 << 61], 28, 0).build(&[]), &["GGF003"]),
        ("name with a line break", new().number("a\nb", 1).build(&[]), &["GGF004"]),
        ("truth value 2", new().entry("k", 7, &[2]).build(&[]), &["GGF004"]),
        ("token that is not UTF-8", new().texts("k", &[b"\xff"]).build(&[]), &["GGF004"]),
        ("array of arrays", new().entry("k", 9, &nested(2)).build(&[]), &["GGF004"]),
        ("arrays too deep", new().entry("k", 9, &nested(20)).build(&[]), &[]),
        ("entry twice", new().number("k", 1).number("k", 2).build(&[]), &["GGF005"]),
        ("tensor twice", new().tensor("w", &[0], 0, 0).tensor("w", &[0], 0, 0).build(&[]), &["GGF005"]),
        ("alignment 0", new().number("general.alignment", 0).build(&[]), &["GGF006"]),
        ("alignment 24", new().number("general.alignment", 24).build(&[]), &["GGF006"]),
        ("alignment as text", new().text("general.alignment", "32").build(&[]), &["GGF006"]),
        ("withdrawn type", new().tensor("w", &[32], 4, 0).build(&[0; 32]), &["GGF007"]),
        ("rows that are no blocks", new().tensor("w", &[100, 64], 12, 0).build(&[0; 64]), &["GGF008"]),
        ("five dimensions", new().tensor("w", &[1, 1, 1, 1, 1], 0, 0).build(&[0; 4]), &["GGF008"]),
        ("behind the end", one(64, &[0; 8]), &["GGF009", "GGF011"]),
        ("offset that wraps", one(u64::MAX - 31, &[]), &["GGF009"]),
        ("not aligned", one(8, &[0; 16]), &["GGF009", "GGF011"]),
        (
            "on top of another",
            new().tensor("v", &[8], 24, 0).tensor("w", &[8], 24, 0).build(&[0; 8]),
            &["GGF010"],
        ),
        ("bytes behind the last", one(0, &[0; 64]), &["GGF011"]),
        ("bytes in front of the first", one(64, &[0; 72]), &["GGF011"]),
        ("padding that is none", dirty, &["GGF011"]),
        ("program in a tensor", one(0, b"\x7fELF\x02\x01\x01\0"), &["GGF012"]),
        ("name too long", new().tensor(&long, &[0], 0, 0).build(&[]), &["GGF013"]),
        (
            "template that reaches out",
            new().text("tokenizer.chat_template", "{{ x.__class__ }}").build(&[]),
            &["TPL001"],
        ),
        (
            "named template",
            new().text("tokenizer.chat_template.tools", "{{ x|attr('y') }}").build(&[]),
            &["TPL002"],
        ),
        (
            "templates in an array",
            new().texts("tokenizer.chat_templates", &[b"{{ x.__mro__ }}"]).build(&[]),
            &["TPL001"],
        ),
    ]
}

#[test]
fn each_rule_fires_where_it_should() {
    for (what, file, want) in cases() {
        let seen = named("model.gguf", &file);
        assert_eq!(codes(&seen), want, "{what}\n{}", text(&seen));
        assert!(seen.class != FileClass::Clean || want == ["GGF004"], "{what}\n{}", text(&seen));
    }
}

#[test]
fn what_a_person_reads() {
    let file = Gguf::new()
        .text("tokenizer.chat_template", "{{ ''.__class__ }}")
        .tensor("w", &[1 << 40, 1 << 40], 0, 0)
        .build(&[]);
    insta::assert_snapshot!(text(&named("model.gguf", &file)), @r"
    GGUF: finding
    high TPL001 model.gguf!tokenizer.chat_template at byte 24: the chat template names `__class__`
    high GGF003 model.gguf!w at byte 85: the product of the tensor's dimensions exceeds 2^63
    not examined: model.gguf at byte 126: the tensors, because their descriptions do not say where they are
    ");
}

#[test]
fn a_large_vocabulary_and_a_long_template_stay_within_limits() {
    let tokens = vec![b"token".as_slice(); 50_000];
    let file = Gguf::new()
        .texts("tokenizer.ggml.tokens", &tokens)
        .text("tokenizer.chat_template", &"x".repeat(200))
        .build(&[]);
    let limits = Limits { template_bytes: 100, metadata_entries: 2, tensors: 1, ..Limits::default() };
    let go = &mut |_| std::ops::ControlFlow::Continue(());
    let seen = inspect(&file, "model.gguf", &limits, go).unwrap();
    assert_eq!(seen.outline.facts["vocabulary"], "50000");
    assert_eq!((seen.class, seen.unexamined.len()), (FileClass::Inconclusive, 1), "{}", text(&seen));
    for file in [
        Gguf::new().number("a", 1).number("b", 1).number("c", 1).build(&[]),
        Gguf::new().tensor("a", &[0], 0, 0).tensor("b", &[0], 0, 0).build(&[]),
    ] {
        let seen = inspect(&file, "model.gguf", &limits, go).unwrap();
        assert_eq!((seen.class, seen.unexamined.len()), (FileClass::Inconclusive, 1), "{}", text(&seen));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn a_file_with_changed_bytes_is_inspected(changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>()) {
        let mut file = sound(3, false).build(&[0; 304]);
        for (at, byte) in changes {
            let at = at.index(file.len());
            file[at] = byte;
        }
        let whole = cut.index(2) == 0;
        if !whole {
            file.truncate(cut.index(file.len()) + 1);
        }
        named("model.gguf", &file);
    }
}
