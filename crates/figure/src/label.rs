//! Text from outside, made fit for a picture: visible, escaped, measured and cut.

use std::borrow::Cow;

use bartizan_finding::hides;

/// Most characters of one text that a page carries. What is longer says how much is missing.
const MOST: usize = 600;

/// Most marks that are kept over one letter; more of them paint over the lines above.
const MARKS: usize = 2;

/// The text as people may see it: one line, without characters that act on their surroundings.
///
/// White space becomes one space; control, direction and invisible characters become their code points (`U+202E`);
/// of the marks over one letter two are kept; after [`MOST`] characters it says how many follow.
pub(crate) fn shown(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(MOST + 64));
    let mut marks = 0;
    let mut space = false;
    let mut rest = text.chars();
    for _ in 0..MOST {
        let Some(c) = rest.next() else { return shown };
        if c.is_whitespace() && !is_line_separator(c) {
            space = !shown.is_empty();
            continue;
        }
        if space {
            shown.push(' ');
            space = false;
        }
        if is_mark(c) {
            marks += 1;
            if marks <= MARKS {
                shown.push(c);
            }
            continue;
        }
        marks = 0;
        if acts(c) {
            shown.push_str(&format!("U+{:04X}", u32::from(c)));
        } else {
            shown.push(c);
        }
    }
    let more = rest.count();
    if more > 0 {
        shown.push_str(&format!("… and {} more characters", number(more as u64)));
    }
    shown
}

/// The text for an element or a quoted attribute, of XML as of HTML.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            c if acts(c) => escaped.push_str(&format!("U+{:04X}", u32::from(c))),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The address, escaped, if following it only ever opens a page.
pub(crate) fn safe_href(href: &str) -> Option<String> {
    let scheme_end = href.find([':', '/', '?', '#']);
    let opens_a_page = match scheme_end.map(|at| href.split_at(at)) {
        Some((scheme, rest)) if rest.starts_with(':') => {
            scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http")
        }
        _ => true,
    };
    let plain = href.len() <= 2_000 && !href.chars().any(|c| c.is_control() || c.is_whitespace());
    (opens_a_page && plain).then(|| escaped(href))
}

