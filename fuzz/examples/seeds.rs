//! Writes well-formed inputs under `corpus/`, one folder per target, for the fuzzer to start from (those of model files
//! are more, and are written by `model_seeds`). They are built
//! here, so that no hostile file is kept.

use std::{collections::BTreeMap, fs, io, path::Path};

use bartizan_attest::{Envelope, NotExamined, Predicate, ProjectRef, Statement, Subject, Tool, Witness};
use bartizan_finding::{Digest, PredicateKind};
use bartizan_fuzz::{collector, ledger, now, trust_content};
use bartizan_ledger::{ArchiveWriter, Draft, fs::Fs, log_files, prove};
use serde_json::json;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    evidence()?;
    log()?;
    models()?;
    data()?;
    let projects = [
        include_str!("../../crates/demo/files/bartizan.toml"),
        include_str!("../../crates/project/tests/example.toml"),
        include_str!("../../crates/threat/tests/helpdesk.toml"),
    ];
    projects.into_iter().enumerate().try_for_each(|(n, text)| seed("project", n, text))?;
    let task = json!({ "id": "pw.4.4", "parts": [
        { "name": "statement", "prose": "Text of a task." },
        { "id": "pw.4.4.r2", "name": "recommendation", "prose": "Text of an item." }] });
    let catalog = json!({ "catalog": { "metadata": { "title": "A profile", "version": "2" }, "groups": [
        { "id": "pw", "controls": [{ "id": "PW.4", "controls": [task, { "id": "zz-1" }] }] }] } });
    seed("catalog", 0, catalog.to_string())?;
    seed(
        "report",
        0,
        "\u{1}data/\u{202e}x\u{1b}[2J\n[a](b) {0} \u{200b}\u{e0041} \u{301}\u{301}\u{301}\u{301}",
    )?;
    Ok(())
}

fn evidence() -> Result<(), Failure> {
    let statement = Statement {
        subjects: vec![Subject { name: "model.safetensors".to_owned(), digest: Digest::of(b"weights") }],
        kind: PredicateKind::ModelScan,
        predicate: Predicate {
            tool: Tool { name: "bartizan".to_owned(), version: "0.1.0".to_owned() },
            project: ProjectRef { name: "helpdesk".to_owned(), root: Digest::of(b"project") },
            collector: "ci".to_owned(),
            rule_sets: BTreeMap::from([("artifact".to_owned(), 1)]),
            parameters: BTreeMap::from([("ratio".to_owned(), json!(0.5)), ("most".to_owned(), json!(1e18))]),
            counts: BTreeMap::from([("SEC001/stripe-live".to_owned(), 2)]),
            facts: BTreeMap::from([("format".to_owned(), json!({ "name": ["safetensors", null, -1] }))]),
            complete: true,
            unexamined: NotExamined::default(),
            bytes_read_at: now(),
            collected: now(),
            expires: now(),
        },
    };
    // Written as any program may write it: `to_bytes` would refuse what its own reader must refuse too.
    let predicate = serde_json::to_value(&statement.predicate)?;
    let digest = json!({ "sha256": Digest::of(b"weights").hex() });
    let free = json!({ "_type": "https://in-toto.io/Statement/v1", "predicateType": statement.kind.uri(),
        "subject": [{ "name": "model.safetensors", "digest": digest }], "predicate": predicate });
    seed("evidence", 0, free.to_string())?;
    let mut plain = statement;
    plain.predicate.parameters.clear();
    seed("evidence", 1, plain.to_bytes()?)?;
    let envelope = Envelope::sign(&plain, &collector())?.to_bytes();
    let line = envelope.as_slice();
    seed("attest_bundle", 0, [b"\xef\xbb\xbf", line, b"\r\n\n{}\n", line].concat())?;
    seed("evidence", 2, envelope)?;
    seed("trust", 0, trust_content().sign(None, &bartizan_fuzz::root())?.toml)?;
    Ok(())
}

