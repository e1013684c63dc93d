//! What can be wrong with an archive of `PyTorch`.

use bartizan_finding::Rule;

/// A storage is missing.
///
/// ## What it finds
/// A storage that a pickle asks for by its key and that is no member of the archive.
/// ## Why it matters
/// The model cannot be loaded as it is, or a loader takes the storage from elsewhere. The archive was cut, or put
/// together from parts.
/// ## Example
/// `('storage', FloatStorage, '7', 'cpu', 4)` in an archive without a member `data/7`.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://docs.pytorch.org/docs/stable/notes/serialization.html>
#[derive(Rule)]
#[rule(code = "PTH001", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct MissingStorage;

/// A storage has another size than its pickle says.
///
/// ## What it finds
/// A member that holds fewer bytes than the storage's type and number of elements take, or more; the latter is medium.
/// ## Why it matters
/// A loader that goes by the pickle reads past the storage. Bytes that no tensor uses can carry something else.
/// ## Example
/// A `FloatStorage` of 4 elements in a member of 8 bytes.
/// ## Fix
/// Save the model again with `PyTorch`, from weights whose origin is known.
/// ## References
/// - <https://docs.pytorch.org/docs/stable/notes/serialization.html>
/// - CVE-2026-24747
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "PTH002", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct StorageSize;

/// The archive holds a program.
///
/// ## What it finds
/// A `TorchScript` archive: source code that `torch.jit.load` compiles and runs with the model. It is info where all of the
/// code was read and only computes.
/// ## Why it matters
/// The code can read and write files through operators of `PyTorch`, and does so with the rights of whoever runs the
/// model.
/// ## Example
/// A member `model/code/__torch__.py`.
/// ## Fix
/// Read the code, or ask for the weights alone as safetensors and build the model from source that you know.
/// ## References
/// - CVE-2022-45907
/// - <https://docs.pytorch.org/docs/stable/jit.html>
#[derive(Rule)]
#[rule(code = "PTH003", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct Program;

/// A storage starts like another format.
///
/// ## What it finds
/// The signature of a program, an archive or a script, or a pickle with a call, where numbers should be.
/// ## Why it matters
/// A tensor that is never used can carry a payload past everything that only looks at the format; a second step takes
/// it out and starts it.
/// ## Example
/// A member `archive/data/0` that starts with `7f 45 4c 46`.
/// ## Fix
/// Look at the tensor. If no layer of the model uses it, save the model without it and ask where it came from.
/// ## References
/// - <https://arxiv.org/abs/2107.08590>
#[derive(Rule)]
#[rule(code = "PTH004", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct ForeignData;

/// No tensor uses a storage.
///
/// ## What it finds
/// A member among the storages that no pickle of the archive asks for.
/// ## Why it matters
/// Such bytes travel with the model, are covered by its signature, and can carry a second file.
/// ## Example
/// A member `archive/data/9` where the pickle asks for 0 to 8.
/// ## Fix
/// Load the model where that is harmless and save it again; what no tensor uses is then left out.
/// ## References
/// - <https://docs.pytorch.org/docs/stable/notes/serialization.html>
#[derive(Rule)]
#[rule(code = "PTH005", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct UnusedStorage;

/// The program in an archive does more than compute.
///
/// ## What it finds
/// Operators of `TorchScript` code that read or write files, or that leave its interpreter; operators and classes of
/// libraries that are not `PyTorch`'s own are medium.
/// ## Why it matters
/// The code runs with the rights of whoever runs the model, and needs no import for it.
/// ## Example
/// `torch.save(x, "/home/user/.profile")` in a member `code/__torch__.py`.
/// ## Fix
/// Ask for the weights alone as safetensors and build the model from source that you know.
/// ## References
/// - <https://docs.pytorch.org/docs/stable/jit.html>
/// - CVE-2022-45907
#[derive(Rule)]
#[rule(code = "PTH006", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct Operator;
