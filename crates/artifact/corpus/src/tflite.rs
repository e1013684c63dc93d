//! TensorFlow Lite models, right and wrong.

use crate::{
    Sample,
    flatbuffers::{
        Slot,
        Slot::{Absent, Offset, Tables, U8, U32, U64},
        Table, buffer, bytes, ints, text,
    },
    pickle::system,
    zip::{Member, zip},
};

const FAMILY: &str = "tflite";

/// The parts of a model.
#[derive(Clone, Debug)]
pub struct Model {
    pub version: u32,
    pub operators: Vec<Table>,
    pub tensors: Vec<Table>,
    pub inputs: Vec<i32>,
    pub outputs: Vec<i32>,
    pub nodes: Vec<Table>,
    pub buffers: Vec<Table>,
    pub metadata: Vec<Table>,
    pub description: Slot,
}

/// An operator of the format, by number.
pub fn builtin(number: u32) -> Table {
    Table(vec![U8(u8::try_from(number.min(127)).unwrap()), Absent, U32(1), U32(number)])
}

/// An operator of a library, by name.
pub fn custom(name: &str) -> Table {
    Table(vec![U8(32), text(name), U32(1), U32(32)])
}

/// A tensor.
pub fn tensor(name: &str, shape: &[i32], kind: u8, buffer: u32) -> Table {
    Table(vec![ints(shape), U8(kind), U32(buffer), text(name)])
}

/// A node.
pub fn node(operator: u32, inputs: &[i32], outputs: &[i32], options: Slot) -> Table {
    Table(vec![U32(operator), ints(inputs), ints(outputs), Absent, Absent, options])
}

fn data(values: &[u8]) -> Table {
    Table(vec![bytes(values)])
}

/// Options that name an operator of TensorFlow, as the converter writes them.
fn flex(name: &str) -> Slot {
    let mut options = vec![u8::try_from(name.len()).unwrap()];
    options.extend(name.as_bytes());
    options.extend([0, 0, 2, 20, 20, 4, 40, 1]);
    bytes(&options)
}

impl Model {
    /// One layer with its weights.
    pub fn new() -> Self {
        Self {
            version: 3,
            operators: vec![builtin(9)],
            tensors: vec![tensor("x", &[1, 2], 0, 0), tensor("w", &[2, 2], 0, 1), tensor("y", &[1, 2], 0, 0)],
            inputs: vec![0],
            outputs: vec![2],
            nodes: vec![node(0, &[0, 1, -1], &[2], Absent)],
            buffers: vec![Table::default(), data(&[1; 16])],
            metadata: vec![],
            description: text("MLIR Converted."),
        }
    }

    /// With another operator.
    pub fn operator(mut self, operator: Table, options: Slot) -> Self {
        self.operators = vec![operator];
        self.nodes = vec![node(0, &[0, 1], &[2], options)];
        self
    }

    pub fn build(&self) -> Vec<u8> {
        let graph = Table(vec![
            Tables(self.tensors.clone()),
            ints(&self.inputs),
            ints(&self.outputs),
            Tables(self.nodes.clone()),
            text("main"),
        ]);
        let root = Table(vec![
            U32(self.version),
            Tables(self.operators.clone()),
            Tables(vec![graph]),
            self.description.clone(),
            Tables(self.buffers.clone()),
            Absent,
            Tables(self.metadata.clone()),
        ]);
        buffer(&root, b"TFL3", &[])
    }
}

fn changed(change: impl FnOnce(&mut Model)) -> Vec<u8> {
    let mut model = Model::new();
    change(&mut model);
    model.build()
}

