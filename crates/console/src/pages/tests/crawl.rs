//! Follows every link of every page.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bartizan_standards::Edition;

use super::{
    html::{Read, read},
    sample::{Sample, get, hostile, report, sample},
};
use crate::{call::Answer, pages::PAGES, run::RunState, snapshot::Snapshot};

/// Most bytes of a page.
pub(super) const PAGE: usize = 300_000;

/// What the server answers without a page of ours.
const OTHERS: [&str; 3] = ["/api", "/run", "/leave"];

/// All pages that can be reached, by address.
pub(super) fn crawl(host: &Sample, snapshot: &Snapshot, most: usize) -> BTreeMap<String, Read> {
    let run = RunState::default();
    let mut waiting: VecDeque<String> = VecDeque::from(["/".to_owned()]);
    let mut seen: BTreeSet<String> = waiting.iter().cloned().collect();
    let mut fragments: Vec<(String, String, String)> = Vec::new();
    let mut pages = BTreeMap::new();
    while let Some(address) = waiting.pop_front() {
        let (status, html) = match get(host, Some(snapshot), &run, &address) {
            Answer::Html { status, html } => (status, html),
            Answer::Data { body, .. } => {
                assert!(!body.is_empty(), "{address}");
                continue;
            }
            Answer::Moved(_) => continue,
        };
        assert_eq!(status, 200, "{address}");
        assert!(html.len() <= PAGE, "{address} has {} bytes", html.len());
        let page = read(&html);
        assert_eq!(page.faults, Vec::<String>::new(), "{address}");
        for link in &page.links {
            let is_source = Edition::ALL.iter().any(|edition| edition.url() == link);
            if is_source || link.starts_with("https://docs.python.org/") {
                continue;
            }
            let own = address.split('?').next().unwrap_or_default();
            let (target, fragment) = link.split_once('#').unwrap_or((link, ""));
            let target = match target.strip_prefix('?') {
                Some(query) => format!("{own}?{query}"),
                None if target.is_empty() => address.clone(),
                None => target.to_owned(),
            };
            assert!(target.starts_with('/') && !target.starts_with("//"), "{address} leads to {link}");
            if OTHERS.contains(&target.as_str()) {
                continue;
            }
            if !fragment.is_empty() {
                fragments.push((address.clone(), target.clone(), fragment.to_owned()));
            }
            if seen.len() < most && seen.insert(target.clone()) {
                waiting.push_back(target);
            }
        }
        for form in &page.forms {
            assert!(
                ["/run", "/run/cancel", "/leave", "", "#live"].contains(&form.as_str())
                    || form.starts_with("/frameworks/")
                    || PAGES.iter().any(|(route, _)| route == form),
                "{form}"
            );
        }
        pages.insert(address, page);
    }
    for (from, target, fragment) in fragments {
        if let Some(page) = pages.get(&target) {
            assert!(page.ids.contains(&fragment), "{from} leads to {target}#{fragment}");
        }
    }
    pages
}

#[test]
fn every_link_leads_to_a_page_and_every_page_is_sound() {
    let pages = crawl(&sample(5), &Snapshot::new(report()), 1_500);
    for (route, _) in PAGES {
        let folder = route.split('{').next().unwrap();
        let is_download = *route == "/reports/{format}";
        let is_reached = pages.keys().any(|address| {
            let path = address.split('?').next().unwrap();
            path == *route || (route.contains('{') && path.len() > folder.len() && path.starts_with(folder))
        });
        assert!(is_reached || is_download || *route == "/findings/ignore", "{route}");
    }
}

const EVIL: &str = "\"><img src=x onerror=alert(1)><script>alert(2)</script>' onmouseover='x {{7*7}} \u{1b}[31m\u{202e}gpj\u{200b}\u{e0041}&amp;&#60;`a` ../..//?#%";

#[test]
fn hostile_texts_stay_data() {
    let snapshot = Snapshot::new(hostile(|_, number| format!("{EVIL}{number}")));
    let mut host = sample(5);
    for entry in &mut host.entries {
        entry.actor = EVIL.to_owned();
        entry.kind = EVIL.to_owned();
        entry.erased = Some(EVIL.to_owned());
    }
    host.statement = serde_json::json!({EVIL: [EVIL]});
    let pages = crawl(&host, &snapshot, 600);
    assert!(pages.len() > 60, "{}", pages.len());
}

#[test]
fn long_texts_are_cut() {
    let long = "<b>\u{202e}".repeat(20_000);
    let snapshot = Snapshot::new(hostile(|_, number| format!("{number}{long}")));
    let mut host = sample(3);
    for entry in &mut host.entries {
        entry.actor.clone_from(&long);
        entry.kind.clone_from(&long);
    }
    host.statement = serde_json::json!({"x": long});
    let run = RunState::default();
    for (route, _) in PAGES.iter().filter(|(route, _)| !route.contains('{')) {
        let Answer::Html { html, .. } = get(&host, Some(&snapshot), &run, route) else { panic!("{route}") };
        assert!(html.len() <= PAGE, "{route} has {} bytes", html.len());
        assert_eq!(read(&html).faults, Vec::<String>::new(), "{route}");
    }
}
