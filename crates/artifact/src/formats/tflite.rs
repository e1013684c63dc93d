//! TensorFlow Lite models: which operators they ask for, and whether every index and buffer is within bounds.
//!
//! The interpreter trusts the file: indices become addresses. So each is held against the list that it goes into.
//! Operators of the format compute. Custom ones are a library's; those that hand a node to TensorFlow are judged as nodes
//! of TensorFlow are. Behind the model there may be an archive of files that belong to it, which is read as an archive.
//!
//! Schema: <https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs>

mod graph;
pub(crate) mod rules;

use std::collections::BTreeMap;

use super::{
    flatbuffers::{Fault, Flat, Table},
    tensorflow::{
        operator::{Known, known},
        rules as tfg,
    },
    zip,
};
use crate::{
    Format, escape,
    outline::{Outline, note},
    read::{Halt, Pass},
    scope::Scope,
};

/// The fact that says how many files are packed behind the model. They were looked at as an archive.
pub(crate) const ASSOCIATED: &str = "associated-files";

/// The version of the schema.
const VERSION: u64 = 3;
/// The largest number of an operator of the format that is known, and that of custom ones.
const LAST_BUILTIN: u64 = 209;
const CUSTOM: u64 = 32;

/// Custom operators of libraries that come from the same house, and of converters: they compute.
const CUSTOM_KNOWN: &[&str] = &[
    "AudioMicrofrontend",
    "AudioSpectrogram",
    "Bucketize",
    "Convolution2DTransposeBias",
    "CustomCall",
    "DenseImageWarp",
    "Landmarks2TransformMatrix",
    "Landmarks2TransformMatrixV2",
    "MaxPoolingWithArgmax2D",
    "MaxUnpooling2D",
    "Mfcc",
    "NGrams",
    "PackedRnn",
    "Resampler",
    "SentencePieceTokenizer",
    "TFLite_Detection_PostProcess",
    "TFSentencepieceTokenizeOp",
    "TransformLandmarks",
    "TransformTensorBilinear",
    "TransformTensorBilinearV2",
    "UnsortedSegmentJoin",
    "WhitespaceTokenizer",
    "WordpieceTokenizer",
    "ethos-u",
    "tftext:FastBertNormalize",
    "tftext:FastWordpieceTokenizeWithOffsets",
    "tftext:Ngrams",
    "tftext:RaggedTensorToTensor",
    "tftext:WhitespaceTokenizer",
];

/// In front of the names of operators that are handed to TensorFlow.
const FLEX: &str = "Flex";

/// Reads a file of this format to its end.
pub(crate) fn read(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>) -> Result<(), Halt> {
    let size = pass.size();
    let mut flat = Flat::new(pass, scope, 0, size);
    let mut model = Model::default();
    let result = model.read(&mut flat);
    let complete = flat.told(result)?;
    model.settle(flat.scope.outline);
    let broken = model.broken;
    let gaps = if complete && !broken { flat.gaps() } else { Vec::new() };
    let mut end = size;
    for (start, stop) in gaps {
        if stop < size {
            flat.uncovered(start, stop)?;
        } else {
            end = start;
        }
    }
    behind(pass, scope, end, size)
}

/// What lies behind the model: padding, an archive, or something that belongs to nothing.
fn behind(pass: &mut Pass<'_>, scope: &mut Scope<'_, '_>, end: u64, size: u64) -> Result<(), Halt> {
    /// Bytes that alignment and an archive's own alignment may need.
    const PADDING: usize = 64;
    pass.skip(end.saturating_sub(pass.position()))?;
    if end == size {
        return Ok(());
    }
    let head = pass.peek(PADDING)?;
    let zeros = head.iter().take_while(|byte| **byte == 0).count();
    let rest = head.get(zeros..).unwrap_or_default();
    if rest.is_empty() && size - end <= PADDING as u64 {
        return Ok(());
    }
    if rest.starts_with(b"PK\x03\x04") {
        pass.skip(zeros as u64)?;
        let before = scope.outline.facts.get("archive-members").cloned();
        zip::read(pass, &mut Format::Zip, scope)?;
        let members = scope.outline.facts.get("archive-members").cloned();
        if members != before
            && let Some(members) = members
        {
            scope.outline.facts.insert(ASSOCIATED, members);
        }
        return Ok(());
    }
    let mut flat = Flat::new(pass, scope, end, size);
    flat.uncovered(end, size)
}

/// What is known of a model.
#[derive(Default)]
struct Model {
    /// Names and numbers of operators, by index.
    operators: Vec<(u64, String)>,
    /// Lengths of buffers; none where a buffer is not in the file.
    buffers: Vec<u64>,
    custom: BTreeMap<String, u64>,
    nodes: u64,
    description: String,
    version: u64,
    /// Whether an object could not be read, so that nothing follows from what is not covered.
    broken: bool,
}

impl Model {
    fn read(&mut self, flat: &mut Flat<'_, '_, '_, '_>) -> Result<(), Fault> {
        let root = flat.root()?;
        self.version = flat.number(&root, 0, 4)?;
        if self.version != VERSION {
            let message = format!("the version of the schema is {}, not {VERSION}", self.version);
            flat.scope.add(rules::UnknownVersion::META, root.at, root.at, message);
        }
        self.description = flat.text(&root, 3)?.unwrap_or_default();
        self.each(flat, &root, 1, Self::operator)?;
        self.each(flat, &root, 4, Self::buffer)?;
        self.each(flat, &root, 2, |model, flat, table, _| graph::read(model, flat, table))?;
        flat.vector(&root, 5, 4)?;
        self.each(flat, &root, 6, Self::metadata)?;
        self.each(flat, &root, 7, Self::signature)?;
        Ok(())
    }

