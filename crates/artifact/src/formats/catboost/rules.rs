//! What can be wrong with a `CatBoost` model.

use bartizan_finding::Rule;

/// A length does not fit the file.
///
/// ## What it finds
/// A core that claims more bytes than the file has, a part that does not end with the file, or a part that is named and
/// is not there.
/// ## Why it matters
/// A reader that trusts the length reads other memory. The file was cut off, or made to do that.
/// ## Example
/// A core of 4 GB in a file of 1 kB.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "CTB001", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadLength;

/// A part or version is not known.
///
/// ## What it finds
/// A version of the core, or a part that it names, that is not known.
/// ## Why it matters
/// What it means was not looked at.
/// ## Example
/// A part `vendor_v1`.
/// ## Fix
/// Ask which program wrote the file.
/// ## References
/// - <https://github.com/catboost/catboost/blob/master/catboost/libs/model/model.cpp>
#[derive(Rule)]
#[rule(code = "CTB002", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownPart;

/// Trees do not fit their lists.
///
/// ## What it finds
/// A tree whose splits lie behind the end of the list of splits, lists of different lengths, or no trees at all.
/// ## Why it matters
/// The library walks a tree without looking; an index that is out of bounds reads other memory.
/// ## Example
/// A tree of 6 splits from 2,000,000,000 on.
/// ## Fix
/// Do not load the model. Train or convert it again.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "CTB003", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadTrees;

/// Bytes follow the model.
///
/// ## What it finds
/// Bytes behind the core of a model that names no parts.
/// ## Why it matters
/// No reader sees them, so that they are a place for what nobody should see.
/// ## Example
/// A pickle behind a model.
/// ## Fix
/// Write the model again with `CatBoost`, and ask which program wrote it.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/506.html>
#[derive(Rule)]
#[rule(code = "CTB004", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Trailing;
