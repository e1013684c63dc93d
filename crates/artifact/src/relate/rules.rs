//! What can be wrong between the files of a model.

use bartizan_finding::Rule;

/// The chat templates of a folder are not the same.
///
/// ## What it finds
/// Files of one folder that each hold a chat template, and not the same one: GGUF files, `tokenizer_config.json`,
/// `chat_template.jinja` and `chat_template.json`. White space at the end does not count.
/// ## Why it matters
/// Which one applies depends on the program that serves the model. Conversions copy the template as it is; one that differs
/// was changed by hand, which is how a backdoor gets into a copy.
/// ## Example
/// A GGUF file whose template writes an instruction that the publisher's own does not.
/// ## Fix
/// Compare the templates, and take the one of the model's original publisher.
/// ## References
/// - <https://arxiv.org/abs/2602.04653>
#[derive(Rule)]
#[rule(code = "REL001", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct TemplatesDiffer;

/// Code that a configuration names is missing.
///
/// ## What it finds
/// A module in `auto_map` and the like without a Python file of that name in the folder.
/// ## Why it matters
/// A loader fetches it from elsewhere or fails; what it then runs was not looked at.
/// ## Example
/// `"AutoModel": "modeling_x.Model"` without `modeling_x.py`.
/// ## Fix
/// Fetch all files of the model from its publisher.
/// ## References
/// - <https://huggingface.co/docs/transformers/main/en/custom_models>
#[derive(Rule)]
#[rule(code = "REL002", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct CodeMissing;

/// Loading the model runs code in which something was found.
///
/// ## What it finds
/// A module that a configuration names, and in whose source a problem of severity medium or more was found; it is as severe as
/// that.
/// ## Why it matters
/// The file is not only in the folder: the configuration has it run.
/// ## Example
/// `auto_map` that names `modeling_x.py`, which starts a program when it is imported.
/// ## Fix
/// See the problem in the file.
/// ## References
/// - <https://huggingface.co/docs/transformers/main/en/custom_models>
#[derive(Rule)]
#[rule(code = "REL003", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct CodeReached;

/// A shard is missing.
///
/// ## What it finds
/// A file that an index of weights names and that is not in the folder.
/// ## Why it matters
/// The model is not whole, or its loader takes the tensors from elsewhere.
/// ## Example
/// `model-00002-of-00002.safetensors` in the index alone.
/// ## Fix
/// Fetch all files of the model from its publisher.
/// ## References
/// - <https://huggingface.co/docs/safetensors/index>
#[derive(Rule)]
#[rule(code = "REL004", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct ShardMissing;

/// The index does not name a shard.
///
/// ## What it finds
/// A file with the name of a shard that the index beside it does not name.
/// ## Why it matters
/// It travels with the model and no loader reads it: it is left over from another version, or hidden there.
/// ## Example
/// `model-00003-of-00002.safetensors`.
/// ## Fix
/// Remove the file if nobody knows what it is for.
/// ## References
/// - <https://huggingface.co/docs/safetensors/index>
#[derive(Rule)]
#[rule(code = "REL005", severity = "low", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct ShardUnnamed;

/// Numbers of a model are missing.
///
/// ## What it finds
/// A file of plain numbers that another file names and that is not in the folder, or is shorter than the tensors
/// that should be in it.
/// ## Why it matters
/// The model is not whole. A loader that does not check reads other memory, or takes the numbers from elsewhere.
/// ## Example
/// `model.xml` whose constants reach to byte 4,096 and a `model.bin` of 1,000 bytes.
/// ## Fix
/// Fetch all files of the model from its publisher.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "REL006", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct DataMissing;

/// Nothing says what the bytes at the end of a file of numbers are.
///
/// ## What it finds
/// A file of plain numbers that goes on for more than a page behind the last tensor that another file says is in
/// it.
/// ## Why it matters
/// Such a file has no format of its own, so that nobody misses what is not described. A payload can travel in it.
/// ## Example
/// `model.bin` of two megabytes, of which `model.xml` describes one.
/// ## Fix
/// Write the model again with its own library; find out who put the bytes there.
/// ## References
/// - <https://attack.mitre.org/techniques/T1027/009/>
#[derive(Rule)]
#[rule(code = "REL007", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct DataUnexplained;
