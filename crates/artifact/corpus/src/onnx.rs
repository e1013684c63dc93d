//! ONNX models, right and wrong.

use crate::{
    Sample,
    pickle::system,
    protobuf::Message,
    zip::{Member, zip},
};

const FAMILY: &str = "onnx";

/// A tensor of type and shape with raw bytes.
pub fn tensor(name: &str, kind: u64, dims: &[u64], raw: &[u8]) -> Message {
    let dims = dims.iter().fold(Message::new(), |message, dim| message.number(1, *dim));
    dims.number(2, kind).text(8, name).bytes(9, raw)
}

/// A tensor whose data is elsewhere, by keys and values.
pub fn external(name: &str, entries: &[(&str, &str)]) -> Message {
    let message = Message::new().number(1, 2).number(2, 1).text(8, name);
    let message = entries.iter().fold(message, |message, (key, value)| {
        message.message(13, &Message::new().text(1, key).text(2, value))
    });
    message.number(14, 1)
}

/// A node of a domain.
pub fn node(domain: &str, operator: &str, attributes: &[Message]) -> Message {
    let node = Message::new().text(1, "x").text(2, "y").text(3, "node").text(4, operator);
    let node = attributes.iter().fold(node, |node, attribute| node.message(5, attribute));
    if domain.is_empty() { node } else { node.text(7, domain) }
}

/// An attribute with a text.
pub fn attribute(name: &str, text: &[u8]) -> Message {
    Message::new().text(1, name).bytes(4, text).number(20, 3)
}

/// A value of a graph.
fn value(name: &str) -> Message {
    let shape = Message::new().message(1, &Message::new().number(1, 4));
    let kind = Message::new().message(1, &Message::new().number(1, 1).message(2, &shape));
    Message::new().text(1, name).message(2, &kind)
}

/// A graph of nodes and initialisers.
pub fn graph(nodes: &[Message], tensors: &[Message]) -> Message {
    let graph = nodes.iter().fold(Message::new(), |graph, node| graph.message(1, node));
    let graph = tensors.iter().fold(graph.text(2, "main"), |graph, tensor| graph.message(5, tensor));
    graph.message(11, &value("x")).message(12, &value("y"))
}

/// A model with a graph, as `PyTorch`'s exporter orders its fields.
pub fn model(graph: &Message) -> Message {
    let opset = Message::new().text(1, "").number(2, 18);
    Message::new().number(1, 8).text(2, "pytorch").text(3, "2.9.0").message(7, graph).message(8, &opset)
}

/// A model of one node and one tensor that are right.
pub fn sound() -> Message {
    model(&graph(&[node("", "MatMul", &[])], &[tensor("w", 1, &[2, 2], &[1; 16])]))
}

fn with_node(node: &Message) -> Vec<u8> {
    model(&graph(std::slice::from_ref(node), &[])).0
}

/// A model with a tensor.
pub fn with_tensor(tensor: &Message) -> Vec<u8> {
    model(&graph(&[node("", "Identity", &[])], std::slice::from_ref(tensor))).0
}

/// A function of a domain.
fn function(domain: &str, name: &str, body: &Message) -> Message {
    Message::new().text(1, name).text(4, "x").text(5, "y").message(7, body).text(10, domain)
}

/// Data in files that lie elsewhere, each in a tensor of a model.
fn outside() -> Vec<Sample> {
    let cases: &[(&str, &str)] = &[
        ("/etc/passwd", "CVE-2022-25882"),
        ("../../../../etc/passwd", "CVE-2022-25882"),
        ("data/../../secret.bin", "CVE-2024-27318"),
        ("./a/../../b", "CVE-2024-27318"),
        ("..", "CVE-2024-27318"),
        ("..\\..\\secret.bin", "CVE-2024-27318"),
        ("C:\\Windows\\win.ini", "CVE-2025-51480"),
        ("\\\\host.example.invalid\\share\\w", "CVE-2025-51480"),
        ("~/.ssh/id_ed25519", "CVE-2025-51480"),
        ("http://example.invalid/w.bin", "CVE-2026-34447"),
        ("file:///etc/passwd", "CVE-2026-34447"),
        ("s3://example.invalid/w.bin", "CVE-2026-34447"),
        ("w.bin\0/../../x", "CVE-2026-34447"),
        ("${HOME}/w.bin", "CVE-2026-34447"),
        ("%APPDATA%\\w.bin", "CVE-2026-34447"),
        ("/proc/self/environ", "CVE-2026-34447"),
        ("w/.. /.. /x", "CVE-2024-27318"),
    ];
    cases
        .iter()
        .map(|(location, source)| {
            let bytes = with_tensor(&external("w", &[("location", location), ("length", "8")]));
            let what = format!("data in {}", location.escape_debug());
            Sample::hostile(FAMILY, what, "model.onnx", bytes, &["ONX001"]).from_advisory(source)
        })
        .collect()
}

