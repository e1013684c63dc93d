//! Text from files and models, made fit for a page.

use std::fmt;

use askama::filters::HtmlSafe;
use bartizan_finding::hides;

/// More marks than this on one letter are no script's spelling but an attempt to draw over neighbouring lines.
const MAX_MARKS: usize = 3;

/// HTML that this crate wrote. Whatever came from outside was escaped on its way into it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Markup(pub(crate) String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}

/// A text as a page shows it: on one line, at most `most` characters long, with every character that could turn the
/// direction, hide or act written as its escape. An ellipsis ends what was cut.
///
/// The result is not yet escaped for HTML.
pub(crate) fn shown(text: &str, most: usize) -> String {
    shown_and_cut(text, most).0
}

/// As [`shown`], with whether something was cut off.
fn shown_and_cut(text: &str, most: usize) -> (String, bool) {
    let mut out = String::new();
    let mut length = 0;
    let mut marks = 0;
    // Where to cut if a later character does not fit: before the last one that leaves room for the ellipsis.
    let mut cut = 0;
    for c in text.chars() {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        let before = out.len();
        if marks > MAX_MARKS || hides(c) {
            out.push_str(&match c {
                '\n' => "\\n".to_owned(),
                '\r' => "\\r".to_owned(),
                '\t' => "\\t".to_owned(),
                c => format!("\\u{{{:x}}}", u32::from(c)),
            });
            length += out.len() - before;
        } else {
            out.push(c);
            length += 1;
        }
        if length > most {
            out.truncate(cut);
            if most > 0 {
                out.push('…');
            }
            return (out, true);
        }
        if length < most {
            cut = out.len();
        }
    }
    (out, false)
}

/// Marks that are drawn over the letter before them: the blocks of combining diacritics.
fn is_mark(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// Escapes for HTML, for text and for quoted attributes alike.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A text of a stranger, in an element of its own so that its direction stays inside; where it is cut, the whole
/// length is told.
pub(crate) fn data(text: &str, most: usize) -> Markup {
    Markup(enclosed("bdi", text, most))
}

/// An id, path, command or digest: as [`data`], in the type of code.
pub(crate) fn code(text: &str, most: usize) -> Markup {
    Markup(enclosed("code", text, most))
}

fn enclosed(element: &str, text: &str, most: usize) -> String {
    let (text_shown, is_cut) = shown_and_cut(text, most);
    let mut out = format!("<{element}>{}</{element}>", escaped(&text_shown));
    if is_cut {
        let length = number(text.chars().count() as u64);
        out.push_str(&format!(" <span class=\"cut\">({length} characters)</span>"));
    }
    out
}

/// A sentence of the report: what stands between backticks is code, and it starts with a capital.
pub(crate) fn sentence(text: &str, most: usize) -> Markup {
    let (text_shown, is_cut) = shown_and_cut(text, most);
    let mut out = String::from("<bdi>");
    out.push_str(&spans(&capital(&text_shown)));
    out.push_str("</bdi>");
    if is_cut {
        let length = number(text.chars().count() as u64);
        out.push_str(&format!(" <span class=\"cut\">({length} characters)</span>"));
    }
    Markup(out)
}

/// As [`sentence`], with a full stop where a word ends it; none after what may be an id.
pub(crate) fn full(text: &str, most: usize) -> Markup {
    let ends_in_a_word = text.chars().count() < most
        && text
            .rsplit(' ')
            .next()
            .is_some_and(|word| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase()));
    if ends_in_a_word { sentence(&format!("{text}."), most) } else { sentence(text, most) }
}

/// The words of a rule, which are Markdown: paragraphs, lists, fenced code and code spans, and nothing else.
pub(crate) fn prose(text: &str, most: usize) -> Markup {
    let mut blocks = Blocks::default();
    let mut left = most;
    for line in text.lines() {
        if left == 0 {
            blocks.paragraph.push("…".to_owned());
            break;
        }
        let line_shown = shown(line.trim_end(), left);
        left = left.saturating_sub(line_shown.chars().count().max(1));
        blocks.line(&line_shown);
    }
    blocks.end();
    Markup(blocks.html)
}

/// Markdown on its way to HTML.
#[derive(Default)]
struct Blocks {
    html: String,
    paragraph: Vec<String>,
    items: Vec<String>,
    fence: Option<Vec<String>>,
}

impl Blocks {
    fn line(&mut self, line: &str) {
        if let Some(fence) = &mut self.fence {
            if line.starts_with("```") { self.end() } else { fence.push(line.to_owned()) }
        } else if line.starts_with("```") {
            self.end();
            self.fence = Some(Vec::new());
        } else if line.is_empty() {
            self.end();
        } else if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
            self.end_paragraph();
            self.items.push(item.to_owned());
        } else if let Some(item) = self.items.last_mut() {
            item.push(' ');
            item.push_str(line.trim_start());
        } else {
            self.paragraph.push(line.to_owned());
        }
    }

    fn end_paragraph(&mut self) {
        if !self.paragraph.is_empty() {
            self.html.push_str(&format!("<p>{}</p>", spans(&self.paragraph.join(" "))));
            self.paragraph.clear();
        }
    }

    fn end(&mut self) {
        self.end_paragraph();
        if !self.items.is_empty() {
            let items: Vec<_> = self.items.iter().map(|item| format!("<li>{}</li>", spans(item))).collect();
            self.html.push_str(&format!("<ul>{}</ul>", items.concat()));
            self.items.clear();
        }
        if let Some(lines) = self.fence.take() {
            self.html.push_str(&format!("<pre><code>{}</code></pre>", escaped(&lines.join("\n"))));
        }
    }
}

