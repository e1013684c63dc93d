//! What can be wrong with settings in YAML.

use bartizan_finding::Rule;

/// The settings cannot be read.
///
/// ## What it finds
/// A file by whose name a loader expects YAML, and which is not.
/// ## Why it matters
/// What follows the fault was not looked at. Readers that are more lenient may still use it.
/// ## Example
/// A `model_config.yaml` with a tab before a key.
/// ## Fix
/// Fetch the file again and compare its digest with the supplier's.
/// ## References
/// - <https://yaml.org/spec/1.2.2/>
#[derive(Rule)]
#[rule(code = "YML001", severity = "low", confidence = "high", controls = ["model-scan"])]
pub(crate) struct NotYaml;

/// The settings make objects of Python.
///
/// ## What it finds
/// Tags such as `!!python/object/apply`, by which a loader makes, calls or imports what they name. It is critical where that
/// is known to do harm, and medium where a function or class is only named.
/// ## Why it matters
/// `yaml.load` with an unsafe loader runs it when the file is read, before anybody sees a value.
/// ## Example
/// `!!python/object/apply:posix.system ["true"]`.
/// ## Fix
/// Do not read the file with anything but a safe loader. Settings have no need of such tags.
/// ## References
/// - CVE-2020-14343
/// - <https://cwe.mitre.org/data/definitions/502.html>
#[derive(Rule)]
#[rule(code = "YML002", severity = "critical", confidence = "high", controls = ["model-scan", "safe-serialization"])]
pub(crate) struct MakesObject;

/// The settings stand for far more than they are.
///
/// ## What it finds
/// Aliases of aliases that make a document of a few lines stand for millions of values.
/// ## Why it matters
/// Whoever walks through the values, or writes them out, runs out of memory.
/// ## Example
/// `b: &b [*a, *a, *a, *a, *a, *a, *a, *a]`, eight times over.
/// ## Fix
/// Do not load the file.
/// ## References
/// - <https://cwe.mitre.org/data/definitions/776.html>
#[derive(Rule)]
#[rule(code = "YML003", severity = "high", confidence = "high", controls = ["model-scan"])]
pub(crate) struct Bomb;

/// A value of the settings calls something.
///
/// ## What it finds
/// An interpolation `${…}` with a call of Python in it.
/// ## Why it matters
/// Many projects give `OmegaConf` a resolver that evaluates its argument. Reading the value then runs it.
/// ## Example
/// `lr: ${eval:__import__("os").system("true")}`.
/// ## Fix
/// Do not read the file with resolvers that evaluate.
/// ## References
/// - <https://omegaconf.readthedocs.io/en/latest/custom_resolvers.html>
/// - <https://cwe.mitre.org/data/definitions/95.html>
#[derive(Rule)]
#[rule(code = "YML004", severity = "high", confidence = "medium", controls = ["model-scan"])]
pub(crate) struct Computes;