/// A model with an archive behind it, whose directory counts from the start of the file.
pub fn associated(model: &[u8], members: &[Member]) -> Vec<u8> {
    let shift = u32::try_from(model.len()).unwrap();
    let mut at = 0;
    let members: Vec<_> = members
        .iter()
        .map(|member| {
            let mut member = member.clone();
            member.offset = Some(shift + at);
            at += 30 + u32::try_from(member.local.name.len() + member.local.extra.len()).unwrap();
            at += u32::try_from(member.data.len() + member.descriptor.len()).unwrap();
            member
        })
        .collect();
    let (body, start, length) = crate::zip::body(&members);
    [model, &body, &crate::zip::end(members.len(), length, start + shift)].concat()
}

#[expect(clippy::too_many_lines, reason = "one entry for each file")]
fn hostile() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "model.tflite", bytes, codes);
    let elf = [b"\x7fELF\x02\x01\x01\0".as_slice(), &[0; 56]].concat();
    let evil = system().stop();
    let sound = Model::new().build();
    let mut samples = vec![
        hostile(
            "operator that does not exist",
            changed(|m| m.nodes = vec![node(7, &[0], &[2], Absent)]),
            &["TFL001"],
        ),
        hostile(
            "input that does not exist",
            changed(|m| m.nodes = vec![node(0, &[9], &[2], Absent)]),
            &["TFL001"],
        ),
        hostile(
            "output of number -2",
            changed(|m| m.nodes = vec![node(0, &[0], &[-2], Absent)]),
            &["TFL001"],
        )
        .from_advisory("CVE-2020-15211"),
        hostile(
            "output of number -1",
            changed(|m| m.nodes = vec![node(0, &[0], &[-1], Absent)]),
            &["TFL001"],
        )
        .from_advisory("CVE-2020-15211"),
        hostile("input of the graph that does not exist", changed(|m| m.inputs = vec![99]), &["TFL001"]),
        hostile("output of the graph of number -1", changed(|m| m.outputs = vec![-1]), &["TFL001"]),
        hostile(
            "buffer that does not exist",
            changed(|m| m.tensors[1] = tensor("w", &[2, 2], 0, 77)),
            &["TFL001"],
        ),
        hostile(
            "metadata in a buffer that does not exist",
            changed(|m| m.metadata = vec![Table(vec![text("TFLITE_METADATA"), U32(9)])]),
            &["TFL001"],
        ),
        hostile("fewer bytes than the shape", changed(|m| m.buffers[1] = data(&[0; 4])), &["TFL004"]),
        hostile("more bytes than the shape", changed(|m| m.buffers[1] = data(&[1; 4096])), &["TFL004"]),
        hostile("negative dimension", changed(|m| m.tensors[1] = tensor("w", &[-2, 2], 0, 1)), &["TFL004"]),
        hostile(
            "shape whose product wraps",
            changed(|m| m.tensors[1] = tensor("w", &[i32::MAX, i32::MAX, i32::MAX], 0, 1)),
            &["TFL004"],
        ),
        hostile(
            "buffer behind the end of the file",
            changed(|m| m.buffers[1] = Table(vec![Absent, U64(1 << 40), U64(16)])),
            &["TFL003"],
        ),
        hostile(
            "buffer whose end wraps",
            changed(|m| m.buffers[1] = Table(vec![Absent, U64(u64::MAX - 7), U64(16)])),
            &["TFL003"],
        ),
        hostile(
            "buffer within the tables",
            changed(|m| m.buffers[1] = Table(vec![Absent, U64(8), U64(16)])),
            &["TFL003"],
        ),
        hostile(
            "buffer in two places",
            changed(|m| m.buffers[1] = Table(vec![bytes(&[1; 16]), U64(100), U64(16)])),
            &["TFL003"],
        ),
        hostile(
            "program in a buffer",
            changed(|m| {
                m.buffers[1] = data(&elf);
                m.tensors[1] = tensor("w", &[64], 3, 1);
            }),
            &["FLB003"],
        ),
        hostile(
            "pickle in a buffer",
            changed(|m| {
                m.buffers[1] = data(&evil);
                m.tensors[1] = tensor("w", &[i32::try_from(evil.len()).unwrap()], 3, 1);
            }),
            &["FLB003"],
        ),
        hostile(
            "script in options",
            Model::new().operator(custom("Mfcc"), bytes(b"#!/bin/sh\ntrue\n")).build(),
            &["FLB003"],
        ),
        hostile(
            "operator for TensorFlow whose options name another",
            Model::new().operator(custom("FlexAddV2"), flex("WriteFile")).build(),
            &["TFG001", "TFL005"],
        ),
        hostile("text out of the file", changed(|m| m.description = Offset(1 << 30)), &["FLB001"]),
        hostile(
            "text without an end",
            changed(|m| m.description = Slot::Vector(1 << 30, vec![0; 8])),
            &["FLB001"],
        ),
        hostile("tensor without a table", changed(|m| m.tensors[1].0[0] = Offset(u32::MAX)), &["FLB001"]),
        hostile("model that is cut", sound[..sound.len() / 2].to_vec(), &["FLB001"]),
        hostile("root out of the file", [&[0xff, 0xff, 0xff, 0x7f], &sound[4..]].concat(), &["FLB001"]),
        hostile("program behind the model", [sound.as_slice(), &elf].concat(), &["FLB002", "FLB003"]),
        hostile(
            "pickle in the archive behind the model",
            associated(&sound, &[Member::deflated("labels.pkl", &evil)]),
            &["PKL001"],
        ),
        hostile(
            "archive and four zeros behind the model",
            [sound.as_slice(), &zip(&[Member::stored("data.pkl", &evil)]), &[0; 4]].concat(),
            &["ZIP002", "PKL001"],
        ),
        hostile(
            "archive in the last buffer",
            {
                let archive = zip(&[Member::stored("data.pkl", &evil)]);
                let size = i32::try_from(archive.len()).unwrap();
                changed(|m| {
                    m.buffers[1] = data(&archive);
                    m.tensors[1] = tensor("w", &[size], 3, 1);
                })
            },
            &["ART003", "FLB003"],
        ),
    ];
    for operator in ["WriteFile", "ReadFile", "EagerPyFunc", "PyFunc", "MatchingFiles", "SaveDatasetV2"] {
        samples.push(hostile(
            &format!("operator {operator} of TensorFlow"),
            Model::new().operator(custom(&format!("Flex{operator}")), flex(operator)).build(),
            &["TFG001"],
        ));
    }
    samples
}

