//! What the engine finds, what it leaves alone, and that neither depends on how the text is cut.

mod hidden;
mod pii;
mod redaction;
mod secrets;
mod streaming;

use bartizan_detect::{Engine, Family, Match, Selection};

/// Matches of one family as `CODE[/variant] severity confidence: text`, one on each line.
fn shown(family: Family, text: &str) -> String {
    let engine = Engine::new(Selection::none().with(family), None);
    let lines = engine.scan_all(text.as_bytes()).into_iter().map(|found| line(&found, text.as_bytes()));
    lines.collect::<Vec<_>>().join("\n")
}

fn line(found: &Match, text: &[u8]) -> String {
    let variant = found.variant.map(|id| format!("/{id}")).unwrap_or_default();
    let value = String::from_utf8_lossy(&text[found.start as usize..found.end as usize]);
    format!("{}{variant} {} {}: {value}", found.rule.code, found.severity, found.confidence)
}

/// The texts of the matches of one rule.
fn values(code: &str, text: &str) -> Vec<String> {
    let engine = Engine::new(Selection::all(), None);
    let matches = engine.scan_all(text.as_bytes());
    let of_rule = matches.iter().filter(|found| found.rule.code.as_str() == code);
    of_rule
        .map(|found| text.get(found.start as usize..found.end as usize).unwrap_or_default().to_owned())
        .collect()
}
