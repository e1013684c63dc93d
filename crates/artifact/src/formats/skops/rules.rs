//! What can be wrong with a skops archive.

use bartizan_finding::Rule;

/// The archive names a type or function that nobody trusts without looking.
///
/// ## What it finds
/// A type or function in `schema.json` that is neither among those that skops trusts by default nor known to do harm, and
/// loaders whose results depend on names alone, such as `PartialNode` and `MethodNode`.
/// ## Why it matters
/// skops imports the module and makes an object of the class, with contents from the file. It refuses such a name unless
/// the user trusts it, and people trust what the error message lists.
/// ## Example
/// `ObjectNode` of `mypackage.transformers.Cleaner`, or of `sklearn.tree._tree.Tree`, whose arrays are used unchecked.
/// ## Fix
/// Look at what the class does with any contents before it goes on a list of trusted types.
/// ## References
/// - <https://skops.readthedocs.io/en/stable/persistence.html>
#[derive(Rule)]
#[rule(code = "SKO001", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct Untrusted;

/// The archive names a function or type that is known to do harm.
///
/// ## What it finds
/// A function or type that runs code, starts programs, imports modules, reaches attributes, or touches files or the
/// network.
/// ## Why it matters
/// Loading the file imports it, and the loaders that call what they name call it.
/// ## Example
/// `FunctionNode` of `os.system` inside a `PartialNode`.
/// ## Fix
/// Do not load the file, with whatever list of trusted types. Ask where it came from.
/// ## References
/// - CVE-2025-54412
/// - <https://skops.readthedocs.io/en/stable/persistence.html>
#[derive(Rule)]
#[rule(code = "SKO002", severity = "critical", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct Dangerous;

/// The archive reaches for attributes or operators by name.
///
/// ## What it finds
/// `OperatorFuncNode` with another module than `operator` or an operator that calls, reaches attributes or items;
/// `MethodNode` whose object is of another class than it says, or whose method is a special one; a `RandomGeneratorNode`
/// with a bit generator that is none.
/// ## Why it matters
/// These loaders take a name from one place and show another to the person who decides. Each was used to run code past
/// the list of trusted types.
/// ## Example
/// `OperatorFuncNode` with module `builtins` and class `call`.
/// ## Fix
/// Do not load the file. Use skops 0.13 or later for others.
/// ## References
/// - CVE-2025-54412
/// - CVE-2025-54413
/// - <https://cwe.mitre.org/data/definitions/351.html>
#[derive(Rule)]
#[rule(code = "SKO003", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct ReachesByName;

/// A loader does not fit the type that it is to load.
///
/// ## What it finds
/// A `__loader__` that skops does not know, or one for another type than `__module__` and `__class__` name.
/// ## Why it matters
/// The type is what a person is shown; the loader is what runs. No writer lets them differ.
/// ## Example
/// `DictNode` with the class `os.system`.
/// ## Fix
/// Do not load the file. Ask where it came from.
/// ## References
/// - CVE-2025-54412
/// - CVE-2025-54886
#[derive(Rule)]
#[rule(code = "SKO004", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct LoaderDisagrees;

/// The description in a skops archive is broken.
///
/// ## What it finds
/// A `schema.json` that is no JSON, or a node without loader, module or class. It is high where a node says one of
/// these twice.
/// ## Why it matters
/// What cannot be read was not looked at. Readers differ in which of two values they take.
/// ## Example
/// Two entries `__class__` in one node.
/// ## Fix
/// Write the model again with `skops.io.dump`.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc8259#section-4>
#[derive(Rule)]
#[rule(code = "SKO005", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct BadSchema;

/// The description names a member that the archive does not have.
///
/// ## What it finds
/// A `file` of an array or of bytes that is no member of the archive.
/// ## Why it matters
/// The model does not load; a reader that unpacks the archive first takes the file from elsewhere.
/// ## Example
/// `"file": "../../etc/weights.npy"`.
/// ## Fix
/// Fetch the archive again and compare its digest with the supplier's.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/22.html>
#[derive(Rule)]
#[rule(code = "SKO006", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct MissingMember;
