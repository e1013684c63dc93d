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
        let markdown = render(report);
        // The comment in front is made of the name.
        let (marker, markdown) = markdown.split_once('\n').unwrap();
        assert_eq!(marker, super::marker(&report.project.name));
        Parser::new_ext(markdown, Options::all())
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
                    let ours = ["<details>", "</details>"].contains(&html)
                        || html.starts_with("<summary>")
                        || html == marker(&report.project.name);
                    assert!(ours, "{html}");
                    assert!(html == marker(&report.project.name) || !html.contains("script"));
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

#[test]
fn the_comment_in_front_is_the_same_for_a_project_and_ends_where_it_should() {
    for (project, expected) in [
        ("helpdesk", "<!-- bartizan:summary:helpdesk -->"),
        ("my-bot_2.1", "<!-- bartizan:summary:my-bot_2.1 -->"),
    ] {
        assert_eq!(marker(project), expected);
    }
    let mut seen = std::collections::BTreeSet::new();
    for project in
        ["a b", "a-b", "a--b", "-a-b", "a-b-", "--> <script>", "", "é", &"x".repeat(500), &"x".repeat(501)]
    {
        let marker = marker(project);
        let inner =
            marker.strip_prefix("<!-- bartizan:summary:").and_then(|rest| rest.strip_suffix(" -->")).unwrap();
        assert!(!inner.contains("--") && !inner.contains(['<', '>']) && inner.len() < 80, "{marker}");
        assert!(seen.insert(marker), "{project}");
    }
}

#[test]
fn what_is_not_new_is_counted_and_not_told() {
    let mut report = sample::busy();
    let first = report.findings.first_mut().unwrap();
    first.suppressed = Some(crate::v1::Suppression {
        by: crate::v1::SuppressedBy::Baseline,
        decision: None,
        reason: "It stood in the baseline.".to_owned(),
        expires: None,
    });
    report.suppressed += 1;
    let markdown = render(&report);
    assert!(markdown.contains("### New findings"));
    let text = crate::text::render(&report, &crate::text::Options::default());
    assert!(
        text.contains("5 new findings: 1 high") && text.contains("◆ 1 not new: It stood in the baseline.")
    );
    assert!(crate::html::render(&report).contains("the baseline: it is not new"));
    assert!(markdown.contains("| New findings | 1 high, 1 medium, 2 low, 1 info; 4 suppressed |"));
    assert!(!markdown.contains("| **critical** |"));
}

#[test]
fn every_part_has_its_room_however_much_there_is() {
    let mut report = sample::large(10_000, 1_000);
    let long = "漢".repeat(2_000);
    for gate in &mut report.gates {
        long.clone_into(&mut gate.sentence);
        gate.refusals = vec![gate.refusals.first().cloned(); 40].into_iter().flatten().collect();
    }
    report.gates = report.gates.iter().cycle().take(500).cloned().collect();
    for decision in &mut report.decisions {
        long.clone_into(&mut decision.reason);
    }
    report.decisions = report.decisions.iter().cycle().take(500).cloned().collect();
    report.reconciliation.lost = report.reconciliation.lost.iter().cycle().take(5_000).cloned().collect();
    report.unexamined = report.unexamined.iter().cycle().take(5_000).cloned().collect();
    report.anchors = report.anchors.iter().cycle().take(500).cloned().collect();
    let markdown = render(&report);
    assert!(markdown.len() <= MAX_BYTES, "{}", markdown.len());
    for part in ["findings", "gates", "decisions", "losses", "places", "controls"] {
        assert!(markdown.contains(&format!("{part} are left out for length")), "{part}");
    }
    assert!(markdown.trim_end().ends_with("`bartizan 0.1.0`"));
}
