use std::path::Path;

use bartizan_artifact::escape;
use bartizan_finding::Location;
use bartizan_inventory::Inventory;

use crate::environment::Environment;

/// At most this many rows of what was found are shown; the project file has them all.
const MAX_ROWS: usize = 40;

/// What was found, as a table.
pub(super) fn shown(folder: &Path, found: &Inventory, environment: &Environment) -> String {
    let width = environment.columns.unwrap_or(100).clamp(60, 160);
    let folder = escape(&folder.to_string_lossy(), 200);
    let files = if found.files == 1 { "1 file".to_owned() } else { format!("{} files", found.files) };
    if found.found.is_empty() && found.providers.is_empty() {
        return format!(
            "Nothing of an LLM system was recognised among {files} in {folder}; the project file is a skeleton.\n"
        );
    }
    let mut text = format!("Found among {files} in {folder}:\n\n");
    let mut rows: Vec<(String, String, String)> = found
        .found
        .iter()
        .map(|one| {
            let path = escape(&one.path, 60);
            let slash = if one.folder && one.path != "." { "/" } else { "" };
            (one.kind.to_string(), format!("{path}{slash}"), one.why.clone())
        })
        .collect();
    let at = |places: &[Location]| {
        places.first().map_or_else(String::new, |place| {
            format!("because it shows at {}", escape(&place.to_string(), 120))
        })
    };
    rows.extend(found.providers.iter().map(|one| {
        let models: Vec<_> = one.models.iter().map(String::as_str).collect();
        let models =
            if models.is_empty() { String::new() } else { format!("; models: {}", models.join(", ")) };
        ("provider".to_owned(), one.name.to_owned(), format!("{}{}", at(&one.places), escape(&models, 200)))
    }));
    rows.extend(
        found.frameworks.iter().map(|one| ("library".to_owned(), one.name.to_owned(), at(&one.places))),
    );
    rows.extend(
        found.stores.iter().map(|one| ("vector store".to_owned(), one.name.to_owned(), at(&one.places))),
    );
    rows.extend(
        found
            .tools
            .iter()
            .map(|one| ("tool".to_owned(), one.name.clone(), at(std::slice::from_ref(&one.place)))),
    );
    let longest = |column: fn(&(String, String, String)) -> &String| {
        rows.iter().take(MAX_ROWS).map(|row| column(row).chars().count()).max().unwrap_or(0)
    };
    let (first, second) = (longest(|row| &row.0), longest(|row| &row.1).min(40));
    for (kind, path, why) in rows.iter().take(MAX_ROWS) {
        let path = escape(path, second).replace("\\\\", "\\");
        let room = width.saturating_sub(first + second + 6).max(20);
        let why: String = match why.char_indices().nth(room) {
            Some((end, _)) => format!("{}…", why.get(..end).unwrap_or_default()),
            None => why.clone(),
        };
        text.push_str(format!("  {kind:first$}  {path:second$}  {why}").trim_end());
        text.push('\n');
    }
    if rows.len() > MAX_ROWS {
        text.push_str(&format!("  and {} more, all in the project file\n", rows.len() - MAX_ROWS));
    }
    match found.unexamined.len() {
        0 => {}
        1 => text.push_str("\n1 thing was not looked at; the end of the project file names it.\n"),
        count => text.push_str(&format!(
            "\n{count} things were not looked at; the end of the project file names the first.\n"
        )),
    }
    text
}
