use super::*;
use crate::{printable::width, sample};

fn plain(report: &Report, detail: Detail) -> String {
    render(report, &Options { detail, ..Options::default() })
}

#[test]
fn the_verdict_comes_first_then_what_is_wrong_and_what_next() {
    insta::assert_snapshot!(plain(&sample::busy(), Detail::Normal));
}

#[test]
fn quiet_says_the_verdict_and_what_keeps_it_from_being_whole() {
    insta::assert_snapshot!(plain(&sample::busy(), Detail::Quiet));
}

#[test]
fn verbose_adds_the_places_the_threats_and_the_evidence() {
    insta::assert_snapshot!(plain(&sample::busy(), Detail::Verbose));
}

#[test]
fn an_inferred_project_without_findings_is_short() {
    insta::assert_snapshot!(plain(&sample::empty(), Detail::Normal));
}

#[test]
fn hostile_text_is_shown_as_data() {
    insta::assert_snapshot!(plain(&sample::hostile(), Detail::Normal));
}

#[test]
fn no_line_is_wider_than_the_page_and_none_holds_what_hides() {
    let nasty = "\u{1b}[31m\u{202e}x\r\n".repeat(40);
    let mut planted = sample::planted(&nasty);
    // Commands are never broken.
    planted.next.clear();
    for report in [sample::empty(), sample::busy(), sample::hostile(), planted] {
        for detail in [Detail::Quiet, Detail::Normal, Detail::Verbose] {
            for columns in [0, 40, 57, 80, 120, 200] {
                let options = Options { width: columns, style: Style::Plain, detail };
                let mut text = render(&report, &options);
                text.extend(report.gates.iter().map(|one| gate(one, &options)));
                text.push_str(&decisions(&report.decisions, &options));
                assert!(!text.chars().any(|c| c != '\n' && bartizan_finding::hides(c)));
                assert!(text.len() < 200_000);
                for line in text.lines().filter(|line| !line.trim_start().starts_with("bartizan ")) {
                    assert!(width(line) <= columns.max(40), "{columns}: {line}");
                }
            }
        }
    }
}

#[test]
fn colour_changes_no_word() {
    let colour = Options { style: Style::Colour, ..Options::default() };
    let coloured = render(&sample::hostile(), &colour);
    assert!(coloured.contains("\u{1b}[31m"));
    let mut bare = String::new();
    let mut rest = coloured.as_str();
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        bare.push_str(before);
        // Only the escapes of our own styles are there: digits, semicolons and an `m`.
        let (parameters, after) = after.split_once('m').unwrap();
        assert!(parameters.chars().all(|c| c.is_ascii_digit() || c == ';'));
        rest = after;
    }
    bare.push_str(rest);
    // A row is trimmed before its colours end, so only the ends of lines may differ.
    let trimmed = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    assert_eq!(trimmed(&bare), trimmed(&plain(&sample::hostile(), Detail::Normal)));
}

#[test]
fn a_gate_says_what_it_decides_and_what_to_do() {
    let report = sample::busy();
    let told: Vec<String> = report.gates.iter().map(|one| gate(one, &Options::default())).collect();
    insta::assert_snapshot!(told.join("----\n"));
    let quiet = Options { detail: Detail::Quiet, ..Options::default() };
    assert_eq!(gate(&report.gates[0], &quiet), "■ deploy denies\n  3 rules refuse.\n");
}

#[test]
fn decisions_are_listed_with_what_holds_first() {
    insta::assert_snapshot!(decisions(&sample::busy().decisions, &Options::default()));
    assert!(decisions(&[], &Options::default()).starts_with("Nobody has decided anything"));
}

#[test]
fn what_opens_a_gate_is_said_before_everything_while_it_does() {
    let mut report = sample::busy();
    for detail in [Detail::Quiet, Detail::Normal, Detail::Verbose] {
        assert!(
            plain(&report, detail)
                .starts_with("◆ A break-glass opens the gate train until 2026-11-22 14:00 UTC: ")
        );
    }
    report.decisions[0].state = crate::v1::DecisionState::Expired;
    assert!(plain(&report, Detail::Normal).starts_with("helpdesk: "));
}

#[test]
fn not_witnessed_is_said_until_somebody_outside_has_seen_the_log() {
    let mut report = sample::busy();
    report.anchors.clear();
    let words =
        |report: &Report| plain(report, Detail::Normal).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words(&report).contains("head 836ff184e7b41b1e, not witnessed."));
    report.anchors = sample::busy().anchors;
    report.anchors[1].size = 57;
    assert!(!words(&report).contains("not witnessed"));
}
