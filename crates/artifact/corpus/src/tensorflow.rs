//! Graphs of TensorFlow, right and wrong.

use crate::{Sample, pickle::system, protobuf::Message};

const FAMILY: &str = "tensorflow";

/// A node with its inputs and attributes.
pub fn node(name: &str, operator: &str, inputs: &[&str], attributes: &[(&str, Message)]) -> Message {
    let node = Message::new().text(1, name).text(2, operator);
    let node = inputs.iter().fold(node, |node, input| node.text(3, input));
    attributes
        .iter()
        .fold(node, |node, (key, value)| node.message(5, &Message::new().text(1, key).message(2, value)))
}

/// An attribute that is a text, a type, or a tensor of one text.
pub fn text(value: &str) -> Message {
    Message::new().text(2, value)
}

fn kind(value: u64) -> Message {
    Message::new().number(6, value)
}

fn texts(values: &[&str]) -> Message {
    let list = values.iter().fold(Message::new(), |list, value| list.text(2, value));
    Message::new().message(1, &list)
}

fn constant(name: &str, value: &str) -> Message {
    let tensor = Message::new().number(1, 7).message(2, &Message::new()).text(8, value);
    node(name, "Const", &[], &[("dtype", kind(7)), ("value", Message::new().message(8, &tensor))])
}

fn numbers(name: &str, dims: &[u64], content: &[u8]) -> Message {
    let shape =
        dims.iter().fold(Message::new(), |shape, dim| shape.message(2, &Message::new().number(1, *dim)));
    let tensor = Message::new().number(1, 1).message(2, &shape).bytes(4, content);
    node(name, "Const", &[], &[("dtype", kind(1)), ("value", Message::new().message(8, &tensor))])
}

/// A graph of nodes.
pub fn graph(nodes: &[Message]) -> Message {
    nodes.iter().fold(Message::new(), |graph, node| graph.message(1, node))
}

fn finished(graph: Message) -> Message {
    graph.message(4, &Message::new().number(1, 2087))
}

/// A function with its nodes.
pub fn function(name: &str, nodes: &[Message]) -> Message {
    let function = Message::new().message(1, &Message::new().text(1, name));
    nodes.iter().fold(function, |function, node| function.message(3, node))
}

fn library(graph: Message, functions: &[Message]) -> Message {
    let library = functions.iter().fold(Message::new(), |library, function| library.message(1, function));
    graph.message(2, &library)
}

fn placeholder() -> Message {
    node("x", "Placeholder", &[], &[("dtype", kind(1))])
}

/// A graph with what belongs to it.
pub fn meta(graph: &Message) -> Message {
    let info = Message::new().text(4, "serve").text(5, "2.21.0").text(6, "v2.21.0");
    Message::new().message(1, &info).message(2, graph)
}

/// A `SavedModel` of one graph.
pub fn saved(meta: &Message) -> Vec<u8> {
    Message::new().number(1, 1).message(2, meta).0
}

fn model(nodes: &[Message]) -> Vec<u8> {
    let nodes = [&[placeholder()], nodes].concat();
    saved(&meta(&finished(graph(&nodes))))
}

fn asset(tensor: &str, path: &str) -> Message {
    Message::new().message(1, &Message::new().text(1, tensor)).text(2, path)
}

/// Objects of a model, one of Keras with its configuration.
fn objects(metadata: &str) -> Message {
    let object =
        Message::new().text(1, "_tf_keras_layer").message(2, &Message::new().number(1, 1)).text(3, metadata);
    Message::new().message(1, &Message::new().message(4, &object))
}

/// What Keras writes beside a model.
fn keras(metadata: &str) -> Vec<u8> {
    let object =
        Message::new().number(2, 1).text(3, "root.layer-0").text(4, "_tf_keras_layer").text(5, metadata);
    Message::new().message(1, &object).0
}

const LAMBDA: &str = r#"{"class_name": "Functional", "config": {"layers": [{"class_name": "Lambda",
 "config": {"name": "lambda", "function": {"class_name": "__tuple__", "items": ["4wEAAAA=", null, null]}}}]}}"#;
const DENSE: &str =
    r#"{"class_name": "Dense", "module": "keras.layers", "config": {"units": 4}, "registered_name": null}"#;
const MODULE: &str =
    r#"{"class_name": "system", "module": "os", "config": {"command": "true"}, "registered_name": null}"#;
const TORCH: &str =
    r#"{"class_name": "TorchModuleWrapper", "module": "keras.layers", "config": {"module": "AAAA"}}"#;

