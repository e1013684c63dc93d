//! What can be wrong with a tar archive.

use bartizan_finding::Rule;

/// A header of the archive cannot be read.
///
/// ## What it finds
/// A block where a header should be whose checksum is wrong or whose numbers are none, an extended header that is malformed
/// or describes no member, and a file with holes whose runs make no sense.
/// ## Why it matters
/// Python's reader stops there without a word, others look for the next header. A scanner sees one set of members, the
/// loader another.
/// ## Example
/// A broken header in front of the member that carries the program.
/// ## Fix
/// Do not load the file. Pack the model again from files whose origin is known.
/// ## References
/// - <https://docs.python.org/3/library/tarfile.html>
/// - <https://www.gnu.org/software/tar/manual/html_node/Standard.html>
/// - <https://cwe.mitre.org/data/definitions/436.html>
#[derive(Rule)]
#[rule(code = "TAR001", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct MalformedHeader;

/// The archive describes a member in two ways.
///
/// ## What it finds
/// An extended header that states another length than the header, one that says a thing twice, one for all members that sets
/// names or lengths, numbers that are written in an unusual form, names with a prefix that is none, members of unknown kinds,
/// and lengths of members that have no bytes.
/// ## Why it matters
/// Readers differ in which of the two they believe, and from there on in where members start. One reader sees a text, the
/// other a program in it.
/// ## Example
/// A record `size=0` in front of a file of 10 KB that is itself an archive.
/// ## Fix
/// Do not load the file. Pack the model again from files whose origin is known.
/// ## References
/// - <https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html>
/// - CVE-2025-62518
/// - <https://cwe.mitre.org/data/definitions/436.html>
#[derive(Rule)]
#[rule(code = "TAR002", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct HeaderDisagrees;

/// A member's name leads out of the archive.
///
/// ## What it finds
/// A name that is an absolute path, has a component `..`, holds a zero, or is longer than systems take.
/// ## Why it matters
/// A program that unpacks the archive writes to where the name leads, with all rights of its user.
/// ## Example
/// `../../.ssh/authorized_keys`.
/// ## Fix
/// Do not unpack the file. Ask where it came from.
/// ## References
/// - CVE-2007-4559
/// - CVE-2025-12060
/// - <https://cwe.mitre.org/data/definitions/22.html>
#[derive(Rule)]
#[rule(code = "TAR003", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnsafeName;

/// A link leads out of the archive, or a member is written through one.
///
/// ## What it finds
/// Links to absolute paths or out of the folder, links that go through another one and then up, hard links to symbolic ones,
/// and members whose name leads through a link or is that of one. A hard link to something that is not in the archive is
/// medium. In layers of container images, which have a root of their own, links are not judged.
/// ## Why it matters
/// A program that unpacks the archive follows the link and writes or reads where it leads. Filters against names that lead
/// out were bypassed this way more than once.
/// ## Example
/// A link `data` to `/etc`, and then a file `data/passwd`.
/// ## Fix
/// Do not unpack the file. Ask where it came from.
/// ## References
/// - CVE-2025-4517
/// - CVE-2025-4330
/// - CVE-2024-12718
/// - <https://peps.python.org/pep-0706/>
/// - <https://cwe.mitre.org/data/definitions/59.html>
#[derive(Rule)]
#[rule(code = "TAR004", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnsafeLink;

/// Two members have the same name.
///
/// ## What it finds
/// A name that stands twice in the archive, also where it differs in upper and lower case only. Folders do not count.
/// ## Why it matters
/// Python takes the last one, readers in order take the first, so that what was checked may not be what is loaded.
/// ## Example
/// Two members `model_config.yaml`.
/// ## Fix
/// Pack the model again with each file once.
/// ## References
/// - <https://docs.python.org/3/library/tarfile.html#tarfile.TarFile.getmember>
/// - <https://cwe.mitre.org/data/definitions/436.html>
#[derive(Rule)]
#[rule(code = "TAR005", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct DuplicateMember;

/// A member is no plain file.
///
/// ## What it finds
/// Devices and pipes, and, as medium, files that run with the rights of their owner or group (setuid, setgid).
/// ## Why it matters
/// Models consist of files and folders. A device that is unpacked with the rights of an administrator reads and writes what
/// it stands for; a pipe stops whoever opens it.
/// ## Example
/// A member of kind `3` with the numbers of `/dev/mem`.
/// ## Fix
/// Do not unpack the file. Ask where it came from.
/// ## References
/// - <https://peps.python.org/pep-0706/>
/// - <https://cwe.mitre.org/data/definitions/732.html>
#[derive(Rule)]
#[rule(code = "TAR006", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct SpecialFile;

/// Bytes of the archive belong to no member.
///
/// ## What it finds
/// Anything but zeros behind the end of the archive, and, as medium, behind a member's last byte.
/// ## Why it matters
/// Python stops at the first block of zeros; other readers and other settings go on behind it. Such bytes travel with the
/// model and are covered by its signature.
/// ## Example
/// A second archive behind the first.
/// ## Fix
/// Look at the bytes, find out who put them there, and pack the model again.
/// ## References
/// - <https://www.gnu.org/software/tar/manual/html_node/Standard.html>
/// - <https://docs.python.org/3/library/tarfile.html#tarfile.open>
#[derive(Rule)]
#[rule(code = "TAR007", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Unaccounted;

/// The archive is cut off.
///
/// ## What it finds
/// A member or header that is longer than what is left of the file, and an archive without the two blocks of zeros at its
/// end.
/// ## Why it matters
/// What is missing was not looked at. Loaders that read in order have used the first members by then.
/// ## Example
/// A download that broke off.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://www.gnu.org/software/tar/manual/html_node/Standard.html>
#[derive(Rule)]
#[rule(code = "TAR008", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Truncated;

/// A file with holes is larger than what is looked at.
///
/// ## What it finds
/// A file with holes that stands for more zeros than all contents of the file may be decompressed to.
/// ## Why it matters
/// A program that unpacks the archive without holes fills the disk.
/// ## Example
/// A member of 512 bytes that claims to be 8 EB long.
/// ## Fix
/// Do not unpack the file. Ask where it came from.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/409.html>
#[derive(Rule)]
#[rule(code = "TAR009", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Bomb;
