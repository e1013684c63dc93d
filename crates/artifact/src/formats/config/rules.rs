//! What can be wrong with configuration beside the weights.

use bartizan_finding::Rule;

/// The configuration cannot be read.
///
/// ## What it finds
/// A file by whose name a loader expects JSON, and which is not. `NaN` and `Infinity`, which Python writes, are read.
/// ## Why it matters
/// What follows the fault was not looked at. Readers that are more lenient may still use it.
/// ## Example
/// A `config.json` that was cut off.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc8259>
#[derive(Rule)]
#[rule(code = "CFG001", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct NotJson;

/// The model brings its own code.
///
/// ## What it finds
/// An entry `auto_map`, `custom_pipelines` or `custom_generate`, a part of `modules.json` or `model_index.json`, or an entry
/// of an `MLmodel`, that names Python classes of no library. It is high where they are in another repository.
/// ## Why it matters
/// A loader with `trust_remote_code` runs these modules when it loads the model. Code of another repository can change
/// without any change to this model.
/// ## Example
/// `"auto_map": {"AutoModel": "owner/other--modeling_x.Model"}`.
/// ## Fix
/// Read the modules, keep them in the project's own source, and load without `trust_remote_code`; or use a model whose
/// architecture the library knows.
/// ## References
/// - <https://huggingface.co/docs/transformers/main/en/custom_models>
/// - <https://cwe.mitre.org/data/definitions/829.html>
#[derive(Rule)]
#[rule(code = "CFG002", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct OwnCode;

/// The configuration asks to be trusted.
///
/// ## What it finds
/// `"trust_remote_code": true` in a configuration file.
/// ## Why it matters
/// Whether code from elsewhere may run is for the one who loads to say. A loader that takes the answer from the file
/// lets the file decide.
/// ## Example
/// `"trust_remote_code": true` in `config.json`.
/// ## Fix
/// Remove the entry, and see to it that the loader takes no such option from files.
/// ## References
/// - <https://huggingface.co/docs/transformers/main/en/custom_models>
/// - <https://cwe.mitre.org/data/definitions/829.html>
#[derive(Rule)]
#[rule(code = "CFG003", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct TrustsRemoteCode;

/// The configuration names what its reader is to call.
///
/// ## What it finds
/// An entry `_target_`, by which Hydra and libraries built on it find a function or class and call it with the other
/// entries, and entries with the same use elsewhere. It is critical where the name is known to do harm, and low where it is
/// a class of a library of models.
/// ## Why it matters
/// Any function that can be imported will do: loading the model's settings runs it.
/// ## Example
/// `{"_target_": "posix.system", "_args_": ["true"]}`.
/// ## Fix
/// Do not load the file with a library that instantiates from it, unless it holds names against a list first.
/// ## References
/// - <https://hydra.cc/docs/advanced/instantiate_objects/overview/>
/// - CVE-2025-23304
/// - <https://cwe.mitre.org/data/definitions/470.html>
#[derive(Rule)]
#[rule(code = "CFG004", severity = "medium", confidence = "medium", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct Instantiates;

/// The index names a file outside the model's folder.
///
/// ## What it finds
/// A shard in `weight_map` whose name is absolute, leads upwards, is an address, or holds control characters.
/// ## Why it matters
/// A loader that joins the name to the folder reads another file than those that were checked and signed.
/// ## Example
/// `"lm_head.weight": "../other/model.bin"`.
/// ## Fix
/// Write the index again with the library that writes the shards.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/22.html>
#[derive(Rule)]
#[rule(code = "CFG005", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct ShardOutside;

/// Two added tokens have the same id.
///
/// ## What it finds
/// Two entries of `added_tokens` in `tokenizer.json` with the same id and different text.
/// ## Why it matters
/// What a person writes and what the model reads are no longer the same: an ordinary text can become a mark that ends
/// the user's turn, or the reverse.
/// ## Example
/// `<|im_end|>` and `goodbye`, both with the id 32000.
/// ## Fix
/// Take the tokenizer of the model's original publisher.
/// ## References
/// - <https://huggingface.co/docs/tokenizers/main/en/api/added-tokens>
#[derive(Rule)]
#[rule(code = "CFG006", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct DuplicateToken;

/// The tokenizer replaces words.
///
/// ## What it finds
/// A rule `Replace` in the normalizer or decoder of `tokenizer.json` whose pattern is an ordinary word.
/// ## Why it matters
/// The model reads or says something else than what is written, whatever its weights are: a small edit of one text file
/// turns a refusal into consent or sends an address elsewhere. Tokenizers need such rules for spaces and signs only.
/// ## Example
/// `{"type": "Replace", "pattern": {"String": "refuse"}, "content": "accept"}`.
/// ## Fix
/// Take the tokenizer of the model's original publisher and compare.
/// ## References
/// - <https://huggingface.co/docs/tokenizers/main/en/api/normalizers>
#[derive(Rule)]
#[rule(code = "CFG007", severity = "medium", confidence = "medium", controls = ["model-scan", "model-integrity"])]
pub(crate) struct RewritesText;

/// Something else than the usual packages is installed with the model.
///
/// ## What it finds
/// Packages from an index, an address or a host that is not one of those where projects of this field publish, or over a
/// connection without protection.
/// ## Why it matters
/// Installing a package runs its code. Of two indexes, pip takes the higher version, so that a second index can replace any
/// package of the first.
/// ## Example
/// `--extra-index-url https://packages.example.invalid/simple` in `requirements.txt`.
/// ## Fix
/// Install from the project's own lock file, with digests.
/// ## References
/// - <https://pip.pypa.io/en/stable/topics/secure-installs/>
/// - <https://attack.mitre.org/techniques/T1195/001/>
#[derive(Rule)]
#[rule(code = "CFG008", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct Installs;

/// The manifest of an archive for `TorchServe` asks for more than the archive.
///
/// ## What it finds
/// A handler, a file of weights or another file whose name leads out of the archive; a handler that is known to do harm;
/// another program than Python as the one that serves.
/// ## Why it matters
/// The server joins these names to the folder of the model and runs what it finds there.
/// ## Example
/// `"handler": "../../tmp/x.py"`.
/// ## Fix
/// Build the archive again from the model's files.
/// ## References
/// - CVE-2023-48299
/// - <https://cwe.mitre.org/data/definitions/22.html>
#[derive(Rule)]
#[rule(code = "CFG009", severity = "high", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct Handler;
