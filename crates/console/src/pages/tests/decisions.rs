//! What people decide: the form that makes a command, warnings, break-glass, and who has seen the log.

use bartizan_report::v1::{Anchor, AnchorKind, DecisionState, Posture, Report};

use super::{
    html::read,
    sample::{get, html, report, sample, time},
};
use crate::{pages::PAGES, run::RunState, snapshot::Snapshot};

/// The words of a page of this report, without menu and help.
fn text_of(report: Report, address: &str) -> String {
    let (status, html) = html(get(&sample(5), Some(&Snapshot::new(report)), &RunState::default(), address));
    assert_eq!(status, 200, "{address}");
    super::pages::main(&html)
}

fn text(address: &str) -> String {
    text_of(report(), address)
}

#[test]
fn the_form_makes_the_command_or_says_what_is_missing() {
    let (high, lesser, passed) = (0, 1, 3);
    let page =
        |at: usize, query: &str| text(&format!("/findings/{}{query}", report().findings[at].fingerprint));
    let command = format!(
        "bartizan exception add --finding {} --reason 'It'\\''s $(seen).' --owner platform --lasts 32d --key YOUR.key",
        report().findings[high].fingerprint
    );
    let full = "?reason=It's%20$(seen).&owner=platform&expires=2026-12-24";
    for (at, query, has, lacks) in [
        (high, "", "Live with it", "exception add"),
        (high, full, command.as_str(), "missing"),
        (high, "?owner=platform", "A reason is missing", "exception add"),
        (high, "?reason=x", "An owner is missing", "exception add"),
        (
            high,
            "?reason=x&owner=platform&expires=2026-11-22",
            "The last day is none from 2026-11-23",
            "exception add",
        ),
        (high, "?reason=x&owner=platform&expires=2027-12-28", "to 2027-12-27", "exception add"),
        (high, "?reason=x&owner=platform&expires=tomorrow", "The last day is none", "exception add"),
        (high, "", "The console signs nothing", "the stanza is above"),
        (lesser, "", "the stanza is above", "exception add"),
        (passed, full, "Excepted by a1b2c3d4e5f6 until 2026-12-22", "Make the command"),
    ] {
        let lines = page(at, query);
        assert!(lines.contains(has), "{query} lacks {has}: {lines}");
        assert!(!lines.contains(lacks), "{query} has {lacks}: {lines}");
    }
    let long = format!("?reason={}&owner=platform", "x".repeat(201));
    assert!(page(high, &long).contains("The reason is longer than 200 characters."));
}

#[test]
fn a_break_glass_stands_on_every_page_until_it_is_over() {
    let banner = "A break-glass opens the gate release until";
    for (route, _) in PAGES.iter().filter(|(route, _)| !route.contains('{')) {
        assert!(text(route).starts_with(banner), "{route}");
    }
    for (state, expires) in [
        (DecisionState::InForce, "2026-11-22T10:00:05Z"),
        (DecisionState::Expired, "2026-12-22T10:00:00Z"),
        (DecisionState::Pending, "2026-12-22T10:00:00Z"),
    ] {
        let mut over = report();
        over.decisions[1].state = state;
        over.decisions[1].expires = time(expires);
        assert!(!text_of(over, "/").contains(banner), "{state:?} {expires}");
    }
}

#[test]
fn warnings_stand_on_the_overview_while_there_are_any() {
    let lines = text("/");
    for warning in [
        "Gate deploy ■ denies 3 rules refuse.",
        "Gate share ■ cannot be used The policy permits everything.",
        "■ unreconciled 1 undeclared, 1 lost without agreement.",
        "◐ expiring 1 decision ends within 14 days.",
        "○ pending 1 decision waits for somebody else to agree.",
        "witnessed",
    ] {
        assert!(lines.contains(warning), "{warning} in {lines}");
    }
    let mut calm = report();
    calm.gates.retain(|gate| gate.verdict.passes());
    calm.decisions.clear();
    calm.reconciliation.posture = Posture::Reconciled;
    calm.anchors.clear();
    let lines = text_of(calm, "/");
    for warning in ["denies", "unreconciled", "expiring", "pending"] {
        assert!(!lines.contains(warning), "{warning} in {lines}");
    }
    assert!(lines.contains("not witnessed"), "{lines}");
}

#[test]
fn the_log_is_not_witnessed_while_nobody_has_seen_it() {
    let mut host = sample(5);
    let log = |host: &super::sample::Sample| {
        let page = html(get(host, Some(&Snapshot::new(report())), &RunState::default(), "/log")).1;
        super::pages::main(&page)
    };
    assert!(log(&host).contains("Not witnessed"));
    let anchor =
        |by: &str, kind, size| Anchor { kind, by: by.to_owned(), at: time("2026-11-22T10:00:00Z"), size };
    host.anchors.push(anchor("witness.example.com", AnchorKind::Witness, 3));
    let lines = log(&host);
    assert!(!lines.contains("Not witnessed"), "{lines}");
    assert!(lines.contains("witness.example.com cosigned its head at 3 entries"), "{lines}");
    assert!(lines.contains("2 entries, is not witnessed yet"), "{lines}");
    host.anchors.push(anchor("tsa", AnchorKind::Timestamp, 5));
    assert!(log(&host).contains("Somebody outside has seen every entry"));
}

#[test]
fn empty_pages_say_what_to_do() {
    let mut empty = report();
    empty.gates.clear();
    empty.decisions.clear();
    empty.reconciliation = bartizan_report::v1::Reconciliation::default();
    empty.findings.clear();
    for (address, has) in [
        ("/gates", "the newest run asked none"),
        ("/exceptions", "bartizan exception add --help"),
        ("/reconciliation", "There is no earlier assessment"),
        ("/reconciliation", "Everything that was seen is declared."),
    ] {
        assert!(text_of(empty.clone(), address).contains(has), "{address}");
    }
    empty.system.gates.clear();
    assert!(text_of(empty.clone(), "/gates").contains("[gate.deploy]"));
    empty.project.inferred = true;
    assert!(text_of(empty, "/gates").contains("bartizan init"));
}

#[test]
fn commands_are_those_of_the_decision() {
    for (id, has, lacks) in [
        ("a1b2c3d4e5f6", "bartizan exception revoke a1b2c3d4e5f6", "approve"),
        (
            "a1b2c3d4e5f6",
            "--compensating 'It is loaded on a host without network alone.' --reason",
            "approve",
        ),
        ("c1b2c3d4e5f6", "bartizan exception approve c1b2c3d4e5f6 --key", "To go on"),
        ("d1b2c3d4e5f6", "bartizan exception add --lost element/old-tool --reason", "approve"),
        ("e1b2c3d4e5f6", "bartizan exception add --help", "revoke"),
        ("f1b2c3d4e5f6", "It can be asked for anew", "revoke"),
    ] {
        let lines = text(&format!("/exceptions/{id}"));
        assert!(lines.contains(has), "{id} lacks {has}: {lines}");
        assert!(!lines.contains(lacks), "{id} has {lacks}: {lines}");
    }
    let (_, html) =
        html(get(&sample(5), Some(&Snapshot::new(report())), &RunState::default(), "/gates/deploy"));
    assert_eq!(read(&html).faults, Vec::<String>::new());
    let lines = super::pages::main(&html);
    for has in [
        "two-scans organisation",
        "bartizan.reconciled built in",
        "no-critical\n",
        "bartizan gate deploy --asset assistant",
    ] {
        assert!(lines.contains(has), "{has}: {lines}");
    }
}
