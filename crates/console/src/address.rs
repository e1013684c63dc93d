//! Addresses of the console's own pages.

use crate::call::Query;

/// A path of this console from its segments, percent-encoded.
pub(crate) fn path(segments: &[&str]) -> String {
    segments.iter().flat_map(|segment| ["/".to_owned(), encoded(segment)]).collect()
}

/// Longest value of a query, in bytes: what is longer is of nobody's making but a hostile file's, and filters by nothing.
const MOST: usize = 400;

/// `path` with the pairs of a query. Pairs without a value are left out, and so are those of an absurd length.
pub(crate) fn with_query<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let pairs: Vec<String> = pairs
        .into_iter()
        .filter(|(_, value)| !value.is_empty() && value.len() <= MOST)
        .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
        .collect();
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// `path` with the pairs of `query`, of which `changes` replaces some. The page starts anew.
pub(crate) fn changed(path: &str, query: &Query, changes: &[(&str, &str)]) -> String {
    let kept = query.pairs.iter().filter(|(name, _)| {
        !changes.iter().any(|(changed, _)| changed == name) && !matches!(name.as_str(), "page" | "format")
    });
    let kept = kept.map(|(name, value)| (name.as_str(), value.as_str())).take(40);
    with_query(path, kept.chain(changes.iter().copied()))
}

/// Percent-encoded, so that it can stand as one segment of a path or as a value of a query: all bytes but the
/// unreserved ones of RFC 3986.
pub(crate) fn encoded(text: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    // A segment of dots alone would name a folder above.
    let is_dots = !text.is_empty() && text.bytes().all(|byte| byte == b'.');
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if (byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')) && !is_dots {
            out.push(char::from(byte));
        } else {
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    out
}

/// An HTML id that is made of an id of the project: as it is where it is short and plain, by its digest otherwise.
pub(crate) fn anchor(kind: &str, id: &str) -> String {
    let is_plain = id.len() <= 64
        && !id.is_empty()
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if is_plain {
        format!("{kind}-{id}")
    } else {
        let hex: String = bartizan_finding::Digest::of(id.as_bytes()).hex().chars().take(16).collect();
        format!("{kind}--{hex}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_plain_is_encoded() {
        assert_eq!(path(&["controls", "a b/ü?#\"<"]), "/controls/a%20b%2F%C3%BC%3F%23%22%3C");
        assert_eq!(path(&["controls", ".."]), "/controls/%2E%2E");
        assert_eq!(with_query("/x", [("a", "1"), ("b", ""), ("c", "&=")]), "/x?a=1&c=%26%3D");
    }

    #[test]
    fn a_changed_filter_keeps_the_others_and_starts_anew() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let query = Query { pairs: vec![pair("rule", "X"), pair("severity", "high"), pair("page", "3")] };
        assert_eq!(changed("/findings", &query, &[("severity", "low")]), "/findings?rule=X&severity=low");
        assert_eq!(changed("/findings", &query, &[("severity", ""), ("rule", "")]), "/findings");
    }

    #[test]
    fn anchors_are_names() {
        assert_eq!(anchor("asset", "tickets"), "asset-tickets");
        assert!(anchor("asset", "a b").starts_with("asset--"));
        assert_ne!(anchor("asset", "a b"), anchor("asset", "a c"));
    }
}
