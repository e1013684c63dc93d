//! What can be wrong with a model of llama.cpp before GGUF.

use bartizan_finding::Rule;

/// The figures of the model do not fit its bytes.
///
/// ## What it finds
/// A vocabulary or tensor that is longer than the file or than any, an unknown type or version, and a file that is cut
/// off.
/// ## Why it matters
/// The readers of this format took memory and copied bytes by these figures without asking; that is one reason why it
/// was given up.
/// ## Example
/// A word of the vocabulary of 4 GB.
/// ## Fix
/// Convert the model to GGUF from weights whose origin is known, and load that.
/// ## References
/// - <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>
/// - <https://cwe.mitre.org/data/definitions/122.html>
#[derive(Rule)]
#[rule(code = "GGL001", severity = "high", confidence = "medium", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Malformed;

/// A tensor of the model is something else.
///
/// ## What it finds
/// A tensor whose bytes start like a program, an archive, a script or a pickle that calls something.
/// ## Why it matters
/// Weights are a place where scanners do not look; code beside the model takes the payload from there.
/// ## Example
/// A tensor that holds an ELF library.
/// ## Fix
/// Find out who put the data there.
/// ## References
/// - <https://attack.mitre.org/techniques/T1027/009/>
#[derive(Rule)]
#[rule(code = "GGL002", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct ForeignData;
