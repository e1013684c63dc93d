//! What can be wrong with a 7-Zip archive.

use bartizan_finding::Rule;

/// The header of a 7-Zip archive cannot be read.
///
/// ## What it finds
/// A header that lies outside the file, does not have its checksum, or makes no sense.
/// ## Why it matters
/// The members cannot be found, so nobody looked at them. Readers that are less strict may still unpack them.
/// ## Example
/// An archive whose last kilobyte is missing.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://www.7-zip.org/sdk.html>
#[derive(Rule)]
#[rule(code = "SVZ001", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Malformed;

/// The header of a 7-Zip archive describes its members in two ways.
///
/// ## What it finds
/// Properties that stand twice, names or streams that belong to no member, members without a stream that should have one,
/// and packed streams that share bytes.
/// ## Why it matters
/// Readers differ in which of the two they believe. A scanner sees one set of members, the loader another.
/// ## Example
/// A header with two lists of names.
/// ## Fix
/// Do not load the file. Pack the model again from files whose origin is known.
/// ## References
/// - <https://www.7-zip.org/sdk.html>
/// - <https://cwe.mitre.org/data/definitions/436.html>
#[derive(Rule)]
#[rule(code = "SVZ002", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct HeaderDisagrees;

/// A member of a 7-Zip archive leads out of it.
///
/// ## What it finds
/// A name that is an absolute path or has a component `..`, a link to another file, and an entry that deletes a file.
/// ## Why it matters
/// A program that unpacks the archive writes, or deletes, where the name leads, with all rights of its user.
/// ## Example
/// `../../.ssh/authorized_keys`.
/// ## Fix
/// Do not unpack the file. Ask where it came from.
/// ## References
/// - CVE-2025-11001
/// - <https://cwe.mitre.org/data/definitions/22.html>
#[derive(Rule)]
#[rule(code = "SVZ003", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct UnsafeName;

/// Two members of a 7-Zip archive have the same name.
///
/// ## What it finds
/// A name that stands twice in the header; medium where the two differ in upper and lower case only.
/// ## Why it matters
/// Readers differ in which of the two they take, so that what was checked may not be what is loaded.
/// ## Example
/// Two members `data.pkl`.
/// ## Fix
/// Pack the model again with each file once.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/436.html>
#[derive(Rule)]
#[rule(code = "SVZ004", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct DuplicateMember;

/// Bytes of a 7-Zip archive belong to no member.
///
/// ## What it finds
/// Bytes between the packed streams, or behind the header.
/// ## Why it matters
/// Such bytes travel with the model and are covered by its signature. They can be a second file.
/// ## Example
/// A pickle behind the header.
/// ## Fix
/// Look at the bytes, find out who put them there, and pack the model again.
/// ## References
/// - <https://www.7-zip.org/sdk.html>
#[derive(Rule)]
#[rule(code = "SVZ005", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Unaccounted;

/// A 7-Zip archive is encrypted.
///
/// ## What it finds
/// Members, or the list of them, that are encrypted with AES.
/// ## Why it matters
/// Nobody can say what is in it who does not have the password, and no loader of models asks for one. Malware is passed on in
/// such archives so that scanners do not see it.
/// ## Example
/// `model.7z` with a password in the model card.
/// ## Fix
/// Ask the supplier for an archive without encryption.
/// ## References
/// - <https://attack.mitre.org/techniques/T1027/013/>
#[derive(Rule)]
#[rule(code = "SVZ006", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Encrypted;

/// A member of a 7-Zip archive is not what the header says.
///
/// ## What it finds
/// A member that is longer or shorter than stated, cannot be decompressed, or has another checksum; the last is medium.
/// ## Why it matters
/// Some readers stop there and others load what they get. The pickles that were found in such archives ran before their
/// damaged end was reached.
/// ## Example
/// `data.pkl` with the checksum 0.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://www.reversinglabs.com/blog/rl-identifies-malware-ml-model-hosted-on-hugging-face>
#[derive(Rule)]
#[rule(code = "SVZ007", severity = "high", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct ContentsDisagree;

/// A 7-Zip archive expands without measure.
///
/// ## What it finds
/// Members that decompress to more than a gibibyte and 200 times the size of the archive.
/// ## Why it matters
/// A program that unpacks the archive fills the disk or the memory. What lies behind the limit was not looked at.
/// ## Example
/// An archive of 1 MB that unpacks to 10 GB of zeros.
/// ## Fix
/// Do not unpack the file. If the contents are real, ask for them without compression.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/409.html>
#[derive(Rule)]
#[rule(code = "SVZ008", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Bomb;
