//! What can be wrong with a ZIP archive.

use bartizan_finding::Rule;

/// The archive has no directory that can be read.
///
/// ## What it finds
/// A file that starts as a ZIP archive and has no end record, or whose directory lies outside the file or breaks off.
/// ## Why it matters
/// The members cannot be found, so nobody looked at them. Readers that go by the start of the file may still unpack
/// them.
/// ## Example
/// An archive whose last kilobyte is missing.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>
#[derive(Rule)]
#[rule(code = "ZIP001", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct NoDirectory;

/// The archive says different things about its directory.
///
/// ## What it finds
/// Two possible end records, an end record for large archives that says something else than the small one, a count of
/// members that is not theirs, offsets that count from another place than the start of the file, or an archive that
/// claims to be one part of several.
/// ## Why it matters
/// Readers differ in which of the two they believe. A scanner sees one set of members, the loader another.
/// ## Example
/// An archive with a second archive in its comment.
/// ## Fix
/// Do not load the file. Write the model again with its own library, from weights whose origin is known.
/// ## References
/// - <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>
/// - <https://cwe.mitre.org/data/definitions/436.html>
#[derive(Rule)]
#[rule(code = "ZIP002", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct DirectoryDisagrees;

/// A member's own header says something else than the directory.
///
/// ## What it finds
/// A local header or data descriptor with another name, compression method, flags, sizes or checksum than the
/// directory's entry, or none where one should be. Sizes and a checksum that are left at zero count as not said.
/// ## Why it matters
/// Readers differ in which of the two they believe: some stop at the difference, others load the member. Scanners
/// were bypassed with each of these.
/// ## Example
/// A member `data.pkl` in the directory whose local header calls it `notes.txt`.
/// ## Fix
/// Do not load the file. Write the model again with its own library, from weights whose origin is known.
/// ## References
/// - CVE-2025-1944
/// - CVE-2025-1945
/// - <https://cwe.mitre.org/data/definitions/436.html>
#[derive(Rule)]
#[rule(code = "ZIP003", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct HeaderDisagrees;

/// Two members have the same name.
///
/// ## What it finds
/// A name that stands twice in the directory. It is medium where the two differ in upper and lower case only, which
/// the reader in `PyTorch` does not tell apart.
/// ## Why it matters
/// Readers differ in which of the two they take, so that what was checked may not be what is loaded.
/// ## Example
/// Two members `archive/data.pkl`.
/// ## Fix
/// Do not load the file. Write the model again with its own library.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/436.html>
/// - <https://docs.python.org/3/library/zipfile.html>
#[derive(Rule)]
#[rule(code = "ZIP004", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct DuplicateMember;

/// A member's name leads out of the archive.
///
/// ## What it finds
/// A name that is an absolute path, has a component `..`, or holds a zero; a member that is a symbolic link.
/// ## Why it matters
/// A program that unpacks the archive writes to where the name leads, with all rights of its user.
/// ## Example
/// `../../.ssh/authorized_keys`.
/// ## Fix
/// Do not unpack the file. Ask where it came from.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/22.html>
/// - CVE-2025-12060
#[derive(Rule)]
#[rule(code = "ZIP005", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnsafeName;

/// Members share bytes.
///
/// ## What it finds
/// A member that starts inside another one, or runs into the directory.
/// ## Why it matters
/// The same bytes are two things, of which only one was looked at. Archives that expand without bound are built this
/// way.
/// ## Example
/// A thousand members that all point to one compressed block.
/// ## Fix
/// Do not unpack the file. Ask where it came from.
/// ## References
/// - <https://www.bamsoftware.com/hacks/zipbomb/>
/// - <https://cwe.mitre.org/data/definitions/409.html>
#[derive(Rule)]
#[rule(code = "ZIP006", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Overlap;

/// Bytes of the archive belong to no member.
///
/// ## What it finds
/// Bytes in front of the first member, between two members, or behind the end record.
/// ## Why it matters
/// Such bytes travel with the model and are covered by its signature. They can be a second file, or a member that
/// readers find who do not go by the directory.
/// ## Example
/// A member that was taken out of the directory and left in the file.
/// ## Fix
/// Look at the bytes, find out who put them there, and write the archive again.
/// ## References
/// - <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>
#[derive(Rule)]
#[rule(code = "ZIP007", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Unaccounted;

/// A member is marked as encrypted.
///
/// ## What it finds
/// A member whose flags say that it is encrypted or a patch, whether it is or not.
/// ## Why it matters
/// Model loaders know no passwords. The reader in `PyTorch` ignores some of these flags and loads the member, at which
/// scanners stop.
/// ## Example
/// `data.pkl` in plain bytes with the flag 0x1.
/// ## Fix
/// Ask the supplier for an archive without encryption.
/// ## References
/// - CVE-2025-1945
/// - GHSA-w8jq-xcqf-f792
#[derive(Rule)]
#[rule(code = "ZIP008", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Encrypted;

/// A member's bytes are not what the directory says.
///
/// ## What it finds
/// A member that is longer or shorter than stated, cannot be decompressed, or has another checksum; the last is medium.
/// ## Why it matters
/// Some readers stop there and others load what they get. Scanners that stop without a finding were bypassed this way.
/// ## Example
/// `data.pkl` with the checksum 0.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - CVE-2025-10156
/// - GHSA-mjqp-26hc-grxg
#[derive(Rule)]
#[rule(code = "ZIP009", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct ContentsDisagree;

/// The archive expands without measure.
///
/// ## What it finds
/// Members that decompress to more than a gibibyte and 200 times the size of the archive.
/// ## Why it matters
/// A program that unpacks the archive fills the disk or the memory. What lies behind the limit was not looked at.
/// ## Example
/// An archive of 10 MB that unpacks to 10 GB of zeros.
/// ## Fix
/// Do not unpack the file. If the contents are real, ask for them without compression.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/409.html>
#[derive(Rule)]
#[rule(code = "ZIP010", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Bomb;
