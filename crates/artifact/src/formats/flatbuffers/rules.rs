//! What can be wrong with a file in the format of `FlatBuffers`.

use bartizan_finding::Rule;

/// An offset or a length is impossible.
///
/// ## What it finds
/// An offset that leads out of the file, a list or text that is longer than the file, or a table whose fields are not
/// where they should be.
/// ## Why it matters
/// Readers follow offsets without looking, because that is what makes the format fast. One that leads elsewhere reads or
/// writes memory that is not the file's.
/// ## Example
/// A list of 2³² − 1 operators.
/// ## Fix
/// Do not load the file. Fetch it again and compare its digest with the supplier's.
/// ## References
/// - <https://flatbuffers.dev/internals/>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "FLB001", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Malformed;

/// Bytes belong to nothing.
///
/// ## What it finds
/// A kibibyte or more that no object of the file covers, or any bytes behind the last object that are no padding.
/// ## Why it matters
/// No reader sees them, so that they are a place for what nobody should see.
/// ## Example
/// 4 kB between two tables of a TensorFlow Lite model.
/// ## Fix
/// Write the file again with the format's own library, and ask which program wrote it.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/506.html>
#[derive(Rule)]
#[rule(code = "FLB002", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct Uncovered;

/// Bytes start like another format.
///
/// ## What it finds
/// The signature of a program, an archive or a script, or a pickle with a call, in a buffer of a tensor, in options of an
/// operator or between objects.
/// ## Why it matters
/// A buffer that is never used can carry a payload past everything that only looks at the format; a second step takes
/// it out and starts it.
/// ## Example
/// A buffer of a TensorFlow Lite model that starts with `7f 45 4c 46`.
/// ## Fix
/// Look at the buffer. If no operator uses it, write the file again without it and ask where it came from.
/// ## References
/// - <https://arxiv.org/abs/2107.08590>
#[derive(Rule)]
#[rule(code = "FLB003", severity = "high", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct ForeignData;

/// A text cannot be read.
///
/// ## What it finds
/// A text with control characters, marks of direction or other invisible characters, or one that is not UTF-8.
/// ## Why it matters
/// Such a text forges what a person reads on a terminal or a page, or makes two names look alike.
/// ## Example
/// A tensor whose name holds an escape sequence of a terminal.
/// ## Fix
/// Rename it, and ask which program wrote it.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/150.html>
#[derive(Rule)]
#[rule(code = "FLB004", severity = "low", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnreadableText;
