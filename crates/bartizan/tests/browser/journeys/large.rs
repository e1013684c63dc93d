//! Somebody whose system has a thousand elements.

use super::{api, enter};
use crate::{
    browser::{Browser, Look},
    projects,
};

/// The most elements that a diagram draws.
const MOST_DRAWN: u64 = 80;

#[test]
fn interop_browser_large_projects_stay_usable() {
    let console = projects::large(1_000).up();
    let mut browser = Browser::open("large");
    enter(&browser, &console);
    let report = api(&browser, "/api/v1/report");
    let threats = report["threats"].as_array().unwrap().len();
    for look in [Look::WIDE, Look { dark: true, ..Look::NARROW }] {
        browser.as_seen(look);
        for page in ["/", "/threats", "/risks", "/findings", "/controls", "/project", "/groups"] {
            browser.go(&console.at(page));
            browser.see(page.trim_start_matches('/'));
            let bytes = browser.fetch(page).text.len();
            browser.claim(bytes <= 300 * 1024, &format!("{page} has {bytes} bytes"));
        }
        browser.go(&console.at("/threats"));
        let drawn = browser.count("main svg a");
        browser.claim(drawn <= MOST_DRAWN, &format!("{drawn} boxes are drawn"));
        // A collapsed zone opens.
        browser.follow_to("/threats?zone=");
        browser.see("zone");
    }
    // The table is complete, over its pages and as a file.
    let rows: Vec<serde_json::Value> =
        serde_json::from_str(&browser.fetch("/threats?format=json").text).unwrap();
    browser.claim(rows.len() == threats, &format!("{} of {threats} threats are exported", rows.len()));
    let mut shown = 0;
    browser.go(&console.at("/threats"));
    loop {
        shown += browser.count("main tbody tr[data-row]");
        if !browser.has("link", "Next") {
            break;
        }
        browser.follow("Next");
    }
    browser.claim(shown == threats as u64, &format!("{shown} of {threats} threats stand on the pages"));
    browser.close();
}
