//! Rules over any file, whatever its format.

use bartizan_finding::Rule;

/// The file changed while it was read.
///
/// ## What it finds
/// A file that became shorter or longer, or was written to, between the first and the last byte of the pass.
/// ## Why it matters
/// The bytes that were looked at are not the bytes that a loader will see, so nothing that was found or not found
/// can be said about the file, and it has no digest.
/// ## Example
/// A training job that still writes `model.safetensors` while it is checked.
/// ## Fix
/// Wait until the writer has finished, or copy the file to a place where nothing writes, and check again.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/367.html>
#[derive(Rule)]
#[rule(code = "ART001", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct ChangedWhileRead;

/// The name promises another format than the bytes are.
///
/// ## What it finds
/// A file whose extension promises one format, such as `.safetensors` or `.json`, and whose bytes are another. It is
/// high where the bytes are a pickle, an archive or a program.
/// ## Why it matters
/// People and loaders choose by name. A pickle under a harmless name runs code in any loader that goes by the bytes;
/// an archive under the name of a checkpoint passes scanners that go by the name.
/// ## Example
/// `model.safetensors` that starts with `80 04 95`, or `model.pt` that is a 7-Zip archive.
/// ## Fix
/// Ask the supplier for the file in the promised format. Do not rename it: that hides the question.
/// ## References
/// - CVE-2025-10155
/// - <https://www.reversinglabs.com/blog/rl-identifies-malware-ml-model-hosted-on-hugging-face>
#[derive(Rule)]
#[rule(code = "ART002", severity = "medium", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct NameDisagrees;

/// The file is also a ZIP archive.
///
/// ## What it finds
/// A file of another format whose last bytes are the end record of a ZIP archive.
/// ## Why it matters
/// A ZIP archive is found from its end. `torch.load` and others open such a file as an archive, and what is in it was
/// never seen by a reader that began at the start.
/// ## Example
/// A valid safetensors file with a `PyTorch` archive in its last tensor.
/// ## Fix
/// Write the tensors again with the format's own library; find out who put the archive there.
/// ## References
/// - <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>
/// - <https://github.com/trailofbits/fickling>
#[derive(Rule)]
#[rule(code = "ART003", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct AlsoArchive;

/// The file is also a pickle that has an effect.
///
/// ## What it finds
/// A file of another format whose first bytes Python's unpickler runs, up to a call.
/// ## Why it matters
/// What a file does depends on who opens it. A loader that tries `pickle` on files whose name it does not know runs
/// the call, whatever the file looks like to others.
/// ## Example
/// A safetensors header length whose bytes are the opcodes `PROTO` and `BINFLOAT`, with a program in a tensor's name.
/// ## Fix
/// Do not load the file with anything. Ask where it came from.
/// ## References
/// - <https://docs.python.org/3/library/pickle.html>
#[derive(Rule)]
#[rule(code = "ART004", severity = "critical", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct AlsoPickle;

/// A program lies among the files of a model.
///
/// ## What it finds
/// An executable or a shared library: ELF, Windows PE or Mach-O.
/// ## Why it matters
/// Weights are data. A native library next to them is loaded by custom code or by hand, with all rights of the user,
/// and no reader of models looks into it.
/// ## Example
/// `custom_ops.so` in a model folder.
/// ## Fix
/// Build the library from source in the project's own pipeline, and ship it as a package with a digest.
/// ## References
/// - <https://attack.mitre.org/techniques/T1129/>
#[derive(Rule)]
#[rule(code = "ART005", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub struct ExecutableFile;

/// A file without a known format starts like something else than numbers.
///
/// ## What it finds
/// A file that no reader knows and that starts like a program for Android, a Windows shortcut, a compound file, a
/// cabinet, or a script. It is high where that can run.
/// ## Why it matters
/// Files of plain numbers have no format of their own, and pass where other files would not. What starts like a
/// program was put there to be taken out again.
/// ## Example
/// `weights.bin` that starts with `import os` and goes on with bytes that are no text.
/// ## Fix
/// Do not run the file. Ask where it came from.
/// ## References
/// - <https://attack.mitre.org/techniques/T1036/>
#[derive(Rule)]
#[rule(code = "ART006", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct ForeignStart;
