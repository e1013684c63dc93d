//! A node of a graph: its operator, what it takes, and the attributes that matter.

use super::{
    Model,
    operator::{self, Effect, Known},
    rules, single,
};
use crate::{
    escape,
    formats::{
        outside,
        protobuf::{Fault, Text, Value, Wire, shown},
    },
};

/// Inputs of one node, and texts of one constant, that are kept.
const MOST: usize = 16;

/// Bytes of a constant text that are kept.
const KEEP: usize = 512;

/// Element types of tensors that hold texts or handles and so have no size (`types.proto`).
const WIDTHS: [(u64, &str, u64); 21] = [
    (1, "FLOAT", 4),
    (2, "DOUBLE", 8),
    (3, "INT32", 4),
    (4, "UINT8", 1),
    (5, "INT16", 2),
    (6, "INT8", 1),
    (7, "STRING", 0),
    (8, "COMPLEX64", 8),
    (9, "INT64", 8),
    (10, "BOOL", 1),
    (11, "QINT8", 1),
    (12, "QUINT8", 1),
    (13, "QINT32", 4),
    (14, "BFLOAT16", 2),
    (15, "QINT16", 2),
    (16, "QUINT16", 2),
    (17, "UINT16", 2),
    (18, "COMPLEX128", 16),
    (19, "HALF", 2),
    (22, "UINT32", 4),
    (23, "UINT64", 8),
];

/// What is known of a node when all its fields were read.
#[derive(Default)]
pub(super) struct Node {
    pub(super) name: String,
    pub(super) operator: String,
    pub(super) inputs: Vec<String>,
    /// Texts of a constant.
    pub(super) texts: Vec<String>,
}

/// What a tensor in an attribute says about itself.
struct Tensor {
    kind: u64,
    elements: Option<u64>,
    content: u64,
}

impl Node {
    /// Reads a node and tells what its operator does; whether nothing is known about it.
    pub(super) fn read(
        wire: &mut Wire<'_, '_, '_, '_>,
        end: u64,
        model: &mut Model,
    ) -> Result<(Self, bool), Fault> {
        let at = wire.pass.position();
        model.nodes += 1;
        let (mut name, mut operator) = (None, None);
        // Each operator that is stated is judged: libraries take the last one.
        let mut operators: Vec<Text> = Vec::new();
        let mut node = Self::default();
        let mut attributes: Vec<(String, Vec<Text>)> = Vec::new();
        while let Some(field) = wire.field(end)? {
            match field.number {
                1 => single(wire, &field, "the name of a node", &mut name)?,
                2 => {
                    single(wire, &field, "the operator of a node", &mut operator)?;
                    if operators.len() < MOST {
                        operators.extend(operator.clone());
                    }
                }
                3 => {
                    let input = wire.name(&field, "the input of a node")?;
                    if let Some(input) = input
                        && node.inputs.len() < MOST
                    {
                        node.inputs.push(input.start);
                    }
                }
                4 => drop(wire.name(&field, "the device of a node")?),
                5 => wire.message(&field, "a node", |wire, end| {
                    let (key, values) = attribute(wire, end, &mut node.texts)?;
                    if attributes.len() < 64 && !values.is_empty() {
                        attributes.push((key, values));
                    }
                    Ok(())
                })?,
                6 | 7 => drop(wire.bytes(&field, "a part of a node's description")?),
                _ => wire.unknown(&field, "a node")?,
            }
        }
        node.name = name.unwrap_or_default().start;
        node.operator = operator.unwrap_or_default().start;
        let mut unknown = operators.is_empty();
        operators.dedup_by(|a, b| a.start == b.start);
        for operator in &operators {
            unknown |= judge(wire, at, operator, &attributes);
        }
        Ok((node, unknown))
    }
}

/// Tells what an operator does; whether nothing is known about it.
fn judge(
    wire: &mut Wire<'_, '_, '_, '_>,
    at: u64,
    operator: &Text,
    attributes: &[(String, Vec<Text>)],
) -> bool {
    let name = operator.start.as_str();
    let known = operator::known(name);
    if let Known::Does(effect) = known {
        tell(wire, at, operator, effect, "");
    }
    for (key, values) in attributes {
        for value in values {
            if let Some(effect) = operator::conditional(name, key, &value.start) {
                let how = format!(": {} is {}", escape(key, 80), shown(value));
                tell(wire, at, operator, effect, &how);
            }
        }
        if key == "memory_region_name"
            && let Some(value) = values.first()
            && let Some(why) = outside::leaves(&value.start)
        {
            let message = format!("a constant is the file {}: {why}", shown(value));
            wire.add(rules::FilePath::META, at, message);
        }
    }
    known == Known::No
}

fn tell(wire: &mut Wire<'_, '_, '_, '_>, at: u64, operator: &Text, effect: Effect, how: &str) {
    let message = format!("the operator {} {}{how}", shown(operator), effect.as_str());
    wire.add_as(rules::DangerousOperator::META, effect.severity(), at, message);
}

/// Reads an attribute: its name, and its texts. Texts of a tensor go to `texts`.
fn attribute(
    wire: &mut Wire<'_, '_, '_, '_>,
    end: u64,
    texts: &mut Vec<String>,
) -> Result<(String, Vec<Text>), Fault> {
    let (mut key, mut values) = (Text::default(), Vec::new());
    while let Some(field) = wire.field(end)? {
        match field.number {
            1 => key = wire.name(&field, "the name of an attribute")?.unwrap_or_default(),
            2 => wire.message(&field, "an attribute", |wire, end| value(wire, end, &mut values, texts))?,
            _ => wire.unknown(&field, "an attribute")?,
        }
    }
    Ok((key.start, values))
}

