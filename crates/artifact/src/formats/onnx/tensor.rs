//! Tensors of an ONNX model: what is said of them against the bytes that are there.

use super::{
    external::{External, Files},
    rules, single,
};
use crate::formats::protobuf::{Fault, Text, Wire, number, shown};

/// Names of the element types, and the bits of an element; strings have none. The index is the number of the type.
const TYPES: [(&str, u64); 29] = [
    ("UNDEFINED", 0),
    ("FLOAT", 32),
    ("UINT8", 8),
    ("INT8", 8),
    ("UINT16", 16),
    ("INT16", 16),
    ("INT32", 32),
    ("INT64", 64),
    ("STRING", 0),
    ("BOOL", 8),
    ("FLOAT16", 16),
    ("DOUBLE", 64),
    ("UINT32", 32),
    ("UINT64", 64),
    ("COMPLEX64", 64),
    ("COMPLEX128", 128),
    ("BFLOAT16", 16),
    ("FLOAT8E4M3FN", 8),
    ("FLOAT8E4M3FNUZ", 8),
    ("FLOAT8E5M2", 8),
    ("FLOAT8E5M2FNUZ", 8),
    ("UINT4", 4),
    ("INT4", 4),
    ("FLOAT4E2M1", 4),
    ("FLOAT8E8M0", 8),
    ("UINT2", 2),
    ("INT2", 2),
    ("FLOAT6E2M3", 6),
    ("FLOAT6E3M2", 6),
];
const STRING: usize = 8;

/// What is known of a tensor.
#[derive(Default)]
struct Tensor {
    name: Option<Text>,
    elements: Option<u64>,
    rank: u64,
    kind: Option<u64>,
    raw: Option<u64>,
    /// Values in fields that hold one type each, and the number of that field.
    values: Option<(u32, u64)>,
    other_values: bool,
    external: External,
    location: u64,
}

/// Reads a tensor, and says what it is called. Its figures are counted where it is an initialiser.
pub(super) fn read(
    wire: &mut Wire<'_, '_, '_, '_>,
    end: u64,
    counted: bool,
    files: &mut Files,
) -> Result<Text, Fault> {
    let at = wire.pass.position();
    let mut tensor = Tensor { elements: Some(1), ..Tensor::default() };
    while let Some(field) = wire.field(end)? {
        match field.number {
            1 => {
                let mut product = tensor.elements;
                let count = wire.varints(&field, &mut |size| {
                    product = i64::try_from(size)
                        .ok()
                        .and_then(|size| product?.checked_mul(size.cast_unsigned()))
                        .filter(|product| *product <= i64::MAX.cast_unsigned());
                })?;
                (tensor.elements, tensor.rank) = (product, tensor.rank + count);
            }
            2 => {
                let kind = number(&field);
                if tensor.kind.is_some() && tensor.kind != kind {
                    wire.twice(&field, "the type of a tensor");
                }
                tensor.kind = kind;
            }
            3 | 16 => drop(wire.bytes(&field, "a part of a tensor's description")?),
            4 => tensor.add(4, wire.fixed(&field, 4, "a tensor")?),
            5 | 7 | 11 => {
                let count = wire.varints(&field, &mut |_| ())?;
                tensor.add(field.number, count);
            }
            6 => {
                wire.bytes(&field, "a string of a tensor")?;
                tensor.add(6, 1);
            }
            8 => single(wire, &field, "the name of a tensor", &mut tensor.name)?,
            9 => {
                if tensor.raw.is_some() {
                    wire.twice(&field, "the data of a tensor");
                }
                tensor.raw = Some(wire.bytes(&field, "a tensor")?);
            }
            10 => tensor.add(10, wire.fixed(&field, 8, "a tensor")?),
            12 => drop(wire.string(&field, "a description")?),
            13 => wire.message(&field, "a tensor", |wire, end| tensor.external.entry(wire, end))?,
            14 => {
                let location = number(&field).unwrap_or(0);
                if tensor.location != 0 && location != tensor.location {
                    wire.twice(&field, "where the data of a tensor is");
                }
                tensor.location = location;
            }
            _ => wire.unknown(&field, "a tensor")?,
        }
    }
    tensor.judge(wire, at, files);
    if counted {
        tensor.count(wire);
    }
    Ok(tensor.name.unwrap_or_default())
}

