//! What can be wrong with an `OpenVINO` graph.

use bartizan_finding::Rule;

/// A layer is not one of `OpenVINO`'s own operations.
///
/// ## What it finds
/// A layer whose set of operations is not one of `opset1` and so on: `extension`, `experimental`, or a name of its own.
/// ## Why it matters
/// Such a layer is code in a native library that has to be loaded first, and that nobody looked at here.
/// ## Example
/// `<layer type="Decode" version="extension">`.
/// ## Fix
/// Say which library brings the operation, and build it from source in the project's own pipeline.
/// ## References
/// - <https://docs.openvino.ai/2025/documentation/openvino-extensibility.html>
#[derive(Rule)]
#[rule(code = "OVN001", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct ForeignOperation;

/// A constant points to weights that cannot be.
///
/// ## What it finds
/// An offset or size that is no number, or beyond any file; a size that is not that of the shape; and edges between
/// numbers that are none.
/// ## Why it matters
/// The reader takes memory by these numbers from a file beside the graph.
/// ## Example
/// `<data element_type="f32" shape="1" offset="18446744073709551615" size="8"/>`.
/// ## Fix
/// Do not load the file. Fetch it again, and compare its digest with the supplier's.
/// ## References
/// - <https://docs.openvino.ai/2025/documentation/openvino-ir-format.html>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "OVN002", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadConstant;