fn value(
    wire: &mut Wire<'_, '_, '_, '_>,
    end: u64,
    values: &mut Vec<Text>,
    texts: &mut Vec<String>,
) -> Result<(), Fault> {
    while let Some(field) = wire.field(end)? {
        match field.number {
            1 => wire.message(&field, "an attribute", |wire, end| value(wire, end, values, texts))?,
            2 => {
                let text = wire.string(&field, "a text of an attribute")?;
                if values.len() < MOST {
                    values.extend(text);
                }
            }
            3 | 5 | 6 => drop(wire.varints(&field, &mut |_| ())?),
            4 => drop(wire.fixed(&field, 4, "a list of numbers")?),
            7 => drop(wire.bytes(&field, "a shape")?),
            8 => wire.message(&field, "an attribute", |wire, end| tensor(wire, end, texts))?,
            9 => {
                // A placeholder's name; in a list, a function.
                if matches!(field.value, Value::Length(_)) {
                    wire.bytes(&field, "an attribute")?;
                }
            }
            10 => wire.message(&field, "an attribute", |wire, end| {
                while let Some(field) = wire.field(end)? {
                    match field.number {
                        1 => drop(wire.name(&field, "the name of a function")?),
                        2 => wire.message(&field, "a function", |wire, end| {
                            attribute(wire, end, texts).map(drop)
                        })?,
                        _ => wire.unknown(&field, "a function")?,
                    }
                }
                Ok(())
            })?,
            _ => wire.unknown(&field, "the value of an attribute")?,
        }
    }
    Ok(())
}

/// Reads a tensor, and holds its bytes against its shape.
fn tensor(wire: &mut Wire<'_, '_, '_, '_>, end: u64, texts: &mut Vec<String>) -> Result<(), Fault> {
    let at = wire.pass.position();
    let mut tensor = Tensor { kind: 0, elements: Some(1), content: 0 };
    while let Some(field) = wire.field(end)? {
        match field.number {
            1 => drop(wire.varints(&field, &mut |kind| tensor.kind = kind)?),
            2 => wire.message(&field, "a tensor", |wire, end| shape(wire, end, &mut tensor.elements))?,
            3 | 7 | 10 | 11 | 13 | 16 | 17 => drop(wire.varints(&field, &mut |_| ())?),
            4 => tensor.content = wire.bytes(&field, "a tensor")?,
            5 | 9 => drop(wire.fixed(&field, 4, "a tensor")?),
            6 | 12 => drop(wire.fixed(&field, 8, "a tensor")?),
            8 => {
                let text = wire.string(&field, "a text of a tensor")?;
                if let Some(text) = text
                    && texts.len() < MOST
                {
                    texts.push(text.start.chars().take(KEEP).collect());
                }
            }
            14 | 15 | 18 => drop(wire.bytes(&field, "a tensor")?),
            _ => wire.unknown(&field, "a tensor")?,
        }
    }
    judge_tensor(wire, at, &tensor);
    Ok(())
}

fn judge_tensor(wire: &mut Wire<'_, '_, '_, '_>, at: u64, tensor: &Tensor) {
    let kind = WIDTHS.iter().find(|(kind, ..)| *kind == tensor.kind);
    let name = kind.map_or("OTHER", |(_, name, _)| name);
    let outline = &mut *wire.scope.outline;
    outline.tensors += 1;
    outline.parameters = outline.parameters.saturating_add(tensor.elements.unwrap_or(0));
    *outline.dtypes.entry(name.to_owned()).or_insert(0) += 1;
    let Some(elements) = tensor.elements else {
        let message = "a tensor has a negative dimension, or more than 2^63 elements";
        wire.add(rules::SizeDisagrees::META, at, message);
        return;
    };
    let Some((.., width)) = kind.filter(|(.., width)| *width > 0 && tensor.content > 0) else { return };
    if elements.checked_mul(*width) != Some(tensor.content) {
        let message = format!(
            "a tensor has {} bytes, its shape of {elements} elements and its type {name} ask for others",
            tensor.content
        );
        wire.add(rules::SizeDisagrees::META, at, message);
    }
}

/// Reads a shape; none where it cannot be.
fn shape(wire: &mut Wire<'_, '_, '_, '_>, end: u64, elements: &mut Option<u64>) -> Result<(), Fault> {
    while let Some(field) = wire.field(end)? {
        match field.number {
            2 => wire.message(&field, "a shape", |wire, end| {
                // A size of zero is not written.
                let mut size = 0;
                while let Some(field) = wire.field(end)? {
                    match field.number {
                        1 => drop(wire.varints(&field, &mut |number| size = number)?),
                        2 => drop(wire.name(&field, "the name of a dimension")?),
                        _ => wire.unknown(&field, "a dimension")?,
                    }
                }
                *elements = elements
                    .and_then(|product| product.checked_mul(i64::try_from(size).ok()?.cast_unsigned()))
                    .filter(|product| *product <= i64::MAX.cast_unsigned());
                Ok(())
            })?,
            3 => drop(wire.varints(&field, &mut |_| ())?),
            _ => wire.unknown(&field, "a shape")?,
        }
    }
    Ok(())
}
