//! A graph of a TensorFlow Lite model: tensors with their shapes and buffers, and operators with their inputs.

use super::{CUSTOM, Model, judge, rules};
use crate::{
    escape,
    formats::flatbuffers::{Fault, Flat, Table},
};

/// Names of the element types and their bits; texts, resources and variants have none. The index is the number.
const TYPES: [(&str, u64); 21] = [
    ("FLOAT32", 32),
    ("FLOAT16", 16),
    ("INT32", 32),
    ("UINT8", 8),
    ("INT64", 64),
    ("STRING", 0),
    ("BOOL", 8),
    ("INT16", 16),
    ("COMPLEX64", 64),
    ("INT8", 8),
    ("FLOAT64", 64),
    ("COMPLEX128", 128),
    ("UINT64", 64),
    ("RESOURCE", 0),
    ("VARIANT", 0),
    ("UINT32", 32),
    ("UINT16", 16),
    ("INT4", 4),
    ("BFLOAT16", 16),
    ("INT2", 2),
    ("UINT4", 4),
];

/// An input that is not given.
const NONE: u64 = u32::MAX as u64;

pub(super) fn read(model: &mut Model, flat: &mut Flat<'_, '_, '_, '_>, table: &Table) -> Result<(), Fault> {
    let tensors = flat.vector(table, 0, 4)?.map_or(0, |list| list.count);
    model.each(flat, table, 0, tensor)?;
    for field in [1, 2] {
        indices(flat, table, field, tensors, false)?;
    }
    model.each(flat, table, 3, |model, flat, table, _| operator(model, flat, table, tensors))?;
    flat.text(table, 4)?;
    Ok(())
}

fn tensor(model: &mut Model, flat: &mut Flat<'_, '_, '_, '_>, table: &Table, _: u64) -> Result<(), Fault> {
    let name = flat.text(table, 3)?.unwrap_or_default();
    let kind = flat.number(table, 1, 1)?;
    let buffer = flat.number(table, 2, 4)?;
    let mut elements = Some(1_u64);
    if let Some(shape) = flat.vector(table, 0, 4)? {
        for index in 0..shape.count {
            let size = flat.value_of(&shape, index)?;
            elements = elements
                .filter(|_| i32::try_from(size).is_ok())
                .and_then(|product| product.checked_mul(size))
                .filter(|product| *product <= i64::MAX.cast_unsigned());
        }
    }
    flat.vector(table, 7, 4)?;
    let sparse = match flat.table(table, 6)? {
        Some(sparsity) => {
            sparse(model, flat, &sparsity)?;
            true
        }
        None => false,
    };
    if let Some(quantisation) = flat.table(table, 4)? {
        for (field, width) in [(0, 4), (1, 4), (2, 4), (3, 8)] {
            flat.vector(&quantisation, field, width)?;
        }
    }
    let known = usize::try_from(kind).ok().and_then(|kind| TYPES.get(kind));
    let outline = &mut *flat.scope.outline;
    outline.tensors += 1;
    *outline.dtypes.entry(known.map_or("unknown", |(name, _)| name).to_owned()).or_insert(0) += 1;
    let shown = escape(&name, 80);
    let Some(length) = usize::try_from(buffer).ok().and_then(|buffer| model.buffers.get(buffer)).copied()
    else {
        let message = format!("the tensor {shown} is in buffer {buffer}, which does not exist");
        flat.scope.add(rules::OutOfBounds::META, table.at, table.at, message);
        return Ok(());
    };
    let Some(elements) = elements else {
        let message = format!("the tensor {shown} has a negative dimension, or more than 2^63 elements");
        flat.scope.add(rules::SizeDisagrees::META, table.at, table.at, message);
        return Ok(());
    };
    if length > 0 {
        let outline = &mut *flat.scope.outline;
        outline.parameters = outline.parameters.saturating_add(elements);
    }
    let Some((kind, bits)) = known.copied() else {
        let message = format!("the type of the tensor {shown} is not known: {kind}");
        flat.scope.add(rules::UnknownOperator::META, table.at, table.at, message);
        return Ok(());
    };
    let want = elements.checked_mul(bits).map(|bits| bits.div_ceil(8));
    // A tensor of four bits may take a byte for each.
    let wide = bits < 8 && length == elements;
    if length > 0 && bits > 0 && !sparse && want != Some(length) && !wide {
        let message =
            format!("the tensor {shown} has {length} bytes, its shape and type {kind} ask for others");
        flat.scope.add(rules::SizeDisagrees::META, table.at, table.at, message);
    }
    Ok(())
}

