//! `ExecuTorch` programs: which operators and backends they ask for, and whether every segment is within bounds.
//!
//! A program is a list of instructions for a small interpreter, and packages for backends, which are programs of their
//! own: some hold machine code. The operators and backends are told by name. Segments of weights lie behind the program,
//! where an extended header says.
//!
//! Schema: <https://github.com/pytorch/executorch/blob/main/schema/program.fbs>, header:
//! <https://github.com/pytorch/executorch/blob/main/schema/extended_header.h>

pub(crate) mod rules;

use std::collections::{BTreeMap, BTreeSet};

use bartizan_finding::{Occurrence, Severity};

use super::flatbuffers::{Fault, Flat, Table};
use crate::{
    escape,
    foreign::Foreign,
    outline::{MAX_NAMES, Outline},
    read::{Halt, Pass},
    scope::Scope,
};

/// Name spaces of operators that come with `ExecuTorch` and its common packages.
const KNOWN_OPERATORS: &[&str] = &[
    "aten",
    "cadence",
    "cortex_m",
    "dim_order_ops",
    "et_vk",
    "executorch_prim",
    "llama",
    "prim",
    "quantized",
    "quantized_decomposed",
    "torchao",
];

/// Backends whose packages are graphs and weights for a library that is linked in.
const KNOWN_BACKENDS: &[&str] = &["CoreMLBackend", "MPSBackend", "VulkanBackend", "XnnpackBackend"];

/// Backends whose packages are compiled for a device, and hold code that nothing here reads.
const COMPILED_BACKENDS: &[&str] = &[
    "AotiBackend",
    "ArmBackend",
    "CudaBackend",
    "EnnBackend",
    "EthosUBackend",
    "MetalBackend",
    "MediatekBackend",
    "NeuropilotBackend",
    "NxpNeutronBackend",
    "NeutronBackend",
    "OpenvinoBackend",
    "QnnBackend",
    "SamsungBackend",
    "TOSABackend",
    "VgfBackend",
];

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let mut program = Program::default();
    let mut flat = Flat::new(pass, scope, 0, size);
    let result = program.read(&mut flat);
    let complete = flat.told(result)?;
    if complete && !program.broken {
        for (start, end) in flat.gaps() {
            // Segments are aligned to pages of memory.
            if end - start >= program.alignment || end == size && end - start > 64 {
                flat.uncovered(start, end)?;
            }
        }
    }
    program.settle(flat.scope.outline);
    pass.skip(size.saturating_sub(pass.position()))
}

/// What is known of a program.
#[derive(Default)]
struct Program {
    /// Where segments start, and where the program ends, as the extended header has it.
    base: Option<u64>,
    segments: Vec<(u64, u64)>,
    inline: Vec<(u64, u64)>,
    operators: BTreeMap<String, u64>,
    backends: BTreeSet<String>,
    methods: BTreeSet<String>,
    instructions: u64,
    version: u64,
    alignment: u64,
    broken: bool,
}

impl Program {
    fn read(&mut self, flat: &mut Flat<'_, '_, '_, '_>) -> Result<(), Fault> {
        /// Segments lie at multiples of this or less.
        const PAGE: u64 = 16 * 1024;
        self.alignment = PAGE;
        self.header(flat)?;
        let root = flat.root()?;
        self.version = flat.number(&root, 0, 4)?;
        self.each(flat, &root, 4, Self::segment)?;
        self.each(flat, &root, 2, |_, flat, table| buffer(flat, table, "a constant").map(drop))?;
        self.each(flat, &root, 3, |program, flat, table| {
            let range = buffer(flat, table, "a package for a backend")?;
            program.inline.push(range.unwrap_or((table.at, table.at)));
            Ok(())
        })?;
        if let Some(constants) = flat.table(&root, 5)? {
            self.offsets(flat, &constants)?;
        }
        self.each(flat, &root, 6, Self::offsets)?;
        self.each(flat, &root, 7, |program, flat, table| {
            flat.text(table, 0)?;
            let index = flat.number(table, 1, 4)?;
            program.segment_index(flat, table, index);
            Ok(())
        })?;
        self.each(flat, &root, 1, Self::plan)
    }

