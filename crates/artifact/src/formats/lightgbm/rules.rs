//! What can be wrong with a `LightGBM` model.

use bartizan_finding::Rule;

/// The model breaks off.
///
/// ## What it finds
/// A model that ends before the line `end of trees`, or does not say how many features it has.
/// ## Why it matters
/// The file does not load, or loads with fewer trees than it should have.
/// ## Example
/// A model whose last kilobyte is missing.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://lightgbm.readthedocs.io/en/stable/Python-API.html>
#[derive(Rule)]
#[rule(code = "LGB001", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadModel;

/// A tree of the model is not a tree.
///
/// ## What it finds
/// Children and leaves outside the tree, a child of two nodes or of itself, arrays of the wrong length, splits by
/// features that the model does not have, and sizes that are not the trees' own.
/// ## Why it matters
/// Prediction follows these numbers without asking: it reads memory that is not the model's, or never ends.
/// `tree_sizes` says where readers look for the next tree.
/// ## Example
/// `left_child=0 -1` in a tree of three leaves.
/// ## Fix
/// Do not load the file. Fetch it again, and compare its digest with the supplier's.
/// ## References
/// - <https://github.com/microsoft/LightGBM/blob/master/src/io/tree.cpp>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "LGB002", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadTree;

/// A line of the model is a program.
///
/// ## What it finds
/// A parameter, a name or another line that is Python code, a shell command or a pickle, plain or encoded.
/// ## Why it matters
/// `LightGBM` keeps such lines and does nothing with them; code around the model does.
/// ## Example
/// `pandas_categorical:` with a pickle in base64 behind it.
/// ## Fix
/// Find out who put the text there and what reads it.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/502.html>
#[derive(Rule)]
#[rule(code = "LGB003", severity = "high", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct HiddenOrder;