/// Models that are wrong in their bytes.
fn broken() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "model.onnx", bytes, codes);
    let cut = sound().0;
    let mut deep = Message::new().text(2, "deep");
    for _ in 0..120 {
        let attribute = Message::new().text(1, "body").message(6, &deep).number(20, 5);
        deep = Message::new().message(1, &node("", "Loop", &[attribute]));
    }
    vec![
        hostile("model that is cut in a tensor", cut[..cut.len() - 40].to_vec(), &["PBF001"]),
        hostile("field longer than the file", sound().claims(14, 1 << 40).0, &["PBF001"]),
        hostile("length of 2^64 - 1", sound().claims(14, u64::MAX).0, &["PBF001"]),
        hostile("group", sound().tag(40, 3).tag(40, 4).0, &["PBF001"]),
        hostile("wire type that does not exist", sound().tag(40, 7).0, &["PBF001"]),
        hostile("field number 0", sound().raw(&[0, 0]).0, &["PBF001"]),
        hostile("number of 11 bytes", sound().tag(5, 0).raw(&[0xff; 11]).0, &["PBF001"]),
        hostile("number of 70 bits", sound().tag(5, 0).raw(&[0xff; 9]).raw(&[0x7f]).0, &["PBF001"]),
        hostile("graphs nested 120 deep", model(&deep).0, &["PBF001"]),
        hostile(
            "message that ends inside a number",
            model(&Message::new().text(2, "g").message(5, &Message::new().number(2, 1).raw(&[0x08, 0x80]))).0,
            &["PBF001"],
        ),
        hostile(
            "node of another length than it has",
            model(&Message::new().text(2, "g").claims(1, 4).raw(b"\x22\x7fAb")).0,
            &["PBF001"],
        ),
    ]
}

/// Tensors that are not what is said about them.
fn tensors() -> Vec<Sample> {
    let hostile = |what: &str, tensor: &Message, codes| {
        Sample::hostile(FAMILY, what, "model.onnx", with_tensor(tensor), codes)
    };
    let elf = [b"\x7fELF\x02\x01\x01\0".as_slice(), &[0; 56]].concat();
    let pickle = system().stop();
    let elsewhere = |entries: &[(&str, &str)]| external("w", entries);
    let raw = |bytes: &[u8]| tensor("w", 2, &[bytes.len() as u64], bytes);
    vec![
        hostile("fewer bytes than the shape", &tensor("w", 1, &[4, 4], &[0; 32]), &["ONX005"]),
        hostile("more bytes than the shape", &tensor("w", 1, &[1], &[0; 4096]), &["ONX005"]),
        hostile("negative dimension", &tensor("w", 1, &[u64::MAX], &[0; 4]), &["ONX005"]),
        hostile("shape whose product wraps", &tensor("w", 1, &[1 << 32, 1 << 32], &[]), &["ONX005"]),
        hostile("bytes in a tensor of texts", &tensor("w", 8, &[1], b"text"), &["ONX005"]),
        hostile("tensor without data", &Message::new().number(1, 4).number(2, 1).text(8, "w"), &["ONX005"]),
        hostile(
            "list of other values than the type has",
            &Message::new().number(1, 2).number(2, 1).text(8, "w").number(7, 1).number(7, 2),
            &["ONX005"],
        ),
        hostile("raw bytes and a list", &tensor("w", 1, &[1], &[0; 4]).fixed32(4, 1), &["ONX008"]),
        hostile(
            "data in the file and in another",
            &elsewhere(&[("location", "w.bin")]).bytes(9, &[0; 8]),
            &["ONX008"],
        ),
        hostile("two data fields", &tensor("w", 1, &[1], &[0; 4]).bytes(9, &[1; 4]), &["PBF004"]),
        hostile("two types", &tensor("w", 1, &[1], &[0; 4]).number(2, 6), &["PBF004"]),
        hostile("program in a tensor", &raw(&elf), &["PBF005"]),
        hostile("pickle in a tensor", &raw(&pickle), &["PBF005"]),
        hostile("script in a tensor", &raw(b"#!/bin/sh\ntrue\n"), &["PBF005"]),
        hostile("no place for data elsewhere", &elsewhere(&[("length", "8")]), &["ONX002"]),
        hostile("empty place for data elsewhere", &elsewhere(&[("location", "")]), &["ONX002"]),
        hostile("negative offset", &elsewhere(&[("location", "w.bin"), ("offset", "-8")]), &["ONX002"]),
        hostile(
            "offset that is no number",
            &elsewhere(&[("location", "w.bin"), ("offset", "0x10")]),
            &["ONX002"],
        ),
        hostile(
            "offset and length that wrap",
            &elsewhere(&[
                ("location", "w.bin"),
                ("offset", "9223372036854775800"),
                ("length", "9223372036854775800"),
            ]),
            &["ONX002"],
        ),
        hostile(
            "length of 2^64 - 1",
            &elsewhere(&[("location", "w.bin"), ("length", "18446744073709551615")]),
            &["ONX002"],
        ),
        hostile(
            "length that does not fit the shape",
            &elsewhere(&[("location", "w.bin"), ("length", "4096")]),
            &["ONX002"],
        ),
        hostile(
            "two places for data, the first harmless",
            &elsewhere(&[("location", "w.bin"), ("location", "/etc/passwd"), ("length", "8")]),
            &["ONX001", "ONX002"],
        ),
        hostile(
            "two places for data, the last harmless",
            &elsewhere(&[("location", "/etc/passwd"), ("location", "w.bin"), ("length", "8")]),
            &["ONX001", "ONX002"],
        ),
        hostile(
            "key about data elsewhere that sets an attribute",
            &elsewhere(&[("location", "w.bin"), ("__class__", "x")]),
            &["ONX002"],
        )
        .from_advisory("CVE-2026-34447"),
        hostile(
            "place of data that does not exist",
            &tensor("w", 1, &[1], &[0; 4]).number(14, 7),
            &["ONX002"],
        ),
        hostile(
            "path that is given and not used",
            &tensor("w", 1, &[1], &[0; 4])
                .message(13, &Message::new().text(1, "location").text(2, "/etc/passwd")),
            &["ONX001"],
        ),
    ]
}

