//! What can be wrong with a model in XML, of whatever kind.

use bartizan_finding::Rule;

/// The document is not well-formed XML.
///
/// ## What it finds
/// A document that breaks off, tags that do not match, attributes that come twice, texts longer than any writer makes,
/// and elements nested deeper than any model is.
/// ## Why it matters
/// Readers differ in what they make of it, and what follows was not looked at.
/// ## Example
/// A PMML document whose last kilobyte is missing.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://www.w3.org/TR/xml/#sec-well-formed>
#[derive(Rule)]
#[rule(code = "XML001", severity = "medium", confidence = "high", controls = ["model-scan", "model-integrity"])]
pub(crate) struct Malformed;

/// The document declares a type or uses entities.
///
/// ## What it finds
/// A `DOCTYPE`, which is high where it declares entities or refers to another document, and references to entities other
/// than the five of XML itself.
/// ## Why it matters
/// Entities read files and addresses into the document, or expand to gigabytes, in every reader that does not forbid
/// them.
/// ## Example
/// `<!DOCTYPE PMML [<!ENTITY a SYSTEM "file:///etc/passwd">]>`.
/// ## Fix
/// Do not load the file. No writer of models declares a type.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/611.html>
/// - <https://cwe.mitre.org/data/definitions/776.html>
#[derive(Rule)]
#[rule(code = "XML002", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct Entity;

/// The document instructs another program.
///
/// ## What it finds
/// A processing instruction, such as `xml-stylesheet` or `php`.
/// ## Why it matters
/// Style sheets are fetched and run by viewers; the rest is an order to whoever knows it.
/// ## Example
/// `<?xml-stylesheet href="https://example.invalid/a.xsl"?>`.
/// ## Fix
/// Write the model again with its own library.
/// ## References
/// - <https://www.w3.org/TR/xml-stylesheet/>
#[derive(Rule)]
#[rule(code = "XML003", severity = "high", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct Instruction;

/// The document brings in another one, or code.
///
/// ## What it finds
/// Elements such as `xi:include` and `script`, and attributes `href` and `src`. Where a schema is published is low.
/// ## Why it matters
/// What is brought in is not part of what was looked at, and fetching it tells others that the model is loaded.
/// ## Example
/// `<xi:include href="file:///etc/passwd" parse="text"/>`.
/// ## Fix
/// Do not load the file. Write the model again with its own library.
/// ## References
/// - <https://www.w3.org/TR/xinclude/>
/// - <https://cwe.mitre.org/data/definitions/918.html>
#[derive(Rule)]
#[rule(code = "XML004", severity = "high", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct External;

/// A text of the document is a program.
///
/// ## What it finds
/// A text, comment or attribute that is Python code, a shell command or a pickle, plain or encoded.
/// ## Why it matters
/// Extensions and comments are where code around a model looks for settings, and where nobody else looks.
/// ## Example
/// `<Extension value="__import__('os').system('true')"/>`.
/// ## Fix
/// Find out who put the text there and what reads it.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/94.html>
#[derive(Rule)]
#[rule(code = "XML005", severity = "high", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct HiddenOrder;
