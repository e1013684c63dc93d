use crate::printable::{printable, printable_path};

/// A sentence is cut after this many characters.
const MAX_SENTENCE: usize = 400;

/// A name or path is cut to this many characters.
const MAX_NAME: usize = 120;

/// A sentence from the report as inline Markdown that holds no markup but code spans.
///
/// Words stay words; whatever could start markup or be made a link by the site that shows it (`@name`, `#1`, an
/// address, a commit, an advisory id, an emoji code) becomes a code span, inside which nothing is looked for. What
/// stood between backticks is code anyway.
pub(super) fn sentence(text: &str) -> String {
    let shown = printable(text, MAX_SENTENCE);
    let pieces: Vec<&str> = shown.split('`').collect();
    let mut out = String::new();
    if pieces.len().is_multiple_of(2) {
        words(&mut out, &shown);
    } else {
        for (at, piece) in pieces.iter().enumerate() {
            if at % 2 == 1 {
                span(&mut out, piece);
            } else {
                words(&mut out, piece);
            }
        }
    }
    or_dash(out.trim().to_owned())
}

/// A name or path as a code span.
pub(super) fn name(text: &str) -> String {
    or_dash(code(&printable_path(text, MAX_NAME)))
}

/// A name or path in a table, where a bar would end the cell, whatever stands around it.
pub(super) fn name_cell(text: &str) -> String {
    name(&text.replace('|', BAR))
}

/// A sentence in a table.
pub(super) fn sentence_cell(text: &str) -> String {
    sentence(&text.replace('|', BAR))
}

/// A bar, shown by its code point.
const BAR: &str = "\\u{7c}";

/// An empty item would make a heading of the line before it.
fn or_dash(text: String) -> String {
    if text.is_empty() { "–".to_owned() } else { text }
}

/// A code span of any text on one line: its fence is longer than any run of backticks inside (`CommonMark` 6.1).
fn code(text: &str) -> String {
    if text.trim().is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn words(out: &mut String, text: &str) {
    for (at, word) in text.split(' ').enumerate() {
        if at > 0 && !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
        // At the start of a line `1.`, a dash or a hash is a list or a heading.
        let number = word.bytes().all(|byte| byte.is_ascii_digit());
        let starts_well = !out.is_empty() || number || word.starts_with(char::is_alphabetic);
        if starts_well && is_plain(word) {
            out.push_str(word);
        } else {
            span(out, word);
        }
    }
}

/// Writes a code span; two that touch would be read as one.
fn span(out: &mut String, text: &str) {
    let code = code(text);
    if !code.is_empty() && out.ends_with('`') {
        out.push(' ');
    }
    out.push_str(&code);
}

/// Whether no reader of Markdown finds anything in the word.
fn is_plain(word: &str) -> bool {
    let bare = word.trim_matches(|c| matches!(c, '.' | ',' | ';' | ':' | '?' | '(' | ')' | '"' | '\'' | '…'));
    let quiet =
        |c: char| c.is_alphanumeric() || matches!(c, '.' | ',' | '-' | '–' | '/' | '\'' | '=' | '×' | '→');
    let dashed_number = bare.split('-').skip(1).any(|part| part.starts_with(|c: char| c.is_ascii_digit()));
    let digest = bare.len() >= 7
        && bare.chars().all(|c| c.is_ascii_hexdigit())
        && bare.contains(|c: char| c.is_ascii_digit());
    !word.starts_with(':')
        && !bare.starts_with('=')
        && bare.chars().all(quiet)
        && !dashed_number
        && !digest
        && !bare.to_ascii_lowercase().starts_with("www.")
        && !bare.to_ascii_lowercase().starts_with("gh-")
        && !bare.to_ascii_lowercase().starts_with("ghsa-")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use pulldown_cmark::{Event, Options, Parser, Tag};

    use super::*;

    /// Texts made of what Markdown and the sites that show it look for, among others.
    fn texts() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[-#>*_~`|!\\[\\](){}<&;:@$^=+.0-9 \n\\\\]{1,6}",
            any::<String>(),
            Just("http://x.invalid".to_owned()),
            Just("</details>".to_owned()),
        ];
        proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn no_text_makes_anything_but_words_and_code(text in texts()) {
            let markdown = format!("- **high** {} {}\n  - {}\n", name(&text), sentence(&text), sentence(&text));
            for event in Parser::new_ext(&markdown, Options::all()) {
                let quiet = match &event {
                    Event::Start(tag) => matches!(tag, Tag::List(None) | Tag::Item | Tag::Strong),
                    Event::End(_) | Event::Code(_) => true,
                    Event::Text(text) => !text.contains(['@', '#', '$', '<', '`']) && !text.contains("://"),
                    _ => false,
                };
                prop_assert!(quiet, "{event:?} in {markdown}");
            }
        }
    }

    #[test]
    fn words_stay_words_and_everything_else_is_code() {
        for (text, expected) in [
            ("Loading the file calls os.system.", "Loading the file calls os.system."),
            ("Set `a b` to `1`.", "Set `a b` to `1`."),
            ("ask @mara, see #12", "ask `@mara,` see `#12`"),
            ("GH-12 and CVE-2025-1716 and 0a1b2c3d4e", "`GH-12` and `CVE-2025-1716` and `0a1b2c3d4e`"),
            ("at https://x.invalid or www.x.invalid", "at `https://x.invalid` or `www.x.invalid`"),
            ("<b>*bold*</b> [a](b) ![c](d)", "`<b>*bold*</b>` `[a](b)` `![c](d)`"),
            ("1. not a list", "`1.` not a list"),
            ("1) nor this", "`1)` nor this"),
            ("2 of 3", "2 of 3"),
            ("- nor this", "`-` nor this"),
            ("# nor a heading", "`#` nor a heading"),
            (":tada: x", "`:tada:` x"),
            ("a\nb", "`a\\nb`"),
            ("one ` alone", "one `` ` `` alone"),
            ("", "–"),
        ] {
            assert_eq!(sentence(text), expected, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn no_text_ends_its_cell(text in texts()) {
            let row = format!("| {} | {} |", name_cell(&text), sentence_cell(&text));
            let markdown = format!("| a | b |\n|---|---|\n{row}\n");
            let events: Vec<_> = Parser::new_ext(&markdown, Options::all()).collect();
            let starts = |tag: &Tag<'_>| events.iter().filter(|event| matches!(event, Event::Start(one) if one == tag)).count();
            prop_assert_eq!((starts(&Tag::TableRow), starts(&Tag::TableCell)), (1, 4), "{}", markdown);
            for event in &events {
                let quiet = match event {
                    Event::Start(tag) => matches!(tag, Tag::Table(_) | Tag::TableHead | Tag::TableRow | Tag::TableCell),
                    Event::End(_) | Event::Code(_) => true,
                    Event::Text(text) => !text.contains(['@', '#', '$', '<', '`']) && !text.contains("://"),
                    _ => false,
                };
                prop_assert!(quiet, "{event:?} in {markdown}");
            }
        }
    }

    #[test]
    fn a_name_is_one_code_span() {
        assert_eq!(name("a|b"), "`a|b`");
        assert_eq!(name("``x`"), "``` ``x` ```");
        assert_eq!(name("\u{202e}"), "`\\u{202e}`");
        assert_eq!(name(" "), "–");
    }
}
