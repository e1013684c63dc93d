use crate::printable::printable;

/// Viewers show more than this badly, and a hostile file must not set the size.
const MAX_MESSAGE: usize = 1_000;

/// A plain text message. A viewer fills in placeholders and makes links of `[text](uri)`, so braces are doubled
/// (SARIF 3.11.5) and brackets escaped (3.11.6): a file name cannot become a link.
pub(super) fn message(text: &str) -> String {
    let mut out = String::new();
    for c in printable(text, MAX_MESSAGE).chars() {
        match c {
            '{' => out.push_str("{{"),
            '}' => out.push_str("}}"),
            '[' | ']' | '\\' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// A text that no viewer takes for a message: on one line and cut.
pub(super) fn plain(text: &str) -> String {
    printable(text, MAX_MESSAGE)
}

/// A relative URI reference (RFC 3986): everything but unreserved characters and `/` is percent-encoded, so that
/// no path is taken for a scheme, query, fragment or an absolute place.
pub(crate) fn uri(path: &str) -> String {
    let mut out = String::new();
    for byte in path.trim_start_matches('/').bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'/') {
            out.push(char::from(byte));
        } else {
            out.extend([format!("%{byte:02X}")]);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_holds_no_link_and_no_placeholder() {
        assert_eq!(message("see [here](http://x) {0}"), "see \\[here\\](http://x) {{0}}");
        assert_eq!(message("a\u{1b}[1m"), "a\\\\u{{1b}}\\[1m");
    }

    #[test]
    fn a_path_is_a_relative_reference() {
        for (path, expected) in [
            ("data/tickets.jsonl", "data/tickets.jsonl"),
            ("javascript:x", "javascript%3Ax"),
            ("//host/a b?c#d", "host/a%20b%3Fc%23d"),
            ("ü%", "%C3%BC%25"),
        ] {
            assert_eq!(uri(path), expected);
        }
    }
}