fn benign() -> Vec<Sample> {
    let benign = |what: &str, bytes| Sample::benign(FAMILY, what, "model.tflite", bytes);
    let sound = Model::new().build();
    vec![
        benign("one layer", sound.clone()),
        benign("operator of TensorFlow", Model::new().operator(custom("FlexAddV2"), flex("AddV2")).build()),
        benign(
            "boxes",
            Model::new().operator(custom("TFLite_Detection_PostProcess"), bytes(&[1, 2, 3])).build(),
        ),
        benign(
            "metadata",
            changed(|m| {
                m.buffers.push(data(b"2.21.0\0\0\0\0\0\0\0\0\0\0"));
                m.metadata = vec![Table(vec![text("min_runtime_version"), U32(2)])];
            }),
        ),
        benign(
            "labels behind the model",
            associated(
                &sound,
                &[Member::stored("labels.txt", b"cat\ndog\n"), Member::deflated("vocab.txt", b"a\nb\n")],
            ),
        ),
        benign(
            "weights of four bits",
            changed(|m| {
                m.buffers[1] = data(&[1; 2]);
                m.tensors[1] = tensor("w", &[2, 2], 17, 1);
            }),
        ),
        benign("weights behind the tables", {
            let model = |at| changed(|m| m.buffers[1] = Table(vec![Absent, U64(at), U64(16)]));
            let at = model(1 << 20).len().next_multiple_of(16);
            let mut bytes = model(at as u64);
            bytes.resize(at, 0);
            bytes.extend([1; 16]);
            bytes
        }),
    ]
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    [hostile(), benign()].concat()
}
