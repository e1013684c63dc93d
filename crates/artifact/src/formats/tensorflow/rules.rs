//! What can be wrong with a graph of TensorFlow.

use bartizan_finding::Rule;

/// An operator reaches out of the graph.
///
/// ## What it finds
/// An operator that runs Python or foreign native code, reads or writes files, talks to other machines, ends the process,
/// or runs a graph out of a text: in the graph, in a function, or in a graph that a TensorFlow Lite model hands to
/// TensorFlow. It is critical where the operator runs Python or writes.
/// ## Why it matters
/// A graph is a program that TensorFlow runs with all rights of the process, a part of it when the model is loaded.
/// ## Example
/// `WriteFile` in the function that restores the variables, which writes a start-up script.
/// ## Fix
/// Do not load the model. Keep the weights in a format without operators, and build the graph from source.
/// ## References
/// - <https://github.com/tensorflow/tensorflow/security/policy>
/// - <https://github.com/protectai/modelscan>
#[derive(Rule)]
#[rule(code = "TFG001", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct DangerousOperator;

/// An operator is not known.
///
/// ## What it finds
/// An operator that is neither of TensorFlow's registry nor of its common libraries, nor a function of the model.
/// ## Why it matters
/// The model only runs with a native library that implements it. Who asks for the model asks for that library as well,
/// and what the operator does cannot be told.
/// ## Example
/// `IO>KafkaReadableInit`.
/// ## Fix
/// Find out which library implements it and where it comes from, before it is installed.
/// ## References
/// - <https://www.tensorflow.org/guide/create_op>
#[derive(Rule)]
#[rule(code = "TFG002", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownOperator;

/// An asset lies outside of the model.
///
/// ## What it finds
/// The file name of an asset that is absolute, leads up, is a URL or names a variable.
/// ## Why it matters
/// TensorFlow joins it to the folder of assets and opens what is there when the model is loaded.
/// ## Example
/// `../../../../etc/passwd`.
/// ## Fix
/// Do not load the model. Ask for one whose assets are in its own folder.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/22.html>
/// - <https://www.tensorflow.org/guide/saved_model>
#[derive(Rule)]
#[rule(code = "TFG003", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct AssetOutside;

/// A layer holds code.
///
/// ## What it finds
/// A layer of Keras that is `Lambda` or wraps a program of another library, or whose class comes from a module that has no
/// layers. It is medium where the module may be the author's own.
/// ## Why it matters
/// Keras unpacks the code of such a layer, or imports the module and calls what is named, when it loads the model.
/// ## Example
/// `"class_name": "Lambda"` with the bytes of a Python function in base64.
/// ## Fix
/// Write the layer as a class in source that is reviewed, and keep the weights alone.
/// ## References
/// - CVE-2024-3660
/// - CVE-2025-1550
/// - CVE-2025-49655
/// - <https://keras.io/api/layers/core_layers/lambda/>
#[derive(Rule)]
#[rule(code = "TFG004", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct LayerCode;

/// An operator opens a file that is named in the graph.
///
/// ## What it finds
/// A constant that is an absolute path, leads up, is a URL or names a variable, and that goes into an operator that
/// loads a table, restores or saves variables, maps a file or keeps a cache; where it is not the name of an asset.
/// ## Why it matters
/// These operators are in every model, and harmless with the file that the loader gives them. A name in the graph itself
/// is the choice of its author.
/// ## Example
/// A table from `/etc/passwd`; variables saved to `/etc/cron.d/x`.
/// ## Fix
/// Do not load the model. Export it again, with the file as an asset.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/73.html>
#[derive(Rule)]
#[rule(code = "TFG005", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct FilePath;

/// A tensor's bytes do not fit its shape.
///
/// ## What it finds
/// More or fewer bytes than shape and type ask for, a negative dimension, or more elements than a number can hold.
/// ## Why it matters
/// Kernels that trust the shape read or write behind the data. Bytes that no shape covers can hold anything.
/// ## Example
/// A constant of 4 floats with 4,096 bytes.
/// ## Fix
/// Do not load the model. Export it again.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/787.html>
#[derive(Rule)]
#[rule(code = "TFG006", severity = "high", confidence = "medium", controls = ["model-scan", "model-integrity"])]
pub(crate) struct SizeDisagrees;

/// A function has the name of an operator.
///
/// ## What it finds
/// A function of the model with the name of an operator of TensorFlow.
/// ## Why it matters
/// Whoever reads the graph sees `MatMul` and thinks of the operator; what runs may be the function.
/// ## Example
/// A function `Softmax`.
/// ## Fix
/// Read the function. Export the model again without it.
/// ## References
/// - <https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/framework/function.proto>
#[derive(Rule)]
#[rule(code = "TFG007", severity = "high", confidence = "medium", controls = ["model-scan", "model-integrity"])]
pub(crate) struct ReplacesOperator;

/// The version of the schema is not known.
///
/// ## What it finds
/// A version of the schema of `SavedModel` other than 1.
/// ## Why it matters
/// What the rest means is not known for certain. TensorFlow refuses the file.
/// ## Example
/// A schema of version 9.
/// ## Fix
/// Ask which program wrote the file.
/// ## References
/// - <https://github.com/tensorflow/tensorflow/blob/master/tensorflow/core/protobuf/saved_model.proto>
#[derive(Rule)]
#[rule(code = "TFG008", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownSchema;

/// The configuration of a layer is not JSON.
///
/// ## What it finds
/// Metadata of an object that starts as JSON and is not.
/// ## Why it matters
/// Whether it holds code cannot be told. Readers differ in what they make of it.
/// ## Example
/// A configuration that breaks off.
/// ## Fix
/// Export the model again.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc8259>
#[derive(Rule)]
#[rule(code = "TFG009", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct BadConfiguration;
