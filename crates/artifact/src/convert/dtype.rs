//! Element types: what `PyTorch` and `NumPy` call them, and what safetensors does.

/// An element type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dtype {
    /// As safetensors calls it.
    pub(super) name: &'static str,
    /// Bytes of an element.
    pub(super) width: u64,
}

const fn dtype(name: &'static str, width: u64) -> Dtype {
    Dtype { name, width }
}

/// Storage classes and types of `PyTorch`, without the module `torch`.
const TORCH: [(&str, &str, Dtype); 20] = [
    ("DoubleStorage", "float64", dtype("F64", 8)),
    ("FloatStorage", "float32", dtype("F32", 4)),
    ("HalfStorage", "float16", dtype("F16", 2)),
    ("BFloat16Storage", "bfloat16", dtype("BF16", 2)),
    ("LongStorage", "int64", dtype("I64", 8)),
    ("IntStorage", "int32", dtype("I32", 4)),
    ("ShortStorage", "int16", dtype("I16", 2)),
    ("CharStorage", "int8", dtype("I8", 1)),
    ("ByteStorage", "uint8", dtype("U8", 1)),
    ("BoolStorage", "bool", dtype("BOOL", 1)),
    ("ComplexFloatStorage", "complex64", dtype("C64", 8)),
    ("UntypedStorage", "", dtype("U8", 1)),
    ("", "uint16", dtype("U16", 2)),
    ("", "uint32", dtype("U32", 4)),
    ("", "uint64", dtype("U64", 8)),
    ("", "float8_e4m3fn", dtype("F8_E4M3", 1)),
    ("", "float8_e5m2", dtype("F8_E5M2", 1)),
    ("", "float8_e4m3fnuz", dtype("F8_E4M3FNUZ", 1)),
    ("", "float8_e5m2fnuz", dtype("F8_E5M2FNUZ", 1)),
    ("", "float8_e8m0fnu", dtype("F8_E8M0", 1)),
];

/// The element type of a storage class, by its path.
pub(super) fn of_storage(path: &str) -> Option<Dtype> {
    let name =
        ["torch.cuda.", "torch.storage.", "torch."].iter().find_map(|module| path.strip_prefix(module))?;
    TORCH.iter().find(|(storage, ..)| !name.is_empty() && *storage == name).map(|row| row.2)
}

/// A type of `PyTorch`, by its path.
pub(super) fn of_torch(path: &str) -> Option<Dtype> {
    let name = path.strip_prefix("torch.")?;
    TORCH.iter().find(|(_, dtype, _)| !name.is_empty() && *dtype == name).map(|row| row.2)
}

/// A type of `NumPy`, by its code: a byte order (`<`, `>`, `=`, `|`) may stand in front. Whether the bytes are in the
/// other order than those of safetensors, which are little-endian.
pub(super) fn of_numpy(code: &str) -> Option<(Dtype, bool)> {
    let swapped = code.starts_with('>');
    let kind = code.trim_start_matches(['<', '>', '=', '|']);
    let dtype = match kind {
        "f8" => dtype("F64", 8),
        "f4" => dtype("F32", 4),
        "f2" => dtype("F16", 2),
        "i8" => dtype("I64", 8),
        "i4" => dtype("I32", 4),
        "i2" => dtype("I16", 2),
        "i1" => dtype("I8", 1),
        "u8" => dtype("U64", 8),
        "u4" => dtype("U32", 4),
        "u2" => dtype("U16", 2),
        "u1" => dtype("U8", 1),
        "b1" => dtype("BOOL", 1),
        "c8" => dtype("C64", 8),
        _ => return None,
    };
    Some((dtype, swapped && dtype.width > 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_to_types() {
        assert_eq!(of_storage("torch.FloatStorage"), Some(dtype("F32", 4)));
        assert_eq!(of_storage("torch.cuda.HalfStorage"), Some(dtype("F16", 2)));
        assert_eq!(
            (of_storage("torch."), of_torch("torch."), of_storage("os.FloatStorage")),
            (None, None, None)
        );
        assert_eq!(of_torch("torch.bfloat16"), Some(dtype("BF16", 2)));
        assert_eq!(of_numpy(">f4"), Some((dtype("F32", 4), true)));
        assert_eq!((of_numpy("|u1"), of_numpy("O8")), (Some((dtype("U8", 1), false)), None));
    }
}
