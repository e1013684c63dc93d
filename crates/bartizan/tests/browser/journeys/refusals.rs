//! Somebody else's page, and a link that was used.

use std::collections::BTreeMap;

use serde_json::json;

use super::{api, enter};
use crate::{
    browser::{Browser, Look},
    program::Console,
    site::Site,
};

/// What another site's script tries in order to read.
const READ: &str = "return fetch(arguments[0], { mode: arguments[1], credentials: 'include',
        signal: AbortSignal.timeout(5000) })
    .then(answer => `read with ${answer.status}`, () => 'refused')";

/// What it tries in order to change something, without seeing the answer.
const SEND: &str = "return fetch(arguments[0], { method: 'POST', mode: 'no-cors', credentials: 'include',
        body: new URLSearchParams({ back: '/' }) })
    .then(() => 'sent', () => 'refused')";

#[test]
fn interop_browser_refuses_what_other_sites_ask() {
    let console = Console::demo("helpdesk");
    let mut browser = Browser::open("refusals");
    enter(&browser, &console);
    let before = api(&browser, "/api/v1/runs");
    let form = format!(
        "<!doctype html><html lang=en><title>Other</title><form method=post action='{}'>\
         <input name=back value=/><button>Win a prize</button></form><iframe title=console src='{}'></iframe>",
        console.at("/run"),
        console.at("/")
    );
    let icon = "<svg xmlns='http://www.w3.org/2000/svg'/>".to_owned();
    let pages = BTreeMap::from([("/", ("text/html", form)), ("/favicon.ico", ("image/svg+xml", icon))]);
    let other = Site::serve(pages, "");
    // Another port of the same host is the same site, to which cookies are sent; another name is another site.
    for host in ["127.0.0.1", "localhost"] {
        browser.go(&other.at(host, "/"));
        let framed = browser.messages();
        let refused = framed.iter().any(|line| line.contains("frame-ancestors"));
        browser.claim(refused, &format!("the console cannot be framed: {framed:?}"));
        for path in ["/api/v1/report", "/findings?format=json", "/", "/events"] {
            for mode in ["cors", "no-cors"] {
                let read = browser.run(READ, &[json!(console.at(path)), json!(mode)]);
                browser.claim(read == "refused", &format!("{host} reads {path} by {mode}: {read}"));
            }
        }
        for path in ["/run", "/api/v1/runs", "/leave"] {
            browser.run(SEND, &[json!(console.at(path))]);
        }
        browser.press("button", "Win a prize");
        browser.wait("refusal", || browser.address().starts_with(&console.at("/run")).then_some(()));
        browser.claim(browser.title().ends_with("Bartizan"), "the refusal is a page of ours");
        // What the browser says of the refusals is right; the page that says it must have no other fault.
        browser.messages();
        browser.see(&format!("refused-{host}"));
        browser.go(&console.at("/"));
        browser.claim(browser.has("button", "Check now"), "the session goes on");
        let after = api(&browser, "/api/v1/runs");
        browser.claim(
            after["generation"] == before["generation"] && after["running"] == json!(null),
            "no check was started",
        );
    }
    browser.close();
}

#[test]
fn interop_browser_refuses_a_link_that_was_used() {
    let console = Console::demo("helpdesk");
    let mut browser = Browser::open("replay");
    enter(&browser, &console);
    for look in Look::ALL {
        browser.as_seen(look);
        browser.forget();
        browser.go(&console.link);
        browser.expect_refusal(403);
        browser.see("used-link");
        browser.claim(browser.title().ends_with("Bartizan"), "the refusal is a page of ours");
        browser.claim(!browser.has("button", "Check now"), "nobody came in");
        browser.claim(browser.text().contains("bartizan up"), "it says where the next link is found");
        browser.claim(!browser.text().contains("helpdesk"), "it says nothing of the project");
        browser.go(&console.at("/findings"));
        browser.expect_refusal(401);
        browser.see("not-in");
        browser.claim(!browser.has("button", "Check now"), "nobody came in");
    }
    // The link that took its place lies where only the owner reads it, and works.
    browser.go(&console.next_link());
    browser.claim(browser.has("button", "Check now"), "the next link works");
    let cookies = browser.cookies();
    let kept = cookies
        .as_array()
        .unwrap()
        .iter()
        .all(|cookie| cookie["httpOnly"] == true && cookie["sameSite"] == "Strict");
    browser.claim(
        kept && !cookies.as_array().unwrap().is_empty(),
        &format!("the cookie is out of reach: {cookies}"),
    );
    browser.close();
}
