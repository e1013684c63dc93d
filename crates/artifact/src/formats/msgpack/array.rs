//! Element types of arrays.

/// Bytes of an element, by the name that `NumPy` and `ml_dtypes` give its type; none where it is no type of numbers.
pub(super) fn element(name: &str) -> Option<u64> {
    Some(match name {
        "bool" | "int8" | "uint8" | "int4" | "uint4" | "int2" | "uint2" => 1,
        "int16" | "uint16" | "float16" | "bfloat16" | "V2" => 2,
        "int32" | "uint32" | "float32" => 4,
        "int64" | "uint64" | "float64" | "complex64" => 8,
        "complex128" => 16,
        name if name.starts_with("float8_") || name.starts_with("float6_") || name.starts_with("float4_") => {
            1
        }
        _ => return None,
    })
}

/// How a type is called in an outline.
pub(super) fn shown(name: &str) -> String {
    name.replace("bfloat", "BF")
        .replace("float", "F")
        .replace("uint", "U")
        .replace("int", "I")
        .replace("bool", "BOOL")
}
