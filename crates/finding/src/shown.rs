/// Whether a character acts on a terminal, a page or the reader's eye without being seen: controls, direction marks
/// and overrides (CVE-2021-42574), zero-width and filler characters, variation selectors, tags, line separators and
/// private use. Whoever shows text from outside shows these by their code points, or not at all.
pub fn hides(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}' | '\u{e000}'..='\u{f8ff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{10ffff}')
}

/// A text from outside as an error message shows it: escaped, and cut after 80 characters.
pub(crate) fn shown(text: &str) -> String {
    const MOST: usize = 80;
    let mut shown: String = text.chars().take(MOST).collect::<String>().escape_debug().collect();
    if text.chars().nth(MOST).is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::{hides, shown};

    #[test]
    fn what_is_shown_is_visible_and_short() {
        assert_eq!(shown("plain"), "plain");
        assert_eq!(shown("a\u{1b}[2J\u{202e}b"), r"a\u{1b}[2J\u{202e}b");
        assert_eq!(shown(&"x".repeat(1_000_000)).chars().count(), 81);
    }

    #[test]
    fn what_is_drawn_does_not_hide_and_what_acts_does() {
        for c in ['a', ' ', 'ü', '漢', '\u{301}', '“', '…', '\u{202f}', '🦀'] {
            assert!(!hides(c), "{c:?}");
        }
        for c in [
            '\0', '\n', '\u{1b}', '\u{85}', '\u{ad}', '\u{200b}', '\u{200f}', '\u{2028}', '\u{202e}',
            '\u{2066}',
        ] {
            assert!(hides(c), "{c:?}");
        }
        for c in [
            '\u{2800}',
            '\u{3164}',
            '\u{e000}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{e0041}',
            '\u{e0100}',
            '\u{10fffd}',
        ] {
            assert!(hides(c), "{c:?}");
        }
    }
}
