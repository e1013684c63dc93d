use bartizan_figure::Figure;
use bartizan_finding::Digest;
use jiff::Timestamp;

use crate::{
    picture::{severity_tone, status_tone},
    printable::{printable, printable_path},
    v1::{Severity, Status},
};

/// A sentence is cut after this many characters.
const MAX_SENTENCE: usize = 600;

/// A name or path is cut to this many characters.
const MAX_NAME: usize = 160;

/// A Markdown text is cut after this many lines.
const MAX_LINES: usize = 40;

/// HTML while it is written.
///
/// Markup is `&'static str`, so that what comes from a report can get in only through the methods that escape and
/// cut it.
#[derive(Default)]
pub(super) struct Page {
    out: String,
}

/// Where a list ends: after so many rows, or when they take so many bytes.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    pub(super) rows: usize,
    pub(super) bytes: usize,
}

impl Page {
    pub(super) fn finish(self) -> String {
        self.out
    }

    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Our own markup or words.
    pub(super) fn raw(&mut self, markup: &'static str) -> &mut Self {
        self.out.push_str(markup);
        self
    }

    /// A text, escaped, as it is.
    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        escape(&mut self.out, &printable(text, MAX_SENTENCE));
        self
    }

    /// A name or path; what is too much is taken from its middle.
    pub(super) fn name(&mut self, text: &str) -> &mut Self {
        escape(&mut self.out, &printable_path(text, MAX_NAME));
        self
    }

    /// A sentence, in which what stands between backticks is code.
    pub(super) fn sentence(&mut self, text: &str) -> &mut Self {
        let shown = printable(text, MAX_SENTENCE);
        let pieces: Vec<&str> = shown.split('`').collect();
        if pieces.len().is_multiple_of(2) {
            escape(&mut self.out, &shown);
            return self;
        }
        for (at, piece) in pieces.iter().enumerate() {
            if at % 2 == 0 {
                escape(&mut self.out, piece);
            } else {
                self.raw("<code>");
                escape(&mut self.out, piece);
                self.raw("</code>");
            }
        }
        self
    }

    /// The little Markdown that rules are written in: paragraphs, lists, fenced code, code spans.
    pub(super) fn prose(&mut self, markdown: &str) -> &mut Self {
        let lines: Vec<&str> = markdown.lines().take(MAX_LINES).collect();
        for block in lines.split(|line| line.trim().is_empty()).filter(|block| !block.is_empty()) {
            if block[0].starts_with("```") {
                self.raw("<pre><code>");
                for line in block.iter().filter(|line| !line.starts_with("```")) {
                    self.text(line).raw("\n");
                }
                self.raw("</code></pre>\n");
            } else if block[0].starts_with("- ")
                && block.iter().all(|line| line.starts_with("- ") || line.starts_with("  "))
            {
                self.raw("<ul>");
                for (at, line) in block.iter().enumerate() {
                    match line.strip_prefix("- ") {
                        Some(item) => self.raw(if at > 0 { "</li><li>" } else { "<li>" }).sentence(item),
                        None => self.raw(" ").sentence(line.trim()),
                    };
                }
                self.raw("</li></ul>\n");
            } else {
                self.raw("<p>").sentence(&block.join(" ")).raw("</p>\n");
            }
        }
        if markdown.lines().count() > MAX_LINES {
            self.raw("<p>…</p>\n");
        }
        self
    }

    /// A count, with its thousands apart.
    pub(super) fn number(&mut self, n: u64) -> &mut Self {
        let digits = n.to_string();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                self.out.push('\u{202f}');
            }
            self.out.push(digit);
        }
        self
    }

    /// A count and its noun.
    pub(super) fn count(&mut self, n: u64, one: &'static str, many: &'static str) -> &mut Self {
        self.number(n).raw(" ").raw(if n == 1 { one } else { many })
    }

    pub(super) fn day(&mut self, time: Timestamp) -> &mut Self {
        self.out.push_str(&time.strftime("<time>%Y-%m-%d</time>").to_string());
        self
    }

    pub(super) fn minute(&mut self, time: Timestamp) -> &mut Self {
        self.out.push_str(
            &time.strftime("<time datetime=\"%Y-%m-%dT%H:%MZ\">%Y-%m-%d %H:%M UTC</time>").to_string(),
        );
        self
    }

    /// All 64 digits, which may break anywhere.
    pub(super) fn digest(&mut self, digest: &Digest) -> &mut Self {
        self.raw("<code class=\"digest\">");
        self.out.push_str(&digest.hex());
        self.raw("</code>")
    }

    /// The first 16 digits.
    pub(super) fn short(&mut self, digest: &Digest) -> &mut Self {
        let head: String = digest.hex().chars().take(16).collect();
        self.raw("<code>").text(&head).raw("</code>")
    }

    /// ` id="kind"`.
    pub(super) fn id(&mut self, kind: &'static str) -> &mut Self {
        self.raw(" id=\"").raw(kind).raw("\"")
    }

    /// ` id="kind-3"`: anchors are made of our words and of numbers, never of names from the report.
    pub(super) fn anchor(&mut self, kind: &'static str, at: usize) -> &mut Self {
        self.out.push_str(&format!(" id=\"{kind}-{at}\""));
        self
    }

    /// A link into the report, to `kind` or `kind-3`.
    pub(super) fn link(
        &mut self,
        kind: &'static str,
        at: Option<usize>,
        label: impl FnOnce(&mut Self),
    ) -> &mut Self {
        let class = section(kind).map_or_else(String::new, |number| format!(" class=\"to{number}\""));
        let target = at.map_or_else(|| kind.to_owned(), |at| format!("{kind}-{at}"));
        self.out.push_str(&format!("<a{class} href=\"#{target}\">"));
        label(self);
        self.raw("</a>")
    }

    /// An id in code type, linked to where it stands in the report, if it stands there.
    pub(super) fn known(&mut self, kind: &'static str, at: Option<usize>, id: &str) -> &mut Self {
        let label = |page: &mut Self| {
            page.raw("<code>").name(id).raw("</code>");
        };
        if at.is_some() {
            return self.link(kind, at, label);
        }
        label(self);
        self
    }

    /// The mark of a status, where its word stands near.
    pub(super) fn mark(&mut self, status: Status) -> &mut Self {
        self.out.push(status.mark());
        self
    }

    /// Mark and word of a status.
    pub(super) fn status(&mut self, status: Status) -> &mut Self {
        self.chip(status, status.as_str())
    }

    /// The mark and colour of a status with a word of our own.
    pub(super) fn chip(&mut self, status: Status, word: &'static str) -> &mut Self {
        self.raw("<span class=\"chip ").raw(status_tone(status).class()).raw("\"><span class=\"mark\">");
        self.mark(status).raw("</span> ").raw(word).raw("</span>")
    }

    /// The word of a severity, on its colour.
    pub(super) fn severity(&mut self, severity: Severity) -> &mut Self {
        let tone = severity_tone(severity);
        self.raw("<span class=\"severity ").raw(tone.class()).raw("\">").raw(severity.as_str()).raw("</span>")
    }

    /// Names in code type, with a comma between; after `most` it says how many follow.
    pub(super) fn names(&mut self, names: &[String], most: usize) -> &mut Self {
        for (at, name) in names.iter().take(most).enumerate() {
            self.raw(if at > 0 { ", <code>" } else { "<code>" }).name(name).raw("</code>");
        }
        if names.len() > most {
            self.raw(" and ").number((names.len() - most) as u64).raw(" more");
        }
        self
    }

    /// Title, picture and folded table.
    pub(super) fn figure(&mut self, figure: &Figure) -> &mut Self {
        self.raw("<div class=\"figure\">\n<p class=\"title\">").text(&figure.table.caption).raw("</p>\n");
        self.out.push_str(&figure.html());
        self.raw("</div>\n")
    }

    /// Opens a table with its caption and column heads; [`Page::end_table`] closes it.
    pub(super) fn table(&mut self, caption: &'static str, heads: &[&'static str]) -> &mut Self {
        self.raw("<table role=\"table\"><caption>").raw(caption).raw("</caption>\n<thead><tr role=\"row\">");
        for head in heads {
            self.raw("<th scope=\"col\" role=\"columnheader\">").raw(head).raw("</th>");
        }
        self.raw("</tr></thead>\n<tbody>\n")
    }

    pub(super) fn end_table(&mut self) -> &mut Self {
        self.raw("</tbody></table>\n")
    }

    /// A cell; `head` says what it holds where a narrow page stacks the cells.
    pub(super) fn cell(&mut self, head: &'static str, content: impl FnOnce(&mut Self)) -> &mut Self {
        self.raw("<td role=\"cell\" data-label=\"").raw(head).raw("\">");
        content(self);
        self.raw("</td>")
    }

    /// A cell with a number.
    pub(super) fn number_cell(&mut self, head: &'static str, n: u64) -> &mut Self {
        self.raw("<td role=\"cell\" class=\"n\" data-label=\"").raw(head).raw("\">").number(n).raw("</td>")
    }

    /// The cell that names its row.
    pub(super) fn row_head(&mut self, content: impl FnOnce(&mut Self)) -> &mut Self {
        self.raw("<th scope=\"row\" role=\"rowheader\">");
        content(self);
        self.raw("</th>")
    }

    /// A row of a list of terms.
    pub(super) fn term(&mut self, term: &'static str, content: impl FnOnce(&mut Self)) -> &mut Self {
        self.raw("<div><dt>").raw(term).raw("</dt><dd>");
        content(self);
        self.raw("</dd></div>\n")
    }

    /// Writes rows up to the limit and returns how many are left out.
    pub(super) fn rows<T>(
        &mut self,
        rows: impl IntoIterator<Item = T>,
        limit: Limit,
        mut write: impl FnMut(&mut Self, T),
    ) -> usize {
        let start = self.len();
        let mut left_out = 0;
        for (at, row) in rows.into_iter().enumerate() {
            if left_out > 0 || at >= limit.rows || self.len() - start >= limit.bytes {
                left_out += 1;
            } else {
                write(self, row);
            }
        }
        left_out
    }

    /// Says that rows are left out and where they are, where any are.
    pub(super) fn left_out(&mut self, n: usize, one: &'static str, many: &'static str) -> &mut Self {
        if n > 0 {
            self.raw("<p class=\"more\">").number(n as u64).raw(" more ").raw(if n == 1 {
                one
            } else {
                many
            });
            self.raw(" left out here for length: the JSON report holds all.</p>\n");
        }
        self
    }
}

