use std::fmt::Write as _;

/// Text that came from outside, fit to stand in a message: control, format and bidirectional characters are
/// escaped, and what is over 80 characters is cut.
pub(crate) fn shown(text: &str) -> String {
    shown_to(text, 80)
}

/// As [`shown`], but cut after `limit` characters.
pub(crate) fn shown_to(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    for c in chars.by_ref().take(limit) {
        let plain = c.is_ascii_graphic() || c == ' ' || c == '…' || (c.is_alphanumeric() && !c.is_ascii());
        if plain {
            out.push(c);
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "{}", c.escape_unicode());
        }
    }
    if chars.next().is_some() {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_cannot_steer_a_terminal_or_fill_it() {
        assert_eq!(shown("ci-1 (Zürich)"), "ci-1 (Zürich)");
        assert_eq!(shown("a\u{1b}[2J\n\u{202e}b\u{200b}"), r"a\u{1b}[2J\u{a}\u{202e}b\u{200b}");
        assert_eq!(shown(&"x".repeat(81)), format!("{}…", "x".repeat(80)));
    }
}
