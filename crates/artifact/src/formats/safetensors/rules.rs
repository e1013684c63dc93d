//! What can be wrong with a safetensors file.

use bartizan_finding::Rule;

/// The length of the header is impossible.
///
/// ## What it finds
/// A file of fewer than eight bytes, a header that claims to be longer than the file, or one that claims more than
/// 100,000,000 bytes.
/// ## Why it matters
/// A loader that trusts the length allocates or reads what is not there. The file was cut off, or made to do that.
/// ## Example
/// A file of 16 bytes that starts with `ff ff 00 00 00 00 00 00`.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's; otherwise write it again from the weights.
/// ## References
/// - <https://github.com/huggingface/safetensors#format>
/// - <https://cwe.mitre.org/data/definitions/1284.html>
#[derive(Rule)]
#[rule(code = "STS001", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct HeaderLength;

/// The header cannot be understood.
///
/// ## What it finds
/// A header that is not a JSON object in UTF-8, or a tensor whose description lacks a valid `dtype`, `shape` or
/// `data_offsets`.
/// ## Why it matters
/// The reference reader refuses the file; another one may guess, and nobody has looked at what it then loads.
/// ## Example
/// `{"weight": {"dtype": "F32", "shape": [2, 2]}}`, which does not say where the tensor is.
/// ## Fix
/// Write the file again with the reference library.
/// ## References
/// - <https://github.com/huggingface/safetensors#format>
/// - <https://www.rfc-editor.org/rfc/rfc8259>
#[derive(Rule)]
#[rule(code = "STS002", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct MalformedHeader;

/// A name stands twice.
///
/// ## What it finds
/// Two tensors, two metadata entries, or two fields of one description with the same name.
/// ## Why it matters
/// Readers differ in which of the two they take, so that what was checked may not be what is loaded.
/// ## Example
/// A header with two entries `"lm_head.weight"` that point to different bytes.
/// ## Fix
/// Write the file again with the reference library, from weights whose origin is known.
/// ## References
/// - <https://github.com/huggingface/safetensors#format>
/// - <https://www.rfc-editor.org/rfc/rfc8259#section-4>
#[derive(Rule)]
#[rule(code = "STS003", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct DuplicateKey;

/// A tensor's element type is unknown.
///
/// ## What it finds
/// A `dtype` that version 0.8 of the reference library does not know.
/// ## Why it matters
/// The size of the tensor cannot be checked, and readers that do know the type read bytes that nobody held against a
/// shape.
/// ## Example
/// `"dtype": "F128"`.
/// ## Fix
/// Convert the tensor to a type that the reference library knows.
/// ## References
/// - <https://docs.rs/safetensors/0.8.0/safetensors/tensor/enum.Dtype.html>
#[derive(Rule)]
#[rule(code = "STS004", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownDtype;

/// A tensor's size does not follow from its type and shape.
///
/// ## What it finds
/// A tensor whose element size times shape is not the number of bytes between its offsets, overflows, or is no whole
/// number of bytes.
/// ## Why it matters
/// A loader that goes by shape reads past the tensor, into others or out of the file.
/// ## Example
/// `{"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 12]}`.
/// ## Fix
/// Write the file again with the reference library.
/// ## References
/// - <https://github.com/huggingface/safetensors#format>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "STS005", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct SizeDisagrees;

/// A tensor lies outside the file.
///
/// ## What it finds
/// Offsets that run backwards or end behind the end of the file.
/// ## Why it matters
/// A loader that trusts them reads memory that is not the file's. The file was cut off, or made to do that.
/// ## Example
/// `"data_offsets": [0, 4096]` in a file with 16 bytes of tensors.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://github.com/huggingface/safetensors#format>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "STS006", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadOffsets;

/// Two tensors share bytes.
///
/// ## What it finds
/// A tensor that starts before the one in front of it ends.
/// ## Why it matters
/// Changing one weight changes another that nobody looked at, and the file means more than its size says.
/// ## Example
/// Tensors at 0 to 16 and at 8 to 24.
/// ## Fix
/// Write the file again with the reference library, which gives each tensor its own bytes.
/// ## References
/// - <https://github.com/huggingface/safetensors#format>
#[derive(Rule)]
#[rule(code = "STS007", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Overlap;

/// Bytes of the file belong to no tensor.
///
/// ## What it finds
/// A hole between two tensors, or bytes behind the last one.
/// ## Why it matters
/// Such bytes travel with the model, are covered by its signature, and can carry a second file. The reference reader
/// refuses them.
/// ## Example
/// A ZIP archive appended to a valid file.
/// ## Fix
/// Look at the bytes, find out who put them there, and write the file again with the reference library.
/// ## References
/// - <https://github.com/huggingface/safetensors#format>
#[derive(Rule)]
#[rule(code = "STS008", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Uncovered;

/// A metadata entry is not a string.
///
/// ## What it finds
/// A `__metadata__` that is not an object, or has a value that is not a string.
/// ## Why it matters
/// The format allows text only, so that no reader has to interpret metadata. The reference reader refuses the file.
/// ## Example
/// `{"__metadata__": {"epochs": 3}}`.
/// ## Fix
/// Write the value as a string.
/// ## References
/// - <https://github.com/huggingface/safetensors#format>
#[derive(Rule)]
#[rule(code = "STS009", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct MetadataType;

/// A metadata value looks like more than a description.
///
/// ## What it finds
/// A value with marks of code, such as `<script` or `__import__`, or one of more than a mebibyte.
/// ## Why it matters
/// Metadata is shown in pages and pasted into templates by tools that take it for plain text.
/// ## Example
/// `{"__metadata__": {"title": "<script src=…>"}}`.
/// ## Fix
/// Remove the entry, and escape metadata wherever it is shown.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/79.html>
#[derive(Rule)]
#[rule(code = "STS010", severity = "low", confidence = "low", controls = ["model-scan"])]
pub(crate) struct SuspiciousMetadata;

/// The bytes of a tensor start like another format.
///
/// ## What it finds
/// The signature of a program, an archive or a script, or a pickle with a call, where numbers should be.
/// ## Why it matters
/// A tensor that is never used can carry a payload past everything that only looks at the format; a second step takes
/// it out and starts it.
/// ## Example
/// A tensor of type `U8` that starts with `7f 45 4c 46`.
/// ## Fix
/// Look at the tensor. If no layer of the model uses it, write the file again without it and ask where it came from.
/// ## References
/// - <https://arxiv.org/abs/2107.08590>
#[derive(Rule)]
#[rule(code = "STS011", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct ForeignData;

/// The tensors do not start at a multiple of eight bytes.
///
/// ## What it finds
/// A header whose length is not padded with spaces as the reference writer pads it.
/// ## Why it matters
/// Loaders that map the file into memory copy or fault on unaligned numbers. The file was written by something else
/// than the reference library.
/// ## Example
/// A header of 61 bytes.
/// ## Fix
/// Write the file again with the reference library.
/// ## References
/// - <https://github.com/huggingface/safetensors#format>
#[derive(Rule)]
#[rule(code = "STS012", severity = "low", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnalignedData;

/// The header holds what the format does not know.
///
/// ## What it finds
/// An unknown field in a tensor's description, or white space in front of the header.
/// ## Why it matters
/// Readers ignore it or refuse it, each in its own way; it is a place to hide things, and a sign of another writer.
/// ## Example
/// `{"w": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1], "loader": "custom"}}`.
/// ## Fix
/// Write the file again with the reference library; put descriptions into `__metadata__`.
/// ## References
/// - <https://github.com/huggingface/safetensors#format>
#[derive(Rule)]
#[rule(code = "STS013", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnusualHeader;
