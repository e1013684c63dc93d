//! What can be wrong with an `ExecuTorch` program.

use bartizan_finding::Rule;

/// A segment or the header is out of bounds.
///
/// ## What it finds
/// An extended header whose lengths do not fit the file, a segment behind its end, two segments that share bytes, or a
/// constant behind the end of its segment.
/// ## Why it matters
/// The runtime maps segments and computes with what is there, or copies it to a device.
/// ## Example
/// A segment of 2⁶³ bytes.
/// ## Fix
/// Do not load the program. Export it again.
/// ## References
/// - <https://docs.pytorch.org/executorch/stable/pte-file-format.html>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "ETX001", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadSegment;

/// An index is out of bounds.
///
/// ## What it finds
/// An instruction that takes a value, an operator or a backend that does not exist, or that jumps out of its list; a
/// package or segment that does not exist; a negative dimension.
/// ## Why it matters
/// The interpreter makes addresses of indices. One that is out of bounds reads, writes or calls what is not the
/// program's.
/// ## Example
/// A call of operator 4,000,000.
/// ## Fix
/// Do not load the program. Export it again.
/// ## References
/// - <https://github.com/pytorch/executorch/security/advisories>
/// - <https://cwe.mitre.org/data/definitions/787.html>
#[derive(Rule)]
#[rule(code = "ETX002", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct OutOfBounds;

/// An operator is not known.
///
/// ## What it finds
/// An operator of a name space that does not come with `ExecuTorch`.
/// ## Why it matters
/// The program only runs with native code that implements it, which is not in the file.
/// ## Example
/// `vendor::attention`.
/// ## Fix
/// Find out which library implements it and where it comes from, before it is linked.
/// ## References
/// - <https://docs.pytorch.org/executorch/stable/kernel-library-custom-aten-kernel.html>
#[derive(Rule)]
#[rule(code = "ETX003", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownOperator;

/// A backend is not known.
///
/// ## What it finds
/// A package for a backend that does not come with `ExecuTorch`.
/// ## Why it matters
/// What the package makes the backend do cannot be told.
/// ## Example
/// `VendorBackend`.
/// ## Fix
/// Find out which library implements it and where it comes from, before it is linked.
/// ## References
/// - <https://docs.pytorch.org/executorch/stable/backends-overview.html>
#[derive(Rule)]
#[rule(code = "ETX004", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownBackend;

/// A backend runs compiled code.
///
/// ## What it finds
/// A package for a backend that was compiled for a device. It is high where the package starts as a native library, which
/// the backend loads into the process.
/// ## Why it matters
/// The package runs with the rights of the process, or of the device's driver, and no reader of models looks into it.
/// ## Example
/// A package of `CudaBackend` that is a shared library.
/// ## Fix
/// Export the program from source in the project's own pipeline.
/// ## References
/// - <https://docs.pytorch.org/executorch/stable/backends-overview.html>
#[derive(Rule)]
#[rule(code = "ETX005", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct CompiledBackend;
