use pulldown_cmark::{Event, Options, Parser, Tag};

use super::*;
use bartizan_finding::hides;

use crate::sample;

const NASTY: &str = "# x\n\n- [a](http://x.invalid) ![b](c) <script>alert(1)</script> @all #1 owner/repo#2 GH-3 | x | \
                     `tick ``` ~~~ *b* _i_ **s** ~~d~~ $m$ :tada: http://x.invalid www.x.invalid a@x.invalid \
                     <http://x.invalid> &lt;b&gt; [^1] </details> \u{202e} \\";

fn reports() -> Vec<Report> {
    vec![
        sample::empty(),
        sample::busy(),
        sample::hostile(),
        sample::planted(NASTY),
        sample::large(10_000, 1_000),
    ]
}

/// The words of a text, as a reader sees them, outside of code.
fn words(markdown: &str) -> Vec<String> {
    let mut in_html = false;
    Parser::new_ext(markdown, Options::all())
        .filter_map(|event| match event {
            Event::Start(Tag::HtmlBlock) => {
                in_html = true;
                None
            }
            Event::Text(text) if !in_html => Some(text.to_string()),
            _ => None,
        })
        .collect()
}

#[test]
fn the_verdict_the_tallies_and_what_next_come_first() {
    insta::assert_snapshot!(render(&sample::busy()));
}

#[test]
fn an_inferred_project_without_findings_is_short() {
    insta::assert_snapshot!(render(&sample::empty()));
}

#[test]
fn only_our_own_structure_appears() {
    let shape = |report: &Report| -> Vec<String> {
        Parser::new_ext(&render(report), Options::all())
            .filter_map(|event| match event {
                Event::Start(tag) => Some(format!("{tag:?}")),
                Event::End(tag) => Some(format!("end {tag:?}")),
                Event::Html(html) | Event::InlineHtml(html) => Some(html.to_string()),
                Event::Text(_) | Event::Code(_) | Event::SoftBreak => None,
                other => Some(format!("{other:?}")),
            })
            .collect()
    };
    let (plain, planted) = (shape(&sample::planted("x")), shape(&sample::planted(NASTY)));
    assert!(plain.len() > 100);
    assert_eq!(plain, planted);
}

#[test]
fn nothing_is_a_link_a_mention_or_a_reference() {
    for report in reports() {
        let markdown = render(&report);
        for event in Parser::new_ext(&markdown, Options::all()) {
            match event {
                Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::FootnoteDefinition(_)) => {
                    panic!("{event:?}")
                }
                Event::Html(html) | Event::InlineHtml(html) => {
                    let html = html.trim();
                    let ours = ["<details>", "</details>"].contains(&html) || html.starts_with("<summary>");
                    assert!(ours, "{html}");
                    assert!(!html.contains("script"));
                }
                _ => {}
            }
        }
        for text in words(&markdown) {
            for mark in ["@", "#", "://", "www.", ":tada:", "GH-", "$"] {
                assert!(!text.contains(mark), "{mark} in {text}");
            }
        }
        assert!(!markdown.chars().any(|c| c != '\n' && hides(c)));
    }
}

#[test]
fn a_long_report_fits_a_comment_and_says_what_is_missing() {
    for mut report in reports() {
        for finding in &mut report.findings {
            finding.message = "漢".repeat(2_000);
        }
        assert!(render(&report).len() <= MAX_BYTES);
    }
    let markdown = render(&sample::large(10_000, 1_000));
    assert!(markdown.contains("findings are left out for length; the JSON report holds all."));
    assert!(markdown.len() > MAX_BYTES / 2);
    assert!(markdown.trim_end().ends_with("`bartizan 0.1.0`"), "the line of evidence is not cut away");
}

#[test]
fn one_more_is_said_of_one() {
    assert_eq!(are(1, "finding"), "1 finding is");
    assert_eq!(count(2, "control"), "2 controls");
}
