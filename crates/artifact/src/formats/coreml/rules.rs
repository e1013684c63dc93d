//! What can be wrong with a Core ML model.

use bartizan_finding::Rule;

/// The model names a class of the program that loads it.
///
/// ## What it finds
/// A custom layer, a custom model or a custom operator.
/// ## Why it matters
/// The model decides which class of the program is made and with which parameters. Its code is not in the file.
/// ## Example
/// A layer of the class `AAPLSwish`.
/// ## Fix
/// Make sure that the program has this class on purpose, and that its code takes the parameters as hostile input.
/// ## References
/// - <https://developer.apple.com/documentation/coreml/mlcustomlayer>
#[derive(Rule)]
#[rule(code = "CML001", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct CustomClass;

/// The model is in another file.
///
/// ## What it finds
/// A linked model. It is high where its name or search path leads out of the folder.
/// ## Why it matters
/// What runs is not what was looked at.
/// ## Example
/// A linked model `payload` with the search path `/tmp`.
/// ## Fix
/// Ask for the model itself.
/// ## References
/// - <https://github.com/apple/coremltools/blob/main/mlmodel/format/LinkedModel.proto>
/// - <https://cwe.mitre.org/data/definitions/426.html>
#[derive(Rule)]
#[rule(code = "CML002", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct LinkedModel;

/// The model names a file outside of its package.
///
/// ## What it finds
/// Weights, or a parameter of a custom class, whose path is absolute, leads up, is a URL or names a variable.
/// ## Why it matters
/// That file is opened when the model is loaded, with the rights of the user.
/// ## Example
/// `@model_path/../../../../etc/passwd`.
/// ## Fix
/// Do not load the model. Ask for one whose weights are in its package.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/22.html>
#[derive(Rule)]
#[rule(code = "CML003", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct Outside;

/// The place of weights is impossible.
///
/// ## What it finds
/// An offset that is no number, or lies behind any file.
/// ## Why it matters
/// The file is mapped and read at that place. A reader that does not check reads other memory.
/// ## Example
/// An offset of 2⁶⁴ − 64.
/// ## Fix
/// Do not load the model. Convert it again.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "CML004", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadOffset;

/// The version of the specification is not known.
///
/// ## What it finds
/// A version of the specification that is newer than the newest known one.
/// ## Why it matters
/// Fields that came with it are told as unknown and not understood.
/// ## Example
/// A model of specification 40.
/// ## Fix
/// Ask for a newer release of this program.
/// ## References
/// - <https://apple.github.io/coremltools/mlmodel/Format/Model.html>
#[derive(Rule)]
#[rule(code = "CML005", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownVersion;

/// A file of weights is broken.
///
/// ## What it finds
/// A file of weights (`weight.bin`) in which a part has no header where one should be, lies elsewhere than its
/// header says, ends behind the file, or in which there are more or fewer parts than it says.
/// ## Why it matters
/// Core ML maps the file and takes offsets from it. Bytes behind the fault were not looked at.
/// ## Example
/// A part of 4,096 bytes in a file of 1,000.
/// ## Fix
/// Fetch the model again and compare its digests with the supplier's.
/// ## References
/// - <https://github.com/apple/coremltools/tree/main/mlmodel/src/MILBlob>
#[derive(Rule)]
#[rule(code = "CML006", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BrokenWeights;

/// Weights start like contents of another format.
///
/// ## What it finds
/// A part of a file of weights that starts like a program, a pickle or an archive. It is high where that can run.
/// ## Why it matters
/// Nobody runs weights. What looks like a program there was put there to be taken out again.
/// ## Example
/// A part that starts with `7F 45 4C 46`.
/// ## Fix
/// Ask the supplier for the file; write the weights again with coremltools.
/// ## References
/// - <https://attack.mitre.org/techniques/T1027/009/>
#[derive(Rule)]
#[rule(code = "CML007", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct ForeignWeights;
