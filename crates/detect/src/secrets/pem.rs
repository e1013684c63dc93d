use bartizan_finding::{Confidence, Severity};

use super::span::Span;
use crate::{detector::Bounds, view::View};

/// RFC 7468, section 2.
pub(crate) const BEGIN: &str = "-----BEGIN ";

/// An RSA key of 16,384 bits takes 12,500 bytes; PGP blocks that are longer are cut there.
pub(crate) const BOUNDS: Bounds = Bounds { lead: 0, max_match: 16 * 1024, context: 64 };

/// A private key with at least this much base64 is one; a header alone is documentation.
const LEAST: usize = 40;

/// The key that starts at the anchor, from `-----BEGIN` to the end of `-----END …-----`, or as far as it goes.
pub(crate) fn find(view: &View<'_>, service_account: bool) -> Option<Span> {
    let start = view.anchor;
    if service_account != in_service_account(view) {
        return None;
    }
    let label = start + BEGIN.len();
    let label_end =
        view.run(label, 40, |byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'0'..=b'9'));
    let name = view.slice(label, label_end);
    let private = name.ends_with(b"PRIVATE KEY") || name == b"PGP PRIVATE KEY BLOCK";
    if !private || !view.stands(label_end, b"-----") {
        return None;
    }
    let body = label_end + 5;
    // Header lines (`Proc-Type`, `Version`) and escaped line ends belong to the body.
    let text = |byte: u8| byte.is_ascii_graphic() && byte != b'-' || byte.is_ascii_whitespace();
    let limit = BOUNDS.max_match - 128;
    let mut end = body;
    loop {
        end = view.run(end, (start + limit).saturating_sub(end), text);
        let dash = view.get(end) == Some(b'-') && !view.stands(end, b"-----") && end < start + limit;
        if !dash {
            break;
        }
        end += 1;
    }
    let (longest, encoded) = base_64_lines(view.slice(body, end));
    if encoded < LEAST || longest < 16 {
        return None;
    }
    if view.stands(end, b"-----END ") {
        let name_end =
            view.run(end + 9, 40, |byte| byte.is_ascii_uppercase() || matches!(byte, b' ' | b'0'..=b'9'));
        end = if view.stands(name_end, b"-----") { name_end + 5 } else { name_end };
    }
    let encrypted =
        name.starts_with(b"ENCRYPTED") || view.slice(body, body + 64).windows(9).any(|w| w == b"ENCRYPTED");
    let severity = encrypted.then_some(Severity::Medium);
    Some(Span { start, end, severity, confidence: Confidence::High })
}

/// Whether the key is the value of `"private_key"`, as in the files that Google Cloud gives out.
fn in_service_account(view: &View<'_>) -> bool {
    let before = view.slice(view.anchor.saturating_sub(24), view.anchor);
    let name = b"private_key";
    before.windows(name.len()).any(|window| window == name)
}

/// The length of the longest line of base64, and of all lines together. A line ends at white space or at an escaped
/// line end.
fn base_64_lines(body: &[u8]) -> (usize, usize) {
    let (mut longest, mut all, mut line) = (0, 0, 0_usize);
    let mut escaped = false;
    for &byte in body {
        let encoded = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
        if encoded && !escaped {
            line += 1;
            all += 1;
        } else {
            line = 0;
        }
        longest = longest.max(line);
        escaped = byte == b'\\';
    }
    (longest, all)
}
