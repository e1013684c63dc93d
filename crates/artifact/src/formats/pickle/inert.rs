//! What a pickle may import and call: names whose call builds a value and does nothing else.
//!
//! A name is here only with the reason why it is inert whatever its arguments are, given that every import among
//! those arguments is judged on its own. What is not here is unknown, and a person has to look.

/// A set of inert names of one module.
struct Family {
    module: &'static str,
    names: &'static [&'static str],
    /// Why calling them does nothing else.
    #[cfg_attr(not(test), expect(dead_code, reason = "written for the reader and held by a test"))]
    reason: &'static str,
}

/// Whether calling `module.name` does nothing but build a value.
pub(super) fn is_inert(module: &str, name: &str) -> bool {
    FAMILIES.iter().any(|family| family.module == module && family.names.contains(&name))
}

/// Whether the name, in a pickle of a `TorchScript` archive, is a class of the archive's own code or one of the marks by
/// which `torch.jit.save` keeps the types of lists. `torch.jit.load` looks the former up among the code, not among
/// modules, and the latter give back what they are given.
pub(super) fn is_torch_script(module: &str, name: &str) -> bool {
    let own = module.strip_prefix("__torch__").is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    own || module == "torch.jit._pickle"
        && matches!(
            name,
            "build_boollist"
                | "build_doublelist"
                | "build_intlist"
                | "build_tensor_from_id"
                | "build_tensorlist"
                | "restore_type_tag"
        )
}

/// Whether the name is a storage class of `PyTorch`, as its persistent ids name them; and the bytes of an element.
pub(super) fn torch_storage(module: &str, name: &str) -> Option<u64> {
    if !matches!(module, "torch" | "torch.storage" | "torch.cuda") {
        return None;
    }
    Some(match name {
        "ByteStorage" | "CharStorage" | "BoolStorage" | "UntypedStorage" | "QInt8Storage"
        | "QUInt8Storage" => 1,
        "ShortStorage" | "HalfStorage" | "BFloat16Storage" => 2,
        "IntStorage" | "FloatStorage" | "QInt32Storage" => 4,
        "LongStorage" | "DoubleStorage" | "ComplexFloatStorage" => 8,
        "ComplexDoubleStorage" => 16,
        _ => return None,
    })
}

/// Text codecs: `_codecs.encode` looks others up by name and may import a module for them.
pub(super) const TEXT_CODECS: [&str; 6] = ["latin1", "latin-1", "iso-8859-1", "utf-8", "utf8", "ascii"];

const PLAIN: &str = "builds a plain value from plain values";
const ARRAY: &str = "builds an array or a description of one; numpy checks shape against data";
const TENSOR: &str =
    "builds a tensor over a storage that the loader gave; torch.load(weights_only=True) allows it as well";

const FAMILIES: [Family; 27] = [
    Family {
        module: "builtins",
        names: &[
            "bool",
            "bytearray",
            "bytes",
            "complex",
            "dict",
            "float",
            "frozenset",
            "int",
            "list",
            "object",
            "range",
            "set",
            "slice",
            "str",
            "tuple",
            "Ellipsis",
            "NotImplemented",
        ],
        reason: PLAIN,
    },
    Family {
        module: "__builtin__",
        names: &[
            "bool",
            "bytearray",
            "complex",
            "dict",
            "float",
            "frozenset",
            "int",
            "list",
            "long",
            "object",
            "set",
            "slice",
            "str",
            "tuple",
            "unicode",
            "xrange",
        ],
        reason: PLAIN,
    },
    Family {
        module: "collections",
        names: &["Counter", "OrderedDict", "defaultdict", "deque"],
        reason: PLAIN,
    },
    Family {
        module: "datetime",
        names: &["date", "datetime", "time", "timedelta", "timezone"],
        reason: PLAIN,
    },
    Family { module: "decimal", names: &["Decimal"], reason: PLAIN },
    Family { module: "fractions", names: &["Fraction"], reason: PLAIN },
    Family { module: "uuid", names: &["UUID"], reason: "checks and keeps 128 bits" },
    Family {
        module: "copyreg",
        names: &["_reconstructor", "__newobj__"],
        reason: "makes an object of a class without calling its initialiser; the class is judged as an import",
    },
    Family {
        module: "copy_reg",
        names: &["_reconstructor", "__newobj__"],
        reason: "the name of copyreg in Python 2",
    },
    Family {
        module: "_codecs",
        names: &["encode"],
        reason: "turns text into bytes; the codec's name is checked on top",
    },
    Family { module: "numpy", names: NUMPY_TYPES, reason: ARRAY },
    Family { module: "numpy.core.multiarray", names: &["_reconstruct", "scalar"], reason: ARRAY },
    Family { module: "numpy._core.multiarray", names: &["_reconstruct", "scalar"], reason: ARRAY },
    Family { module: "numpy.core.numeric", names: &["_frombuffer"], reason: ARRAY },
    Family { module: "numpy._core.numeric", names: &["_frombuffer"], reason: ARRAY },
    Family { module: "numpy.dtypes", names: NUMPY_DTYPES, reason: ARRAY },
    Family {
        module: "torch",
        names: TORCH_NAMES,
        reason: "a type, a description of one, or a storage class",
    },
    Family { module: "torch.cuda", names: TORCH_STORAGES, reason: "a storage class" },
    Family {
        module: "torch._utils",
        names: &[
            "_rebuild_tensor",
            "_rebuild_tensor_v2",
            "_rebuild_tensor_v3",
            "_rebuild_parameter",
            "_rebuild_parameter_with_state",
            "_rebuild_qtensor",
            "_rebuild_sparse_tensor",
            "_rebuild_meta_tensor_no_storage",
            "_rebuild_nested_tensor",
        ],
        reason: TENSOR,
    },
    Family { module: "torch._tensor", names: &["Tensor"], reason: TENSOR },
    Family { module: "torch.nn.parameter", names: &["Parameter", "Buffer"], reason: TENSOR },
    Family { module: "torch.nn", names: &["Parameter"], reason: TENSOR },
    Family {
        module: "torch.storage",
        names: &["TypedStorage", "UntypedStorage", "_TypedStorage"],
        reason: "a storage class",
    },
    Family {
        module: "torch.serialization",
        names: &["_get_layout"],
        reason: "looks a layout up in a fixed table",
    },
    Family { module: "torch.torch_version", names: &["TorchVersion"], reason: PLAIN },
    Family { module: "argparse", names: &["Namespace"], reason: "an object with the attributes it is given" },
    Family {
        module: "types",
        names: &["SimpleNamespace"],
        reason: "an object with the attributes it is given",
    },
];