    /// Reads each table of a list; one that cannot be read is told, and the next one is read.
    fn each(
        &mut self,
        flat: &mut Flat<'_, '_, '_, '_>,
        table: &Table,
        field: u16,
        read: impl Fn(&mut Self, &mut Flat<'_, '_, '_, '_>, &Table, u64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let Some(list) = flat.vector(table, field, 4)? else { return Ok(()) };
        for index in 0..list.count {
            let result = flat.item(&list, index).and_then(|item| read(self, flat, &item, index));
            if result == Err(Fault::TooMany) {
                return Err(Fault::TooMany);
            }
            self.broken |= result.is_err();
            flat.told(result)?;
        }
        Ok(())
    }

    fn operator(&mut self, flat: &mut Flat<'_, '_, '_, '_>, table: &Table, _: u64) -> Result<(), Fault> {
        // The number was a byte once; the larger of the two is meant.
        let number = flat.number(table, 3, 4)?.max(flat.number(table, 0, 1)?);
        let name = flat.text(table, 1)?.unwrap_or_default();
        flat.number(table, 2, 4)?;
        if number == CUSTOM {
            judge(flat, table.at, &name);
            *self.custom.entry(escape(&name, 80)).or_insert(0) += 1;
        } else if number > LAST_BUILTIN {
            let message = format!("the operator number {number} is not known");
            flat.scope.add(rules::UnknownOperator::META, table.at, table.at, message);
        }
        if self.operators.len() >= flat.scope.limits.names {
            return Err(Fault::TooMany);
        }
        self.operators.push((number, name.chars().take(80).collect()));
        Ok(())
    }

    fn buffer(&mut self, flat: &mut Flat<'_, '_, '_, '_>, table: &Table, index: u64) -> Result<(), Fault> {
        let data = flat.vector(table, 0, 1)?;
        let (offset, size) = (flat.number(table, 1, 8)?, flat.number(table, 2, 8)?);
        let mut length = 0;
        if let Some(data) = data {
            length = data.count;
            flat.look(data.at, data.end(), &format!("buffer {index}"))?;
        }
        // An offset of 0 or 1 says that there is none.
        if offset > 1 {
            let end = offset.checked_add(size).filter(|end| *end <= flat.pass.size());
            if let Some(end) = end {
                if length > 0 {
                    let message = format!("buffer {index} is in two places");
                    flat.scope.add(rules::BadBuffer::META, table.at, table.at, message);
                }
                if offset < table.at.min(64) {
                    let message = format!("buffer {index} starts at {offset}, within the model's own tables");
                    flat.scope.add(rules::BadBuffer::META, table.at, table.at, message);
                }
                flat.own(offset, end)?;
                flat.look(offset, end, &format!("buffer {index}"))?;
                length = size;
            } else {
                let message = format!("buffer {index} has {size} bytes at {offset}, out of the file");
                flat.scope.add(rules::BadBuffer::META, table.at, table.at, message);
            }
        }
        self.buffers.push(length);
        Ok(())
    }

    fn metadata(&mut self, flat: &mut Flat<'_, '_, '_, '_>, table: &Table, _: u64) -> Result<(), Fault> {
        let name = flat.text(table, 0)?.unwrap_or_default();
        let buffer = flat.number(table, 1, 4)?;
        if buffer >= self.buffers.len() as u64 {
            let message =
                format!("the metadata {} is in buffer {buffer}, which does not exist", escape(&name, 80));
            flat.scope.add(rules::OutOfBounds::META, table.at, table.at, message);
        }
        note(&mut flat.scope.outline.metadata_keys, escape(&name, 80));
        Ok(())
    }

    fn signature(&mut self, flat: &mut Flat<'_, '_, '_, '_>, table: &Table, _: u64) -> Result<(), Fault> {
        for field in [0, 1] {
            self.each(flat, table, field, |_, flat, item, _| {
                flat.text(item, 0)?;
                Ok(())
            })?;
        }
        flat.text(table, 2)?;
        flat.text(table, 3)?;
        Ok(())
    }

    fn settle(&self, outline: &mut Outline) {
        let custom: Vec<_> = self.custom.keys().map(String::as_str).collect();
        let facts = [
            ("schema-version", self.version.to_string()),
            ("description", self.description.clone()),
            ("custom-operators", custom.join(", ")),
            ("nodes", self.nodes.to_string()),
        ];
        for (name, value) in facts.iter().filter(|(_, value)| !value.is_empty()) {
            outline.fact(name, value);
        }
    }
}

/// Tells what a custom operator does.
fn judge(flat: &mut Flat<'_, '_, '_, '_>, at: u64, name: &str) {
    let shown = escape(name, 80);
    if let Some(operator) = name.strip_prefix(FLEX) {
        match known(operator) {
            Known::Computes => {}
            Known::Does(effect) => {
                let message = format!("the operator {shown} is TensorFlow's, which {}", effect.as_str());
                let place = flat.scope.range(at, at);
                let occurrence =
                    bartizan_finding::Occurrence::new(tfg::DangerousOperator::META, place, message);
                flat.scope.problems.push(occurrence.severity(effect.severity()));
            }
            Known::No => {
                let message = format!("the operator {shown} is TensorFlow's, which does not know it");
                flat.scope.add(tfg::UnknownOperator::META, at, at, message);
            }
        }
    } else if !CUSTOM_KNOWN.contains(&name) {
        let message = format!("the custom operator {shown} is not known");
        flat.scope.add(rules::UnknownOperator::META, at, at, message);
    }
}
