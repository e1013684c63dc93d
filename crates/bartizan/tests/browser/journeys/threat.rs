//! Somebody who asks what could go wrong, and what rests behind the answer.

use super::enter;
use crate::{
    browser::{Browser, Look},
    program::Console,
};

#[test]
fn interop_browser_threat_leads_to_the_evidence_behind_its_controls() {
    let console = Console::demo("compromised");
    let mut browser = Browser::open("threat");
    enter(&browser, &console);
    for look in Look::ALL {
        browser.as_seen(look);
        browser.go(&console.at("/"));
        browser.follow("Threats");
        browser.see("threats");
        browser.claim(browser.count("main svg") > 0, "the system is drawn");
        browser.claim(!browser.links("/threats?path=").is_empty(), "a threat's path can be highlighted");

        browser.follow_to("/threats?path=");
        browser.see("path");
        browser.follow_to("/threats/THR");
        browser.see("threat");
        let text = browser.text();
        for part in ["Likelihood", "Impact", "Controls that treat it"] {
            browser.claim(text.contains(part), &format!("the threat's page says {part}"));
        }

        browser.follow_to("/controls/");
        browser.see("control");
        browser.claim(browser.path().starts_with("/controls/"), "a control has a page");
        browser.go(&console.at("/controls/model-scan"));
        browser.unfold();
        browser.see("model-scan");
        browser.follow_to("/evidence/");
        browser.see("evidence");
        let text = browser.text();
        for part in ["sha256:", "collector"] {
            browser.claim(text.to_lowercase().contains(part), &format!("the statement's page shows {part}"));
        }
    }
    browser.close();
}
