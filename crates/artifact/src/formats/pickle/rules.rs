//! What can be wrong with a pickle.

use bartizan_finding::Rule;

use super::capability::VARIANTS;

/// The pickle imports or calls something that is known to do harm.
///
/// ## What it finds
/// An import of a function or class that runs code, starts programs, reaches attributes by name, imports
/// modules, loads native code, reads other serialised objects, or touches files or the network. It is
/// critical where the pickle calls it and high where it only imports it.
/// ## Why it matters
/// Loading the file does it, with all rights of the process that loads, before any of the model's own code
/// runs.
/// ## Example
/// `posix.system` called through `REDUCE`; `builtins.getattr` used to reach the same.
/// ## Fix
/// Do not load the file. Ask the supplier for safetensors. If the file was loaded anywhere, treat that
/// machine and its credentials as compromised.
/// ## References
/// - <https://docs.python.org/3/library/pickle.html>
/// - CVE-2025-1716
/// - GHSA-vvpj-8cmc-gx39
/// - <https://cwe.mitre.org/data/definitions/502.html>
#[derive(Rule)]
#[rule(code = "PKL001", severity = "critical", confidence = "high", controls = ["model-scan", "safe-serialization"], variants = VARIANTS)]
pub(crate) struct DangerousGlobal;

/// The pickle imports something that is not known to be inert.
///
/// ## What it finds
/// An import that is neither on the list of inert names nor on the list of dangerous ones, and a call of one
/// that is known to be inert only where it is made or kept without a call.
/// ## Why it matters
/// Unpickling calls what it imports. Lists of dangerous names were bypassed in more than fifty published
/// ways, so a name that nobody has looked at is not passed.
/// ## Example
/// `project.models.Model`, a class of the project that trained the model.
/// ## Fix
/// Look at what the name does when it is called with any arguments, or ask for a format that calls nothing,
/// such as safetensors or skops.
/// ## References
/// - <https://docs.python.org/3/library/pickle.html>
/// - GHSA-f7qq-56ww-84cr
#[derive(Rule)]
#[rule(code = "PKL002", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct UnknownGlobal;

/// The pickle imports or calls something that it computes.
///
/// ## What it finds
/// An import whose module or name is not a plain string of the stream, or a call of something that is not a
/// plain import, such as the result of another call.
/// ## Why it matters
/// No pickler writes this. It hides from every reader which code will run.
/// ## Example
/// `STACK_GLOBAL` on the results of two calls of `str.join`.
/// ## Fix
/// Do not load the file. Ask where it came from.
/// ## References
/// - <https://docs.python.org/3/library/pickle.html>
/// - <https://github.com/protectai/modelscan/issues/331>
#[derive(Rule)]
#[rule(code = "PKL003", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct ComputedName;

/// The pickle imports through the extension registry.
///
/// ## What it finds
/// The opcodes `EXT1`, `EXT2` and `EXT4`, which name an import by a number.
/// ## Why it matters
/// What the number stands for is decided by the process that loads the file; the file alone does not tell.
/// ## Example
/// `EXT1 7` followed by `REDUCE`.
/// ## Fix
/// Write the pickle in a process without registered extensions, or use a format that calls nothing.
/// ## References
/// - <https://docs.python.org/3/library/copyreg.html>
#[derive(Rule)]
#[rule(code = "PKL004", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct ExtensionRegistry;

/// The pickle asks its loader for an object in an unusual form.
///
/// ## What it finds
/// A persistent id that is not the tuple by which `PyTorch` names a storage.
/// ## Why it matters
/// Persistent ids call back into the loader. What a loader does with other ids is its own code, which nobody
/// looked at here.
/// ## Example
/// `PERSID module-7`.
/// ## Fix
/// Say which loader the file is for and look at its `persistent_load`, or convert the file to safetensors.
/// ## References
/// - <https://docs.python.org/3/library/pickle.html#persistence-of-external-objects>
#[derive(Rule)]
#[rule(code = "PKL005", severity = "medium", confidence = "medium", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct ForeignPersistentId;

