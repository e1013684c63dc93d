//! The rules about the structure of data.

use bartizan_finding::Rule;

/// A row is not valid JSON.
///
/// ## What it finds
/// A line of a JSON Lines file, or a JSON document, that breaks the grammar of RFC 8259. What could not be parsed is
/// scanned as plain text.
/// ## Why it matters
/// Loaders skip such a row, stop at it or guess; each then trains on other data than was reviewed.
/// ## Example
/// `{"prompt": "hello"` without the closing brace.
/// ## Fix
/// Repair or remove the row at the place that is named.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc8259>
/// - <https://jsonlines.org/>
#[derive(Debug, Rule)]
#[rule(code = "DAT001", severity = "medium", confidence = "high", controls = ["data-scan"])]
pub(crate) struct InvalidJson;

/// The text is not valid Unicode.
///
/// ## What it finds
/// Bytes that are not UTF-8, and escapes of lone surrogates such as `\ud800`.
/// ## Why it matters
/// Readers replace, drop or refuse such text, so that what is trained on differs from what was reviewed; and what
/// filters cannot decode they do not see.
/// ## Example
/// A file in Latin-1, in which `é` is the single byte `e9`.
/// ## Fix
/// Convert the file to UTF-8.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc3629>
/// - <https://www.rfc-editor.org/rfc/rfc8259#section-8.1>
#[derive(Debug, Rule)]
#[rule(code = "DAT002", severity = "low", confidence = "high", controls = ["data-scan"])]
pub(crate) struct InvalidUnicode;

/// The text holds NUL bytes.
///
/// ## What it finds
/// Bytes of value 0 in a text or row.
/// ## Why it matters
/// Some readers end the text there and others do not; or the file is binary and only called text.
/// ## Example
/// A log that was cut by a crash and filled with zeros.
/// ## Fix
/// Remove the bytes, or declare the file as what it is.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/158.html>
#[derive(Debug, Rule)]
#[rule(code = "DAT003", severity = "low", confidence = "high", controls = ["data-scan"])]
pub(crate) struct NulBytes;

/// The last row is cut off.
///
/// ## What it finds
/// A JSON Lines file whose last line has no line end and is not complete.
/// ## Why it matters
/// A copy or download was interrupted: more than this row may be missing.
/// ## Example
/// A file that ends in `{"prompt": "hel`.
/// ## Fix
/// Get the file again from its source and compare digests.
/// ## References
/// - <https://jsonlines.org/>
#[derive(Debug, Rule)]
#[rule(code = "DAT004", severity = "medium", confidence = "high", controls = ["data-scan"])]
pub(crate) struct TruncatedLastRow;

/// A column holds values of several types.
///
/// ## What it finds
/// A column that is, say, a string in one row and a number in another. `null` does not count.
/// ## Why it matters
/// Loaders that infer a schema from the first rows fail at or coerce the others.
/// ## Example
/// `{"label": 1}` and `{"label": "1"}`
/// ## Fix
/// Write one type, or say in the documentation of the data that there are several.
/// ## References
/// - <https://arrow.apache.org/docs/python/json.html>
#[derive(Debug, Rule)]
#[rule(code = "DAT005", severity = "info", confidence = "high", controls = ["data-scan"])]
pub(crate) struct MixedTypes;

/// The file holds no data.
///
/// ## What it finds
/// A file without a byte, or of blank lines alone.
/// ## Why it matters
/// A check of nothing finds nothing; a pipeline that wrote it has failed silently.
/// ## Example
/// A file of 0 bytes after a failed export.
/// ## Fix
/// Produce the file again, or take the asset out of the project.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/1023.html>
#[derive(Debug, Rule)]
#[rule(code = "DAT006", severity = "low", confidence = "high", controls = ["data-scan"])]
pub(crate) struct EmptyDataset;

/// An object names a key twice.
///
/// ## What it finds
/// Two equal keys in one JSON object, compared after unescaping.
/// ## Why it matters
/// Readers keep the first, the last or both: a filter can read one value and the trainer another.
/// ## Example
/// `{"text": "harmless", "text": "hidden"}`
/// ## Fix
/// Remove one of them at the source, and ask how it came to be.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc8259#section-4>
/// - <https://bishopfox.com/blog/json-interoperability-vulnerabilities>
#[derive(Debug, Rule)]
#[rule(code = "DAT007", severity = "medium", confidence = "high", controls = ["data-scan"])]
pub(crate) struct DuplicateKey;

/// There are more columns than are told apart.
///
/// ## What it finds
/// Data with more distinct keys than the limit; the values of those beyond it are scanned, and shown as one column
/// `/…`. Duplicate keys and mixed types are not looked for there.
/// ## Why it matters
/// Usually keys are used as values, such as one key for each customer, which hides them from rules about columns.
/// ## Example
/// `{"ana": 1}` and `{"bob": 2}`, for thousands of names.
/// ## Fix
/// Write keys as values: `{"name": "ana", "count": 1}`.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc6901>
#[derive(Debug, Rule)]
#[rule(code = "DAT008", severity = "info", confidence = "high", controls = ["data-scan"])]
pub(crate) struct ManyColumns;

/// The file starts with a byte order mark.
///
/// ## What it finds
/// The bytes `ef bb bf` at the start of a JSON or CSV file.
/// ## Why it matters
/// JSON must not start with it, and some loaders refuse the first row. Readers of CSV take it for a part of the first
/// column's name.
/// ## Example
/// A file that was saved by a spreadsheet program as "UTF-8 with BOM".
/// ## Fix
/// Save the file as UTF-8 without the mark.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc8259#section-8.1>
#[derive(Debug, Rule)]
#[rule(code = "DAT009", severity = "info", confidence = "high", controls = ["data-scan"])]
pub(crate) struct ByteOrderMark;