    /// Reads each table of a list; one that cannot be read is told, and the next one is read.
    fn each(
        &mut self,
        flat: &mut Flat<'_, '_, '_, '_>,
        table: &Table,
        field: u16,
        read: impl Fn(&mut Self, &mut Flat<'_, '_, '_, '_>, &Table) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Some(list) = flat.vector(table, field, 4)? else { return Ok(()) };
        for index in 0..list.count {
            let result = flat.item(&list, index).and_then(|item| read(self, flat, &item));
            if result == Err(Fault::TooMany) {
                return Err(Fault::TooMany);
            }
            self.broken |= result.is_err();
            flat.told(result)?;
        }
        Ok(())
    }

    fn header(&mut self, flat: &mut Flat<'_, '_, '_, '_>) -> Result<(), Fault> {
        /// Magic, its own length, the length of the program, where segments start.
        const LEAST: u64 = 4 + 4 + 8 + 8;
        let size = flat.pass.size();
        if size < 8 + LEAST || flat.array::<4>(8)? != *b"eh00" {
            return Ok(());
        }
        let length = u64::from(u32::from_le_bytes(flat.array(12)?));
        let program = u64::from_le_bytes(flat.array(16)?);
        let base = u64::from_le_bytes(flat.array(24)?);
        let data = if length >= LEAST + 8 { u64::from_le_bytes(flat.array(32)?) } else { 0 };
        let mut bad = |what: String| {
            flat.scope.add(rules::BadSegment::META, 8, 8 + LEAST, what);
        };
        if length < LEAST || length > size {
            bad(format!("the extended header says that it has {length} bytes"));
        }
        if program > size || program < LEAST {
            bad(format!("the program is said to have {program} bytes, the file has {size}"));
        }
        if base > size || base > 0 && base < program {
            bad(format!("segments are said to start at {base}, the program to end at {program}"));
        }
        if base.checked_add(data).is_none_or(|end| end > size) {
            bad(format!("segments are said to have {data} bytes, from {base} on"));
        }
        self.base = Some(base);
        flat.own(8, 8 + length.min(size - 8))
    }

    fn segment(&mut self, flat: &mut Flat<'_, '_, '_, '_>, table: &Table) -> Result<(), Fault> {
        let (offset, size) = (flat.number(table, 0, 8)?, flat.number(table, 1, 8)?);
        let start = self.base.unwrap_or(0).checked_add(offset);
        let range = start.and_then(|start| Some((start, start.checked_add(size)?)));
        let Some((start, end)) = range.filter(|(_, end)| *end <= flat.pass.size()) else {
            let message = format!("a segment of {size} bytes at {offset} is out of the file");
            flat.scope.add(rules::BadSegment::META, table.at, table.at, message);
            self.segments.push((0, 0));
            return Ok(());
        };
        if self.base.is_none_or(|base| base == 0) && size > 0 {
            let message = "there is a segment, and no header that says where segments start";
            flat.scope.add(rules::BadSegment::META, table.at, table.at, message);
        } else if self.segments.iter().any(|(from, to)| start < *to && *from < end) {
            flat.scope.add(rules::BadSegment::META, start, end, "two segments share bytes");
        }
        flat.own(start, end)?;
        flat.look(start, end, "a segment")?;
        if self.segments.len() < flat.scope.limits.names {
            self.segments.push((start, end));
        } else {
            flat.scope.unexamined(start, end, "a segment, beyond those that are kept");
        }
        Ok(())
    }

    fn offsets(&mut self, flat: &mut Flat<'_, '_, '_, '_>, table: &Table) -> Result<(), Fault> {
        let index = flat.number(table, 0, 4)?;
        let Some(list) = flat.vector(table, 1, 8)? else { return Ok(()) };
        let Some((start, end)) = self.segment_index(flat, table, index) else { return Ok(()) };
        let outline = &mut *flat.scope.outline;
        outline.tensors = outline.tensors.saturating_add(list.count.saturating_sub(1));
        for item in 0..list.count {
            let offset = flat.value_of(&list, item)?;
            if offset > end - start {
                let message = format!("a constant is at {offset} of a segment of {} bytes", end - start);
                flat.scope.add(rules::BadSegment::META, table.at, table.at, message);
            }
        }
        Ok(())
    }