/// The pickle breaks off.
///
/// ## What it finds
/// A stream in which the unpickler raises an error whatever the imported code does: an unknown opcode, an
/// empty stack, a missing memo entry, a length beyond the end.
/// ## Why it matters
/// The file does not load, and what follows the break was not looked at. Everything in front of it runs
/// nevertheless.
/// ## Example
/// `GET 7` in a stream that put nothing there.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://docs.python.org/3/library/pickle.html>
/// - <https://github.com/python/cpython/blob/main/Lib/pickletools.py>
#[derive(Rule)]
#[rule(code = "PKL006", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct BrokenStream;

/// The pickle calls something and then breaks off.
///
/// ## What it finds
/// A stream that cannot be loaded to its end but calls what is not known to be inert before it fails.
/// ## Why it matters
/// The error comes after the effect. Tools that give up on a broken file without a finding were bypassed this
/// way.
/// ## Example
/// A call of `posix.system` followed by a byte that is no opcode.
/// ## Fix
/// Do not load the file. Ask where it came from.
/// ## References
/// - GHSA-9gvj-pp9x-gcfr
/// - <https://docs.python.org/3/library/pickle.html>
#[derive(Rule)]
#[rule(code = "PKL007", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct EffectBeforeBreak;

/// Bytes follow the pickle.
///
/// ## What it finds
/// Bytes behind the last stream that are neither another pickle nor the storages of a `PyTorch` file.
/// ## Why it matters
/// Unpicklers ignore them, so they can carry anything past tools that stop where the unpickler stops.
/// ## Example
/// A pickle of a dictionary, and an archive behind it.
/// ## Fix
/// Look at the bytes and find out who put them there.
/// ## References
/// - <https://docs.python.org/3/library/pickle.html>
#[derive(Rule)]
#[rule(code = "PKL008", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct TrailingData;

/// A byte string of the pickle is itself a pickle.
///
/// ## What it finds
/// A byte string that is a pickle. It is run as well, and what it does is reported under it.
/// ## Why it matters
/// It is one call of `pickle.loads` away from being loaded, by the outer pickle or by the code that uses it.
/// ## Example
/// `pickle.dumps({"model": pickle.dumps(model)})`.
/// ## Fix
/// Store the inner object as plain data.
/// ## References
/// - <https://docs.python.org/3/library/pickle.html>
#[derive(Rule)]
#[rule(code = "PKL009", severity = "low", confidence = "high", controls = ["model-scan"])]
pub(crate) struct NestedPickle;

/// The pickle does not keep to the protocol that it names.
///
/// ## What it finds
/// An opcode of a later protocol than the stream declares, or a declaration inside the stream.
/// ## Why it matters
/// Picklers do not write this. Tools that choose their rules by the declared protocol see another program
/// than the unpickler.
/// ## Example
/// `PROTO 2` and then `STACK_GLOBAL`.
/// ## Fix
/// Write the pickle again from its object.
/// ## References
/// - <https://github.com/python/cpython/blob/main/Lib/pickletools.py>
/// - <https://peps.python.org/pep-3154/>
#[derive(Rule)]
#[rule(code = "PKL010", severity = "low", confidence = "high", controls = ["model-scan"])]
pub(crate) struct ProtocolDisagrees;

/// The opcodes do not fit their frames.
///
/// ## What it finds
/// An opcode or argument that reaches beyond the end of its frame, a frame inside another, or one that goes
/// on behind `STOP`.
/// ## Why it matters
/// Unpicklers differ in what they do then: one raises an error, one ignores the frame, one drops the rest of
/// it. The same file is two programs.
/// ## Example
/// A frame of 3 bytes around an opcode of 5.
/// ## Fix
/// Do not load the file. No pickler writes this.
/// ## References
/// - <https://peps.python.org/pep-3154/#framing>
/// - <https://github.com/python/cpython/blob/main/Lib/pickletools.py>
#[derive(Rule)]
#[rule(code = "PKL011", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct FrameDisagrees;

