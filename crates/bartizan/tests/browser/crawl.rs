//! Every address that pages lead to.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};

use crate::browser::Browser;

/// The most addresses of one shape that are asked for: a thousand findings look alike.
const OF_ONE_SHAPE: usize = 6;
/// The most bytes of a page.
const LARGEST_PAGE: u64 = 300 * 1024;

/// Follows all links from the page that the browser shows, without leaving its site, and returns the pages by their
/// shape. What an address answers wrong is noted.
pub(crate) fn crawl(browser: &mut Browser) -> BTreeMap<String, Vec<String>> {
    let mut seen = BTreeSet::from(["/".to_owned()]);
    let mut open = VecDeque::from(["/".to_owned()]);
    let mut shapes = BTreeMap::<String, usize>::new();
    let mut pages = BTreeMap::<String, Vec<String>>::new();
    while let Some(address) = open.pop_front() {
        let shape = shape(&address);
        let count = shapes.entry(shape.clone()).or_default();
        *count += 1;
        if *count > OF_ONE_SHAPE {
            continue;
        }
        let answer = browser.run(include_str!("scripts/crawl.js"), &[json!(address)]);
        let status = &answer["status"];
        browser.claim(*status == 200, &format!("{address} answers 200 rather than {status}"));
        if answer["page"] == true && *status == 200 {
            let bytes = answer["bytes"].as_u64().unwrap_or_default();
            browser
                .claim(bytes <= LARGEST_PAGE, &format!("{address} has at most 300 KB rather than {bytes}"));
            let foreign = &answer["foreign"];
            browser.claim(*foreign == json!([]), &format!("{address} holds nothing foreign, but {foreign}"));
            pages.entry(shape).or_default().push(address);
        }
        let links = answer["links"].as_array().into_iter().flatten().filter_map(Value::as_str);
        for link in links.filter(|link| !link.starts_with("/enter") && !link.starts_with("/events")) {
            if seen.insert(link.to_owned()) {
                open.push_back(link.to_owned());
            }
        }
    }
    pages
}

/// What addresses of one kind have in common: `/findings/{}`, `/threats?zone`.
fn shape(address: &str) -> String {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let mut parts = path.splitn(3, '/').skip(1);
    let first = parts.next().unwrap_or_default();
    // What stands below the exports, the API and the static files are different things, not different items.
    let rest = match parts.next() {
        None => String::new(),
        Some(rest) if ["api", "reports", "static"].contains(&first) || rest == "ignore" => format!("/{rest}"),
        Some(_) => "/{}".to_owned(),
    };
    let keys: BTreeSet<_> = query.split('&').filter_map(|pair| pair.split('=').next()).collect();
    let keys: Vec<_> = keys.into_iter().filter(|key| !key.is_empty()).collect();
    let query = if keys.is_empty() { String::new() } else { format!("?{}", keys.join("&")) };
    format!("/{first}{rest}{query}")
}

#[test]
fn addresses_of_one_kind_have_one_shape() {
    let cases = [
        ("/", "/"),
        ("/findings/abc", "/findings/{}"),
        ("/items/PO.1.1.R1", "/items/{}"),
        ("/findings?severity=high&page=2", "/findings?page&severity"),
        ("/api/v1/report", "/api/v1/report"),
        ("/reports/html", "/reports/html"),
    ];
    for (address, expected) in cases {
        assert_eq!(shape(address), expected);
    }
}