    /// The segment of an index, which is told where there is none.
    fn segment_index(
        &self,
        flat: &mut Flat<'_, '_, '_, '_>,
        table: &Table,
        index: u64,
    ) -> Option<(u64, u64)> {
        let found = usize::try_from(index).ok().and_then(|index| self.segments.get(index)).copied();
        if found.is_none() {
            let message = format!("segment {index} of {} is named", self.segments.len());
            flat.scope.add(rules::OutOfBounds::META, table.at, table.at, message);
        }
        found
    }

    fn plan(&mut self, flat: &mut Flat<'_, '_, '_, '_>, table: &Table) -> Result<(), Fault> {
        let name = flat.text(table, 0)?.unwrap_or_default();
        if self.methods.len() < MAX_NAMES {
            self.methods.insert(escape(&name, 80));
        }
        let meta = flat.table(table, 1)?;
        if let Some(meta) = meta {
            flat.text(&meta, 0)?;
            flat.text(&meta, 1)?;
        }
        let values = flat.vector(table, 2, 4)?.map_or(0, |list| list.count);
        self.each(flat, table, 2, |_, flat, value| evalue(flat, value))?;
        for field in [3, 4] {
            indices(flat, table, field, values)?;
        }
        let operators = flat.vector(table, 6, 4)?.map_or(0, |list| list.count);
        self.each(flat, table, 6, Self::operator)?;
        let delegates = flat.vector(table, 7, 4)?.map_or(0, |list| list.count);
        self.each(flat, table, 7, Self::delegate)?;
        flat.vector(table, 8, 8)?;
        self.each(flat, table, 5, |program, flat, chain| {
            for field in [0, 1] {
                indices(flat, chain, field, values)?;
            }
            let count = flat.vector(chain, 2, 4)?.map_or(0, |list| list.count);
            program.each(flat, chain, 2, |program, flat, table| {
                program.instruction(flat, table, values, operators, delegates, count)
            })
        })
    }

    fn operator(&mut self, flat: &mut Flat<'_, '_, '_, '_>, table: &Table) -> Result<(), Fault> {
        let name = flat.text(table, 0)?.unwrap_or_default();
        flat.text(table, 1)?;
        let space = name.split("::").next().unwrap_or_default();
        if !KNOWN_OPERATORS.contains(&space) {
            let message = format!("the operator {} is not known", escape(&name, 80));
            flat.scope.add(rules::UnknownOperator::META, table.at, table.at, message);
        }
        if self.operators.len() < flat.scope.limits.names {
            *self.operators.entry(escape(&name, 80)).or_insert(0) += 1;
        }
        Ok(())
    }

    fn delegate(&mut self, flat: &mut Flat<'_, '_, '_, '_>, table: &Table) -> Result<(), Fault> {
        let name = flat.text(table, 0)?.unwrap_or_default();
        let shown = escape(&name, 80);
        let mut package = None;
        if let Some(processed) = flat.table(table, 1)? {
            let (place, index) = (flat.number(&processed, 0, 1)?, flat.number(&processed, 1, 4)?);
            let list = if place == 0 { &self.inline } else { &self.segments };
            package = usize::try_from(index).ok().and_then(|index| list.get(index)).copied();
            if package.is_none() {
                let message =
                    format!("the package of the backend {shown} is number {index} of {}", list.len());
                flat.scope.add(rules::OutOfBounds::META, table.at, table.at, message);
            }
        }
        self.each(flat, table, 2, |_, flat, spec| {
            flat.text(spec, 0)?;
            if let Some(value) = flat.vector(spec, 1, 1)? {
                flat.look(value.at, value.end(), "a setting for a backend")?;
            }
            Ok(())
        })?;
        let (start, end) = package.unwrap_or((table.at, table.at));
        if COMPILED_BACKENDS.contains(&name.as_str()) {
            let message = format!("the backend {shown} runs a package that was compiled for a device");
            flat.scope.add(rules::CompiledBackend::META, start, end, message);
            flat.scope.unexamined(start, end, "code that was compiled for a device");
        } else if !KNOWN_BACKENDS.contains(&name.as_str()) {
            let message = format!("the backend {shown} is not known");
            flat.scope.add(rules::UnknownBackend::META, start, end, message);
            flat.scope.unexamined(start, end, "a package for a backend that is not known");
        }
        let foreign = flat.look(start, end, "a package for a backend")?;
        if matches!(foreign, Some(Foreign::Elf | Foreign::Pe | Foreign::MachO)) {
            let message = format!("the backend {shown} loads a native library that is in the file");
            let place = flat.scope.range(start, end);
            let occurrence = Occurrence::new(rules::CompiledBackend::META, place, message);
            flat.scope.problems.push(occurrence.severity(Severity::High));
        }
        if self.backends.len() < MAX_NAMES {
            self.backends.insert(shown);
        }
        Ok(())
    }

