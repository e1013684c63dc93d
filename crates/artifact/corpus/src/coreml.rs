//! Core ML models, right and wrong.

pub mod weights;

use crate::{Sample, pickle::system, protobuf::Message};

const FAMILY: &str = "coreml";

fn feature(name: &str) -> Message {
    let array = Message::new().number(1, 4).number(2, 65568);
    Message::new().text(1, name).message(3, &Message::new().message(5, &array))
}

fn description() -> Message {
    let metadata = Message::new()
        .text(1, "a model")
        .text(3, "somebody")
        .text(4, "MIT")
        .message(100, &Message::new().text(1, "com.github.apple.coremltools.version").text(2, "9.0"));
    Message::new().message(1, &feature("x")).message(10, &feature("y")).message(100, &metadata)
}

/// A model of a type.
pub fn model(kind: u64, parameters: &Message) -> Message {
    Message::new().number(1, 4).message(2, &description()).message(kind, parameters)
}

fn network(layers: &[Message]) -> Message {
    layers.iter().fold(Message::new(), |network, layer| network.message(1, layer))
}

fn layer(kind: u64, parameters: &Message) -> Message {
    Message::new().text(1, "layer").text(2, "x").text(3, "y").message(kind, parameters)
}

fn dense() -> Message {
    let weights = Message::new().bytes(1, &[0; 16]);
    layer(140, &Message::new().number(1, 2).number(2, 2).message(20, &weights))
}

fn string(text: &str) -> Message {
    Message::new().text(20, text)
}

/// A class of the host, with a parameter.
fn custom(parameter: &str) -> Message {
    let entry = Message::new().text(1, "path").message(2, &string(parameter));
    Message::new().text(10, "HelpdeskLayer").message(30, &entry)
}

fn linked(name: &str, search: &str) -> Message {
    let text = |text: &str| Message::new().text(1, text);
    Message::new().message(1, &Message::new().message(1, &text(name)).message(2, &text(search)))
}

/// A program with a constant in a file.
pub fn program(path: &str, offset: u64) -> Message {
    let blob = Message::new().text(1, path).number(2, offset);
    let value = Message::new().message(5, &blob);
    let constant =
        Message::new().text(1, "const").message(5, &Message::new().text(1, "val").message(2, &value));
    let block = Message::new().text(2, "y").message(3, &constant);
    let function =
        Message::new().text(2, "CoreML8").message(3, &Message::new().text(1, "CoreML8").message(2, &block));
    Message::new().number(1, 1).message(2, &Message::new().text(1, "main").message(2, &function))
}

fn binding(path: &str) -> Message {
    let value = Message::new().message(5, &Message::new().text(1, path).number(2, 64));
    let argument = Message::new().message(1, &Message::new().message(2, &value));
    let operation =
        Message::new().text(1, "linear").message(2, &Message::new().text(1, "weight").message(2, &argument));
    let inner = Message::new().message(3, &operation);
    let outer = Message::new().text(1, "cond").message(4, &inner);
    let function = Message::new()
        .text(2, "CoreML8")
        .message(3, &Message::new().text(1, "CoreML8").message(2, &Message::new().message(3, &outer)));
    Message::new().number(1, 1).message(2, &Message::new().text(1, "main").message(2, &function))
}

