//! What can be wrong with an HDF5 file.

use bartizan_finding::Rule;

/// The structure of the file is broken.
///
/// ## What it finds
/// A structure that is not what or where the file says, ends inside a field, leads out of the file, or is met twice.
/// ## Why it matters
/// The library in C was attacked through such files. What lies behind the fault was not looked at, and other readers may
/// go on.
/// ## Example
/// A group whose tree points to itself.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html>
/// - <https://cwe.mitre.org/data/definitions/125.html>
#[derive(Rule)]
#[rule(code = "HDF001", severity = "high", confidence = "medium", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Malformed;

/// An array's bytes are in other files.
///
/// ## What it finds
/// A list of external data files, or the mark of a file that is one of several.
/// ## Why it matters
/// Whoever loads the model reads those files with its own rights, and their bytes become weights that can be saved,
/// shown or sent on. Nothing of them was checked or signed.
/// ## Example
/// A weight whose bytes are the first 4096 of `/etc/passwd`.
/// ## Fix
/// Do not load the file. Ask for one that holds its own weights.
/// ## References
/// - CVE-2026-1669
/// - <https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html>
/// - <https://cwe.mitre.org/data/definitions/73.html>
#[derive(Rule)]
#[rule(code = "HDF002", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct ExternalData;

/// A link leads to another file.
///
/// ## What it finds
/// An external link; and, of severity medium, a link of a kind that only a plug-in follows.
/// ## Why it matters
/// The library opens the other file as if it were a part of this one. Which file that is depends on where the model is
/// loaded and on settings of that machine; nothing of it was checked or signed.
/// ## Example
/// `layers/dense/vars/0`, which leads to `/home/user/other.h5`.
/// ## Fix
/// Do not load the file. Ask for one that holds its own weights.
/// ## References
/// - CVE-2026-1669
/// - <https://docs.h5py.org/en/stable/high/group.html#external-links>
/// - <https://cwe.mitre.org/data/definitions/73.html>
#[derive(Rule)]
#[rule(code = "HDF003", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct ExternalLink;

/// A virtual array takes its elements from other files.
///
/// ## What it finds
/// A virtual dataset with a source that is not this file.
/// ## Why it matters
/// The library opens the named files when the array is read. Nothing of them was checked or signed.
/// ## Example
/// A weight that is put together from `part0.h5` and `../secret.h5`.
/// ## Fix
/// Do not load the file. Ask for one that holds its own weights.
/// ## References
/// - CVE-2026-1669
/// - <https://docs.h5py.org/en/stable/vds.html>
/// - <https://cwe.mitre.org/data/definitions/73.html>
#[derive(Rule)]
#[rule(code = "HDF004", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct VirtualSource;

/// An array needs a filter that the library has to load.
///
/// ## What it finds
/// A filter that neither HDF5 nor `h5py` brings.
/// ## Why it matters
/// HDF5 looks for such a filter in folders that a variable of the environment names, and loads the library that it finds
/// there. A model needs none.
/// ## Example
/// The filter 32015, Zstandard.
/// ## Fix
/// Write the file again without compression, or with gzip.
/// ## References
/// - <https://support.hdfgroup.org/documentation/hdf5/latest/_h5_d__u_g.html>
/// - <https://cwe.mitre.org/data/definitions/427.html>
#[derive(Rule)]
#[rule(code = "HDF005", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnknownFilter;

/// Metadata does not have its checksum.
///
/// ## What it finds
/// A structure of the newer form whose checksum is another one than stands behind it.
/// ## Why it matters
/// The bytes were changed after they were written, by accident or by hand. The library refuses them; others do not look.
/// ## Example
/// An object header in which one address was replaced.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html>
#[derive(Rule)]
#[rule(code = "HDF006", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct WrongChecksum;

/// An array has other bytes than its shape needs.
///
/// ## What it finds
/// An array whose type and shape take more bytes than are stored for it, or whose size is beyond 64 bits.
/// ## Why it matters
/// A reader that goes by the shape reads what does not belong to the array.
/// ## Example
/// An array of 1000 floats with 8 bytes.
/// ## Fix
/// Save the model again with its framework, from weights whose origin is known.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/125.html>
/// - <https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html>
#[derive(Rule)]
#[rule(code = "HDF007", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct SizeDisagrees;

/// An array is far larger than the file.
///
/// ## What it finds
/// An array whose shape takes more than a gibibyte and 200 times the size of the file.
/// ## Why it matters
/// What is not stored is filled in when the array is read: a file of a kilobyte takes all the memory of whoever loads it.
/// ## Example
/// A weight of 10¹² floats of which none is stored.
/// ## Fix
/// Do not load the file. Ask where it came from.
/// ## References
/// - CVE-2026-0897
/// - <https://cwe.mitre.org/data/definitions/770.html>
#[derive(Rule)]
#[rule(code = "HDF008", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Expands;

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
#[rule(code = "HDF009", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct ForeignData;

/// The file ends elsewhere than it says.
///
/// ## What it finds
/// Bytes behind the end that the superblock states, or an end that is missing.
/// ## Why it matters
/// A file that was cut cannot be loaded in full. Bytes behind the end travel with the model, are covered by its signature,
/// and can carry a second file.
/// ## Example
/// A script behind the last array.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html>
#[derive(Rule)]
#[rule(code = "HDF010", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct EndDisagrees;

/// The file is also an HDF5 file.
///
/// ## What it finds
/// A file of another format with the signature of HDF5 at one of the offsets at which the library looks for it.
/// ## Why it matters
/// The library opens such a file, and Keras loads a model from it that no reader of the other format saw.
/// ## Example
/// A safetensors file with a Keras model in a tensor at offset 512.
/// ## Fix
/// Do not load the file with anything. Ask where it came from.
/// ## References
/// - <https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html>
#[derive(Rule)]
#[rule(code = "HDF011", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct AlsoHdf5;

/// A group holds one of the groups around it.
///
/// ## What it finds
/// A link that leads back to the root or to another group on the way to it.
/// ## Why it matters
/// A reader that walks the file without remembering where it was does not end. No framework writes such a model.
/// ## Example
/// `/layers/dense/up`, which is `/`.
/// ## Fix
/// Save the model again with its framework.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/835.html>
#[derive(Rule)]
#[rule(code = "HDF012", severity = "medium", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Loop;
