//! A browser as a person uses it, and what is wrong with the pages that it shows.

use std::{collections::BTreeMap, fmt, fs, path::PathBuf};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

use crate::{
    driver::Driver,
    place::{judge, output},
};

/// The part of a long page that a picture shows.
const TALLEST_PICTURE: u64 = 6_000;
/// How a page is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    pub(crate) dark: bool,
    pub(crate) width: u64,
    pub(crate) height: u64,
}

impl Look {
    pub(crate) const WIDE: Self = Self { dark: false, width: 1400, height: 1000 };
    pub(crate) const NARROW: Self = Self { dark: false, width: 360, height: 800 };
    /// Light and dark, on a desk and on a telephone.
    pub(crate) const ALL: [Self; 4] =
        [Self::WIDE, Self { dark: true, ..Self::WIDE }, Self::NARROW, Self { dark: true, ..Self::NARROW }];
}

impl fmt::Display for Look {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", if self.dark { "dark" } else { "light" }, self.width)
    }
}

/// A browser with one window. What it sees wrong is gathered, so that one run tells everything; [`Browser::close`]
/// tells it.
pub(crate) struct Browser {
    pub(crate) driver: Driver,
    session: String,
    pub(crate) look: Look,
    pub(crate) scripts_allowed: bool,
    pub(crate) axe: String,
    output: PathBuf,
    pub(crate) pictures: usize,
    faults: Vec<Fault>,
    closed: bool,
}

/// What is wrong, and the path and the look in which it was seen.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) what: String,
    place: String,
}