/// Operators that reach out, each in a graph and in a function.
fn operators() -> Vec<Sample> {
    let mut samples = Vec::new();
    for operator in [
        "WriteFile",
        "ReadFile",
        "MatchingFiles",
        "PyFunc",
        "PyFuncStateless",
        "EagerPyFunc",
        "TextLineDataset",
        "TFRecordDatasetV2",
        "SqlDataset",
        "LoadDataset",
        "SaveDatasetV2",
        "WholeFileReaderV2",
        "RecordInput",
        "DataServiceDatasetV4",
        "RegisterDatasetV2",
        "RpcCall",
        "RemoteCall",
        "FileSystemSetConfiguration",
        "CreateSummaryFileWriter",
        "DumpTensor",
        "XlaCustomCallV2",
        "TRTEngineOp",
        "Abort",
        "DatasetFromGraph",
        "Skipgram",
    ] {
        let node = node("n", operator, &["x"], &[]);
        samples.push(Sample::hostile(
            FAMILY,
            format!("operator {operator}"),
            "saved_model.pb",
            model(std::slice::from_ref(&node)),
            &["TFG001"],
        ));
        if ["WriteFile", "ReadFile", "EagerPyFunc"].contains(&operator) {
            let graph = library(graph(&[placeholder()]), &[function("__inference_call_1", &[node])]);
            samples.push(Sample::hostile(
                FAMILY,
                format!("operator {operator} in a function"),
                "saved_model.pb",
                saved(&meta(&finished(graph))),
                &["TFG001"],
            ));
        }
    }
    let conditional: &[(&str, &str, Message)] = &[
        ("PrintV2", "output_stream", text("file:///tmp/x")),
        ("DebugIdentity", "debug_urls", texts(&["file:///tmp/x"])),
        ("DebugIdentityV2", "debug_urls", texts(&["grpc://host.example.invalid:1"])),
        ("CopyHost", "debug_ops_spec", texts(&["DebugIdentity;file:///tmp/x;0"])),
        ("DecodeProtoV2", "descriptor_source", text("/etc/passwd")),
        ("EncodeProto", "descriptor_source", text("/etc/passwd")),
        ("FixedUnigramCandidateSampler", "vocab_file", text("/etc/passwd")),
    ];
    for (operator, key, value) in conditional {
        samples.push(Sample::hostile(
            FAMILY,
            format!("operator {operator} with {key}"),
            "saved_model.pb",
            model(&[node("n", operator, &["x"], &[(key, value.clone())])]),
            &["TFG001"],
        ));
    }
    let region = node("n", "ImmutableConst", &[], &[("memory_region_name", text("/etc/passwd"))]);
    samples.push(Sample::hostile(
        FAMILY,
        "constant that is a file",
        "saved_model.pb",
        model(&[region]),
        &["TFG001", "TFG005"],
    ));
    samples
}

/// Names of files in the graph.
fn paths() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "saved_model.pb", bytes, codes);
    let with_asset = |path: &str| {
        let meta = meta(&finished(graph(&[placeholder()]))).message(6, &asset("path:0", path));
        saved(&meta)
    };
    vec![
        hostile("asset with an absolute path", with_asset("/etc/passwd"), &["TFG003"]),
        hostile("asset that leads up", with_asset("../../../../etc/passwd"), &["TFG003"]),
        hostile("asset with a URL", with_asset("gs://example.invalid/vocab.txt"), &["TFG003"]),
        hostile("asset with backslashes", with_asset("..\\..\\vocab.txt"), &["TFG003"]),
        hostile(
            "table from a file",
            model(&[
                constant("path", "/etc/passwd"),
                node("init", "InitializeTableFromTextFileV2", &["table", "path:0"], &[]),
            ]),
            &["TFG005"],
        ),
        hostile(
            "table from a file, through another node",
            model(&[
                constant("path", "/etc/passwd"),
                node("same", "Identity", &["path"], &[]),
                node("init", "InitializeTableFromTextFileV2", &["table", "same"], &[]),
            ]),
            &["TFG005"],
        ),
        hostile(
            "variables saved to a place of the author's",
            model(&[
                constant("prefix", "/etc/cron.d/"),
                constant("name", "job"),
                node("join", "StringJoin", &["prefix", "name"], &[]),
                node("save", "SaveV2", &["join", "names", "slices"], &[]),
            ]),
            &["TFG005"],
        ),
        hostile(
            "variables restored from a place of the author's",
            model(&[
                constant("prefix", "http://example.invalid/w"),
                node("restore", "RestoreV2", &["prefix", "names", "slices"], &[]),
            ]),
            &["TFG005"],
        ),
        hostile(
            "cache in a file",
            model(&[
                constant("path", "/tmp/cache"),
                node("cache", "CacheDatasetV2", &["data", "path", "memory"], &[]),
            ]),
            &["TFG005"],
        ),
    ]
}