fn log() -> Result<(), Failure> {
    let (fs, ledger, head) = ledger(11)?;
    seed("note", 0, &head.note)?;
    seed("attest_cosignature", 0, &head.note)?;
    let witness = Witness::new("example.org/witness".parse()?, collector().verifying_key());
    seed("attest_cosignature", 1, witness.to_string())?;
    seed("proof", 0, prove(&ledger.view()?, 7)?)?;
    let bundle = fs.read("tile/entries/000.p/11", 1 << 20)?;
    seed("record", 0, [&[11, 0], bundle.as_slice()].concat())?;
    let (reason, actor) = ("personal data".to_owned(), "ana".to_owned());
    ledger.append(&[Draft::Erase { envelope: Digest::of(&[7; 8]), reason, actor }], now())?;
    for index in [7, 11] {
        seed("record", 1 + index as usize, ledger.view()?.entry_bytes(index)?)?;
    }
    // No edit at all, and one byte of the third file set.
    seed("ledger_folder", 0, [0])?;
    seed("ledger_folder", 1, [1, 0, 0, 0, 0, 3, 9, 0, 65, 0])?;
    let mut archive = ArchiveWriter::new(Vec::new());
    for file in log_files(&ledger.view()?, true)? {
        let (path, bytes) = file?;
        archive.add(&format!("ledger/{path}"), &bytes)?;
    }
    // The first of the three depths: the file as it is.
    seed("ledger_archive", 0, [&[0; 4], archive.finish()?.as_slice()].concat())?;
    seed("ledger_anchor", 0, [11])?;
    Ok(())
}

fn data() -> Result<(), Failure> {
    // Put together here, so that nothing in the source looks like a datum of somebody.
    let values = [
        format!("mail mara.lindqvist{}kontor.example today", '@'),
        format!("card 4111 1111 {} 1111, IBAN DE89{}", 1111, "370400440532013000"),
        format!("host 10.0.{}.7 and fe80::{}1, ssn 219-09-{}", 3, "a:", 9999),
        format!("key AKIA{} password: {}", "QX7DEMO4ONLY2KEY", "hunter2hunter2"),
        "a\u{200b}b\u{202e}c\u{e0041}\u{e0042}\u{fe0f}\u{3164}".to_owned(),
    ];
    for (n, value) in values.iter().enumerate() {
        seed("detect", n, [&[1, 7, 1, 3, 0], value.as_bytes()].concat())?;
        let row = json!({ "id": n, "text": value, "tags": ["a", n], "more": { "deep": { "x": null } } });
        seed("dataset", n, format!("\0{row}\n{row}\r\n\n{row}"))?;
        seed("dataset", 10 + n, format!("\u{1}[{row}, {row}]"))?;
        seed("dataset", 20 + n, format!("\u{2}{value}\n{value}"))?;
        seed("csv", n, format!("\0\u{7}id,text,note\r\n1,\"{value}\",\"a \"\"b\"\"\n=A1\"\n2;{value};-1\n"))?;
        seed("csv", 10 + n, format!("\u{1}\u{1}sep=;\nid;password\n\n{value};{value}"))?;
        seed("csv", 20 + n, format!("\u{1}\u{20}id\ttext\rtrue\t\"{value}"))?;
    }
    let code = "import openai\nfrom langchain_openai import x\nmodel = \"gpt-4o\"\nAutoModel.from_pretrained(\"a/b\")";
    let tools = json!({ "mcpServers": { "files": { "command": "npx", "args": ["-y", "@a/server-filesystem"] },
        "web": { "url": "https://mcp.example.com/x" } } });
    for (n, text) in
        [code.to_owned(), tools.to_string(), "OPENAI_API_KEY=x\ncrewai==1\n".to_owned()].iter().enumerate()
    {
        seed("inventory", n, [text.as_bytes(), &[0, 1, 2, 0, 3, 1], text.as_bytes(), &[7; 24]].concat())?;
    }
    seed("safetensors", 0, b"{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}\0\0\0\0\0")?;
    seed("pickle", 0, [b"cos\nsys".as_slice(), b"tem\n(S'true'\ntR."].concat())?;
    seed("pickle", 1, b"}q\0(X\x01\0\0\0aK\x01X\x01\0\0\0b]q\x01(K\x02G?\xe0\0\0\0\0\0\0eu.")?;
    Ok(())
}