impl Browser {
    /// Opens a browser for a journey.
    pub(crate) fn open(journey: &str) -> Self {
        let driver = Driver::start();
        let capabilities = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": 60_000, "pageLoad": 60_000 },
            "goog:chromeOptions": { "binary": judge().join("chromium"), "args": [
                "--headless=new",
                // Chromium's own sandbox needs rights that containers do not give.
                "--no-sandbox",
                "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--disable-sync",
                "--disable-background-networking", "--disable-component-update", "--no-first-run",
                "--force-prefers-reduced-motion",
            ] },
        } } });
        let session = driver.ask("POST", "/session", Some(&capabilities));
        let session = session["sessionId"].as_str().expect("a session has an id").to_owned();
        let axe = fs::read_to_string(judge().join("axe.min.js")).expect("axe-core is there");
        let output = output(journey);
        let mut browser = Self {
            driver,
            session,
            look: Look::WIDE,
            scripts_allowed: true,
            axe,
            output,
            pictures: 0,
            faults: Vec::new(),
            closed: false,
        };
        browser.as_seen(Look::WIDE);
        browser
    }

    /// From now on pages are looked at like this.
    pub(crate) fn as_seen(&mut self, look: Look) {
        self.look = look;
        self.pictures = 0;
        let size =
            json!({ "width": look.width, "height": look.height, "deviceScaleFactor": 1, "mobile": false });
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
        let theme = if look.dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
        self.devtools("Emulation.setEmulatedMedia", &media);
    }

    /// Whether pages may run scripts.
    pub(crate) fn scripts(&mut self, allowed: bool) {
        self.scripts_allowed = allowed;
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": !allowed }));
    }

    /// Goes to an address.
    pub(crate) fn go(&self, address: &str) {
        self.ask("POST", "/url", &json!({ "url": address }));
    }

    pub(crate) fn reload(&self) {
        self.ask("POST", "/refresh", &json!({}));
    }

    pub(crate) fn address(&self) -> String {
        text(&self.get("/url"))
    }

    /// Path and query of the address.
    pub(crate) fn path(&self) -> String {
        let address = self.address();
        let rest = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
        rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("/").to_owned()
    }

    pub(crate) fn title(&self) -> String {
        text(&self.get("/title"))
    }

    /// What a person reads on the page.
    pub(crate) fn text(&self) -> String {
        text(&self.run("return document.body.innerText", &[]))
    }

    /// The document as the browser understood it.
    pub(crate) fn source(&self) -> String {
        text(&self.get("/source"))
    }

    /// Runs a script in the page and returns what it returns; a promise is waited for.
    pub(crate) fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.ask("POST", "/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Asks the console for something from within the page, as its own script would. Returns status, headers and text.
    pub(crate) fn fetch(&self, address: &str) -> Fetched {
        let answer = self.run(include_str!("scripts/fetch.js"), &[json!(address)]);
        Fetched {
            status: answer["status"].as_u64().unwrap_or_default(),
            headers: answer["headers"].clone(),
            text: text(&answer["text"]),
        }
    }

    /// Notes a fault of the page that is not so.
    pub(crate) fn claim(&mut self, holds: bool, what: &str) {
        if !holds {
            self.note(format!("not so: {what}"));
        }
    }

    /// What was noted and not yet told.
    pub(crate) fn take_faults(&mut self) -> Vec<Fault> {
        std::mem::take(&mut self.faults)
    }

    /// The page as a printer gets it.
    pub(crate) fn print(&self, name: &str) -> PathBuf {
        let printed = self.ask("POST", "/print", &json!({ "background": true }));
        let path = self.folder().join(name);
        fs::write(&path, bytes(&printed)).expect("what is printed can be kept");
        path
    }

    /// The folder for what this journey leaves in this look.
    pub(crate) fn folder(&self) -> PathBuf {
        let folder = self.output.join(self.look.to_string());
        fs::create_dir_all(&folder).expect("the folder for pictures can be made");
        folder
    }

    /// Forgets all cookies of the page's host.
    pub(crate) fn forget(&self) {
        self.driver.ask("DELETE", &self.at("/cookie"), None);
    }

    pub(crate) fn cookies(&self) -> Value {
        self.get("/cookie")
    }

    /// Ends the journey, which must have seen no fault.
    pub(crate) fn close(mut self) {
        let faults = self.take_faults();
        self.end();
        assert!(faults.is_empty(), "{}", told(&faults));
    }

    /// Notes a fault of the page.
    pub(crate) fn note(&mut self, what: String) {
        let place = format!("{} in {}", self.path(), self.look);
        self.faults.push(Fault { what, place });
    }

    /// A command of the `DevTools` protocol.
    fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.ask("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Takes a picture of the page.
    pub(crate) fn picture(&self, name: &str) {
        let size = self
            .run("return [document.documentElement.clientWidth, document.documentElement.scrollHeight]", &[]);
        let height = size[1].as_u64().unwrap_or(self.look.height).clamp(self.look.height, TALLEST_PICTURE);
        let clip = json!({ "x": 0, "y": 0, "width": self.look.width, "height": height, "scale": 1 });
        let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.devtools("Page.captureScreenshot", &wanted);
        let path = self.folder().join(format!("{name}.png"));
        fs::write(path, bytes(&picture["data"])).expect("the picture can be kept");
    }

    /// A command of the `DevTools` protocol that may fail.
    pub(crate) fn attempt_devtools(&self, command: &str, parameters: &Value) -> Option<Value> {
        let body = json!({ "cmd": command, "params": parameters });
        self.driver.attempt("POST", &self.at("/goog/cdp/execute"), Some(&body)).ok()
    }

    /// A command that has to work.
    pub(crate) fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        self.driver.ask(method, &self.at(path), Some(body))
    }

    fn get(&self, path: &str) -> Value {
        self.driver.ask("GET", &self.at(path), None)
    }

    /// The path of a command of this session.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("/session/{}{path}", self.session)
    }

    fn end(&mut self) {
        if !std::mem::replace(&mut self.closed, true) {
            // A browser that has crashed cannot be closed; the driver ends it.
            let _ = self.driver.attempt("DELETE", &self.at(""), None);
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        self.end();
        // A journey that broke off still tells what it had seen until then.
        if std::thread::panicking() && !self.faults.is_empty() {
            #[expect(clippy::print_stderr, reason = "a test tells what it saw")]
            {
                eprintln!("Before that: {}", told(&self.faults));
            }
        }
    }
}

/// Each fault once, with the places where it was seen.
fn told(faults: &[Fault]) -> String {
    let mut places = BTreeMap::<&str, Vec<&str>>::new();
    for fault in faults {
        places.entry(&fault.what).or_default().push(&fault.place);
    }
    let mut lines = vec![format!("{} faults", places.len())];
    for (what, places) in places {
        let first = places.get(..3).unwrap_or(&places).join(", ");
        lines.push(format!("- {what}\n    {} times: {first}", places.len()));
    }
    lines.join("\n")
}

/// The answer to [`Browser::fetch`].
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) status: u64,
    pub(crate) headers: Value,
    pub(crate) text: String,
}

pub(crate) fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn bytes(value: &Value) -> Vec<u8> {
    BASE64_STANDARD.decode(text(value)).expect("the driver sends bytes as base64")
}
