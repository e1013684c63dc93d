//! What can be wrong with a compressed file.

use bartizan_finding::Rule;

/// A compressed file expands without measure.
///
/// ## What it finds
/// Data that decompresses to more than a gibibyte and 200 times the size of the file.
/// ## Why it matters
/// A program that unpacks the file fills the disk or the memory. What lies behind the limit was not looked at.
/// ## Example
/// A file of 1 MB that `gzip` made of 1 GB of zeros, compressed twice.
/// ## Fix
/// Do not unpack the file. If the contents are real, ask for them without compression.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/409.html>
#[derive(Rule)]
#[rule(code = "CMP001", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Bomb;

/// Compressed data is damaged.
///
/// ## What it finds
/// Data that cannot be decompressed to its end, or has another checksum than it states.
/// ## Why it matters
/// Loaders use what they got before the damage, and a pickle has run by then. What lies behind was not looked at.
/// ## Example
/// A compressed `joblib` file that was cut.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc1952>
#[derive(Rule)]
#[rule(code = "CMP002", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Damaged;

/// Bytes follow the compressed data.
///
/// ## What it finds
/// Bytes behind the last stream of a compressed file. Zeros behind gzip are padding and count as well.
/// ## Why it matters
/// Such bytes travel with the model and are covered by its signature, and programs differ in what they do with them.
/// ## Example
/// A program behind the end of `model.pkl.gz`.
/// ## Fix
/// Look at the bytes, find out who put them there, and compress the contents again.
/// ## References
/// - <https://docs.python.org/3/library/gzip.html>
#[derive(Rule)]
#[rule(code = "CMP003", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Trailing;
