//! Entries of the project file that make findings ignored.

use std::fmt::Write as _;

use bartizan_finding::Timestamp;
use bartizan_report::v1::{Finding, Location};
use jiff::ToSpan as _;

use bartizan_finding::hides;

/// Days for which a stanza is proposed.
const DAYS: i64 = 90;

/// A `[[ignore]]` table for one finding. The reason is left to whoever answers for it.
pub(super) fn stanza(finding: &Finding, today: Timestamp) -> String {
    let until = today.checked_add((24 * DAYS).hours()).unwrap_or(today);
    format!(
        "[[ignore]]\nrule = {}\npath = {}\nreason = \"\" # say why; an empty reason is refused\nexpires = {} # at the latest\n",
        quoted(&finding.rule),
        quoted(place(finding)),
        until.strftime("%Y-%m-%d")
    )
}

/// What the pattern of an entry is held against: the file of the first sample, or else the place.
fn place(finding: &Finding) -> &str {
    match finding.samples.first().map(|sample| &sample.location) {
        Some(Location::Text { path, .. } | Location::Bytes { path, .. } | Location::Record { path, .. }) => {
            path
        }
        _ => &finding.place,
    }
}

/// A basic string of TOML 1.0, with what hides written as escapes.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if hides(c) => {
                let _ = write!(out, "\\U{:08X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_toml() {
        assert_eq!(quoted("a \"b\" \\ c\n\u{202e}"), r#""a \"b\" \\ c\U0000000A\U0000202E""#);
    }
}
