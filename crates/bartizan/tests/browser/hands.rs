//! What a person does on a page: finding things by what they are and are called, pressing, typing, waiting.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::browser::{Browser, text};

/// How long is waited for something to appear. Machines of continuous builds are slow.
const PATIENCE: Duration = Duration::from_secs(30);
/// The key under which `WebDriver` hands out elements.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Something on the page.
#[derive(Clone, Debug)]
pub(crate) struct Element(String);

impl Browser {
    /// The first thing on the page that assistive technology knows under this role and name. The name may be a part
    /// of the whole one; a whole one is preferred, then a beginning. It is waited for.
    pub(crate) fn find(&self, role: &str, name: &str) -> Element {
        self.wait(&format!("{role} {name:?}"), || self.look_for(role, name))
    }

    /// Whether there is such a thing now.
    pub(crate) fn has(&self, role: &str, name: &str) -> bool {
        self.look_for(role, name).is_some()
    }

    /// The names of all things of a role, in the order of the page.
    pub(crate) fn names(&self, role: &str) -> Vec<String> {
        self.accessible(role).into_iter().map(|(name, _)| name).collect()
    }

    /// Clicks where the thing is seen; something that lies over it makes the click fail.
    pub(crate) fn click(&mut self, element: &Element) {
        // As the browser scrolls to what gets the focus: it keeps clear of what the page says lies at its edges, which
        // the driver's own scrolling does not.
        let handle = json!({ ELEMENT: element.0 });
        self.run("arguments[0].scrollIntoView({ block: 'nearest' })", std::slice::from_ref(&handle));
        let path = format!("/element/{}/click", element.0);
        let clicked = self.driver.attempt("POST", &self.at(&path), Some(&json!({})));
        let Err(error) = clicked else { return };
        assert!(error.starts_with("element click intercepted"), "{error} at {}", self.path());
        // What is focused must not lie under something else (WCAG 2.2, 2.4.11).
        let what = error.split("Element ").last().unwrap_or_default();
        self.note(format!("hidden after scrolling to it: {what}"));
        self.run("arguments[0].scrollIntoView({ block: 'center' })", &[handle]);
        self.ask("POST", &path, &json!({}));
    }

    /// Finds and clicks.
    pub(crate) fn press(&mut self, role: &str, name: &str) {
        let element = self.find(role, name);
        self.click(&element);
    }

    /// Clicks on a link and waits until the page that it leads to has been loaded.
    pub(crate) fn follow(&mut self, name: &str) {
        let from = self.page();
        self.press("link", name);
        self.wait(&format!("the page behind {name:?}"), || (self.page() != from).then_some(()));
        self.loaded();
    }

