//! What can be wrong with a tree in `MessagePack`.

use bartizan_finding::Rule;

/// The tree is broken.
///
/// ## What it finds
/// A value that is cut off, longer than the file, or not what it has to be; keys that are no text.
/// ## Why it matters
/// What lies behind the fault was not looked at, and readers differ in what they make of it.
/// ## Example
/// A map of 2³¹ entries in a file of 20 bytes.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://github.com/msgpack/msgpack/blob/master/spec.md>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "MSG001", severity = "high", confidence = "medium", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Malformed;

/// A value is of a type that Flax does not know.
///
/// ## What it finds
/// An extension with another number than those of arrays, complex numbers, numbers of `NumPy`, and times.
/// ## Why it matters
/// What a reader makes of it depends on the functions that the program has registered. Some libraries register pickle.
/// ## Example
/// An extension of type 42 with a pickle in it.
/// ## Fix
/// Ask what writes such values, and for the model without them.
/// ## References
/// - <https://flax.readthedocs.io/en/latest/api_reference/flax.serialization.html>
#[derive(Rule)]
#[rule(code = "MSG002", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct UnknownExtension;

/// A key stands twice in one map.
///
/// ## What it finds
/// Two entries with the same key.
/// ## Why it matters
/// Readers differ in which of the two they take: the weights that were looked at are not the weights that are loaded.
/// ## Example
/// Two entries `kernel` in one layer.
/// ## Fix
/// Save the model again with Flax, from weights whose origin is known.
/// ## References
/// - <https://github.com/msgpack/msgpack/blob/master/spec.md>
#[derive(Rule)]
#[rule(code = "MSG003", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct DuplicateKey;

/// An array has other bytes than its shape needs.
///
/// ## What it finds
/// An array whose type and shape take more or fewer bytes than it has, or whose parts do not add up to it.
/// ## Why it matters
/// A reader that goes by the shape reads past the array, and bytes beyond it can carry something else.
/// ## Example
/// An array of 1000 floats with 8 bytes.
/// ## Fix
/// Save the model again with Flax, from weights whose origin is known.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "MSG004", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct SizeDisagrees;

/// An array starts like another format.
///
/// ## What it finds
/// The signature of a program, an archive or a script, or a pickle with a call, where numbers should be.
/// ## Why it matters
/// An array that is never used can carry a payload past everything that only looks at the format; a second step takes it
/// out and starts it.
/// ## Example
/// An array of bytes that starts with `7f 45 4c 46`.
/// ## Fix
/// Look at the array. If no layer of the model uses it, save the model without it and ask where it came from.
/// ## References
/// - <https://arxiv.org/abs/2107.08590>
#[derive(Rule)]
#[rule(code = "MSG005", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct ForeignData;

/// Bytes follow the tree.
///
/// ## What it finds
/// Bytes behind the last value.
/// ## Why it matters
/// Flax refuses such a file, other readers read on. The bytes travel with the model, are covered by its signature, and can
/// carry a second file.
/// ## Example
/// A script behind the last array.
/// ## Fix
/// Save the model again with Flax; find out who put the bytes there.
/// ## References
/// - <https://github.com/msgpack/msgpack/blob/master/spec.md>
#[derive(Rule)]
#[rule(code = "MSG006", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Trailing;

/// An array holds something else than numbers.
///
/// ## What it finds
/// An array of a type that is none of numbers, such as `object`.
/// ## Why it matters
/// `NumPy` reads objects as addresses or by pickle.
/// ## Example
/// An array of the type `object`.
/// ## Fix
/// Ask for the model without the array.
/// ## References
/// - <https://numpy.org/doc/stable/reference/arrays.dtypes.html>
#[derive(Rule)]
#[rule(code = "MSG007", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct UnknownType;
