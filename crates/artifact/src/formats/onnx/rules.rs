//! What can be wrong with an ONNX model.

use bartizan_finding::Rule;

/// The model names a file outside of its folder.
///
/// ## What it finds
/// A tensor whose data is in another file, or an operator that takes a file, where the path is absolute, leads up, is a
/// URL, names a variable or a home folder, or holds a zero byte.
/// ## Why it matters
/// A runtime opens that file with the rights of the user when the model is loaded. Its bytes become a tensor, and with it
/// an output that others see; a library that saves the model writes to that place.
/// ## Example
/// `location` = `../../../../etc/passwd`.
/// ## Fix
/// Do not load the model. Ask for one whose data is in the same folder.
/// ## References
/// - CVE-2022-25882
/// - CVE-2024-27318
/// - CVE-2025-51480
/// - CVE-2026-34447
/// - <https://cwe.mitre.org/data/definitions/22.html>
#[derive(Rule)]
#[rule(code = "ONX001", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct Outside;

/// What is said about data in another file is impossible.
///
/// ## What it finds
/// No file, an offset or length that is no number or lies behind any file, a length that does not fit the shape, an
/// unknown key, or a key that stands twice.
/// ## Why it matters
/// Runtimes map the file at that place and compute with the numbers. One that does not check reads other memory. Of two
/// places, one was checked and the other is used.
/// ## Example
/// `offset` = `-8`; `length` = `18446744073709551615`.
/// ## Fix
/// Do not load the model. Write it again with the ONNX library.
/// ## References
/// - <https://github.com/onnx/onnx/blob/main/docs/ExternalData.md>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "ONX002", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadExternal;

/// An operator leaves the graph.
///
/// ## What it finds
/// A node that runs Python, a plug-in, a program that was compiled for a device, or that sends its input to a server; an
/// attribute that names a library. It is medium for compiled programs and plug-ins, which deployments use with intent.
/// ## Why it matters
/// Such an operator does what its author wants with the rights of the user, and nothing in the file shows what that is.
/// ## Example
/// A node `PyOp` of the domain `ai.onnx.contrib`.
/// ## Fix
/// Export the model without it. If it is wanted, get the library from its author and pin its digest.
/// ## References
/// - <https://onnxruntime.ai/docs/reference/operators/custom-python-operator.html>
/// - <https://onnxruntime.ai/docs/execution-providers/EP-Context-Design.html>
#[derive(Rule)]
#[rule(code = "ONX003", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct NativeOperator;

/// An operator is not known.
///
/// ## What it finds
/// A node of a domain that is neither of the standard nor of a common runtime, and that the model does not define itself.
/// ## Why it matters
/// The model only runs with a native library that implements the operator. Who asks for the model asks for that library
/// as well.
/// ## Example
/// A node `FastAttention` of the domain `vendor.ops`.
/// ## Fix
/// Find out which library implements it and where it comes from, before it is installed.
/// ## References
/// - <https://onnxruntime.ai/docs/reference/operators/add-custom-op.html>
#[derive(Rule)]
#[rule(code = "ONX004", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownOperator;

/// A tensor's bytes do not fit its shape.
///
/// ## What it finds
/// More or fewer values than shape and type ask for, a negative dimension, or more elements than a number can hold.
/// ## Why it matters
/// A runtime that trusts the shape reads or writes behind the data. Bytes that no shape covers can hold anything.
/// ## Example
/// A tensor of 4 by 4 floats with 32 bytes.
/// ## Fix
/// Do not load the model. Write it again with the ONNX library.
/// ## References
/// - <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>
/// - <https://cwe.mitre.org/data/definitions/787.html>
#[derive(Rule)]
#[rule(code = "ONX005", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct SizeDisagrees;

/// A name stands twice.
///
/// ## What it finds
/// Two initialisers of one graph, or two functions of one domain, with the same name.
/// ## Why it matters
/// Runtimes differ in which of the two they take, so that what was checked may not be what is used.
/// ## Example
/// Two initialisers `classifier.weight` with different values.
/// ## Fix
/// Write the model again with the ONNX library, from weights whose origin is known.
/// ## References
/// - <https://github.com/onnx/onnx/blob/main/docs/IR.md>
#[derive(Rule)]
#[rule(code = "ONX006", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct DuplicateName;

/// A tensor's element type is not known.
///
/// ## What it finds
/// An element type that the format does not have.
/// ## Why it matters
/// The size of the tensor cannot be checked.
/// ## Example
/// A tensor of type 99.
/// ## Fix
/// Ask which program wrote the file, or for a newer release of this program.
/// ## References
/// - <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>
#[derive(Rule)]
#[rule(code = "ONX007", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownType;

/// A tensor's data is in two places.
///
/// ## What it finds
/// A tensor with raw bytes and a list of values, or with data in the file and in another file.
/// ## Why it matters
/// Readers differ in which they take, so that what was checked is not what is used.
/// ## Example
/// A tensor with `raw_data` and `float_data`.
/// ## Fix
/// Do not load the model. Write it again with the ONNX library.
/// ## References
/// - <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>
#[derive(Rule)]
#[rule(code = "ONX008", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct TwoPlaces;

/// The model replaces a standard operator.
///
/// ## What it finds
/// A function of the model in the domain of the standard itself.
/// ## Why it matters
/// Whoever reads the graph sees `Softmax` and thinks of the standard one. Runtimes that take the model's own definition
/// compute something else.
/// ## Example
/// A function `Softmax` of the domain `ai.onnx`.
/// ## Fix
/// Read the function. Export the model again without it.
/// ## References
/// - <https://github.com/onnx/onnx/blob/main/docs/IR.md>
#[derive(Rule)]
#[rule(code = "ONX009", severity = "high", confidence = "medium", controls = ["model-scan", "model-integrity"])]
pub(crate) struct ReplacesOperator;

/// The model brings settings for its runtime along.
///
/// ## What it finds
/// A metadata entry `ort_config`. It is high where the settings name a path or a library.
/// ## Why it matters
/// ONNX Runtime takes its settings from there where it is told to by a variable of the environment, among them where
/// profiles are written.
/// ## Example
/// `{"session_options": {"enable_profiling": 1}}` under `ort_config`.
/// ## Fix
/// Remove the entry, and give the settings in the program that loads the model.
/// ## References
/// - <https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/session/inference_session_utils.h>
#[derive(Rule)]
#[rule(code = "ONX010", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct RuntimeSettings;

/// The version of the format is not known.
///
/// ## What it finds
/// A version of the format that is newer than the newest known one.
/// ## Why it matters
/// Fields that came with it are told as unknown and not understood.
/// ## Example
/// A model with `ir_version` 40.
/// ## Fix
/// Ask for a newer release of this program.
/// ## References
/// - <https://github.com/onnx/onnx/blob/main/docs/Versioning.md>
#[derive(Rule)]
#[rule(code = "ONX011", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownVersion;