fn hostile() -> Vec<Sample> {
    let hostile = |what: &str, message: &Message, codes| {
        Sample::hostile(FAMILY, what, "model.mlmodel", message.0.clone(), codes)
    };
    let elf = [b"\x7fELF\x02\x01\x01\0".as_slice(), &[0; 56]].concat();
    let of_network = |layer: Message| model(500, &network(&[layer]));
    let branch = layer(605, &Message::new().message(1, &network(&[layer(500, &custom("/etc/passwd"))])));
    let other = layer(605, &Message::new().message(2, &network(&[layer(500, &custom("/etc/passwd"))])));
    let evil = model(555, &custom("../../x"));
    let mut deep = Message::new();
    for _ in 0..120 {
        deep = Message::new().number(1, 4).message(202, &Message::new().message(1, &deep));
    }
    let whole = of_network(dense());
    let mut samples = vec![
        hostile(
            "layer of the host with a path",
            &of_network(layer(500, &custom("/etc/passwd"))),
            &["CML001", "CML003"],
        ),
        hostile("layer of the host in a branch", &of_network(branch), &["CML001", "CML003"]),
        hostile("layer of the host in the other branch", &of_network(other), &["CML001", "CML003"]),
        hostile("model of the host with a path", &evil, &["CML001", "CML003"]),
        hostile(
            "model of the host in a pipeline",
            &model(202, &Message::new().message(1, &evil)),
            &["CML001", "CML003"],
        ),
        hostile(
            "model of the host in a classifier's pipeline",
            &model(200, &Message::new().message(1, &Message::new().message(1, &evil))),
            &["CML001", "CML003"],
        ),
        hostile("model of two types", &of_network(dense()).message(555, &custom("x")), &["CML001", "PBF004"]),
        hostile(
            "weights behind any file",
            &model(502, &program("@model_path/weights/weight.bin", u64::MAX - 63)),
            &["CML004"],
        ),
        hostile(
            "weights outside in an operator of a block",
            &model(502, &binding("/etc/passwd")),
            &["CML003"],
        ),
        hostile("pipelines nested 120 deep", &model(202, &Message::new().message(1, &deep)), &["PBF001"]),
        hostile("model that is cut", &Message(whole.0[..whole.0.len() - 6].to_vec()), &["PBF001"]),
        hostile("layer longer than its network", &model(500, &Message::new().claims(1, 9999)), &["PBF001"]),
        hostile(
            "program in weights",
            &of_network(layer(140, &Message::new())).and(&Message::new().bytes(900, &elf)),
            &["PBF004", "PBF005"],
        ),
        hostile("pickle in the weights of a layer", &model(2000, &Message(system().stop())), &["PBF005"]),
        hostile(
            "script in metadata",
            &Message::new()
                .number(1, 4)
                .message(
                    2,
                    &description().message(
                        100,
                        &Message::new()
                            .message(100, &Message::new().text(1, "k").text(2, "#!/bin/sh\ntrue\n")),
                    ),
                )
                .message(500, &network(&[dense()])),
            &["PBF005"],
        ),
    ];
    for (name, search) in
        [("x", "/tmp"), ("../x", ""), ("/tmp/x", ""), ("x", "safe:/tmp:../up"), ("x", "~/models")]
    {
        samples.push(hostile(
            &format!("linked model {name} in {search}"),
            &model(556, &linked(name, search)),
            &["CML002"],
        ));
    }
    for path in [
        "@model_path/../../../../etc/passwd",
        "/etc/passwd",
        "..\\weights.bin",
        "http://example.invalid/weight.bin",
        "@model_path//etc/passwd",
    ] {
        samples.push(hostile(&format!("weights in {path}"), &model(502, &program(path, 64)), &["CML003"]));
    }
    samples
}

fn benign() -> Vec<Sample> {
    let benign =
        |what: &str, message: &Message| Sample::benign(FAMILY, what, "model.mlmodel", message.0.clone());
    let regressor = Message::new().message(1, &Message::new().bytes(1, &[0; 16])).bytes(2, &[0; 8]);
    let one = model(500, &network(&[dense()]));
    vec![
        benign("network", &one),
        benign(
            "network with a branch",
            &model(
                500,
                &network(&[layer(
                    605,
                    &Message::new().message(1, &network(&[dense()])).message(2, &network(&[dense()])),
                )]),
            ),
        ),
        benign(
            "network with a loop",
            &model(
                500,
                &network(&[layer(
                    615,
                    &Message::new().number(1, 3).text(2, "again").message(4, &network(&[dense()])),
                )]),
            ),
        ),
        benign("regressor", &model(300, &regressor)),
        benign(
            "pipeline",
            &model(202, &Message::new().message(1, &one).message(1, &one).text(2, "a").text(2, "b")),
        ),
        benign(
            "program with weights in its package",
            &model(502, &program("@model_path/weights/weight.bin", 64)),
        ),
        benign(
            "operator with weights in its package",
            &model(502, &binding("@model_path/weights/weight.bin")),
        ),
    ]
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    [hostile(), benign(), weights::samples()].concat()
}
