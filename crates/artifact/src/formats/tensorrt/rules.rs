//! What can be wrong with a `TensorRT` engine.

use bartizan_finding::Rule;

/// The file is a compiled program.
///
/// ## What it finds
/// Each `TensorRT` engine.
/// ## Why it matters
/// An engine is machine code for a device and instructions for the runtime. NVIDIA says to load engines only from where
/// one trusts, and nothing here reads them.
/// ## Example
/// `model.engine`.
/// ## Fix
/// Take the model in a format that can be read, such as ONNX, and build the engine in the project's own pipeline.
/// ## References
/// - <https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/advanced.html>
#[derive(Rule)]
#[rule(code = "TRT001", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct Opaque;

/// A library for the host is in the engine.
///
/// ## What it finds
/// An ELF file in the engine that is not for the device.
/// ## Why it matters
/// The runtime writes such a library to a temporary file and loads it, where it is told that host code is allowed.
/// ## Example
/// A plug-in library that was serialised with the engine.
/// ## Fix
/// Do not allow host code. Build the engine without it, and install plug-ins as packages with a digest.
/// ## References
/// - <https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/advanced.html>
/// - <https://attack.mitre.org/techniques/T1129/>
#[derive(Rule)]
#[rule(code = "TRT002", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct HostLibrary;

/// The engine names a library.
///
/// ## What it finds
/// A text in the engine that ends as the name of a shared library does.
/// ## Why it matters
/// Plug-ins are libraries that are loaded into the process. A path in an engine is where its author wants one to be.
/// ## Example
/// `/tmp/libplugin.so`.
/// ## Fix
/// Find out who loads it. Build the engine in the project's own pipeline.
/// ## References
/// - <https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/extending-custom-layers.html>
#[derive(Rule)]
#[rule(code = "TRT003", severity = "high", confidence = "medium", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct NamesLibrary;