fn models() -> Result<(), Failure> {
    let string = |text: &str| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat();
    let number = |value: u32| value.to_le_bytes().to_vec();
    let entry = |key: &str, kind: u32, value: Vec<u8>| [string(key), number(kind), value].concat();
    let tensor = |name: &str, length: u64, kind: u32, offset: u64| {
        let place = [length.to_le_bytes().to_vec(), number(kind), offset.to_le_bytes().to_vec()].concat();
        [string(name), number(1), place].concat()
    };
    let tokens = [number(8), 2_u64.to_le_bytes().to_vec(), string("a"), string("<s>")].concat();
    // The first byte chooses the version; the magic number is put in front by the target.
    let mut file = [
        vec![3],
        [2_u64, 4].map(u64::to_le_bytes).concat(),
        entry("general.architecture", 8, string("llama")),
        entry("general.alignment", 4, number(32)),
        entry("tokenizer.ggml.tokens", 9, tokens),
        entry("tokenizer.chat_template", 8, string("{{ messages[0]['content'] }}")),
        tensor("a", 32, 8, 0),
        tensor("b", 4, 0, 64),
    ]
    .concat();
    // One byte stands for seven: magic number and version less the choice.
    file.resize((file.len() + 7).next_multiple_of(32) - 7 + 80, 0);
    seed("gguf", 0, file)?;

    let pickle = b"\x80\x02}q\0X\x01\0\0\0ac__builtin__\nset\nq\x01]\x85Rs.".as_slice();
    let torch: &[(&str, &[u8])] =
        &[("a/data.pkl", b"\x80\x02}."), ("a/byteorder", b"little"), ("a/version", b"3")];
    for (n, members) in [&[("x.pkl", pickle)][..], torch].into_iter().enumerate() {
        // The four bytes that every archive starts with are put in front by the target.
        seed("zip", n, archive(members).split_off(4))?;
    }
    let settings = json!({ "model_type": "x", "auto_map": { "AutoModel": "a--b.C" }, "_target_": "a.B",
        "chat_template": [{ "name": "x", "template": "{% if a %}{{ 'b' ~ c['d'] | trim }}{% endif %}" }] });
    let tokenizer = json!({ "added_tokens": [{ "id": 1, "content": "<s>" }], "normalizer": {
        "type": "Replace", "pattern": { "String": "word" }, "content": "x" }, "model": { "type": "BPE" } });
    let index = json!({ "weight_map": { "w": "model-1.safetensors", "v": "../x" } });
    for (n, value) in [settings, tokenizer, index].into_iter().enumerate() {
        seed("config", n, [vec![u8::try_from(n)?], value.to_string().into_bytes()].concat())?;
    }
    seed("config", 3, b"\x03{%- raw %}{{ x }}{% endraw %}{# c #}{{ x.__class__|attr('\\x5f') }}")?;
    Ok(())
}

/// An archive of stored members without checksums.
fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, data) in members {
        let at = (file.len() as u32).to_le_bytes();
        let length = (data.len() as u32).to_le_bytes();
        let name_length = (name.len() as u16).to_le_bytes();
        let common = [&[0; 8][..], &[0; 4], &length, &length, &name_length, &[0; 2]].concat();
        file.extend([b"PK\x03\x04\x14\0", common.as_slice(), name.as_bytes(), data].concat());
        directory.extend(
            [b"PK\x01\x02\x14\x03\x14\0", common.as_slice(), &[0; 10], &at, name.as_bytes()].concat(),
        );
    }
    let count = (members.len() as u16).to_le_bytes();
    let (start, length) = ((file.len() as u32).to_le_bytes(), (directory.len() as u32).to_le_bytes());
    file.extend(
        [directory.as_slice(), b"PK\x05\x06\0\0\0\0", &count, &count, &length, &start, &[0; 2]].concat(),
    );
    file
}

fn seed(target: &str, n: usize, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(format!("seed-{n:02}")), bytes)
}