/// Layers that hold code, and graphs that are wrong in their bytes.
fn others() -> Vec<Sample> {
    let hostile = |what: &str, path: &str, bytes, codes| Sample::hostile(FAMILY, what, path, bytes, codes);
    let with_objects =
        |metadata: &str| saved(&meta(&finished(graph(&[placeholder()]))).message(7, &objects(metadata)));
    let whole = model(&[numbers("w", &[2, 2], &[0; 16])]);
    let twice = Message::new().text(1, "n").text(2, "Identity").text(2, "WriteFile");
    let evil = graph(&[node("n", "WriteFile", &["x"], &[])]);
    let elf = [b"\x7fELF\x02\x01\x01\0".as_slice(), &[0; 56]].concat();
    vec![
        hostile("Lambda in the objects", "saved_model.pb", with_objects(LAMBDA), &["TFG004"])
            .from_advisory("CVE-2024-3660"),
        hostile("Lambda beside the model", "keras_metadata.pb", keras(LAMBDA), &["TFG004"])
            .from_advisory("CVE-2024-3660"),
        hostile("module that has no layers", "keras_metadata.pb", keras(MODULE), &["TFG004"])
            .from_advisory("CVE-2025-1550"),
        hostile("module of another library", "saved_model.pb", with_objects(TORCH), &["TFG004"])
            .from_advisory("CVE-2025-49655"),
        hostile(
            "fewer bytes than the shape",
            "saved_model.pb",
            model(&[numbers("w", &[9], &[0; 16])]),
            &["TFG006"],
        ),
        hostile(
            "shape whose product wraps",
            "saved_model.pb",
            model(&[numbers("w", &[1 << 40, 1 << 40], &[0; 16])]),
            &["TFG006"],
        ),
        hostile("program in a tensor", "saved_model.pb", model(&[numbers("w", &[16], &elf)]), &["PBF005"]),
        hostile(
            "pickle in a text",
            "saved_model.pb",
            model(&[constant("c", std::str::from_utf8(b"cposix\nsystem\n(S'true'\ntR.").unwrap())]),
            &["PBF005"],
        ),
        hostile(
            "pickle in an unknown field",
            "saved_model.pb",
            Message::new().raw(&whole).bytes(50, &system().stop()).0,
            &["PBF005"],
        ),
        hostile("operator that is stated twice", "saved_model.pb", model(&[twice]), &["PBF004", "TFG001"]),
        hostile(
            "function with the name of an operator",
            "saved_model.pb",
            saved(&meta(&finished(library(graph(&[placeholder()]), &[function("MatMul", &[])])))),
            &["TFG007"],
        ),
        hostile("model that is cut", "saved_model.pb", whole[..whole.len() - 20].to_vec(), &["PBF001"]),
        hostile(
            "second graph",
            "saved_model.pb",
            Message::new().raw(&whole).message(2, &meta(&finished(evil.clone()))).0,
            &["TFG001"],
        ),
        hostile("graph alone", "frozen.pb", finished(evil.clone()).0, &["TFG001"]),
        hostile("graph with what belongs to it", "model.ckpt.meta", meta(&finished(evil)).0, &["TFG001"]),
    ]
}

fn benign() -> Vec<Sample> {
    let benign = |what: &str, path: &str, bytes| Sample::benign(FAMILY, what, path, bytes);
    let dense = [
        placeholder(),
        numbers("w", &[2, 2], &[0; 16]),
        node("y", "MatMul", &["x", "w"], &[("transpose_a", Message::new().number(5, 0))]),
    ];
    let table = [
        constant("path", "/tmp/export/vocab.txt"),
        node("init", "InitializeTableFromTextFileV2", &["table", "path:0"], &[]),
    ];
    let saver = [
        constant("prefix", "model"),
        node("save", "SaveV2", &["prefix", "names", "slices"], &[]),
        node("restore", "RestoreV2", &["prefix", "names", "slices"], &[]),
    ];
    let calls = library(
        graph(&[placeholder(), node("y", "__inference_call_1", &["x"], &[])]),
        &[function("__inference_call_1", &[node("r", "Relu", &["x"], &[])])],
    );
    let print = node("p", "PrintV2", &["x"], &[("output_stream", text("stderr"))]);
    let tables = meta(&finished(graph(&table))).message(6, &asset("path:0", "vocab.txt"));
    let checksums = (1..=5).fold(Message::new(), |message, field| message.number(field, u64::MAX / field));
    vec![
        benign("one layer", "saved_model.pb", model(&dense[1..])),
        benign("one layer alone", "frozen.pb", finished(graph(&dense)).0),
        benign(
            "one layer alone, with a library of no functions",
            "frozen.pb",
            finished(graph(&dense)).message(2, &Message::new()).0,
        ),
        benign("one layer with what belongs to it", "model.ckpt.meta", meta(&finished(graph(&dense))).0),
        benign("table from an asset", "saved_model.pb", saved(&tables)),
        benign("variables", "saved_model.pb", model(&saver)),
        benign("function", "saved_model.pb", saved(&meta(&finished(calls)))),
        benign("line on the terminal", "saved_model.pb", model(&[print])),
        benign(
            "layers of Keras",
            "saved_model.pb",
            saved(&meta(&finished(graph(&dense))).message(7, &objects(DENSE))),
        ),
        benign("layers of Keras beside the model", "keras_metadata.pb", keras(DENSE)),
        benign("checksums", "fingerprint.pb", checksums.message(6, &Message::new().number(1, 3)).0),
    ]
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    [operators(), paths(), others(), benign()].concat()
}
