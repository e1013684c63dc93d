use bartizan_finding::hides;
use unicode_width::UnicodeWidthChar as _;

/// More marks than this on one letter are no script's spelling but an attempt to draw over neighbouring lines.
const MAX_MARKS: usize = 3;

/// Makes a text that may come from a hostile file fit to be shown: at most `columns` wide, on one line, with every
/// character that could move the cursor, change a colour, turn the direction or hide shown by its escape.
pub(crate) fn printable(text: &str, columns: usize) -> String {
    let mut out = String::new();
    let mut used = 0;
    let mut marks = 0;
    // Room for the ellipsis; where the text ends just in time, the last column is handed back below.
    let limit = columns.saturating_sub(1);
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        marks = if c.width() == Some(0) { marks + 1 } else { 0 };
        let shown = if marks > MAX_MARKS || hides(c) { escaped(c) } else { String::from(c) };
        let wide = width(&shown);
        let last = chars.peek().is_none();
        if used + wide > if last { columns } else { limit } {
            out.push('…');
            return out;
        }
        used += wide;
        out.push_str(&shown);
    }
    out
}

/// As [`printable`], but what is too much is taken from the middle, since paths say most at their ends.
pub(crate) fn printable_path(text: &str, columns: usize) -> String {
    let whole = printable(text, columns);
    if !whole.ends_with('…') || text.ends_with('…') {
        return whole;
    }
    let tail_columns = columns * 2 / 3;
    let mut tail: Vec<String> = Vec::new();
    let mut used = 0;
    for c in text.chars().rev() {
        let shown = if c.width() == Some(0) || hides(c) { escaped(c) } else { String::from(c) };
        used += width(&shown);
        if used > tail_columns {
            break;
        }
        tail.push(shown);
    }
    let head = printable(text, columns - tail_columns);
    head + &tail.into_iter().rev().collect::<String>()
}

/// Columns that a text takes on a terminal, where it holds nothing that hides.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

fn escaped(c: char) -> String {
    match c {
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        c => format!("\\u{{{:x}}}", u32::from(c)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_hides_is_shown_by_its_escape() {
        for (text, shown) in [
            ("plain, ünïcode, 漢字", "plain, ünïcode, 漢字"),
            ("\u{1b}[31mred\u{1b}[0m", "\\u{1b}[31mred\\u{1b}[0m"),
            ("one\r\ntwo\t", "one\\r\\ntwo\\t"),
            ("abc\u{202e}gpj.exe", "abc\\u{202e}gpj.exe"),
            ("tag\u{e0041}", "tag\\u{e0041}"),
            ("e\u{301}", "e\u{301}"),
            ("a\u{301}\u{301}\u{301}\u{301}", "a\u{301}\u{301}\u{301}\\u{301}"),
        ] {
            assert_eq!(printable(text, 80), shown);
        }
    }

    #[test]
    fn what_is_too_long_is_cut_with_an_ellipsis() {
        assert_eq!(printable("abcdef", 6), "abcdef");
        assert_eq!(printable("abcdefg", 6), "abcde…");
        assert_eq!(printable("漢字漢字", 5), "漢字…");
        assert_eq!(
            printable_path("data/a/very/long/folder/name/tickets.jsonl", 24),
            "data/a/…me/tickets.jsonl"
        );
        assert_eq!(printable(&"x".repeat(1 << 20), 40).chars().count(), 40);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn nothing_that_hides_passes_and_nothing_is_too_wide(text in any::<String>(), columns in 8_usize..60) {
            for shown in [printable(&text, columns), printable_path(&text, columns)] {
                prop_assert!(width(&shown) <= columns, "{shown}");
                prop_assert!(!shown.chars().any(hides));
            }
        }
    }
}
