//! Text from files, made fit to stand in a project file.

use std::collections::BTreeSet;

use bartizan_artifact::escape;

/// A TOML basic string. Characters that cannot be seen are escaped, so that what people read is what is meant.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            c if is_hidden(c) => match u32::from(c) {
                code @ 0..=0xFFFF => out.push_str(&format!("\\u{code:04X}")),
                code => out.push_str(&format!("\\U{code:08X}")),
            },
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A name of a project: what project files allow of `text`, which may be the name of any folder.
pub(crate) fn project_name(text: &str) -> String {
    const MOST: usize = 80;
    let name: String = text.trim().chars().filter(|c| !c.is_control()).take(MOST).collect();
    let name = name.trim();
    if name.is_empty() { "project".to_owned() } else { name.to_owned() }
}

fn is_hidden(c: char) -> bool {
    c.is_control() || !escape(c.encode_utf8(&mut [0; 4]), 16).starts_with(c)
}

/// An id made of the end of `text` that nothing else has.
pub(crate) fn fresh_id(text: &str, taken: &mut BTreeSet<String>) -> String {
    let last = text.rsplit('/').next().unwrap_or(text).to_lowercase();
    let words: Vec<_> =
        last.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let mut base: String = words.join("-").chars().take(48).collect();
    if base.is_empty() {
        base.push_str("asset");
    }
    let mut id = base.clone();
    let mut number = 1;
    while !taken.insert(id.clone()) {
        number += 1;
        id = format!("{base}-{number}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_back_as_they_were_and_hide_nothing() {
        for text in [
            "a",
            "a\"b\\c",
            "\u{1b}[0m\n",
            "a\u{202e}b",
            "\u{e0041}",
            "\u{e9}\u{1f600}\u{4e16}",
            "\u{feff}\u{ad}",
        ] {
            let toml = quoted(text);
            assert!(!toml.contains(['\n', '\u{1b}', '\u{202e}', '\u{e0041}', '\u{feff}']), "{toml}");
            let file = format!("format = 1\n[project]\nname = {toml}\n");
            let parsed = bartizan_project::parse(&file);
            if let Some(project) = parsed.project {
                assert_eq!(project.name, text);
            }
        }
        assert_eq!(quoted("\u{202e}x\u{e0041}"), "\"\\u202Ex\\U000E0041\"");
    }

    #[test]
    fn ids_are_fresh_and_of_the_alphabet() {
        let mut taken = BTreeSet::new();
        for (text, id) in [
            ("data/Tickets.jsonl", "tickets-jsonl"),
            ("old/tickets.jsonl", "tickets-jsonl-2"),
            ("\u{202e}", "asset"),
            ("-/-", "asset-2"),
            ("gpt-4.1-mini", "gpt-4-1-mini"),
        ] {
            assert_eq!(fresh_id(text, &mut taken), id);
        }
    }
}
