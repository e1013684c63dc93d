//! What can be wrong with a file in the wire format of Protocol Buffers.

use bartizan_finding::Rule;

/// The messages cannot be understood.
///
/// ## What it finds
/// A field that claims more bytes than its message has, a number of more than 64 bits, a group, a wire type that does
/// not exist, a list of numbers that is cut, or messages nested deeper than a reader follows.
/// ## Why it matters
/// What follows was not looked at. Libraries refuse such a file; readers that do not check read on in other memory.
/// ## Example
/// An ONNX model that was cut off after 64 KiB.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://protobuf.dev/programming-guides/encoding/>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "PBF001", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Malformed;

/// A number is written longer than it needs to be.
///
/// ## What it finds
/// A number of variable length that ends in bytes of zeros.
/// ## Why it matters
/// No library writes numbers so. Scanners that look for a pattern of bytes miss a field whose tag or length is spelled
/// in another way.
/// ## Example
/// The length 4 as `84 00`.
/// ## Fix
/// Load the file with the format's own library in a sandbox and write it again.
/// ## References
/// - <https://protobuf.dev/programming-guides/encoding/#varints>
#[derive(Rule)]
#[rule(code = "PBF002", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct LongNumber;

/// A message has an unknown field.
///
/// ## What it finds
/// A field that the format does not have, or has with another type. It is medium where it holds a kibibyte or more,
/// or is one of the outermost message.
/// ## Why it matters
/// Libraries carry unknown fields along without a word, so that they are a place for what nobody should see. A small one
/// may come from a newer version of the format.
/// ## Example
/// A field number 99 of 2 MB in an ONNX model.
/// ## Fix
/// Ask which program wrote the file. Load it with the format's own library, drop unknown fields and write it again.
/// ## References
/// - <https://protobuf.dev/programming-guides/proto3/#unknowns>
#[derive(Rule)]
#[rule(code = "PBF003", severity = "info", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownField;

/// A field stands twice.
///
/// ## What it finds
/// A field of which a message has one, twice and with different values.
/// ## Why it matters
/// Libraries take the last, simple scanners the first, so that what was checked is not what is used.
/// ## Example
/// A node whose operator is first `Identity` and then `PyFunc`.
/// ## Fix
/// Do not load the file. No library writes it; ask where it came from.
/// ## References
/// - <https://protobuf.dev/programming-guides/encoding/#last-one-wins>
#[derive(Rule)]
#[rule(code = "PBF004", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct StatedTwice;

/// Bytes start like another format.
///
/// ## What it finds
/// The signature of a program, an archive or a script, or a pickle with a call, in a tensor, a text or an unknown field.
/// ## Why it matters
/// A tensor that is never used can carry a payload past everything that only looks at the format; a second step takes
/// it out and starts it.
/// ## Example
/// An initialiser of an ONNX model that starts with `7f 45 4c 46`.
/// ## Fix
/// Look at the tensor. If no operator uses it, write the file again without it and ask where it came from.
/// ## References
/// - <https://arxiv.org/abs/2107.08590>
#[derive(Rule)]
#[rule(code = "PBF005", severity = "high", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct ForeignData;

/// A name cannot be read.
///
/// ## What it finds
/// A name with control characters, marks of direction or other invisible characters, or one that is not UTF-8.
/// ## Why it matters
/// Names are shown on terminals and in pages and become names of files and variables. Such a name forges what a person
/// reads, or makes two things look alike.
/// ## Example
/// A tensor whose name holds an escape sequence of a terminal.
/// ## Fix
/// Rename it, and ask which program wrote it.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/150.html>
#[derive(Rule)]
#[rule(code = "PBF006", severity = "low", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnreadableName;
