//! `ExecuTorch` programs, right and wrong.

use crate::{
    Sample,
    flatbuffers::{
        Slot::{self, Absent, Offset, Tables, U8, U32, U64},
        Table, buffer, bytes, ints, longs, text,
    },
    pickle::system,
};

const FAMILY: &str = "executorch";

/// The parts of a program.
#[derive(Clone, Debug)]
pub struct Program {
    pub values: Vec<Table>,
    pub inputs: Vec<i32>,
    pub operators: Vec<Table>,
    pub delegates: Vec<Table>,
    pub instructions: Vec<Table>,
    pub inline: Vec<Table>,
    pub segments: Vec<Vec<u8>>,
    pub constants: Vec<u64>,
    /// What is added to the place and the length of each segment.
    pub shift: (u64, u64),
    pub header: Option<(u64, u64)>,
    pub name: Slot,
}

/// A value that is a tensor.
pub fn tensor(sizes: &[i32], buffer: u32) -> Table {
    let order: Vec<u8> = (0..sizes.len()).map(|index| index as u8).collect();
    let tensor = Table(vec![U8(6), Absent, ints(sizes), bytes(&order), Absent, U32(buffer)]);
    Table(vec![U8(5), Slot::Table(tensor)])
}

/// A call of an operator.
pub fn call(operator: u32, values: &[i32]) -> Table {
    instruction(1, vec![U32(operator), ints(values)])
}

fn instruction(kind: u8, fields: Vec<Slot>) -> Table {
    Table(vec![U8(kind), Slot::Table(Table(fields))])
}

/// An operator by name.
pub fn operator(name: &str) -> Table {
    Table(vec![text(name), text("out")])
}

/// A backend whose package is inline (0) or a segment (1).
pub fn delegate(name: &str, place: u8, index: u32) -> Table {
    let setting = Table(vec![text("max"), bytes(&[4])]);
    Table(vec![text(name), Slot::Table(Table(vec![U8(place), U32(index)])), Tables(vec![setting])])
}

impl Program {
    /// A method of one operator with its weights.
    pub fn new() -> Self {
        Self {
            values: vec![tensor(&[1, 2], 0), tensor(&[2, 2], 1), tensor(&[1, 2], 0)],
            inputs: vec![0],
            operators: vec![operator("aten::mm")],
            delegates: vec![],
            instructions: vec![call(0, &[0, 1, 2, 2])],
            inline: vec![],
            segments: vec![vec![1; 16]],
            constants: vec![0, 0],
            shift: (0, 0),
            header: None,
            name: text("forward"),
        }
    }

    pub fn build(&self) -> Vec<u8> {
        let header = |program: u64, base: u64| {
            let (program, base) = self.header.unwrap_or((program, base));
            [b"eh00".as_slice(), &24_u32.to_le_bytes(), &program.to_le_bytes(), &base.to_le_bytes()].concat()
        };
        let chain = Table(vec![ints(&self.inputs), ints(&[2]), Tables(self.instructions.clone())]);
        let plan = Table(vec![
            self.name.clone(),
            Absent,
            Tables(self.values.clone()),
            ints(&self.inputs),
            ints(&[2]),
            Tables(vec![chain]),
            Tables(self.operators.clone()),
            Tables(self.delegates.clone()),
            longs(&[0, 64]),
        ]);
        let mut segments = Vec::new();
        let mut at = 0_usize;
        for segment in &self.segments {
            segments.push(Table(vec![
                U64(at as u64 + self.shift.0),
                U64((segment.len() as u64).wrapping_add(self.shift.1)),
            ]));
            at += segment.len().next_multiple_of(16);
        }
        let root = Table(vec![
            U32(0),
            Tables(vec![plan]),
            Absent,
            Tables(self.inline.clone()),
            Tables(segments),
            Slot::Table(Table(vec![U32(0), longs(&self.constants)])),
        ]);
        let size = buffer(&root, b"ET12", &header(0, 0)).len() as u64;
        let base = size.next_multiple_of(16);
        let mut out = buffer(&root, b"ET12", &header(size, base));
        for segment in &self.segments {
            out.resize(out.len().next_multiple_of(16), 0);
            out.extend(segment);
        }
        out
    }
}

fn changed(change: impl FnOnce(&mut Program)) -> Vec<u8> {
    let mut program = Program::new();
    change(&mut program);
    program.build()
}