/// The number of the section that tells of such things, for links on paper. A test holds it against the sections.
pub(super) fn section(kind: &str) -> Option<u8> {
    match kind {
        "gate" => Some(3),
        "decision" => Some(4),
        "rule" => Some(6),
        "risk" => Some(7),
        "threat" => Some(8),
        "control" => Some(9),
        "area" => Some(10),
        "statement" | "refused" => Some(12),
        _ => None,
    }
}

/// For an element or a quoted attribute.
pub(super) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn no_text_makes_an_element_of_its_own(text in any::<String>(), markup in "[<>&\"'`/!\\-a-z= \n]{0,40}") {
            let mut page = Page::default();
            page.raw("<p title=\"").text(&text).text(&markup).raw("\">");
            page.sentence(&markup).name(&text).sentence(&text).prose(&markup).prose(&text).raw("</p>");
            let written = page.finish();
            // XML has no way to hold these two, and HTML has.
            let xml = written.replace(['\u{fffe}', '\u{ffff}'], "");
            let document = roxmltree::Document::parse(&xml).map_err(|error| TestCaseError::fail(error.to_string()))?;
            for node in document.descendants().filter(roxmltree::Node::is_element) {
                prop_assert!(matches!(node.tag_name().name(), "p" | "code" | "pre" | "ul" | "li"));
                prop_assert!(node.attributes().all(|attribute| attribute.name() == "title"));
            }
        }
    }

    fn written(write: impl FnOnce(&mut Page)) -> String {
        let mut page = Page::default();
        write(&mut page);
        page.finish()
    }

    #[test]
    fn what_comes_from_a_report_is_text() {
        let nasty = "<b a='1' c=\"2\">&\u{202e}x`y";
        for shown in [
            written(|page| {
                page.text(nasty);
            }),
            written(|page| {
                page.name(nasty);
            }),
            written(|page| {
                page.sentence(nasty);
            }),
        ] {
            assert_eq!(shown, "&lt;b a=&#39;1&#39; c=&quot;2&quot;&gt;&amp;\\u{202e}x`y");
        }
    }

    #[test]
    fn backticks_make_code() {
        assert_eq!(
            written(|page| {
                page.sentence("Set `a<b` to `1`.");
            }),
            "Set <code>a&lt;b</code> to <code>1</code>."
        );
        assert_eq!(
            written(|page| {
                page.prose("One\ntwo.\n\n- a\n  b\n- `c`\n\n```\n<x>\n```\n");
            }),
            "<p>One two.</p>\n<ul><li>a b</li><li><code>c</code></li></ul>\n<pre><code>&lt;x&gt;\n</code></pre>\n"
        );
        let many = "x\n".repeat(100_000);
        assert!(
            written(|page| {
                page.prose(&many);
            })
            .len()
                < 1_000
        );
    }

    #[test]
    fn a_list_ends_at_its_limit_and_says_what_is_missing() {
        let row = |page: &mut Page, n: u64| {
            page.number(n).raw(" ");
        };
        let mut page = Page::default();
        assert_eq!(page.rows(1..=3, Limit { rows: 2, bytes: 100 }, row), 1);
        assert_eq!(page.rows(7..=9, Limit { rows: 9, bytes: 3 }, row), 1);
        page.left_out(1, "row is", "rows are").left_out(0, "row is", "rows are");
        assert_eq!(
            page.finish(),
            "1 2 7 8 <p class=\"more\">1 more row is left out here for length: the JSON report holds all.</p>\n"
        );
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(
            written(|page| {
                page.number(1_234_567);
            }),
            "1\u{202f}234\u{202f}567"
        );
    }
}
