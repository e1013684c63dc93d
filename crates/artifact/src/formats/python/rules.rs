//! What can be wrong with Python source.

use bartizan_finding::Rule;

/// Importing the source does harm.
///
/// ## What it finds
/// Code at the top of a file, in the body of a class, in a decorator or default value, or in a function that such code calls,
/// which starts programs, runs code that it makes, installs software, loads native code, talks to the network, deletes or
/// writes files, or reads serialised objects. Lesser things, such as a thread, are medium or low.
/// ## Why it matters
/// A loader with `trust_remote_code` imports the file: what stands there runs before anybody asked the model something.
/// ## Example
/// `import os; os.system("true")` at the top of `modeling_x.py`.
/// ## Fix
/// Do not load the model with its own code. Ask its publisher what this is for.
/// ## References
/// - <https://huggingface.co/docs/transformers/main/en/custom_models>
/// - <https://attack.mitre.org/techniques/T1059/006/>
/// - CVE-2024-11392
#[derive(Rule)]
#[rule(code = "PYS001", severity = "critical", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct OnImport;

/// A function of the source can do harm.
///
/// ## What it finds
/// The same in the body of a function or method that nothing calls when the file is imported. It is high for programs,
/// for code that is made when it runs and for what installs software, medium for the network, native code and serialised
/// objects, and low for the rest.
/// ## Why it matters
/// The function runs when the model is built or used, with all rights of the one who uses it.
/// ## Example
/// `def forward(self, x): subprocess.run(["true"])`.
/// ## Fix
/// Read the function. Keep a copy without it in the project's own source, or use a model whose architecture the library
/// knows.
/// ## References
/// - <https://huggingface.co/docs/transformers/main/en/custom_models>
/// - <https://attack.mitre.org/techniques/T1059/006/>
#[derive(Rule)]
#[rule(code = "PYS002", severity = "medium", confidence = "medium", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct InFunction;

/// The source hides what it does.
///
/// ## What it finds
/// Code that is run out of something encoded, names of modules and functions that are put together from parts, ways around
/// a name (`__globals__`, `__subclasses__`, computed attributes of `os`), functions of Python that are replaced, long
/// encoded literals, an encoding by which the file reads otherwise, and calls in comments that give types.
/// ## Why it matters
/// Model code has no reason to hide a name. Somebody counted on a reader, or on a scanner, not seeing it.
/// ## Example
/// `exec(base64.b64decode("dHJ1ZQ=="))`.
/// ## Fix
/// Do not load the model with its own code.
/// ## References
/// - <https://attack.mitre.org/techniques/T1027/>
/// - CVE-2022-45907
#[derive(Rule)]
#[rule(code = "PYS003", severity = "high", confidence = "medium", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct Obfuscated;

/// The source holds text that nobody sees.
///
/// ## What it finds
/// Characters that override the direction of text, or tags, anywhere in the source.
/// ## Why it matters
/// A person who reviews the file reads another order of words than Python does.
/// ## Example
/// U+202E in a comment, so that code behind it looks like part of the comment.
/// ## Fix
/// Look at the file with an editor that shows such characters.
/// ## References
/// - CVE-2021-42574
/// - <https://trojansource.codes/>
#[derive(Rule)]
#[rule(code = "PYS004", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct HiddenText;

/// The source trusts code from elsewhere.
///
/// ## What it finds
/// A call with `trust_remote_code=True`.
/// ## Why it matters
/// The code of this model was looked at; that of the model which it loads was not, and can change at any time.
/// ## Example
/// `AutoModel.from_pretrained("owner/other", trust_remote_code=True)`.
/// ## Fix
/// Keep the other model's code in the project's own source, or load by a fixed revision that was looked at.
/// ## References
/// - <https://huggingface.co/docs/transformers/main/en/custom_models>
/// - <https://cwe.mitre.org/data/definitions/829.html>
#[derive(Rule)]
#[rule(code = "PYS005", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct TrustsOthers;

/// The source names files that hold secrets.
///
/// ## What it finds
/// The paths of keys, passwords and tokens in a literal: `.ssh`, `.aws/credentials`, `.netrc` and the like.
/// ## Why it matters
/// A model has no use for them.
/// ## Example
/// `open(os.path.expanduser("~/.ssh/id_rsa"))`.
/// ## Fix
/// Do not load the model with its own code. If it was loaded, replace the secrets.
/// ## References
/// - <https://attack.mitre.org/techniques/T1552/001/>
#[derive(Rule)]
#[rule(code = "PYS006", severity = "high", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct TouchesSecrets;

/// The source cannot be parsed.
///
/// ## What it finds
/// A file by whose name Python would read it and which is not in its language, or is deeper or larger than any published
/// one.
/// ## Why it matters
/// What could not be understood was not looked at.
/// ## Example
/// A `modeling_x.py` that was cut off.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://docs.python.org/3/reference/grammar.html>
#[derive(Rule)]
#[rule(code = "PYS007", severity = "low", confidence = "high", controls = ["model-scan"])]
pub(crate) struct NotPython;