/// Follows the description of a sparse tensor.
fn sparse(model: &mut Model, flat: &mut Flat<'_, '_, '_, '_>, table: &Table) -> Result<(), Fault> {
    flat.vector(table, 0, 4)?;
    flat.vector(table, 1, 4)?;
    model.each(flat, table, 2, |_, flat, dimension, _| {
        for (kind, field) in [(2, 3), (4, 5)] {
            let width = match flat.number(dimension, kind, 1)? {
                1 => 4,
                2 => 2,
                3 => 1,
                _ => continue,
            };
            if let Some(list) = flat.table(dimension, field)? {
                flat.vector(&list, 0, width)?;
            }
        }
        Ok(())
    })
}

fn operator(
    model: &mut Model,
    flat: &mut Flat<'_, '_, '_, '_>,
    table: &Table,
    tensors: u64,
) -> Result<(), Fault> {
    model.nodes += 1;
    let code = flat.number(table, 0, 4)?;
    let found = usize::try_from(code).ok().and_then(|code| model.operators.get(code)).cloned();
    let Some((number, name)) = found else {
        let message = format!("an operator is number {code} of a list of {}", model.operators.len());
        flat.scope.add(rules::OutOfBounds::META, table.at, table.at, message);
        return Ok(());
    };
    indices(flat, table, 1, tensors, true)?;
    indices(flat, table, 2, tensors, false)?;
    indices(flat, table, 8, tensors, true)?;
    flat.vector(table, 7, 1)?;
    flat.table(table, 4)?;
    flat.table(table, 12)?;
    if let Some(options) = flat.vector(table, 5, 1)? {
        flat.look(options.at, options.end(), "the options of an operator")?;
        if number == CUSTOM && name.starts_with(super::FLEX) {
            flex(flat, table.at, options.at, options.count, &name)?;
        }
    }
    let (offset, size) = (flat.number(table, 9, 8)?, flat.number(table, 10, 8)?);
    if offset > 1 {
        if let Some(end) = offset.checked_add(size).filter(|end| *end <= flat.pass.size()) {
            flat.own(offset, end)?;
            flat.look(offset, end, "the options of an operator")?;
        } else {
            let message = format!("the options of an operator are {size} bytes at {offset}, out of the file");
            flat.scope.add(rules::BadBuffer::META, table.at, table.at, message);
        }
    }
    Ok(())
}

/// Options of an operator that is handed to TensorFlow name the operator again, and that name is the one that runs.
fn flex(flat: &mut Flat<'_, '_, '_, '_>, at: u64, start: u64, length: u64, name: &str) -> Result<(), Fault> {
    // A FlexBuffer vector of two texts, whose first is the name: its length, the name, and a zero.
    let mut head = vec![0; usize::try_from(length.min(256)).unwrap_or(0)];
    let mut filled = 0;
    while filled < head.len() {
        match flat.pass.look(start + filled as u64, &mut head[filled..])? {
            0 => break,
            count => filled += count,
        }
    }
    let text = head.split_first().and_then(|(length, rest)| rest.get(..usize::from(*length)));
    let letters = |text: &&[u8]| {
        !text.is_empty() && text.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
    };
    let Some(inner) = text.filter(letters).and_then(|text| std::str::from_utf8(text).ok()) else {
        return Ok(());
    };
    if name.strip_prefix(super::FLEX) != Some(inner) {
        let message =
            format!("the operator is called {}, its options name {}", escape(name, 80), escape(inner, 80));
        flat.scope.add(rules::OperatorDisagrees::META, at, at, message);
        judge(flat, at, &format!("{}{inner}", super::FLEX));
    }
    Ok(())
}

/// Holds a list of indices of tensors against their number.
fn indices(
    flat: &mut Flat<'_, '_, '_, '_>,
    table: &Table,
    field: u16,
    tensors: u64,
    optional: bool,
) -> Result<(), Fault> {
    let Some(list) = flat.vector(table, field, 4)? else { return Ok(()) };
    for index in 0..list.count {
        let value = flat.value_of(&list, index)?;
        if value >= tensors && !(optional && value == NONE) {
            let message =
                format!("an operator or graph takes tensor {} of {tensors}", (value as u32).cast_signed());
            flat.scope.add(rules::OutOfBounds::META, table.at, table.at, message);
        }
    }
    Ok(())
}
