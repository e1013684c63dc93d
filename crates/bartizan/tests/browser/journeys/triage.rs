//! Somebody who goes through findings, mostly by keyboard.

use serde_json::Value;

use super::enter;
use crate::{
    browser::{Browser, Look},
    program::Console,
};

#[test]
fn interop_browser_triage_goes_by_keyboard() {
    let console = Console::demo("compromised");
    let mut browser = Browser::open("triage");
    enter(&browser, &console);
    for look in Look::ALL {
        browser.as_seen(look);
        browser.go(&console.at("/"));
        browser.follow("Findings");
        browser.see("findings");

        // Filters are a form; what they do stands in the address.
        let severity = browser.find("combobox", "Severity");
        browser.type_into(&severity, "medium");
        browser.press("button", "Filter");
        browser.wait("the filtered page", || browser.path().contains("severity=medium").then_some(()));
        browser.see("filtered");
        same_in_all_formats(&mut browser);

        // `j` goes to the first row and on, `k` back, `o` opens and closes, `x` selects.
        browser.keys("jjk");
        let first = |browser: &Browser| browser.count("main tbody tr:first-of-type details[open]");
        browser.keys("o");
        browser.wait("open first row", || (first(&browser) == 1).then_some(()));
        browser.claim(browser.count("main tbody tr > td > details[open]") == 1, "one row is open");
        browser.see("open");
        browser.keys("o");
        browser.wait("closed first row", || (first(&browser) == 0).then_some(()));
        browser.keys("xjx");
        browser.claim(browser.count("main tbody input:checked") == 2, "two rows are selected");

        // `?` explains the keys, and single keys do nothing where text is typed.
        browser.keys("?");
        browser.find("heading", "Keys");
        browser.see("keys");
        // Single keys can be turned off (WCAG 2.1.4), for those who speak to their machine.
        browser.press("checkbox", "Single keys act");
        browser.press("button", "Close");
        browser.keys("kx");
        browser.claim(browser.count("main tbody input:checked") == 2, "keys that are off do nothing");
        browser.press("button", "Keys");
        browser.press("checkbox", "Single keys act");
        browser.press("button", "Close");
        let search = browser.find("searchbox", "Text");
        browser.type_into(&search, "xj");
        browser.claim(browser.count("main tbody input:checked") == 2, "keys are text in a field");

        // What is selected becomes stanzas for the project file.
        browser.press("button", "Ignore stanzas");
        browser.wait("the stanzas", || browser.path().starts_with("/findings/ignore?").then_some(()));
        browser.see("stanzas");
        let stanzas = browser.text().matches("[[ignore]]").count();
        browser.claim(stanzas == 2, &format!("two findings give two stanzas rather than {stanzas}"));

        // What is grave cannot be ignored by one person.
        browser.go(&console.at("/findings?severity=critical"));
        browser.keys("jx");
        browser.press("button", "Ignore stanzas");
        browser.wait("the refusal", || browser.path().starts_with("/findings/ignore?").then_some(()));
        browser.see("grave");
        let text = browser.text();
        browser.claim(
            !text.contains("[[ignore]]") && text.contains("two people"),
            "grave findings are not ignored",
        );
    }
    browser.close();
}

/// The table on the page, as CSV and as JSON: the same rows in the same order.
fn same_in_all_formats(browser: &mut Browser) {
    let path = browser.path();
    let json = browser.fetch(&format!("{path}&format=json"));
    let csv = browser.fetch(&format!("{path}&format=csv"));
    let from_json: Vec<String> = serde_json::from_str::<Vec<Value>>(&json.text)
        .unwrap()
        .iter()
        .map(|row| row["fingerprint"].as_str().unwrap().to_owned())
        .collect();
    let csv = records(&csv.text);
    let column = csv[0].iter().position(|name| name == "fingerprint").unwrap();
    let from_csv: Vec<_> = csv[1..].iter().map(|row| row[column].clone()).collect();
    let shown = browser
        .run("return [...document.querySelectorAll('main tbody input[name=f]')].map(box => box.value)", &[]);
    let shown: Vec<_> =
        shown.as_array().unwrap().iter().map(|value| value.as_str().unwrap().to_owned()).collect();
    browser.claim(!shown.is_empty() && shown == from_json, "the page and its JSON hold the same rows");
    browser.claim(shown == from_csv, "the page and its CSV hold the same rows");
}

/// The records of RFC 4180.
fn records(text: &str) -> Vec<Vec<String>> {
    let mut records = vec![vec![String::new()]];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let record = records.last_mut().unwrap();
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => record.last_mut().unwrap().extend(chars.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => record.push(String::new()),
            '\r' if !quoted => {}
            '\n' if !quoted => records.push(vec![String::new()]),
            c => record.last_mut().unwrap().push(c),
        }
    }
    records.retain(|record| record.len() > 1 || !record[0].is_empty());
    records
}

#[test]
fn records_are_read_as_rfc_4180_writes_them() {
    let read = records("a,b\r\n\"x, \"\"y\"\"\",\"two\nlines\"\r\n");
    assert_eq!(read, [["a", "b"], ["x, \"y\"", "two\nlines"]]);
}