impl Tensor {
    fn add(&mut self, field: u32, count: u64) {
        match &mut self.values {
            Some((first, sum)) if *first == field => *sum += count,
            Some(_) => self.other_values |= count > 0,
            values @ None => *values = Some((field, count)),
        }
    }

    fn count(&self, wire: &mut Wire<'_, '_, '_, '_>) {
        let outline = &mut *wire.scope.outline;
        outline.tensors += 1;
        outline.parameters = outline.parameters.saturating_add(self.elements.unwrap_or(0));
        let kind = self.kind.and_then(|kind| TYPES.get(usize::try_from(kind).ok()?));
        let kind = kind.map_or("unknown", |(name, _)| name);
        *outline.dtypes.entry(kind.to_owned()).or_insert(0) += 1;
    }

    fn judge(&mut self, wire: &mut Wire<'_, '_, '_, '_>, at: u64, files: &mut Files) {
        let name = self.name.as_ref().map_or_else(|| "without a name".to_owned(), shown);
        let kind = self.kind.and_then(|kind| usize::try_from(kind).ok()).filter(|kind| *kind > 0);
        let Some((kind, (kind_name, bits))) = kind.and_then(|kind| Some((kind, *TYPES.get(kind)?))) else {
            let message = format!("the type of the tensor {name} is not known");
            wire.add(rules::UnknownType::META, at, message);
            self.judge_places(wire, at, &name, None, files);
            return;
        };
        let Some(elements) = self.elements else {
            let message = format!("the tensor {name} has a negative dimension, or more than 2^63 elements");
            wire.add(rules::SizeDisagrees::META, at, message);
            self.judge_places(wire, at, &name, None, files);
            return;
        };
        let bytes =
            if kind == STRING { None } else { elements.checked_mul(bits).map(|bits| bits.div_ceil(8)) };
        self.judge_places(wire, at, &name, bytes, files);
        if self.location != 0 {
            return;
        }
        if let Some(raw) = self.raw {
            if bytes != Some(raw) {
                let message = match bytes {
                    Some(bytes) => {
                        format!(
                            "the tensor {name} has {raw} bytes, its shape and type {kind_name} ask for {bytes}"
                        )
                    }
                    None => format!("the tensor {name} of type {kind_name} has {raw} raw bytes"),
                };
                wire.add(rules::SizeDisagrees::META, at, message);
            }
            return;
        }
        let (field, want) = match kind {
            1 => (4, elements),
            14 => (4, elements.saturating_mul(2)),
            STRING => (6, elements),
            7 => (7, elements),
            11 => (10, elements),
            15 => (10, elements.saturating_mul(2)),
            12 | 13 => (11, elements),
            // One number holds as many elements as fit into a byte.
            _ => (5, elements.div_ceil(8 / bits.clamp(1, 8))),
        };
        let (have_field, have) = self.values.unwrap_or((field, 0));
        if (have_field, have) != (field, want) {
            let message =
                format!("the tensor {name} has {have} values, its shape and type {kind_name} ask for {want}");
            wire.add(rules::SizeDisagrees::META, at, message);
        }
    }

    /// Tells data that is in two places, and where data in other files is.
    fn judge_places(
        &mut self,
        wire: &mut Wire<'_, '_, '_, '_>,
        at: u64,
        name: &str,
        bytes: Option<u64>,
        files: &mut Files,
    ) {
        let inline = u8::from(self.raw.is_some_and(|raw| raw > 0))
            + u8::from(self.values.is_some_and(|(_, count)| count > 0))
            + u8::from(self.other_values);
        if inline > 1 || inline > 0 && self.location == 1 {
            let message = format!("the data of the tensor {name} is in two places");
            wire.add(rules::TwoPlaces::META, at, message);
        }
        if self.location > 1 {
            let message = format!("the tensor {name} says that its data is in a place that does not exist");
            wire.add(rules::BadExternal::META, at, message);
        }
        self.external.judge(wire, at, name, self.location == 1, bytes, files);
    }
}