const NUMPY_TYPES: &[&str] = &[
    "bool",
    "bool_",
    "bytes_",
    "complex128",
    "complex64",
    "datetime64",
    "dtype",
    "float16",
    "float32",
    "float64",
    "int16",
    "int32",
    "int64",
    "int8",
    "intc",
    "longlong",
    "ndarray",
    "object_",
    "str_",
    "timedelta64",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
    "uintc",
    "void",
];

const NUMPY_DTYPES: &[&str] = &[
    "BoolDType",
    "Complex128DType",
    "Complex64DType",
    "Float16DType",
    "Float32DType",
    "Float64DType",
    "Int16DType",
    "Int32DType",
    "Int64DType",
    "Int8DType",
    "ObjectDType",
    "StrDType",
    "UInt16DType",
    "UInt32DType",
    "UInt64DType",
    "UInt8DType",
];

const TORCH_STORAGES: &[&str] = &[
    "BFloat16Storage",
    "BoolStorage",
    "ByteStorage",
    "CharStorage",
    "ComplexDoubleStorage",
    "ComplexFloatStorage",
    "DoubleStorage",
    "FloatStorage",
    "HalfStorage",
    "IntStorage",
    "LongStorage",
    "QInt32Storage",
    "QInt8Storage",
    "QUInt8Storage",
    "ShortStorage",
];

const TORCH_NAMES: &[&str] = &[
    "BFloat16Storage",
    "BoolStorage",
    "ByteStorage",
    "CharStorage",
    "ComplexDoubleStorage",
    "ComplexFloatStorage",
    "DoubleStorage",
    "FloatStorage",
    "HalfStorage",
    "IntStorage",
    "LongStorage",
    "QInt32Storage",
    "QInt8Storage",
    "QUInt8Storage",
    "ShortStorage",
    "Size",
    "Tensor",
    "bfloat16",
    "bool",
    "complex128",
    "complex32",
    "complex64",
    "device",
    "dtype",
    "float16",
    "float32",
    "float64",
    "float8_e4m3fn",
    "float8_e5m2",
    "int16",
    "int32",
    "int64",
    "int8",
    "per_channel_affine",
    "per_tensor_affine",
    "preserve_format",
    "qint32",
    "qint8",
    "quint8",
    "strided",
    "uint16",
    "uint32",
    "uint64",
    "uint8",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::pickle::capability::capability;

    #[test]
    fn nothing_inert_is_dangerous_and_each_name_has_its_reason() {
        for family in &FAMILIES {
            assert!(family.reason.len() > 10, "{}", family.module);
            for name in family.names {
                assert_eq!(capability(family.module, name), None, "{}.{name}", family.module);
            }
        }
    }

    #[test]
    fn storages_are_inert_and_have_a_size() {
        for name in TORCH_STORAGES {
            assert!(is_inert("torch", name) && torch_storage("torch", name).is_some(), "{name}");
        }
        assert_eq!(torch_storage("os", "FloatStorage"), None);
        assert!(!is_inert("collections", "OrderedDict.fromkeys"));
    }
}
