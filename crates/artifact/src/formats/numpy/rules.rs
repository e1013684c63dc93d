//! What can be wrong with a `NumPy` array.

use bartizan_finding::Rule;

/// The header of an array cannot be read as `NumPy` writes it.
///
/// ## What it finds
/// A header that is no Python literal, or has other entries than `descr`, `fortran_order` and `shape`; one that is cut
/// off, or of an unknown version. It is high where the header holds Python code or a command.
/// ## Why it matters
/// What follows cannot be told from the header, so nobody looked at it. Readers that evaluate the header run what
/// is in it.
/// ## Example
/// `{'descr': __import__('os').system('true'), 'fortran_order': False, 'shape': ()}`.
/// ## Fix
/// Write the array again with `numpy.save`.
/// ## References
/// - <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>
/// - CVE-2019-6446
#[derive(Rule)]
#[rule(code = "NPY001", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadHeader;

/// The elements of an array are Python objects.
///
/// ## What it finds
/// An array of objects, or of structures with objects in them. Its elements are a pickle, which is read as one: what
/// it does is reported under the rules of pickles.
/// ## Why it matters
/// `numpy.load(allow_pickle=True)` unpickles it, and before version 1.16.3 that was the default.
/// ## Example
/// `numpy.save("labels.npy", numpy.array(["a", None], dtype=object))`.
/// ## Fix
/// Store texts as an array of type `U`, and anything else as JSON.
/// ## References
/// - CVE-2019-6446
/// - <https://numpy.org/doc/stable/reference/generated/numpy.load.html>
#[derive(Rule)]
#[rule(code = "NPY002", severity = "low", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct ObjectArray;

/// An array is shorter than its header says.
///
/// ## What it finds
/// A shape and an element type that ask for more bytes than follow, or for more than can be counted.
/// ## Why it matters
/// The array does not load; a reader that trusts the header takes memory for it, or reads beyond the end.
/// ## Example
/// The shape `(9223372036854775807, 8)` over ten bytes.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>
/// - <https://cwe.mitre.org/data/definitions/789.html>
#[derive(Rule)]
#[rule(code = "NPY003", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct SizeDisagrees;

/// Bytes follow an array.
///
/// ## What it finds
/// Bytes behind the elements that are no further array. It is high where they are a pickle.
/// ## Why it matters
/// `numpy.load` ignores them; another call of it on the same open file does not, and unpickles them.
/// ## Example
/// An array of numbers with a pickle behind it.
/// ## Fix
/// Look at the bytes and find out who put them there.
/// ## References
/// - <https://numpy.org/doc/stable/reference/generated/numpy.load.html>
#[derive(Rule)]
#[rule(code = "NPY004", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Trailing;

/// The elements of an array are something else.
///
/// ## What it finds
/// An array of plain numbers whose bytes start like a program, an archive, a script or a pickle that calls something.
/// ## Why it matters
/// A harmless array is a place where scanners do not look; code beside the model takes the payload from it.
/// ## Example
/// An array of type `u1` that holds an ELF library.
/// ## Fix
/// Find out who put the data there.
/// ## References
/// - <https://attack.mitre.org/techniques/T1027/009/>
#[derive(Rule)]
#[rule(code = "NPY005", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct ForeignData;

/// The elements of an array are of a type that cannot be told.
///
/// ## What it finds
/// A description of the element type that `NumPy` does not write itself, although it may read it.
/// ## Why it matters
/// `NumPy` reads many spellings, among them ones that mean objects; a reader that takes the spelling for numbers passes
/// over a pickle.
/// ## Example
/// `'descr': 'object'`, or `'descr': 'f8,O'`.
/// ## Fix
/// Write the array again with `numpy.save`.
/// ## References
/// - <https://numpy.org/doc/stable/reference/arrays.dtypes.html>
#[derive(Rule)]
#[rule(code = "NPY006", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct UnusualType;
