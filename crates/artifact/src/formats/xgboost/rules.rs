//! What can be wrong with an `XGBoost` model.

use bartizan_finding::Rule;

/// The model breaks off or is not one.
///
/// ## What it finds
/// JSON or UBJSON that cannot be read to its end, a model without a learner, and bytes behind it.
/// ## Why it matters
/// The file does not load, and what follows was not looked at.
/// ## Example
/// A UBJSON array that states more values than the file has.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html>
#[derive(Rule)]
#[rule(code = "XGB001", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadModel;

/// A tree of the model is not a tree.
///
/// ## What it finds
/// Children outside the tree, a child of two nodes or of itself, arrays of different lengths for the same nodes, and
/// splits by features that the model does not have.
/// ## Why it matters
/// Prediction follows these numbers without asking: it reads memory that is not the model's, or never ends.
/// ## Example
/// `"left_children": [4000000, -1, -1]` in a tree of three nodes.
/// ## Fix
/// Do not load the file. Fetch it again, and compare its digest with the supplier's.
/// ## References
/// - <https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "XGB002", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadTree;

/// A text of the model is a program.
///
/// ## What it finds
/// An attribute, a feature's name or another text that is Python code, a shell command or a pickle, plain or encoded.
/// ## Why it matters
/// `XGBoost` keeps such texts and does nothing with them; code around the model does. A pickle in an attribute is one
/// call away from being loaded.
/// ## Example
/// An attribute `callback` that is a pickle in base64.
/// ## Fix
/// Find out who put the text there and what reads it.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/502.html>
#[derive(Rule)]
#[rule(code = "XGB003", severity = "high", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct HiddenOrder;
