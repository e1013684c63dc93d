use bartizan_engine::registry;
use serde_json::json;

use crate::{arguments::ListFormat, exit::Exit, output};

/// `bartizan rules`
pub(crate) fn run(format: ListFormat) -> anyhow::Result<Exit> {
    let rules = registry::rules();
    let text = match format {
        ListFormat::Text => {
            let row = |rule: &&bartizan_finding::RuleMeta| {
                format!("{}  {:<8}  {}\n", rule.code, rule.severity, rule.title)
            };
            rules.iter().map(row).collect::<String>()
        }
        ListFormat::Json => {
            let rule = |rule: &&'static bartizan_finding::RuleMeta| {
                json!({
                    "code": rule.code, "name": rule.name, "title": rule.title, "severity": rule.severity,
                    "confidence": rule.confidence, "controls": rule.controls,
                    "what": rule.what, "why": rule.why, "example": rule.example, "fix": rule.fix,
                    "references": rule.references,
                    "variants": rule.variants.iter().map(|row| json!({"id": row.id, "title": row.title, "reference": row.reference})).collect::<Vec<_>>(),
                })
            };
            super::json(&rules.iter().map(rule).collect::<Vec<_>>())?
        }
    };
    output::print(&text)?;
    Ok(Exit::Done)
}
