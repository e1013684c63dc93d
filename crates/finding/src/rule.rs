use std::collections::BTreeMap;

use crate::{Confidence, ControlId, RuleCode, Severity};

/// Something that can be wrong, described once: the doc comment on the implementing type is the documentation,
/// the text of `bartizan explain` and the SARIF rule.
///
/// Implement it with `#[derive(Rule)]`; the macro turns the comment's sections into [`RuleMeta`] and refuses a
/// comment that lacks one.
///
/// ```
/// use bartizan_finding::Rule;
///
/// /// The header is longer than the file.
/// ///
/// /// ## What it finds
/// /// A safetensors file whose first eight bytes promise a longer header than there are bytes.
/// /// ## Why it matters
/// /// A loader that trusts the promise reads past the end.
/// /// ## Example
/// /// A file of 16 bytes that starts with `ff ff 00 00 00 00 00 00`.
/// /// ## Fix
/// /// Write the file again from the original weights.
/// /// ## References
/// /// - <https://github.com/huggingface/safetensors#format>
/// #[derive(Rule)]
/// #[rule(code = "STS901", severity = "high", confidence = "high", controls = ["model-scan"])]
/// pub struct LongHeader;
///
/// assert_eq!(LongHeader.meta().name, "long-header");
/// assert_eq!(LongHeader::META.title, "The header is longer than the file.");
/// ```
pub trait Rule {
    /// The description.
    fn meta(&self) -> &'static RuleMeta;
}

/// The description of a rule.
#[derive(Debug)]
pub struct RuleMeta {
    /// The code, never reused.
    pub code: RuleCode,
    /// The name of the type in kebab case.
    pub name: &'static str,
    /// One sentence.
    pub title: &'static str,
    /// What it finds, in Markdown.
    pub what: &'static str,
    /// Why it matters, in Markdown.
    pub why: &'static str,
    /// What it looks like, in Markdown.
    pub example: &'static str,
    /// What to do about it, in Markdown.
    pub fix: &'static str,
    /// Sources: URLs and advisory ids.
    pub references: &'static [&'static str],
    /// How bad it is; a single finding may be less.
    pub severity: Severity,
    /// How sure the rule is; a single finding may be less.
    pub confidence: Confidence,
    /// The controls that a finding speaks against.
    pub controls: &'static [ControlId],
    /// The rows of the rule's table, where it has one.
    pub variants: &'static [Variant],
}

/// A row of a rule's table, such as one kind of key.
#[derive(Debug)]
pub struct Variant {
    /// Kebab-case name, unique within the rule.
    pub id: &'static str,
    /// One line.
    pub title: &'static str,
    /// Where the format is documented.
    pub reference: &'static str,
    /// Builds a text that it finds. A function, so that no live-looking key stands in the source.
    pub hit: fn() -> String,
    /// Builds a near miss that it does not find.
    pub miss: fn() -> String,
}

impl RuleMeta {
    /// The row named `id`.
    pub fn variant(&self, id: &str) -> Option<&'static Variant> {
        self.variants.iter().find(|variant| variant.id == id)
    }
}

/// What is wrong with a set of rules taken together: a code, or a variant of one rule, used twice.
pub fn registry_faults<'a>(rules: impl IntoIterator<Item = &'a RuleMeta>) -> Vec<String> {
    let mut seen = BTreeMap::new();
    let mut faults = Vec::new();
    for rule in rules {
        if let Some(other) = seen.insert(rule.code.as_str(), rule.name) {
            faults.push(format!("{} is both `{other}` and `{}`", rule.code, rule.name));
        }
        let mut ids: Vec<_> = rule.variants.iter().map(|variant| variant.id).collect();
        ids.sort_unstable();
        let twice = ids.windows(2).filter(|pair| pair[0] == pair[1]);
        faults.extend(twice.map(|pair| format!("{}/{} stands twice", rule.code, pair[0])));
    }
    faults
}