/// A count with a thin space, that no line breaks at, between thousands.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() * 2);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count that has little room: at most four characters and a unit, `1.2k`, `34M`.
pub(crate) fn compact(number: u64) -> String {
    let units = [(1_000_000_000_000_000_000, "E"), (1_000_000_000_000_000, "P"), (1_000_000_000_000, "T")];
    let units = units.into_iter().chain([(1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")]);
    for (size, unit) in units {
        if number >= size {
            let (whole, tenth) = (number / size, number % size / (size / 10));
            return if whole < 10 && tenth > 0 {
                format!("{whole}.{tenth}{unit}")
            } else {
                format!("{whole}{unit}")
            };
        }
    }
    number.to_string()
}

/// A measured value with at most three figures after the point, or a dash for what is no number.
pub(crate) fn decimal(value: f64) -> String {
    if !value.is_finite() {
        return "–".to_owned();
    }
    let magnitude = value.abs();
    if magnitude >= 1e15 {
        return format!("{value:.2e}");
    }
    let places = match magnitude {
        m if m >= 1_000.0 => 0,
        m if m >= 100.0 => 1,
        m if m >= 10.0 => 2,
        _ => 3,
    };
    let text = format!("{magnitude:.places$}");
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = fraction.trim_end_matches('0');
    let whole = number(whole.parse().unwrap_or(0));
    let sign = if value < 0.0 && (whole != "0" || !fraction.is_empty()) { "−" } else { "" };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Width of the text in hundredths of its type size, on the generous side.
///
/// There is no font at hand where a page is made. The widths are those of the widest common sans face, so that what
/// fits here fits in others.
pub(crate) fn width(text: &str) -> u32 {
    text.chars().map(advance).sum()
}

/// The longest beginning of the text that is at most `most` wide, in hundredths of its type size, with an ellipsis if it is not all of it.
pub(crate) fn cut(text: &str, most: f64) -> Cow<'_, str> {
    let mut used = 0;
    let mut fits = 0;
    for (at, c) in text.char_indices() {
        let wide = advance(c);
        if f64::from(used + wide) > most {
            let beginning = text.get(..fits).unwrap_or_default().trim_end();
            return Cow::Owned(format!("{beginning}…"));
        }
        used += wide;
        if f64::from(used + ELLIPSIS) <= most {
            fits = at + c.len_utf8();
        }
    }
    Cow::Borrowed(text)
}

const ELLIPSIS: u32 = 100;

/// Advance widths of the ASCII characters from the space on in `DejaVu Sans` 2.37, in hundredths of the type size,
/// rounded up.
const ADVANCES: [u8; 95] = [
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64, 64, 64,
    34, 34, 84, 84, 84, 54, 100, 69, 69, 70, 78, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79, 61, 79, 70, 64,
    62, 74, 69, 99, 69, 62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98,
    64, 62, 64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
];

fn advance(c: char) -> u32 {
    let ascii = u32::from(c).checked_sub(32).and_then(|index| ADVANCES.get(index as usize));
    if let Some(advance) = ascii {
        return u32::from(*advance);
    }
    match c {
        '\u{202f}' => 32,
        '…' => ELLIPSIS,
        '–' | '−' | '→' | '↓' | '↳' | '●' | '◐' | '■' | '◷' | '○' | '◆' => 96,
        c if is_mark(c) => 0,
        c if is_wide(c) => 200,
        c if c.is_uppercase() => 90,
        c if u32::from(c) < 0x250 => 66,
        c if u32::from(c) < 0x700 => 76,
        _ => 110,
    }
}

/// East Asian wide characters and pictographs, in coarse blocks (Unicode Standard Annex 11).
fn is_wide(c: char) -> bool {
    matches!(u32::from(c),
        0x1100..=0x115F | 0x2E80..=0xA4CF | 0xA960..=0xA97F | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF
        | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x16FE0..=0x18DFF | 0x1B000..=0x1B2FF
        | 0x1F000..=0x1FAFF | 0x20000..=0x3FFFD | 0xFDFD | 0x12000..=0x12FFF | 0xA9C1..=0xA9CD)
}

/// Marks that are drawn over or under the letter before them, in coarse blocks.
fn is_mark(c: char) -> bool {
    matches!(u32::from(c),
        0x0300..=0x036F | 0x0483..=0x0489 | 0x0591..=0x05BD | 0x05BF | 0x05C1..=0x05C2 | 0x05C4..=0x05C5
        | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670 | 0x06D6..=0x06DC | 0x06DF..=0x06E8 | 0x06EA..=0x06ED
        | 0x0711 | 0x0730..=0x074A | 0x0E31 | 0x0E34..=0x0E3A | 0x0E47..=0x0E4E | 0x0EB1 | 0x0EB4..=0x0EBC
        | 0x0F71..=0x0F84 | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0x302A..=0x302F
        | 0x3099..=0x309A | 0xFE20..=0xFE2F)
}

/// Characters that hide, and those that no document may hold.
fn acts(c: char) -> bool {
    hides(c) || u32::from(c) & 0xFFFE == 0xFFFE
}

fn is_line_separator(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_acts_is_shown_as_its_code_point() {
        let cases = [
            ("plain", "plain"),
            ("  two\n\tlines ", "two lines"),
            ("a\u{202e}b", "aU+202Eb"),
            ("\u{1b}[31m", "U+001B[31m"),
            ("zero\u{200b}width", "zeroU+200Bwidth"),
            ("a\u{2028}b", "aU+2028b"),
            ("tag\u{e0041}", "tagU+E0041"),
            ("\u{ffff}", "U+FFFF"),
            ("e\u{301}\u{301}\u{301}\u{301}x", "e\u{301}\u{301}x"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), expected);
        }
    }

    #[test]
    fn a_long_text_says_how_much_is_missing() {
        let text = shown(&"x".repeat(1_000_000));
        assert!(text.ends_with("x… and 999\u{202f}400 more characters"), "{text}");
        assert!(shown(&"\u{301}".repeat(1_000_000)).len() < 100);
    }

    #[test]
    fn markup_is_escaped() {
        assert_eq!(escaped("<b a=\"1\" c='2'>&\u{1b}"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;U+001B");
    }

    #[test]
    fn only_pages_are_linked() {
        for good in ["?zone=a", "/threats?q=a:b", "#row", "https://example.com/", "findings/1", ""] {
            assert!(safe_href(good).is_some(), "{good}");
        }
        for bad in ["javascript:0", "JavaScript:0", "data:text/html,x", "java\nscript:0", " javascript:0"] {
            assert!(safe_href(bad).is_none(), "{bad}");
        }
        assert_eq!(safe_href("?a=\"b\"&c").as_deref(), Some("?a=&quot;b&quot;&amp;c"));
    }

    #[test]
    fn numbers_are_grouped() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1_000"), (1_234_567, "1_234_567")];
        for (value, expected) in cases {
            assert_eq!(number(value), expected.replace('_', "\u{202f}"));
        }
        let cases = [
            (0.0, "0"),
            (-0.0001, "0"),
            (0.5, "0.5"),
            (12.345, "12.35"),
            (-3.25, "−3.25"),
            (1234.5, "1_234"),
            (f64::NAN, "–"),
            (f64::INFINITY, "–"),
            (1e300, "1.00e300"),
        ];
        for (value, expected) in cases {
            assert_eq!(decimal(value), expected.replace('_', "\u{202f}"));
        }
    }

    #[test]
    fn counts_are_made_short() {
        let cases =
            [(0, "0"), (999, "999"), (1_000, "1k"), (1_290, "1.2k"), (34_999, "34k"), (u64::MAX, "18E")];
        for (value, expected) in cases {
            assert_eq!(compact(value), expected);
        }
    }

    #[test]
    fn a_cut_is_never_wider_than_asked() {
        for text in [
            "",
            "short",
            "a label that is far too long for its place",
            "漢字漢字漢字漢字漢字",
            "WWWWWWWWWWWW",
        ] {
            for most in [100.0, 250.0, 400.0, 800.0] {
                let cut = cut(text, most);
                assert!(f64::from(width(&cut)) <= most, "{cut:?} is wider than {most}");
                assert_eq!(cut == text, f64::from(width(text)) <= most);
            }
        }
    }
}
