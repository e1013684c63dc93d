//! What can be wrong with a PMML document.

use bartizan_finding::Rule;

/// The document calls a function of the program that reads it.
///
/// ## What it finds
/// `Apply` with the name of a class, such as `java.lang.Runtime.exec`, that the document does not define itself.
/// ## Why it matters
/// Evaluators in Java look such a name up among their classes and call it.
/// ## Example
/// `<Apply function="com.example.Exec">`.
/// ## Fix
/// Do not load the file. Write the model again without functions of one program.
/// ## References
/// - <https://dmg.org/pmml/v4-4-1/Functions.html>
/// - <https://github.com/jpmml/jpmml-evaluator>
/// - <https://cwe.mitre.org/data/definitions/470.html>
#[derive(Rule)]
#[rule(code = "PMM001", severity = "high", confidence = "medium", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct ForeignFunction;

/// The document takes data from elsewhere.
///
/// ## What it finds
/// A `TableLocator`, which stands for a table that is not in the document.
/// ## Why it matters
/// What the model does depends on what the reader fetches.
/// ## Example
/// `<TableLocator><Extension name="url" value="jdbc:…"/></TableLocator>`.
/// ## Fix
/// Put the table into the document, as `InlineTable`.
/// ## References
/// - <https://dmg.org/pmml/v4-4-1/Taxonomy.html>
#[derive(Rule)]
#[rule(code = "PMM002", severity = "high", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct ForeignTable;