/// Operators that leave the graph.
#[expect(clippy::too_many_lines, reason = "one entry for each file")]
fn operators() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "model.onnx", bytes, codes);
    let python =
        node("ai.onnx.contrib", "PyOp", &[attribute("module", b"os"), attribute("function", b"true")]);
    let inner = graph(std::slice::from_ref(&python), &[]);
    let branch = Message::new().text(1, "then_branch").message(6, &inner).number(20, 5);
    let two = Message::new().message(1, &Message::new().text(4, "Identity").and(&python)).text(2, "g");
    let hidden = graph(&[node("", "Identity", &[])], &[external("w", &[("location", "../w")])]);
    let constant = Message::new()
        .text(1, "value")
        .message(5, &external("w", &[("location", "/etc/passwd"), ("length", "8")]))
        .number(20, 4);
    let mut samples = vec![
        hostile("function of Python", with_node(&python), &["ONX003"]),
        hostile("function of Python in a branch", with_node(&node("", "If", &[branch])), &["ONX003"]),
        hostile(
            "function of Python in a function",
            model(&graph(&[node("own", "F", &[])], &[])).message(25, &function("own", "F", &python)).0,
            &["ONX003"],
        ),
        hostile(
            "function of Python in a graph for training",
            sound().message(20, &Message::new().message(1, &inner)).0,
            &["ONX003"],
        ),
        hostile("operator that is stated twice", model(&two).0, &["ONX003", "PBF004"]),
        hostile(
            "data outside in a graph in a graph",
            with_node(&node("", "Loop", &[Message::new().text(1, "body").message(6, &hidden).number(20, 5)])),
            &["ONX001"],
        ),
        hostile("data outside in a constant", with_node(&node("", "Constant", &[constant])), &["ONX001"]),
        hostile(
            "data outside in a sparse tensor",
            model(
                &graph(&[node("", "Identity", &[])], &[])
                    .message(15, &Message::new().message(1, &external("w", &[("location", "/etc/passwd")]))),
            )
            .0,
            &["ONX001"],
        ),
        hostile(
            "compiled program outside",
            with_node(&node(
                "com.microsoft",
                "EPContext",
                &[attribute("ep_cache_context", b"../../evil.bin")],
            )),
            &["ONX001", "ONX003"],
        ),
        hostile(
            "library in an attribute",
            with_node(&node("vendor", "Run", &[attribute("library_path", b"ops/evil.so")])),
            &["ONX003", "ONX004"],
        ),
        hostile(
            "library outside in an attribute",
            with_node(&node("vendor", "Run", &[attribute("library_path", b"/tmp/evil.so")])),
            &["ONX001", "ONX004"],
        ),
        hostile(
            "pickle in an attribute",
            with_node(&node("own", "Run", &[attribute("state", &system().stop())])),
            &["PBF005"],
        ),
        hostile(
            "function in the place of a standard operator",
            sound().message(25, &function("", "MatMul", &node("", "Identity", &[]))).0,
            &["ONX009"],
        ),
        hostile(
            "function twice",
            sound()
                .message(25, &function("own", "F", &node("", "Identity", &[])))
                .message(25, &function("own", "F", &node("", "Neg", &[])))
                .0,
            &["ONX006"],
        ),
        hostile(
            "initialiser twice",
            model(&graph(
                &[node("", "Identity", &[])],
                &[tensor("w", 1, &[1], &[0; 4]), tensor("w", 1, &[1], &[1; 4])],
            ))
            .0,
            &["ONX006"],
        ),
        hostile(
            "settings for the runtime that name a path",
            sound()
                .message(
                    14,
                    &Message::new()
                        .text(1, "ort_config")
                        .text(2, r#"{"session_options":{"profile_file_prefix":"/tmp/x"}}"#),
                )
                .0,
            &["ONX010"],
        ),
        hostile(
            "program in an unknown field",
            sound().bytes(99, &[b"\x7fELF\x02\x01\x01\0".as_slice(), &[0; 2048]].concat()).0,
            &["PBF003", "PBF005"],
        ),
    ];
    for operator in ["PythonOp", "TritonOp", "AzureTextToText", "OpenAIChat", "ExternalCall"] {
        let domain = if operator == "ExternalCall" { "com.microsoft" } else { "ai.onnx.contrib" };
        let domain = if operator == "PythonOp" { "com.microsoft" } else { domain };
        samples.push(hostile(
            &format!("operator {operator}"),
            with_node(&node(domain, operator, &[])),
            &["ONX003"],
        ));
    }
    let archive = zip(&[Member::deflated("model.onnx", &with_node(&python))]);
    samples.push(Sample::hostile(FAMILY, "model in an archive", "models.zip", archive, &["ONX003"]));
    samples
}

