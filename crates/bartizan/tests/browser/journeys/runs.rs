//! Somebody who starts checks from the page.

use serde_json::json;

use super::{api, enter};
use crate::{
    browser::{Browser, Look},
    projects,
};

/// Enough to read for some seconds.
const MEGABYTES: usize = 60;

/// What the overview says after a run that left nothing out.
const COMPLETE: &str = "Everything that was planned was looked at.";

#[test]
fn interop_browser_runs_start_stop_and_show_themselves() {
    let console = projects::slow(MEGABYTES).up();
    let mut browser = Browser::open("runs");
    enter(&browser, &console);
    for look in Look::ALL {
        browser.as_seen(look);
        browser.go(&console.at("/groups"));
        let before = generation(&browser);
        browser.press("button", "Check now");
        browser.press("button", "Cancel");
        browser.wait("end of the cancelled check", || (generation(&browser) > before).then_some(()));
        browser.find("button", "Check now");
        browser.claim(browser.path() == "/groups", "one stays on the page from which a check was started");
        browser.go(&console.at("/"));
        browser.claim(browser.text().contains("not examined"), "what was not looked at is told");
        browser.claim(!browser.text().contains(COMPLETE), "nothing more is claimed");
        browser.see("cancelled");

        browser.press("button", "Check now");
        browser.find("button", "Cancel");
        // A page that was loaded anew would have lost the mark.
        browser.run("window.mark = true", &[]);
        let told = browser.wait("count of files", || {
            let title = browser.run("return document.querySelector('progress').title", &[]);
            title.as_str().filter(|title| title.contains(" of ")).map(str::to_owned)
        });
        browser.claim(told.ends_with(" files"), &format!("progress is told: {told:?}"));
        browser.claim(browser.count("progress:not([hidden])") == 1, "progress is shown");
        browser.see("running");
        browser.reads(COMPLETE);
        browser.find("button", "Check now");
        let kept = browser.run("return window.mark", &[]);
        browser.claim(kept == json!(true), "the page updates itself without being loaded");
        browser.see("done");
    }
    browser.close();
}

/// How many runs have ended.
fn generation(browser: &Browser) -> Option<u64> {
    api(browser, "/api/v1/runs")["generation"].as_u64()
}