/// Escaped, with what stands between backticks as code.
fn spans(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // An odd number of backticks leaves one that opens nothing.
    let paired = if parts.len() % 2 == 1 { parts.len() } else { parts.len() - 1 };
    let mut out = String::new();
    for (at, part) in parts.iter().enumerate() {
        if at >= paired {
            out.push('`');
            out.push_str(&escaped(part));
        } else if at % 2 == 1 {
            out.push_str(&format!("<code>{}</code>", escaped(part)));
        } else {
            out.push_str(&escaped(part));
        }
    }
    out
}

/// With a capital at the start, unless what stands there is an id.
pub(crate) fn capital(text: &str) -> String {
    if text.split_whitespace().next().is_some_and(|word| word.contains('-')) {
        return text.to_owned();
    }
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_ascii_uppercase().to_string() + chars.as_str(),
        None => String::new(),
    }
}

/// With narrow spaces between the thousands.
pub(crate) fn number(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digits.len() > 4 {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// `1 file`, `2 files`: a count with its noun.
pub(crate) fn count(amount: u64, one: &str, many: &str) -> String {
    format!("{} {}", number(amount), if amount == 1 { one } else { many })
}

/// A size in bytes, in powers of 1,024.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["KiB", "MiB", "GiB", "TiB", "PiB"];
    if bytes < 1024 {
        return count(bytes, "byte", "bytes");
    }
    let mut value = bytes as f64 / 1024.0;
    let mut unit = 0;
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS.get(unit).unwrap_or(&"PiB"))
}

/// To the minute, in UTC.
pub(crate) fn when(time: &bartizan_finding::Timestamp) -> Markup {
    let minute = time.strftime("%Y-%m-%d <span>%H:%M UTC</span>");
    Markup(format!("<time datetime=\"{}\">{minute}</time>", time.strftime("%Y-%m-%dT%H:%M:%SZ")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_hides_is_shown_and_what_is_long_is_cut() {
        for (text, most, expected) in [
            ("plain, ünïcode, 漢字", 80, "plain, ünïcode, 漢字"),
            ("\u{1b}[31mred", 80, "\\u{1b}[31mred"),
            ("one\r\ntwo\t", 80, "one\\r\\ntwo\\t"),
            ("abc\u{202e}gpj.exe", 80, "abc\\u{202e}gpj.exe"),
            ("a\u{301}\u{301}\u{301}\u{301}", 80, "a\u{301}\u{301}\u{301}\\u{301}"),
            ("abcdef", 6, "abcdef"),
            ("abcdefg", 6, "abcde…"),
            ("", 0, ""),
            ("a", 0, ""),
        ] {
            assert_eq!(shown(text, most), expected);
        }
        assert_eq!(shown(&"x".repeat(1 << 20), 40).chars().count(), 40);
    }

    #[test]
    fn a_cut_text_tells_its_length() {
        let long = "<".repeat(12_345);
        assert_eq!(
            data(&long, 3).0,
            "<bdi>&lt;&lt;…</bdi> <span class=\"cut\">(12\u{202f}345 characters)</span>"
        );
    }

    #[test]
    fn code_spans_pair_or_stay() {
        assert_eq!(sentence("run `a < b` or `c", 80).0, "<bdi>Run <code>a &lt; b</code> or `c</bdi>");
    }

    #[test]
    fn a_full_stop_follows_words_alone() {
        for (text, expected) in [
            ("nobody has to agree", "<bdi>Nobody has to agree.</bdi>"),
            ("it ends.", "<bdi>It ends.</bdi>"),
            ("see THR001", "<bdi>See THR001</bdi>"),
            ("see `gateway`", "<bdi>See <code>gateway</code></bdi>"),
            ("of the kind PKL001-a", "<bdi>Of the kind PKL001-a</bdi>"),
        ] {
            assert_eq!(full(text, 80).0, expected);
        }
    }

    #[test]
    fn the_words_of_a_rule_become_blocks() {
        let text = "First line\nsecond `x`.\n\n- one\n  more\n- two\n\n```\n<b>\n```\nend [a](javascript:x)";
        assert_eq!(
            prose(text, 500).0,
            "<p>First line second <code>x</code>.</p><ul><li>one more</li><li>two</li></ul>\
             <pre><code>&lt;b&gt;</code></pre><p>end [a](javascript:x)</p>"
        );
    }

    #[test]
    fn numbers_and_sizes_read_well() {
        assert_eq!([number(7), number(1234), number(1_234_567)], ["7", "1234", "1\u{202f}234\u{202f}567"]);
        assert_eq!(
            [size(1), size(1023), size(1024), size(u64::MAX)],
            ["1 byte", "1023 bytes", "1.0 KiB", "16384.0 PiB"]
        );
        assert_eq!([count(1, "row", "rows"), count(0, "row", "rows")], ["1 row", "0 rows"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn nothing_that_hides_or_acts_passes(text in any::<String>(), most in 0_usize..60) {
            let out = shown(&text, most);
            prop_assert!(out.chars().count() <= most);
            prop_assert!(!out.chars().any(hides));
            for html in [data(&text, most).0, sentence(&text, most).0, prose(&text, most).0] {
                let own = ["bdi", "code", "span", "p", "ul", "li", "pre"];
                for tag in html.split('<').skip(1) {
                    let name: String =
                        tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphabetic).collect();
                    prop_assert!(own.contains(&name.as_str()), "{html}");
                }
            }
        }
    }
}