    /// Clicks on the first link that can be seen in the page's content and whose address begins so, and waits for what
    /// it leads to.
    pub(crate) fn follow_to(&mut self, address: &str) {
        let from = self.page();
        let script = "return [...document.querySelectorAll('main a')].find(link => {
            const to = new URL(link.getAttribute('href'), location.href);
            return link.checkVisibility() && (to.pathname + to.search).startsWith(arguments[0]); }) || null";
        let link = self.wait(&format!("link to {address}"), || {
            let found = self.run(script, &[json!(address)]);
            found[ELEMENT].as_str().map(|id| Element(id.to_owned()))
        });
        self.click(&link);
        self.wait(&format!("the page behind {address}"), || (self.page() != from).then_some(()));
        self.loaded();
    }

    /// Opens everything on the page that can be opened in place, by its first line.
    pub(crate) fn unfold(&mut self) {
        for _ in 0..20 {
            let script =
                "return [...document.querySelectorAll('main details:not([open]) > summary')].find(line =>
                line.checkVisibility()) || null";
            let found = self.run(script, &[]);
            let Some(id) = found[ELEMENT].as_str() else { break };
            self.click(&Element(id.to_owned()));
        }
    }

    /// The addresses of all links in the page's content that begin so.
    pub(crate) fn links(&self, address: &str) -> Vec<String> {
        let script =
            "return [...document.querySelectorAll('main a')].map(link => link.getAttribute('href') || '')
            .filter(address => address.startsWith(arguments[0]))";
        let found = self.run(script, &[json!(address)]);
        found.as_array().into_iter().flatten().map(text).collect()
    }

    /// How many things a selector of CSS finds.
    pub(crate) fn count(&self, selector: &str) -> u64 {
        let count = self.run("return document.querySelectorAll(arguments[0]).length", &[json!(selector)]);
        count.as_u64().unwrap_or_default()
    }

    /// Types into a field.
    pub(crate) fn type_into(&self, element: &Element, keys: &str) {
        self.ask("POST", &format!("/element/{}/value", element.0), &json!({ "text": keys }));
    }

    /// Presses and releases keys, one after the other, wherever the focus is.
    pub(crate) fn keys(&self, keys: &str) {
        let pressed: Vec<_> = keys
            .chars()
            .flat_map(|key| {
                ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key.to_string() }))
            })
            .collect();
        let actions = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": pressed }] });
        self.ask("POST", "/actions", &actions);
    }

    /// Waits until a question has an answer.
    pub(crate) fn wait<T>(&self, what: &str, mut question: impl FnMut() -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(answer) = question() {
                return answer;
            }
            if Instant::now() > until {
                self.picture("not-found");
                let text: String = self.text().chars().take(2_000).collect();
                panic!("no {what} at {} in {}:\n{text}", self.path(), self.look);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Waits until the page's text holds something.
    pub(crate) fn reads(&self, part: &str) {
        self.wait(&format!("text {part:?}"), || self.text().contains(part).then_some(()));
    }

    fn look_for(&self, role: &str, name: &str) -> Option<Element> {
        let known = self.accessible(role);
        let wanted: [&dyn Fn(&str) -> bool; 3] =
            [&|known| known == name, &|known| known.starts_with(name), &|known| known.contains(name)];
        let (_, node) = wanted.iter().find_map(|fits| known.iter().find(|(known, _)| fits(known)))?;
        // The two protocols share no handles; a mark that is taken away at once leads from one to the other.
        let object = self.attempt_devtools("DOM.resolveNode", &json!({ "backendNodeId": node }))?;
        let mark = |text: &str| {
            let call = json!({ "objectId": object["object"]["objectId"], "functionDeclaration": text });
            self.attempt_devtools("Runtime.callFunctionOn", &call)
        };
        mark("function() { this.setAttribute('data-found', '') }")?;
        let body = json!({ "using": "css selector", "value": "[data-found]" });
        let found = self.driver.attempt("POST", &self.at("/element"), Some(&body)).ok();
        mark("function() { this.removeAttribute('data-found') }")?;
        found.map(|found| Element(text(&found[ELEMENT])))
    }

    /// Names and nodes of everything with a role, as the browser tells assistive technology.
    fn accessible(&self, role: &str) -> Vec<(String, Value)> {
        let query = || {
            let document = self.attempt_devtools("DOM.getDocument", &json!({ "depth": 0 }))?;
            let query = json!({ "nodeId": document["root"]["nodeId"], "role": role });
            self.attempt_devtools("Accessibility.queryAXTree", &query)
        };
        // A page that is being replaced answers no question.
        let Some(found) = query() else { return Vec::new() };
        let nodes = found["nodes"].as_array().cloned().unwrap_or_default();
        let seen = nodes.iter().filter(|node| node["ignored"] != json!(true));
        seen.map(|node| (text(&node["name"]["value"]), node["backendDOMNodeId"].clone())).collect()
    }

    /// What tells one load of a page from the next.
    fn page(&self) -> Value {
        self.run("return [location.href, performance.timeOrigin]", &[])
    }

    fn loaded(&self) {
        self.wait("whole page", || {
            (self.run("return document.readyState", &[]) == json!("complete")).then_some(())
        });
    }
}
