//! Somebody who answers for risks.

use super::enter;
use crate::{
    browser::{Browser, Look},
    program::Console,
};

#[test]
fn interop_browser_risk_map_leads_to_those_who_owe() {
    let console = Console::demo("compromised");
    let mut browser = Browser::open("risk");
    enter(&browser, &console);
    for look in Look::ALL {
        browser.as_seen(look);
        browser.go(&console.at("/"));
        browser.follow("Risks");
        browser.see("risks");
        let all = browser.count("main table[data-rows] tbody tr, main tbody tr[data-row]");
        browser.follow_to("/risks?likelihood=");
        browser.see("cell");
        let path = browser.path();
        browser.claim(path.contains("impact="), "a cell is a likelihood and an impact");
        let few = browser.count("main tbody tr[data-row]");
        browser.claim(0 < few && few < all, &format!("{few} of {all} risks lie in the cell"));

        browser.follow_to("/groups/");
        browser.see("group");
        let owed = browser.links("/threats/").len()
            + browser.links("/controls/").len()
            + browser.links("/rules/").len();
        browser.claim(owed > 0, "what the group owes leads to what it is about");
        browser.follow("Groups");
        browser.see("groups");
    }
    browser.close();
}
