//! What can be wrong with a chat template.

use bartizan_finding::Rule;

/// The chat template reaches into Python.
///
/// ## What it finds
/// A name of Python's object model inside an expression or statement of a chat template, written out, as a string or
/// with escapes: `__class__`, `__globals__`, `__subclasses__`, `gi_frame` and their like.
/// ## Why it matters
/// From any value, these lead to every class and function of the process that renders the template. Where it is
/// rendered without a sandbox, or with one that has a gap, whoever wrote the template runs code with each request.
/// ## Example
/// `{{ messages.__class__.__mro__ }}` in the metadata entry `tokenizer.chat_template`.
/// ## Fix
/// Do not serve the model with this template. Take the template of the model's original publisher, and render it in
/// Jinja's immutable sandbox only.
/// ## References
/// - CVE-2024-34359
/// - <https://jinja.palletsprojects.com/en/stable/sandbox/>
/// - <https://cwe.mitre.org/data/definitions/1336.html>
#[derive(Rule)]
#[rule(code = "TPL001", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct ReachesPython;

/// The chat template does what no conversation needs.
///
/// ## What it finds
/// The filter `attr`, a name put together from parts, another template loaded by `include` or `import`, objects of
/// Jinja such as `cycler` and `lipsum`, functions such as `eval` and `open`, or the module `os`.
/// ## Why it matters
/// Templates turn messages into text with loops, conditions and string filters. These constructs are known from
/// attacks on template engines, where they stand for names that a check would find.
/// ## Example
/// `{{ x|attr("__cl" ~ "ass__") }}`.
/// ## Fix
/// Read the template. If the construct has no purpose in the conversation, take the template of the model's original
/// publisher.
/// ## References
/// - CVE-2024-34359
/// - <https://jinja.palletsprojects.com/en/stable/templates/#list-of-global-functions>
/// - <https://cwe.mitre.org/data/definitions/1336.html>
#[derive(Rule)]
#[rule(code = "TPL002", severity = "medium", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct UnusualConstruct;