    fn instruction(
        &mut self,
        flat: &mut Flat<'_, '_, '_, '_>,
        table: &Table,
        values: u64,
        operators: u64,
        delegates: u64,
        instructions: u64,
    ) -> Result<(), Fault> {
        self.instructions += 1;
        let kind = flat.number(table, 0, 1)?;
        let Some(call) = flat.table(table, 1)? else { return Ok(()) };
        // Which list each number of an instruction is an index of: calls of kernels and backends, moves, jumps, frees.
        let fields: &[(u64, &str)] = match kind {
            1 => &[(operators, "operator")],
            2 => &[(delegates, "backend")],
            3 => &[(values, "value"), (values, "value")],
            4 => &[(values, "value"), (instructions, "instruction")],
            5 => &[(values, "value")],
            _ => {
                let message = format!("an instruction of the unknown kind {kind}");
                flat.scope.add(rules::OutOfBounds::META, table.at, table.at, message);
                return Ok(());
            }
        };
        for (field, (count, what)) in fields.iter().enumerate() {
            let value = flat.number(&call, field as u16, 4)?;
            if value >= *count {
                let message =
                    format!("an instruction takes {what} {} of {count}", (value as u32).cast_signed());
                flat.scope.add(rules::OutOfBounds::META, call.at, call.at, message);
            }
        }
        if kind <= 2 {
            indices(flat, &call, 1, values)?;
        }
        Ok(())
    }

    fn settle(&self, outline: &mut Outline) {
        let join = |names: &BTreeSet<String>| names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let facts = [
            ("schema-version", self.version.to_string()),
            ("methods", join(&self.methods)),
            ("backends", join(&self.backends)),
            ("operators", self.operators.len().to_string()),
            ("instructions", self.instructions.to_string()),
        ];
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            outline.fact(name, value);
        }
    }
}

/// A buffer of bytes in the program itself, and where it is.
fn buffer(flat: &mut Flat<'_, '_, '_, '_>, table: &Table, of: &str) -> Result<Option<(u64, u64)>, Fault> {
    let Some(data) = flat.vector(table, 0, 1)? else { return Ok(None) };
    flat.look(data.at, data.end(), of)?;
    Ok(Some((data.at, data.end())))
}

/// A value of a method: a number, a text, a list, or a tensor.
fn evalue(flat: &mut Flat<'_, '_, '_, '_>, table: &Table) -> Result<(), Fault> {
    let kind = flat.number(table, 0, 1)?;
    let Some(value) = flat.table(table, 1)? else { return Ok(()) };
    match kind {
        5 => {
            if let Some(sizes) = flat.vector(&value, 2, 4)? {
                for index in 0..sizes.count {
                    if flat.value_of(&sizes, index)? > i32::MAX as u64 {
                        let message = "a tensor has a negative dimension";
                        flat.scope.add(rules::OutOfBounds::META, value.at, value.at, message);
                    }
                }
            }
            flat.vector(&value, 3, 1)?;
            flat.table(&value, 6)?;
            if let Some(extra) = flat.table(&value, 9)? {
                flat.text(&extra, 1)?;
            }
        }
        6 => drop(flat.text(&value, 0)?),
        7 | 8 => drop(flat.vector(&value, 0, 8)?),
        9 => drop(flat.vector(&value, 0, 1)?),
        10 | 11 => drop(flat.vector(&value, 0, 4)?),
        _ => {}
    }
    Ok(())
}

/// Holds a list of indices of values against their number.
fn indices(flat: &mut Flat<'_, '_, '_, '_>, table: &Table, field: u16, values: u64) -> Result<(), Fault> {
    let Some(list) = flat.vector(table, field, 4)? else { return Ok(()) };
    for index in 0..list.count {
        let value = flat.value_of(&list, index)?;
        if value >= values {
            let message = format!("value {} of {values} is taken", (value as u32).cast_signed());
            flat.scope.add(rules::OutOfBounds::META, table.at, table.at, message);
        }
    }
    Ok(())
}
