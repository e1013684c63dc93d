//! The instruments themselves: they see the faults that are planted, and none on a clean page.

use std::collections::BTreeMap;

use crate::{
    browser::{Browser, Look},
    site::{POLICY, Pages, Site},
};

const CLEAN: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Clean</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/style.css"></head>
<body><main><h1>A clean page</h1><p>Text that wraps. <a href="/clean?again">Again</a></p><button>Press</button></main></body></html>"#;

const FAULTY: &str = r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Faulty</title>
<meta name="viewport" content="width=device-width"><link rel="icon" href="/icon.svg"><link rel="stylesheet" href="/style.css"></head>
<body><main><h1>A page with faults</h1>
<img src="/icon.svg"><button></button><p class="pale">Too pale to read.</p><p class="wide">Too wide.</p>
<p><select class="under"><option>Under</option></select><button>Over</button></p>
<a class="small" href="/clean">a</a><a class="small" href="/faulty">b</a>
<script>window.pwned = true</script><script src="/noisy.js"></script></main></body></html>"#;

fn pages() -> Pages {
    let style = "body { color: #111; background: #fff; font: 16px sans-serif } .pale { color: #ccc }
        .wide { width: 2000px } .under { margin-right: -40px } .small { font-size: 4px; display: inline-block }
        @media (prefers-color-scheme: dark) { body { color: #eee; background: #111 } a { color: #9cf } }";
    let icon = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 1 1'/>";
    BTreeMap::from([
        ("/clean", ("text/html", CLEAN.to_owned())),
        ("/faulty", ("text/html", FAULTY.to_owned())),
        ("/style.css", ("text/css", style.to_owned())),
        ("/icon.svg", ("image/svg+xml", icon.to_owned())),
        ("/noisy.js", ("text/javascript", "console.error('something went wrong')".to_owned())),
    ])
}

#[test]
fn interop_browser_instruments_see_planted_faults_and_nothing_else() {
    let site = Site::serve(pages(), POLICY);
    let mut browser = Browser::open("harness");
    for look in Look::ALL {
        browser.as_seen(look);
        browser.go(&site.at("127.0.0.1", "/clean"));
        browser.see("clean");
        let faults = browser.take_faults();
        assert!(faults.is_empty(), "{look}: {faults:?}");
        let width = browser.run("return innerWidth", &[]);
        assert_eq!(width, look.width);
        let dark = browser.run("return matchMedia('(prefers-color-scheme: dark)').matches", &[]);
        assert_eq!(dark, look.dark);

        browser.go(&site.at("127.0.0.1", "/faulty"));
        browser.see("faulty");
        let faults = browser.take_faults();
        let expected = [
            "axe button-name",
            "axe color-contrast",
            "axe image-alt",
            "axe target-size",
            "scrolls sideways, 2",
            "lie over each other: Under and Over",
            "console SEVERE security",
            "something went wrong",
        ];
        for expected in expected {
            // Pale text is a fault on a light page alone.
            if expected != "axe color-contrast" || !look.dark {
                assert!(
                    faults.iter().any(|fault| fault.what.contains(expected)),
                    "{look}: {expected}: {faults:#?}"
                );
            }
        }
        assert_eq!(browser.run("return window.pwned === undefined", &[]), true, "the policy holds");
    }
    browser.close();
}

#[test]
fn interop_browser_instruments_find_things_as_people_do() {
    let site = Site::serve(pages(), POLICY);
    let mut browser = Browser::open("harness-people");
    browser.go(&site.at("127.0.0.1", "/clean"));
    assert_eq!(browser.names("heading"), ["A clean page"]);
    assert!(browser.has("button", "Press") && !browser.has("link", "Press"));
    browser.follow("Again");
    assert_eq!(browser.path(), "/clean?again");
    browser.scripts(false);
    browser.go(&site.at("127.0.0.1", "/faulty"));
    let said = browser.messages();
    assert!(!said.iter().any(|line| line.contains("something went wrong")), "no script runs: {said:?}");
    assert!(browser.text().contains("Too pale to read."), "the driver still sees the page");
    assert!(browser.inaccessible().iter().any(|fault| fault.contains("image-alt")), "and so do the rules");
    browser.scripts(true);
    browser.claim(false, "what does not hold is told");
    let told = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| browser.close()));
    let told = told.unwrap_err();
    assert!(told.downcast_ref::<String>().unwrap().contains("what does not hold is told"));
}