/// The pickle sets attributes of code.
///
/// ## What it finds
/// `BUILD` on an import itself instead of on an object made from it, or with a state that sets a special
/// attribute such as `__class__`; `__doc__` is data like others.
/// ## Why it matters
/// Changing a function, class or module changes what every later import of it does, in this stream and in the
/// whole process.
/// ## Example
/// `GLOBAL collections OrderedDict` and then `BUILD` with `{"__reduce__": …}`.
/// ## Fix
/// Do not load the file. Ask where it came from.
/// ## References
/// - <https://github.com/protectai/modelscan/issues/85>
/// - <https://docs.python.org/3/library/pickle.html>
#[derive(Rule)]
#[rule(code = "PKL012", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct AttributeWrite;

/// The pickle calls an inert function in an unusual way.
///
/// ## What it finds
/// A call of `_codecs.encode`, which picklers use to write bytes in protocol 2, with a codec that is not one
/// for text.
/// ## Why it matters
/// Codecs are looked up by name; a lookup can import a module, and some codecs decompress without bound.
/// ## Example
/// `_codecs.encode(data, "zlib")`.
/// ## Fix
/// Write the pickle again with protocol 3 or later.
/// ## References
/// - <https://docs.python.org/3/library/codecs.html>
#[derive(Rule)]
#[rule(code = "PKL013", severity = "medium", confidence = "medium", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct UnusualArguments;

/// The pickle calls something unknown with an order.
///
/// ## What it finds
/// A call of something that is neither known to be inert nor known to do harm, with a text that is Python code, a shell
/// command or an address to fetch from, plain or encoded.
/// ## Why it matters
/// What the callable does is not known; what it is asked to do is. Wrappers around `exec` and `os.system` exist in most
/// large packages, and new ones are found every month.
/// ## Example
/// `somepackage.utils.run_shell` called with `curl https://example.invalid | sh`.
/// ## Fix
/// Do not load the file. Ask where it came from.
/// ## References
/// - <https://docs.python.org/3/library/pickle.html>
/// - <https://cwe.mitre.org/data/definitions/94.html>
#[derive(Rule)]
#[rule(code = "PKL014", severity = "high", confidence = "medium", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct OrderInArguments;

/// The bytes of an array are also opcodes that do something.
///
/// ## What it finds
/// A file of joblib in which the raw bytes of an array, read as opcodes, import what does harm or call something.
/// ## Why it matters
/// `joblib.load` takes the bytes as numbers, `pickle.load` takes the same bytes as a program. Who looks at one reading
/// alone does not see the other.
/// ## Example
/// An array of bytes that spell `cposix\nsystem\n`, a string, and `REDUCE`.
/// ## Fix
/// Do not load the file with anything. Ask where it came from.
/// ## References
/// - <https://joblib.readthedocs.io/en/stable/persistence.html>
/// - CVE-2020-13092
#[derive(Rule)]
#[rule(code = "PKL015", severity = "critical", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct ReadTwoWays;

/// The pickle makes joblib read another file.
///
/// ## What it finds
/// One of joblib's older wrappers, which stand for an array in a file of its own. It is high where the name leads out of
/// the model's folder or is computed, and medium where the file lies beside.
/// ## Why it matters
/// `joblib.load` opens the file that the pickle names, with the rights of the process, and unpickles what is in it. The
/// file is not part of what was looked at here.
/// ## Example
/// `NDArrayWrapper` with the filename `../../shared/weights.npy`.
/// ## Fix
/// Load the model once where it is trusted and write it again with a current joblib, which keeps arrays in one file.
/// ## References
/// - <https://github.com/joblib/joblib/blob/main/joblib/numpy_pickle_compat.py>
/// - <https://cwe.mitre.org/data/definitions/22.html>
#[derive(Rule)]
#[rule(code = "PKL016", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct OtherFile;

/// A tensor lies outside its storage.
///
/// ## What it finds
/// A call of `torch._utils._rebuild_tensor_v2` and its kin with an offset, sizes and strides that reach beyond the
/// storage, or are negative.
/// ## Why it matters
/// Such a tensor reads and writes memory that is not its own, in every loader that does not check, `weights_only` or
/// not.
/// ## Example
/// A tensor of 1,000 elements over a storage of two.
/// ## Fix
/// Do not load the file. Fetch it again, and compare its digest with the supplier's.
/// ## References
/// - CVE-2025-32434
/// - CVE-2026-24747
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "PKL017", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct TensorOutside;
