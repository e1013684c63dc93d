use bartizan_finding::{Confidence, RuleMeta};
use serde_json::{Value, json};

use super::limits::{MAX_RULE_TEXT, MAX_TAGS};
use crate::v1::Severity;

/// The rule as a `reportingDescriptor`.
pub(super) fn descriptor(rule: &RuleMeta) -> Value {
    let severity = Severity::from(rule.severity);
    let mut tags = vec!["security".to_owned()];
    tags.extend(rule.controls.iter().map(|control| format!("control/{control}")));
    tags.truncate(MAX_TAGS);
    let mut descriptor = json!({
        "id": rule.code.as_str(),
        "name": pascal(rule.name),
        "shortDescription": { "text": plain(rule.title) },
        "fullDescription": { "text": cut(&plain(rule.what)), "markdown": rule.what },
        "help": { "text": plain(&help(rule)), "markdown": help(rule) },
        "defaultConfiguration": { "level": level(severity) },
        "properties": {
            "tags": tags,
            "precision": precision(rule.confidence),
            "problem.severity": level(severity),
            "security-severity": security_severity(severity),
        },
    });
    if let Some(uri) = rule.references.iter().find_map(|reference| link(reference)) {
        descriptor["helpUri"] = json!(uri);
    }
    descriptor
}

/// SARIF's own three levels.
pub(super) const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The middle of the CVSS 3.1 band with the same name, as code scanning services sort by it.
const fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

const fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "medium",
    }
}

fn help(rule: &RuleMeta) -> String {
    let mut help = String::new();
    for (title, body) in [
        ("What it finds", rule.what),
        ("Why it matters", rule.why),
        ("Example", rule.example),
        ("Fix", rule.fix),
    ] {
        help.extend([format!("## {title}\n\n{body}\n\n")]);
    }
    help.push_str("## References\n");
    for reference in rule.references {
        help.extend([format!("\n- {reference}")]);
    }
    help.push('\n');
    help
}

/// Our own Markdown as plain text, with what a viewer would fill in or link made literal.
fn plain(markdown: &str) -> String {
    let mut out = String::new();
    for c in markdown.chars() {
        match c {
            '{' => out.push_str("{{"),
            '}' => out.push_str("}}"),
            '[' | ']' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// What is too long ends in an ellipsis.
fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_RULE_TEXT) {
        Some(_) => text.chars().take(MAX_RULE_TEXT - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// The web address in a reference, such as `<https://…>`.
fn link(reference: &str) -> Option<&str> {
    let (_, rest) = reference.split_once("https://")?;
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '>' | ')' | '"')).unwrap_or(rest.len());
    let start = reference.len() - rest.len() - "https://".len();
    reference.get(start..start + "https://".len() + end)
}

/// `long-header` as `LongHeader`, which is how SARIF writes names of rules.
fn pascal(name: &str) -> String {
    let words = name.split('-').filter_map(|word| {
        let mut chars = word.chars();
        chars.next().map(|first| first.to_uppercase().chain(chars).collect::<String>())
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_links_are_taken_apart() {
        assert_eq!(pascal("long-header"), "LongHeader");
        assert_eq!(link("<https://example.com/a>"), Some("https://example.com/a"));
        assert_eq!(link("see [x](https://example.com/b), page 3"), Some("https://example.com/b"));
        assert_eq!(link("CVE-2025-1716"), None);
    }
}
