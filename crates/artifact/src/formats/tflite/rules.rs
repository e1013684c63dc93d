//! What can be wrong with a TensorFlow Lite model.

use bartizan_finding::Rule;

/// An index is out of bounds.
///
/// ## What it finds
/// An operator, a tensor, a buffer or metadata that is taken from a list by an index that the list does not have.
/// ## Why it matters
/// The interpreter makes addresses of indices. One that is out of bounds reads or writes memory that is not the model's.
/// ## Example
/// An operator whose output is tensor −2.
/// ## Fix
/// Do not load the model. Convert it again.
/// ## References
/// - CVE-2020-15211
/// - CVE-2020-15212
/// - <https://cwe.mitre.org/data/definitions/787.html>
#[derive(Rule)]
#[rule(code = "TFL001", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct OutOfBounds;

/// An operator or type is not known.
///
/// ## What it finds
/// A custom operator that is not of a common library, an operator of the format with an unknown number, or a tensor of an
/// unknown type.
/// ## Why it matters
/// The model only runs with native code that implements it, which is not in the file.
/// ## Example
/// A custom operator `VendorAttention`.
/// ## Fix
/// Find out which library implements it and where it comes from, before it is linked.
/// ## References
/// - <https://ai.google.dev/edge/litert/models/ops_custom>
#[derive(Rule)]
#[rule(code = "TFL002", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownOperator;

/// A buffer is out of the file, or in two places.
///
/// ## What it finds
/// A buffer, or the options of an operator, behind the tables of the model that ends behind the end of the file, starts
/// within the tables, or that is in the tables as well.
/// ## Why it matters
/// The interpreter maps the file and computes with what is there. Of two places, one was checked and the other is used.
/// ## Example
/// A buffer of 16 MB at an offset of 2⁶³.
/// ## Fix
/// Do not load the model. Convert it again.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "TFL003", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadBuffer;

/// A tensor's bytes do not fit its shape.
///
/// ## What it finds
/// More or fewer bytes than shape and type ask for, a negative dimension, or more elements than a number can hold.
/// ## Why it matters
/// Kernels that trust the shape read behind the buffer. Bytes that no shape covers can hold anything.
/// ## Example
/// A tensor of 4 floats in a buffer of 4 bytes.
/// ## Fix
/// Do not load the model. Convert it again.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "TFL004", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct SizeDisagrees;

/// An operator says two things about what it is.
///
/// ## What it finds
/// An operator for TensorFlow whose name is one and whose options name another.
/// ## Why it matters
/// The options are what TensorFlow runs. Who reads the name sees something else.
/// ## Example
/// `FlexAddV2` with the options of `WriteFile`.
/// ## Fix
/// Do not load the model. No converter writes this.
/// ## References
/// - <https://ai.google.dev/edge/litert/models/ops_select>
#[derive(Rule)]
#[rule(code = "TFL005", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct OperatorDisagrees;

/// The version of the schema is not known.
///
/// ## What it finds
/// A version of the schema other than 3.
/// ## Why it matters
/// What the rest means is not known for certain. The interpreter refuses the file.
/// ## Example
/// A schema of version 9.
/// ## Fix
/// Ask which program wrote the file.
/// ## References
/// - <https://github.com/tensorflow/tensorflow/blob/master/tensorflow/compiler/mlir/lite/schema/schema.fbs>
#[derive(Rule)]
#[rule(code = "TFL006", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownVersion;
