use serde_json::{Value, json};

use super::text::uri;
use crate::v1::{Location, Report};

/// The name of the project file, which spans of it are shown in.
const PROJECT_FILE: &str = "bartizan.toml";

/// Where the places of a report come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A project with a project file.
    Declared,
    /// Files without one.
    Files,
}

impl Origin {
    pub(super) const fn of(report: &Report) -> Self {
        if report.project.inferred { Self::Files } else { Self::Declared }
    }
}

/// The location; none where it says nothing that SARIF could hold. Without a project file there is none to point
/// at.
pub(super) fn location(location: &Location, origin: Origin) -> Option<Value> {
    let mut out = json!({});
    match location {
        Location::Text { path, start, end, line, column } => {
            let mut region = bytes(*start, *end).unwrap_or_else(|| json!({}));
            lines(&mut region, *line, *column);
            out["physicalLocation"] = physical(path, Some(region));
        }
        Location::Bytes { path, members, start, end } => {
            out["physicalLocation"] = physical(path, bytes(*start, *end));
            if !members.is_empty() {
                out["logicalLocations"] = json!([logical(members.last(), &members.join("!"), "member")]);
            }
        }
        Location::Record { path, row, column } => {
            out["physicalLocation"] = physical(path, None);
            let whole = format!("row {row}{column}");
            let kind = if column.is_empty() { "object" } else { "property" };
            let name = if column.is_empty() { None } else { Some(column) };
            out["logicalLocations"] = json!([logical(name, &whole, kind)]);
            out["properties"] = json!({ "row": row, "column": column });
        }
        Location::Project { key, start, end, line, column } => {
            if origin == Origin::Declared {
                let mut region = bytes(*start, *end).unwrap_or_else(|| json!({}));
                lines(&mut region, *line, *column);
                out["physicalLocation"] = physical(PROJECT_FILE, Some(region));
            }
            out["logicalLocations"] = json!([logical(None, key, "property")]);
        }
        Location::Model { elements } => {
            if elements.is_empty() {
                return None;
            }
            if origin == Origin::Declared {
                out["physicalLocation"] = physical(PROJECT_FILE, None);
            }
            let all: Vec<_> = elements.iter().map(|id| logical(None, id, "element")).collect();
            out["logicalLocations"] = json!(all);
        }
        Location::Turn { run, turn } => {
            out["logicalLocations"] = json!([logical(None, &format!("{run}/{turn}"), "turn")]);
        }
    }
    Some(out)
}

/// The place where something belongs that belongs to no file. It names nothing: there is nothing to open.
const NO_FILE: &str = "no-file";

/// A location that has a file: the project file for what has none of its own, or, where that is inferred, a name that
/// says so.
pub(super) fn with_file(location: Option<Value>, origin: Origin) -> Value {
    let mut location = location.unwrap_or_else(|| json!({}));
    if location.get("physicalLocation").is_none() {
        location["physicalLocation"] =
            physical(if origin == Origin::Declared { PROJECT_FILE } else { NO_FILE }, None);
    }
    location
}

/// Whether it names a line.
pub(super) fn has_line(location: &Value) -> bool {
    location.pointer("/physicalLocation/region/startLine").is_some()
}

fn physical(path: &str, region: Option<Value>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(path), "uriBaseId": "PROJECT" } });
    if let Some(region) = region {
        physical["region"] = region;
    }
    physical
}

/// A range of bytes; none for the whole file. Offsets that SARIF's signed integers cannot hold are left out.
fn bytes(start: u64, end: u64) -> Option<Value> {
    let length = end.checked_sub(start).filter(|length| *length > 0)?;
    i64::try_from(end).ok()?;
    Some(json!({ "byteOffset": start, "byteLength": length }))
}

fn lines(region: &mut Value, line: u64, column: u64) {
    region["startLine"] = json!(line.max(1));
    region["startColumn"] = json!(column.max(1));
}

fn logical(name: Option<&String>, whole: &str, kind: &str) -> Value {
    let mut logical = json!({ "fullyQualifiedName": whole, "kind": kind });
    if let Some(name) = name {
        logical["name"] = json!(name);
    }
    logical
}
