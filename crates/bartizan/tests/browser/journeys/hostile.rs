//! Somebody who is shown a project that somebody else has filled with traps.

use super::enter;
use crate::{
    browser::{Browser, Look},
    crawl::crawl,
    projects,
};

#[test]
fn interop_browser_hostile_text_is_data_on_every_page() {
    let console = projects::hostile().up();
    let mut browser = Browser::open("hostile");
    enter(&browser, &console);
    let pages = crawl(&mut browser);
    let shapes: Vec<_> = pages.keys().map(String::as_str).collect();
    for shape in [
        "/",
        "/threats",
        "/threats/{}",
        "/risks",
        "/findings",
        "/findings/{}",
        "/controls",
        "/controls/{}",
        "/items",
        "/items/{}",
        "/evidence",
        "/evidence/{}",
        "/log",
        "/groups",
        "/groups/{}",
        "/project",
        "/rules",
        "/rules/{}",
        "/reports",
        "/about",
    ] {
        browser.claim(shapes.contains(&shape), &format!("links lead to {shape}"));
    }
    let mut showing = 0;
    for look in [Look::WIDE, Look { dark: true, ..Look::NARROW }] {
        browser.as_seen(look);
        for (shape, addresses) in &pages {
            // The same rows in another order or with another filter have been asked for; one of them is looked at.
            let enough = if shape.contains('?') { 1 } else { 2 };
            for address in addresses.iter().take(enough) {
                browser.go(&console.at(address));
                let name = address.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
                let name: String = name.take(60).collect();
                browser.see(name.trim_matches('-'));
                let title = browser.title();
                browser.claim(title.ends_with("Bartizan"), &format!("the title is ours: {title:?}"));
                showing += unharmed(&mut browser);
            }
        }
    }
    // The same as a file that is mailed around.
    browser.go(&console.at("/reports"));
    let file = browser.folder().join("report.html");
    std::fs::write(&file, browser.fetch("/reports/html").text).unwrap();
    for look in [Look::WIDE, Look { dark: true, ..Look::NARROW }] {
        browser.as_seen(look);
        browser.go(&format!("file://{}", file.display()));
        browser.see("report");
        browser.claim(browser.title().contains(": security report as of "), "the report's title is ours");
        browser.claim(browser.count("script") == 0, "the report holds no script");
        showing += unharmed(&mut browser);
    }
    // A test whose traps are nowhere to be seen would prove nothing.
    assert!(showing > 20, "only {showing} pages show a trap");
    browser.close();
}

/// Claims that the page is ours and that nothing that stands in the project has run. Returns 1 where the page shows
/// one of the traps as text, else 0.
fn unharmed(browser: &mut Browser) -> usize {
    browser.claim(
        browser.run("return window.pwned === undefined", &[]) == true,
        "no script of the project has run",
    );
    let foreign = browser.count("img, iframe, object, embed, script:not([src^='/static/']), [onerror], [onload], svg [href^='javascript']");
    browser.claim(foreign == 0, &format!("{foreign} foreign elements"));
    // What turns the direction of text or colours a terminal is shown as what it is, never sent as itself.
    let text = browser.text();
    let raw = text
        .chars()
        .find(|c| matches!(c, '\u{1b}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'));
    browser.claim(raw.is_none(), &format!("{raw:?} is shown as its name"));
    usize::from(text.contains("window.pwned=1"))
}
