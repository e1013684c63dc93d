use bartizan_finding::RuleMeta;
use schemars::JsonSchema;
use serde::Serialize;

use super::{json, list::List};
use crate::{call::Call, refusal::Refusal};

/// What can be wrong, as `bartizan explain` says it. Longer texts are Markdown.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Rule {
    /// Its code, such as `PKL001`.
    code: &'static str,
    /// Its name in kebab case.
    name: &'static str,
    /// One sentence.
    title: &'static str,
    /// What it finds.
    what: &'static str,
    /// Why it matters.
    why: &'static str,
    /// What it looks like.
    example: &'static str,
    /// What to do about it.
    fix: &'static str,
    /// Sources.
    references: &'static [&'static str],
    /// How bad it is; a single finding may be less.
    severity: bartizan_report::v1::Severity,
    /// How sure the rule is; a single finding may be less.
    confidence: bartizan_report::v1::Confidence,
    /// Ids of the controls that a finding speaks against.
    controls: Vec<String>,
    /// The rows of the rule's table, where it has one.
    variants: Vec<Row>,
}

/// A row of a rule's table.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "RuleVariant")]
struct Row {
    /// Its name.
    id: &'static str,
    /// One line.
    title: &'static str,
    /// Where the format is documented.
    reference: &'static str,
}

impl From<&'static RuleMeta> for Rule {
    fn from(rule: &'static RuleMeta) -> Self {
        let row = |variant: &'static bartizan_finding::Variant| Row {
            id: variant.id,
            title: variant.title,
            reference: variant.reference,
        };
        Self {
            code: rule.code.as_str(),
            name: rule.name,
            title: rule.title,
            what: rule.what,
            why: rule.why,
            example: rule.example,
            fix: rule.fix,
            references: rule.references,
            severity: rule.severity.into(),
            confidence: rule.confidence.into(),
            controls: rule.controls.iter().map(ToString::to_string).collect(),
            variants: rule.variants.iter().map(row).collect(),
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands in the table beside those that can fail")]
pub(super) fn rules(call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let rules: Vec<Rule> = call.host.rules().into_iter().map(Rule::from).collect();
    Ok(List::part(call, &rules))
}

pub(super) fn rule(call: &Call<'_>) -> Result<Vec<u8>, Refusal> {
    let rules = call.host.rules();
    let found = rules.into_iter().find(|rule| call.argument == Some(rule.code.as_str()));
    Ok(json(&Rule::from(found.ok_or_else(Refusal::not_found)?)))
}
