//! Text from a hostile file, made fit to stand in a message.

use std::fmt::Write as _;

use bartizan_finding::hides;

/// Makes `text` printable on one line in at most `max_chars` characters, the last of which is `…` where something
/// was cut off.
///
/// Control characters, line separators, marks of direction (which reorder what a person reads) and other invisible
/// characters become `\u{…}`; a backslash is doubled, so that the result is unambiguous.
///
/// ```
/// assert_eq!(bartizan_artifact::escape("layer.0\u{1b}[2J", 80), "layer.0\\u{1b}[2J");
/// assert_eq!(bartizan_artifact::escape("embeddings", 6), "embed…");
/// ```
pub fn escape(text: &str, max_chars: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    // Where to cut if a later character does not fit: before the last one that leaves room for the ellipsis.
    let mut cut = 0;
    for c in text.chars() {
        let mut shown = String::new();
        match c {
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            c if hides(c) => {
                let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
            }
            c => shown.push(c),
        }
        length += shown.chars().count();
        if length > max_chars {
            out.truncate(cut);
            if max_chars > 0 {
                out.push('…');
            }
            return out;
        }
        out.push_str(&shown);
        if length < max_chars {
            cut = out.len();
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_moves_or_hides_text_is_spelled_out() {
        let cases = [
            ("plain", "plain"),
            ("a\nb\tc\\", "a\\nb\\tc\\\\"),
            ("pay\u{202e}lru", "pay\\u{202e}lru"),
            ("\u{feff}x\u{200b}", "\\u{feff}x\\u{200b}"),
            ("\u{e0041}", "\\u{e0041}"),
            ("Größe 重み", "Größe 重み"),
        ];
        for (text, want) in cases {
            assert_eq!(escape(text, 80), want);
        }
    }

    #[test]
    fn what_is_too_long_ends_in_an_ellipsis() {
        assert_eq!(escape("abcdef", 6), "abcdef");
        assert_eq!(escape("abcdefg", 6), "abcde…");
        assert_eq!(escape("abcd\u{200b}", 6), "abcd…");
        assert_eq!(escape("abc", 0), "");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_result_is_short_and_visible(text in any::<String>(), max in 0_usize..40) {
            let shown = escape(&text, max);
            prop_assert!(shown.chars().count() <= max);
            prop_assert!(!shown.chars().any(hides));
        }
    }
}
