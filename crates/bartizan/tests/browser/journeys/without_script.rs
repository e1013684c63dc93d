//! Somebody whose browser runs no script.

use super::enter;
use crate::{
    browser::{Browser, Look},
    program::Console,
};

const PAGES: [&str; 13] = [
    "Overview", "Threats", "Risks", "Findings", "Controls", "Items", "Evidence", "Log", "Groups", "Project",
    "Rules", "Reports", "About",
];

#[test]
fn interop_browser_without_script_everything_can_be_read_and_run() {
    let console = Console::demo("helpdesk");
    let mut browser = Browser::open("without-script");
    browser.scripts(false);
    enter(&browser, &console);
    for look in [Look::WIDE, Look { dark: true, ..Look::NARROW }] {
        browser.as_seen(look);
        for page in PAGES {
            browser.follow(page);
            browser.see(&page.to_lowercase());
            let words = browser.run("return document.querySelector('main').innerText.length", &[]);
            browser.claim(words.as_u64() > Some(200), "the page has content");
            let current =
                browser.run("return document.querySelector('nav [aria-current=page]').textContent", &[]);
            let current = current.as_str().unwrap_or_default().trim().to_owned();
            browser.claim(
                current.starts_with(page),
                &format!("{page} is the current page rather than {current}"),
            );
        }
        // The button is a form, which leads back to where it was pressed.
        browser.follow("Groups");
        let before = browser.run("return +document.body.dataset.generation", &[]).as_u64();
        browser.press("button", "Check now");
        browser.wait("new run", || {
            browser.reload();
            let now = browser.run("return +document.body.dataset.generation", &[]).as_u64();
            (now > before).then_some(())
        });
        browser.claim(browser.path() == "/groups", "a form leads back to its page");
    }
    browser.close();
}
