//! What can be wrong with a checkpoint of Orbax, or with Zarr arrays.

use bartizan_finding::Rule;

/// A part of the database is broken.
///
/// ## What it finds
/// A manifest or a node that is cut off, cannot be decompressed, or ends inside a field.
/// ## Why it matters
/// What lies behind the fault was not looked at.
/// ## Example
/// A node that says it has more bytes than the file.
/// ## Fix
/// Fetch the checkpoint again and compare its digests with the supplier's.
/// ## References
/// - <https://google.github.io/tensorstore/kvstore/ocdbt/index.html>
#[derive(Rule)]
#[rule(code = "ORB001", severity = "high", confidence = "medium", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Malformed;

/// A part of the database does not have its checksum.
///
/// ## What it finds
/// A manifest or a node whose CRC-32C is another one than stands behind it.
/// ## Why it matters
/// The bytes were changed after they were written. The library refuses them; others do not look.
/// ## Example
/// A manifest in which one path was replaced.
/// ## Fix
/// Fetch the checkpoint again and compare its digests with the supplier's.
/// ## References
/// - <https://google.github.io/tensorstore/kvstore/ocdbt/index.html>
#[derive(Rule)]
#[rule(code = "ORB002", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct WrongChecksum;

/// A part of the checkpoint leads to files outside of it.
///
/// ## What it finds
/// A path in a table of files, or in a description, that is absolute, leads upwards, or is an address.
/// ## Why it matters
/// The library takes bytes of that file as values of arrays, with the rights of whoever loads. Nothing of it was checked or
/// signed.
/// ## Example
/// A leaf whose values are in `../../../etc/passwd`.
/// ## Fix
/// Do not load the checkpoint. Ask where it came from.
/// ## References
/// - <https://google.github.io/tensorstore/kvstore/ocdbt/index.html>
/// - <https://cwe.mitre.org/data/definitions/22.html>
#[derive(Rule)]
#[rule(code = "ORB003", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct LeadsOut;

/// Values start like another format.
///
/// ## What it finds
/// The signature of a program, an archive or a script, or a pickle with a call, where numbers should be.
/// ## Why it matters
/// An array that is never used can carry a payload past everything that only looks at the format; a second step takes it
/// out and starts it.
/// ## Example
/// A chunk of an array that starts with `7f 45 4c 46`.
/// ## Fix
/// Look at the array. If no layer of the model uses it, save the model without it and ask where it came from.
/// ## References
/// - <https://arxiv.org/abs/2107.08590>
#[derive(Rule)]
#[rule(code = "ORB004", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct ForeignData;

/// A checkpoint names a class that is not of Orbax to read it.
///
/// ## What it finds
/// A handler in the metadata of a checkpoint from another package.
/// ## Why it matters
/// The checkpoint needs code from elsewhere, and what that code does is not in it.
/// ## Example
/// `"item_handlers": {"state": "acme.handlers.Handler"}`.
/// ## Fix
/// Look at the class, and keep it in the project's own source.
/// ## References
/// - <https://orbax.readthedocs.io/en/latest/>
#[derive(Rule)]
#[rule(code = "ORB005", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct UnknownHandler;

/// An array is read by Python's unpickler.
///
/// ## What it finds
/// A codec or filter of a Zarr array that decodes by pickle.
/// ## Why it matters
/// Reading the array runs whatever its chunks say.
/// ## Example
/// `"filters": [{"id": "pickle", "protocol": 5}]`.
/// ## Fix
/// Do not read the array. Ask for one with a type of numbers or text.
/// ## References
/// - <https://numcodecs.readthedocs.io/en/stable/other/pickles.html>
/// - <https://cwe.mitre.org/data/definitions/502.html>
#[derive(Rule)]
#[rule(code = "ORB006", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct PickleCodec;

/// The description of an array or of a checkpoint cannot be read.
///
/// ## What it finds
/// A file by whose name a loader expects JSON, and which is not.
/// ## Why it matters
/// What follows the fault was not looked at. Readers that are more lenient may still use it.
/// ## Example
/// A `.zarray` that was cut off.
/// ## Fix
/// Fetch the checkpoint again and compare its digests with the supplier's.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc8259>
#[derive(Rule)]
#[rule(code = "ORB007", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct NotJson;
