//! Pages stay small when projects do not.

use super::{
    crawl::PAGE,
    html::read,
    sample::{get, html, sample, value},
};
use crate::{pages::PAGES, run::RunState, snapshot::Snapshot};

/// 10,000 findings, 1,000 controls, and so on.
fn large() -> Snapshot {
    let mut report = value();
    let repeat = |report: &mut serde_json::Value,
                  place: &str,
                  count: usize,
                  change: fn(&mut serde_json::Value, usize)| {
        let items = report.pointer_mut(place).unwrap().as_array_mut().unwrap();
        let first = items[0].clone();
        items.extend((1..count).map(|number| {
            let mut item = first.clone();
            change(&mut item, number);
            item
        }));
    };
    repeat(&mut report, "/findings", 10_000, |one, number| {
        one["fingerprint"] = format!("{number:064x}").into();
        one["place"] = format!("data/part-{number}.jsonl#/some/longer/column/name").into();
        one["severity"] = ["low", "medium", "high"][number % 3].into();
    });
    repeat(&mut report, "/controls", 1_000, |one, number| one["id"] = format!("control-{number}").into());
    repeat(&mut report, "/threats", 1_000, |one, number| one["id"] = format!("THR001-{number:012x}").into());
    repeat(&mut report, "/risks", 1_000, |one, number| {
        one["threat"] = format!("THR001-{number:012x}").into();
    });
    repeat(&mut report, "/decisions", 1_000, |one, number| one["id"] = format!("{number:012x}").into());
    repeat(&mut report, "/gates", 300, |one, number| one["gate"] = format!("gate-{number}").into());
    repeat(&mut report, "/gates/0/refusals", 1_000, |one, number| {
        one["rule"] = format!("rule-{number}").into();
    });
    repeat(&mut report, "/reconciliation/lost", 2_000, |one, number| {
        one["id"] = format!("threat-{number}").into();
        one["decision"] = serde_json::Value::Null;
    });
    repeat(&mut report, "/anchors", 100, |_, _| {});
    repeat(&mut report, "/evidence", 10_000, |one, number| one["index"] = number.into());
    repeat(&mut report, "/unexamined", 1_000, |_, _| {});
    repeat(&mut report, "/system/elements", 1_000, |one, number| {
        one["id"] = format!("element-{number}").into();
    });
    repeat(&mut report, "/system/assets", 1_000, |one, number| one["id"] = format!("asset-{number}").into());
    repeat(&mut report, "/system/flows", 1_000, |one, number| one["to"] = format!("element-{number}").into());
    repeat(&mut report, "/controls/0/subjects", 1_000, |one, number| {
        one["label"] = format!("file-{number}").into();
    });
    repeat(&mut report, "/controls/0/evidence", 3_000, |one, number| {
        one["subject"] = format!("file-{}", number / 3).into();
    });
    repeat(&mut report, "/teams", 200, |one, number| one["id"] = format!("team-{number}").into());
    repeat(&mut report, "/teams/0/owes", 2_000, |_, _| {});
    repeat(&mut report, "/threats/0/path", 500, |one, number| *one = format!("element-{number}").into());
    let ids: Vec<String> = (1..1_000).map(|number| format!("control-{number}")).collect();
    report["groups"][0]["items"][0]["controls"] = ids.clone().into();
    report["threats"][0]["controls"] = ids.into();
    Snapshot::new(serde_json::from_value(report).unwrap())
}

#[test]
fn no_page_is_larger_than_it_may_be() {
    let snapshot = large();
    let host = sample(1_000);
    let run = RunState::default();
    let plain = PAGES.iter().map(|(route, _)| *route).filter(|route| !route.contains('{'));
    let more = [
        "/findings?page=100",
        "/findings?severity=high&q=part&sort=place",
        "/threats?zone=internal",
        "/threats?path=THR001-aa",
        "/threats/THR001-aa",
        "/controls/model-scan",
        "/controls/model-scan?page=5",
        "/items/PO.1.1.R1",
        "/groups/platform",
        "/frameworks/atlas%3A5.6",
        "/frameworks/ssdf-218a%3A2024",
        "/frameworks/nist-ai-600-1%3A2024",
        "/frameworks/aisvs%3A1.0?page=2",
        "/gates/deploy",
        "/gates/deploy?page=4",
        "/gates?page=2",
        "/exceptions?page=7&sort=until",
        "/exceptions/a1b2c3d4e5f6",
        "/reconciliation?page=3",
        "/project?show=elements&page=3",
        "/project?show=assets",
        "/project?show=flows",
        "/project?show=unexamined",
        "/log?page=4",
        "/rules/PKL001",
        "/evidence/7",
    ];
    for address in plain.chain(more) {
        let (status, html) = html(get(&host, Some(&snapshot), &run, address));
        assert_eq!(status, 200, "{address}");
        assert!(html.len() <= PAGE, "{address} has {} bytes", html.len());
        assert_eq!(read(&html).faults, Vec::<String>::new(), "{address}");
    }
}

#[test]
fn a_row_beyond_the_first_page_is_found_by_its_link() {
    let snapshot = large();
    let (_, html) =
        html(get(&sample(1), Some(&snapshot), &RunState::default(), "/project?show=elements&page=8"));
    assert!(read(&html).ids.contains("element-element-700"), "{html}");
}
