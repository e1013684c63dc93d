//! Somebody who has just started the program: how do we stand, why, what next.

use super::{api, enter};
use crate::{
    browser::{Browser, Look},
    program::Console,
};

#[test]
fn interop_browser_newcomer_learns_how_it_stands_and_what_is_next() {
    let mut browser = Browser::open("newcomer");
    for look in Look::ALL {
        let console = Console::demo("compromised");
        browser.as_seen(look);
        enter(&browser, &console);
        browser.see("overview");
        by_keyboard_and_theme(&mut browser);
        let report = api(&browser, "/api/v1/report");

        // The verdict is the first thing on the page, in the words of the report.
        let headings = browser.names("heading");
        let verdict = headings.first().cloned().unwrap_or_default();
        let summary = report["summary"].as_str().unwrap().split_once(": ").unwrap().1.to_owned();
        let last_words = summary.split("; ").last().unwrap_or_default().to_owned();
        browser.claim(verdict.contains(&last_words), &format!("{verdict:?} says {summary:?}"));
        let text = browser.text();
        for group in report["groups"].as_array().unwrap() {
            let title = group["title"].as_str().unwrap();
            browser.claim(text.contains(title), &format!("the practice area {title} is shown"));
        }

        // What to do next is named with the command that does it.
        let step = &report["next"][0];
        browser.claim(text.contains(step["sentence"].as_str().unwrap()), "the first step is shown");
        let command = step["command"].as_str().unwrap().to_owned();
        browser.claim(text.contains(&command), "and its command");

        // The worst number leads to the rows behind it; the rule of the first one says what to do.
        browser.follow_to("/findings?severity=critical");
        browser.see("critical-findings");
        let critical = report["findings"].as_array().unwrap().iter();
        let critical = critical.filter(|finding| finding["severity"] == "critical").count() as u64;
        let rows = browser.count("main tbody tr");
        browser.claim(rows == critical, &format!("{rows} rows are {critical}"));
        let code = command.rsplit(' ').next().unwrap_or_default().to_owned();
        browser.follow(&code);
        browser.claim(browser.path() == format!("/rules/{code}"), "the code leads to its rule");
        browser.see("rule");
        let text = browser.text();
        for head in ["What it finds", "Why it matters", "Fix"] {
            browser.claim(text.contains(head), &format!("the rule's page says {head}"));
        }
        // The page listens for news from a console that is about to end.
        browser.go("about:blank");
    }
    browser.close();
}

/// The first press of the tab key offers to skip the menu, and the theme can be chosen.
fn by_keyboard_and_theme(browser: &mut Browser) {
    browser.keys("\u{e004}\u{e007}");
    let focused = browser.run("return document.activeElement.id", &[]);
    browser.claim(focused == "main", &format!("the keyboard skips the menu, to {focused}"));
    for theme in ["light", "dark"] {
        browser.press("button", "Theme");
        browser.find("button", &format!("Theme: {theme}"));
        let scheme = browser.run("return getComputedStyle(document.documentElement).colorScheme", &[]);
        browser.claim(scheme == theme, &format!("the chosen theme is {theme} rather than {scheme}"));
        browser.see(&format!("chosen-{theme}"));
    }
    browser.press("button", "Theme");
    browser.find("button", "Theme: auto");
}
