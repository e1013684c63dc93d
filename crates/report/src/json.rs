use bartizan_finding::hides;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use crate::v1::Report;

/// The report as JSON: indented, fields in the order of the types, a line feed at the end.
///
/// Characters that hide, such as direction overrides, are written as `\u` escapes: the value is the same, and a
/// person who opens the file sees them.
///
/// # Panics
/// Never: the types hold only strings, numbers, lists and maps with string keys.
pub fn to_json(report: &Report) -> String {
    let plain = serde_json::to_string_pretty(report).expect("a report holds nothing that JSON cannot say");
    visible(&plain)
}

/// The JSON Schema (draft 2020-12) of the report.
pub fn schema() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Report>().to_value()
}

/// The schema as it is published: indented, with a line feed at the end.
///
/// # Panics
/// Never: a schema is JSON.
pub fn schema_text() -> String {
    let mut text = serde_json::to_string_pretty(&schema()).expect("a schema is JSON");
    text.push('\n');
    text
}

/// JSON with every character that hides written as an escape, and a line feed at its end. Outside strings indented JSON
/// has none of them but the line feed.
pub fn visible(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        if c != '\n' && hides(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.extend([format!("\\u{unit:04x}")]);
            }
        } else {
            out.push(c);
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_report_reads_back_as_it_was_written() {
        for report in [sample::empty(), sample::busy(), sample::hostile()] {
            let text = to_json(&report);
            assert_eq!(serde_json::from_str::<Report>(&text).unwrap(), report);
            assert_eq!(to_json(&report), text);
            assert!(!text.chars().any(|c| c != '\n' && hides(c)));
        }
    }

    #[test]
    fn every_report_fits_the_schema() {
        let schema = jsonschema::validator_for(&schema()).unwrap();
        for report in [sample::empty(), sample::busy(), sample::hostile()] {
            let value = serde_json::to_value(&report).unwrap();
            let errors: Vec<_> = schema.iter_errors(&value).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}");
        }
        let mut other = serde_json::to_value(sample::empty()).unwrap();
        other["schema"] = "bartizan/report/v2".into();
        assert!(!schema.is_valid(&other));
        other["schema"] = crate::v1::SCHEMA.into();
        other["controls"] = serde_json::json!([{ "id": "x" }]);
        assert!(!schema.is_valid(&other));
    }

    /// The published schema changes only by intent: write it again with
    /// `cargo run -p bartizan-report --example schema > crates/report/schema/report-v1.json` and look at the
    /// difference, in which nothing may be removed or renamed.
    #[test]
    fn the_published_schema_is_the_one_of_the_types() {
        let text = schema_text();
        let pairs = text.lines().zip(include_str!("../schema/report-v1.json").lines());
        let other = pairs.enumerate().find(|(_, (ours, published))| ours != published);
        assert_eq!(other, None, "the first line that differs");
        assert_eq!(text.len(), include_str!("../schema/report-v1.json").len());
    }
}
