//! Somebody who wants to see proof, and to take it away.

use std::process::Command;

use serde_json::json;

use super::{api, enter};
use crate::{
    browser::{Browser, Look},
    place::judge,
    program::Console,
};

#[test]
fn interop_browser_auditor_follows_an_item_to_the_log() {
    let console = Console::demo("helpdesk");
    let mut browser = Browser::open("auditor");
    enter(&browser, &console);
    for look in Look::ALL {
        browser.as_seen(look);
        browser.go(&console.at("/"));
        browser.follow("Controls");
        browser.see("controls");
        browser.follow_to("/controls/model-scan");
        browser.see("control");
        browser.follow_to("/items/");
        browser.see("item");
        browser.claim(browser.text().contains("model-scan"), "the item names the control that serves it");

        browser.go(&console.at("/controls/model-scan"));
        browser.unfold();
        browser.see("control-unfolded");
        browser.follow_to("/evidence/");
        browser.see("evidence");
        let path = browser.path();
        let index = path.rsplit('/').next().unwrap_or_default().to_owned();
        let text = browser.source();
        browser.claim(text.contains("c2sp.org/tlog-proof@v1"), "the proof is shown");
        let statement = api(&browser, &format!("/api/v1/log/entries/{index}"));
        browser.claim(statement["counts"] == true, "the statement counts");

        browser.go(&console.at("/"));
        browser.follow("Log");
        browser.see("log");
        let head = api(&browser, "/api/v1/log");
        let text = browser.text();
        let origin = head["origin"].as_str().unwrap();
        browser.claim(text.contains(origin), "the log is named");
        browser.claim(
            text.contains("not witnessed") || text.contains("Not witnessed"),
            "nobody has witnessed it",
        );
    }
    browser.close();
}

/// SHA-256 of what stands at an address.
const DIGEST: &str = "return fetch(arguments[0]).then(answer => answer.arrayBuffer())
    .then(bytes => crypto.subtle.digest('SHA-256', bytes))
    .then(digest => [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, '0')).join(''))";

#[test]
fn interop_browser_auditor_takes_the_report_away() {
    let console = Console::demo("compromised");
    let mut browser = Browser::open("auditor-report");
    enter(&browser, &console);
    for look in Look::ALL {
        browser.as_seen(look);
        browser.go(&console.at("/"));
        browser.follow("Reports");
        browser.see("reports");
        // The report names the digest of the JSON report of the same run, which the browser computes from what it gets.
        let digest = browser.run(DIGEST, &[json!("/reports/json")]);
        let digest = digest.as_str().unwrap().to_owned();
        let root =
            api(&browser, "/api/v1/log")["root"].as_str().unwrap().trim_start_matches("sha256:").to_owned();
        for format in ["html", "markdown", "json", "sarif", "junit"] {
            browser.claim(
                !browser.links(&format!("/reports/{format}")).is_empty(),
                &format!("there is {format}"),
            );
            let file = browser.fetch(&format!("/reports/{format}"));
            browser.claim(file.status == 200, &format!("{format} can be had: {}", file.status));
            let disposition = file.headers["content-disposition"].as_str().unwrap_or_default().to_owned();
            browser
                .claim(disposition.starts_with("attachment"), &format!("{format} is saved: {disposition:?}"));
        }

        // The page stands alone: opened from a folder, on a machine that knows nothing of the console.
        let path = browser.folder().join("report.html");
        std::fs::write(&path, browser.fetch("/reports/html").text).unwrap();
        browser.go(&format!("file://{}", path.display()));
        browser.see("report");
        browser.claim(browser.count("script") == 0, "it holds no script");
        browser.claim(browser.text().contains(&digest), "it names the digest of its data");
        browser.claim(browser.text().contains(&root), "it names the head of the log");
        if look == Look::WIDE {
            let printed = browser.print("report.pdf");
            let text =
                Command::new(judge().join("pdftotext")).arg("-raw").arg(&printed).arg("-").output().unwrap();
            let text = String::from_utf8_lossy(&text.stdout).into_owned();
            let pages = text.matches('\u{c}').count();
            browser.claim(pages > 1, &format!("it prints on {pages} pages"));
            let unbroken: String = text.split_whitespace().collect();
            let named = unbroken.matches(&digest).count();
            browser.claim(named >= pages, &format!("{named} of {pages} printed pages name the digest"));
        }
    }
    browser.close();
}
