//! What can be wrong with the configuration of a Keras model.

use bartizan_finding::Rule;

/// The model holds Python bytecode.
///
/// ## What it finds
/// A `Lambda` layer, or an object `__lambda__` anywhere, with marshalled code.
/// ## Why it matters
/// Keras unmarshals the code and runs it with the model. Its safe mode refuses that for some files and not for others:
/// old versions have no such mode, and HDF5 files went past it.
/// ## Example
/// `{"class_name": "Lambda", "config": {"function": ["4wEAAAA...", null, null]}}`.
/// ## Fix
/// Do not load the file. Ask for a model whose layers have names, and write the function as a class of your own.
/// ## References
/// - CVE-2024-3660
/// - CVE-2025-9905
/// - CVE-2025-9906
/// - <https://cwe.mitre.org/data/definitions/94.html>
#[derive(Rule)]
#[rule(code = "KER001", severity = "critical", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct Code;

/// The configuration asks for a function that does harm.
///
/// ## What it finds
/// A module and a name that run code, start programs, or touch files or the network: of Python's library, of Keras itself,
/// or of TensorFlow.
/// ## Why it matters
/// Keras imports the module, looks the name up and calls it with arguments of the configuration, in some versions with safe
/// mode on.
/// ## Example
/// `{"module": "subprocess", "class_name": "function", "config": "run"}`.
/// ## Fix
/// Do not load the file. If it was loaded anywhere, treat that machine and its credentials as compromised.
/// ## References
/// - CVE-2025-1550
/// - CVE-2025-8747
/// - CVE-2025-12060
/// - <https://cwe.mitre.org/data/definitions/502.html>
#[derive(Rule)]
#[rule(code = "KER002", severity = "critical", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct DangerousName;

/// The configuration asks for a name that is no part of Keras.
///
/// ## What it finds
/// A module outside of Keras and its companions, or a function that the loader has to bring.
/// ## Why it matters
/// Loading imports and calls what has this name on the machine that loads. What that does is not in the model.
/// ## Example
/// `{"module": "acme.layers", "class_name": "Gate"}`.
/// ## Fix
/// Look at the class or function, and hand it to the loader by `custom_objects` from source that you know.
/// ## References
/// - CVE-2025-1550
/// - <https://keras.io/guides/serialization_and_saving/>
#[derive(Rule)]
#[rule(code = "KER003", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct UnknownName;

/// The model holds a pickled module of `PyTorch`.
///
/// ## What it finds
/// A layer `TorchModuleWrapper`.
/// ## Why it matters
/// Keras hands its bytes to `torch.load` with `weights_only=False`, which runs whatever the pickle says; versions before
/// 3.11.3 do so in safe mode as well.
/// ## Example
/// `{"class_name": "TorchModuleWrapper", "config": {"module": "UEsDB..."}}`.
/// ## Fix
/// Do not load the file. Ask for the weights as safetensors and build the module from source that you know.
/// ## References
/// - CVE-2025-49655
/// - <https://cwe.mitre.org/data/definitions/502.html>
#[derive(Rule)]
#[rule(code = "KER004", severity = "critical", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct TorchModule;

/// A layer reads a file that the configuration names.
///
/// ## What it finds
/// A vocabulary that is a path or an address instead of a list, and other settings that lead out of the model.
/// ## Why it matters
/// Loading the model reads that file with the rights of the process, or fetches the address. The contents become part of
/// the model and can be saved or shown.
/// ## Example
/// `{"class_name": "StringLookup", "config": {"vocabulary": "/etc/passwd"}}`.
/// ## Fix
/// Do not load the file. Ask for a model that holds its own vocabulary.
/// ## References
/// - CVE-2025-12058
/// - <https://cwe.mitre.org/data/definitions/73.html>
/// - <https://cwe.mitre.org/data/definitions/918.html>
#[derive(Rule)]
#[rule(code = "KER005", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct ReadsFile;

/// The model needs classes of its own.
///
/// ## What it finds
/// A class that is registered under a package other than Keras' own, such as `MyPackage>Layer`.
/// ## Why it matters
/// The model does not load without code from elsewhere, and what that code does is not in the file.
/// ## Example
/// `"registered_name": "MyPackage>Gate"`.
/// ## Fix
/// Look at the code that registers the class, and keep it in the project's own source.
/// ## References
/// - <https://keras.io/guides/serialization_and_saving/>
#[derive(Rule)]
#[rule(code = "KER006", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct OwnClass;

/// The configuration cannot be read.
///
/// ## What it finds
/// A configuration that is not JSON, or is nested deeper than any model.
/// ## Why it matters
/// What follows the fault was not looked at. Readers that are more lenient may still use it.
/// ## Example
/// A `config.json` that was cut off.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc8259>
#[derive(Rule)]
#[rule(code = "KER007", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct NotJson;

/// A key stands twice in one object.
///
/// ## What it finds
/// Two entries with the same key. It is high where the key says which class is built.
/// ## Why it matters
/// Readers differ in which of the two they take. What a scanner sees is then not what the loader builds.
/// ## Example
/// `{"class_name": "Lambda", "class_name": "Dense"}`.
/// ## Fix
/// Do not load the file. Ask where it came from.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc8259#section-4>
#[derive(Rule)]
#[rule(code = "KER008", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct DuplicateKey;

/// The archive holds more than Keras writes.
///
/// ## What it finds
/// A member of a `.keras` archive that is none of its configuration, its weights and its assets.
/// ## Why it matters
/// Such members travel with the model and are covered by its signature. A second step can unpack and start them.
/// ## Example
/// A member `setup.py`.
/// ## Fix
/// Look at the member. If nobody needs it, save the model again with Keras.
/// ## References
/// - <https://keras.io/guides/serialization_and_saving/>
#[derive(Rule)]
#[rule(code = "KER009", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct UnexpectedMember;