/// What writers write.
fn benign() -> Vec<Sample> {
    let benign =
        |what: &str, path: &str, message: &Message| Sample::benign(FAMILY, what, path, message.0.clone());
    let body = graph(&[node("", "Identity", &[])], &[]);
    let branch = |name: &str| Message::new().text(1, name).message(6, &body).number(20, 5);
    let typed = Message::new().number(1, 3).number(2, 1).bytes(4, &[0; 12]).text(8, "w");
    let half = Message::new().number(1, 3).number(2, 22).bytes(5, &[1, 2]).text(8, "h");
    let texts = Message::new().number(1, 2).number(2, 8).text(6, "cat").text(6, "dog").text(8, "labels");
    let trees = node(
        "ai.onnx.ml",
        "TreeEnsembleClassifier",
        &[Message::new().text(1, "ids").raw(&[0x42, 3, 1, 2, 3])],
    );
    vec![
        benign("one operator", "model.onnx", &sound()),
        benign("one operator under another name", "model.bin", &sound()),
        benign(
            "data in a file beside it",
            "model.onnx",
            &model(&graph(
                &[node("", "MatMul", &[])],
                &[external("w", &[("location", "model.onnx.data"), ("offset", "0"), ("length", "8")])],
            )),
        ),
        benign(
            "branches",
            "model.onnx",
            &model(&graph(&[node("", "If", &[branch("then_branch"), branch("else_branch")])], &[])),
        ),
        benign(
            "function of its own",
            "model.onnx",
            &model(&graph(&[node("own", "Scale", &[])], &[]))
                .message(25, &function("own", "Scale", &node("", "Mul", &[]))),
        ),
        benign("trees", "model.onnx", &model(&graph(&[trees], &[]))),
        benign(
            "operators of ONNX Runtime",
            "model.onnx",
            &model(&graph(&[node("com.microsoft", "FusedMatMul", &[])], &[])),
        ),
        benign(
            "tokenizer of onnxruntime-extensions",
            "model.onnx",
            &model(&graph(&[node("ai.onnx.contrib", "BertTokenizer", &[])], &[])),
        ),
        benign(
            "values of several types",
            "model.onnx",
            &model(&graph(&[node("", "Identity", &[])], &[typed, half, texts])),
        ),
        benign(
            "description and metadata",
            "model.onnx",
            &sound()
                .text(6, "a model\nof two lines")
                .message(14, &Message::new().text(1, "task").text(2, "text-generation")),
        ),
        benign(
            "sparse tensor",
            "model.onnx",
            &model(
                &graph(&[node("", "Identity", &[])], &[]).message(
                    15,
                    &Message::new()
                        .message(1, &tensor("s", 1, &[1], &[0; 4]))
                        .message(2, &tensor("", 7, &[1], &[0; 8]))
                        .number(3, 4),
                ),
            ),
        ),
        Sample::benign(
            FAMILY,
            "model in an archive",
            "models.zip",
            zip(&[Member::deflated("model.onnx", &sound().0)]),
        ),
    ]
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    [outside(), broken(), tensors(), operators(), benign()].concat()
}