fn hostile() -> Vec<Sample> {
    let hostile = |what: &str, bytes, codes| Sample::hostile(FAMILY, what, "model.pte", bytes, codes);
    let elf = [b"\x7fELF\x02\x01\x01\0".as_slice(), &[0; 56]].concat();
    let sound = Program::new().build();
    let with = |name: &str, data: &[u8]| {
        let inline = Table(vec![bytes(data)]);
        changed(|p| {
            p.delegates = vec![delegate(name, 0, 0)];
            p.inline = vec![inline];
            p.instructions.push(instruction(2, vec![U32(0), ints(&[0, 2])]));
        })
    };
    vec![
        hostile("segment behind the end", changed(|p| p.shift.0 = 1 << 40), &["ETX001"]),
        hostile("segment longer than the file", changed(|p| p.shift.1 = 1 << 40), &["ETX001"]),
        hostile("segment whose end wraps", changed(|p| p.shift = (u64::MAX - 7, 0)), &["ETX001"]),
        hostile(
            "two segments that share bytes",
            changed(|p| {
                p.segments.push(vec![1; 16]);
                p.shift.1 = 4;
                p.segments.push(vec![1; 16]);
            }),
            &["ETX001"],
        ),
        hostile(
            "header with a program longer than the file",
            changed(|p| p.header = Some((1 << 40, 1 << 41))),
            &["ETX001"],
        ),
        hostile(
            "header with segments within the program",
            changed(|p| p.header = Some((600, 64))),
            &["ETX001"],
        ),
        hostile("constant behind its segment", changed(|p| p.constants = vec![0, 1 << 40]), &["ETX001"]),
        hostile(
            "operator that does not exist",
            changed(|p| p.instructions = vec![call(4_000_000, &[0])]),
            &["ETX002"],
        ),
        hostile(
            "value that does not exist",
            changed(|p| p.instructions = vec![call(0, &[0, 99])]),
            &["ETX002"],
        ),
        hostile("value of number -1", changed(|p| p.instructions = vec![call(0, &[-1])]), &["ETX002"]),
        hostile("input that does not exist", changed(|p| p.inputs = vec![50]), &["ETX002"]),
        hostile(
            "jump out of the list",
            changed(|p| p.instructions.push(instruction(4, vec![U32(0), U32(77)]))),
            &["ETX002"],
        ),
        hostile(
            "move to a value that does not exist",
            changed(|p| p.instructions.push(instruction(3, vec![U32(0), U32(77)]))),
            &["ETX002"],
        ),
        hostile(
            "free of a value that does not exist",
            changed(|p| p.instructions.push(instruction(5, vec![U32(77)]))),
            &["ETX002"],
        ),
        hostile(
            "instruction of an unknown kind",
            changed(|p| p.instructions.push(instruction(9, vec![U32(0)]))),
            &["ETX002"],
        ),
        hostile(
            "backend that does not exist",
            changed(|p| p.instructions.push(instruction(2, vec![U32(3), ints(&[0])]))),
            &["ETX002"],
        ),
        hostile(
            "package that does not exist",
            changed(|p| p.delegates = vec![delegate("XnnpackBackend", 1, 9)]),
            &["ETX002"],
        ),
        hostile("negative dimension", changed(|p| p.values[1] = tensor(&[-1, 2], 1)), &["ETX002"]),
        hostile("library for a backend", with("CudaBackend", &elf), &["ETX005", "FLB003"]),
        hostile("library for a harmless backend", with("XnnpackBackend", &elf), &["ETX005", "FLB003"]),
        hostile("library for an unknown backend", with("VendorBackend", &elf), &["ETX004", "ETX005"]),
        hostile("pickle in a segment", changed(|p| p.segments = vec![system().stop()]), &["FLB003"]),
        hostile("script in a package", with("XnnpackBackend", b"#!/bin/sh\ntrue\n"), &["FLB003"]),
        hostile("text out of the file", changed(|p| p.name = Offset(1 << 30)), &["FLB001"]),
        hostile("text without an end", changed(|p| p.name = Slot::Vector(1 << 30, vec![0; 8])), &["FLB001"]),
        hostile("program that is cut", sound[..sound.len() / 2].to_vec(), &["ETX001"]),
        hostile(
            "program behind the program",
            [sound.as_slice(), &elf, &[0; 64]].concat(),
            &["FLB002", "FLB003"],
        ),
    ]
}

fn benign() -> Vec<Sample> {
    let benign = |what: &str, bytes| Sample::benign(FAMILY, what, "model.pte", bytes);
    vec![
        benign("one operator", Program::new().build()),
        benign("quantised operator", changed(|p| p.operators = vec![operator("quantized_decomposed::add")])),
        benign(
            "package in the program",
            changed(|p| {
                p.delegates = vec![delegate("XnnpackBackend", 0, 0)];
                p.inline = vec![Table(vec![bytes(b"XH00 and weights")])];
                p.instructions = vec![instruction(2, vec![U32(0), ints(&[0, 2])])];
            }),
        ),
        benign(
            "package in a segment",
            changed(|p| {
                p.segments.push(b"VH00 and weights".to_vec());
                p.delegates = vec![delegate("VulkanBackend", 1, 1)];
            }),
        ),
        benign(
            "move, jump and free",
            changed(|p| {
                p.instructions.push(instruction(3, vec![U32(0), U32(2)]));
                p.instructions.push(instruction(4, vec![U32(0), U32(1)]));
                p.instructions.push(instruction(5, vec![U32(0)]));
            }),
        ),
    ]
}

/// The files of this family.
pub fn samples() -> Vec<Sample> {
    [hostile(), benign()].concat()
}
