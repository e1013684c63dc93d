//! What can be wrong with a GGUF file.

use bartizan_finding::Rule;

/// The version of the format is unknown.
///
/// ## What it finds
/// A version other than 1, 2 and 3, in either byte order.
/// ## Why it matters
/// What the rest of the file means is not known, so nothing of it was looked at.
/// ## Example
/// A file that starts with `GGUF` and the number 9.
/// ## Fix
/// Ask for a file of version 3, or for a newer release of this program.
/// ## References
/// - <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
#[derive(Rule)]
#[rule(code = "GGF001", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownVersion;

/// The file breaks off or cannot be understood.
///
/// ## What it finds
/// A file that ends inside its metadata or inside the descriptions of its tensors, or a metadata entry of an unknown
/// type.
/// ## Why it matters
/// What follows was not looked at. Readers that do not check read on in other memory.
/// ## Example
/// A file that was cut off after 64 KiB.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "GGF002", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Malformed;

/// A size, count or product is impossible.
///
/// ## What it finds
/// A count, a length or a product of dimensions that exceeds the file or 2⁶³.
/// ## Why it matters
/// Readers multiply such numbers to know how much memory to take. A product that wraps makes the memory too small for
/// what is then written into it, which runs the attacker's code.
/// ## Example
/// A tensor of 2³² by 2³² elements; a string of 2⁶⁴ − 1 bytes.
/// ## Fix
/// Do not load the file. No writer makes this by accident; ask where the file came from.
/// ## References
/// - CVE-2026-33298
/// - GHSA-96jg-mvhq-q7q7
/// - <https://cwe.mitre.org/data/definitions/190.html>
#[derive(Rule)]
#[rule(code = "GGF003", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct ImpossibleSize;

/// A metadata entry is unusual.
///
/// ## What it finds
/// A name that is no plain ASCII, text that is not UTF-8, a truth value other than 0 and 1, or an array of arrays.
/// ## Why it matters
/// Readers differ in what they make of it. The file was written by something else than the usual tools.
/// ## Example
/// A metadata entry whose name holds a line break.
/// ## Fix
/// Write the file again with the converter of llama.cpp.
/// ## References
/// - <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
#[derive(Rule)]
#[rule(code = "GGF004", severity = "low", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnusualMetadata;

/// A name stands twice.
///
/// ## What it finds
/// Two metadata entries or two tensors with the same name.
/// ## Why it matters
/// Readers differ in which of the two they take, so that what was checked, such as the chat template, may not be what
/// is used.
/// ## Example
/// Two entries `tokenizer.chat_template`.
/// ## Fix
/// Write the file again with the converter of llama.cpp, from weights whose origin is known.
/// ## References
/// - <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
#[derive(Rule)]
#[rule(code = "GGF005", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct DuplicateName;

/// The alignment is impossible.
///
/// ## What it finds
/// A `general.alignment` that is not an unsigned number or no power of two.
/// ## Why it matters
/// Where the tensors are follows from it. A reader that divides by it or rounds with it goes wrong.
/// ## Example
/// `general.alignment` = 0.
/// ## Fix
/// Do not load the file. Write it again with the converter of llama.cpp.
/// ## References
/// - <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
#[derive(Rule)]
#[rule(code = "GGF006", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct BadAlignment;

/// A tensor's element type is unknown.
///
/// ## What it finds
/// An element type that llama.cpp does not know or no longer reads.
/// ## Why it matters
/// The size of the tensor cannot be checked, and with it the places of all others.
/// ## Example
/// A tensor of type 4, which was withdrawn.
/// ## Fix
/// Convert the model again with a current llama.cpp.
/// ## References
/// - <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
#[derive(Rule)]
#[rule(code = "GGF007", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownType;

/// A tensor's shape does not fit its type.
///
/// ## What it finds
/// More than four dimensions, or rows that are no whole number of the type's blocks.
/// ## Why it matters
/// Readers keep four dimensions and compute with whole blocks; one that does not check writes or reads past the end.
/// ## Example
/// A tensor of type `Q4_K` with rows of 100 elements.
/// ## Fix
/// Do not load the file. Write it again with the converter of llama.cpp.
/// ## References
/// - <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
/// - <https://cwe.mitre.org/data/definitions/787.html>
#[derive(Rule)]
#[rule(code = "GGF008", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct BadShape;

/// A tensor is in an impossible place.
///
/// ## What it finds
/// A tensor that ends behind the end of the file, or starts where the alignment does not allow it.
/// ## Why it matters
/// A loader that trusts the place reads memory that is not the file's. The file was cut off, or made to do that.
/// ## Example
/// An offset of 4096 in a file with 16 bytes of tensors.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "GGF009", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Misplaced;

/// Two tensors share bytes.
///
/// ## What it finds
/// A tensor that starts before the one in front of it ends.
/// ## Why it matters
/// Changing one weight changes another that nobody looked at, and the file means more than its size says.
/// ## Example
/// Two tensors of 64 bytes at the offset 0.
/// ## Fix
/// Write the file again with the converter of llama.cpp, which gives each tensor its own bytes.
/// ## References
/// - <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
#[derive(Rule)]
#[rule(code = "GGF010", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Overlap;

/// Bytes of the file belong to no tensor.
///
/// ## What it finds
/// A hole between two tensors that is longer than the alignment needs, bytes in it that are not zero, or bytes behind
/// the last tensor.
/// ## Why it matters
/// Such bytes travel with the model, are covered by its signature, and can carry a second file.
/// ## Example
/// A ZIP archive appended to a valid file.
/// ## Fix
/// Look at the bytes, find out who put them there, and write the file again with the converter of llama.cpp.
/// ## References
/// - <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
#[derive(Rule)]
#[rule(code = "GGF011", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Uncovered;

/// The bytes of a tensor start like another format.
///
/// ## What it finds
/// The signature of a program, an archive or a script, or a pickle with a call, where numbers should be.
/// ## Why it matters
/// A tensor that is never used can carry a payload past everything that only looks at the format; a second step takes
/// it out and starts it.
/// ## Example
/// A tensor of type I8 that starts with `7f 45 4c 46`.
/// ## Fix
/// Look at the tensor. If no layer of the model uses it, write the file again without it and ask where it came from.
/// ## References
/// - <https://arxiv.org/abs/2107.08590>
#[derive(Rule)]
#[rule(code = "GGF012", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct ForeignData;

/// A tensor's name is unusual.
///
/// ## What it finds
/// A name of more than 63 bytes, with a zero in it, or that is not UTF-8.
/// ## Why it matters
/// Readers cut it or stop at the zero, so that two readers know the tensor by different names.
/// ## Example
/// A name of 200 bytes, which a reader keeps in 64.
/// ## Fix
/// Write the file again with the converter of llama.cpp.
/// ## References
/// - <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
/// - <https://cwe.mitre.org/data/definitions/170.html>
#[derive(Rule)]
#[rule(code = "GGF013", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnusualName;
