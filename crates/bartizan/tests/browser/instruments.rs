//! What is wrong with the page that a browser shows.

use serde_json::{Value, json};

use crate::browser::{Browser, text};

/// The rules that pages are held against, by the tags that axe-core gives them.
const RULES: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

impl Browser {
    /// Looks at the page: takes a picture and notes what is wrong.
    pub(crate) fn see(&mut self, name: &str) {
        self.pictures += 1;
        self.picture(&format!("{:02}-{name}", self.pictures));
        let mut seen = self.inaccessible();
        seen.extend(self.layout());
        seen.extend(self.messages());
        for fault in seen {
            self.note(fault);
        }
    }

    /// The violations that axe-core sees.
    pub(crate) fn inaccessible(&mut self) -> Vec<String> {
        // The rules need promises. What the page would have run while it was loaded, it does not run later.
        let allowed = self.scripts_allowed;
        self.scripts(true);
        // The driver's channel is not bound by the page's policy, which forbids scripts of others.
        if self.run("return !window.axe", &[]) == json!(true) {
            self.run(&self.axe, &[]);
        }
        let found = self.run(include_str!("scripts/axe.js"), &[json!(RULES)]);
        self.scripts(allowed);
        found.as_array().expect("violations are a list").iter().map(text).collect()
    }

    /// What of the layout has come apart.
    fn layout(&self) -> Vec<String> {
        let scripts = [include_str!("scripts/sideways.js"), include_str!("scripts/overlaps.js")];
        scripts.iter().filter_map(|script| self.run(script, &[]).as_str().map(str::to_owned)).collect()
    }

    /// What the browser's console said since it was last asked.
    pub(crate) fn messages(&self) -> Vec<String> {
        let log = self.ask("POST", "/se/log", &json!({ "type": "browser" }));
        let line = |entry: &Value| {
            let [level, source, message] = ["level", "source", "message"].map(|part| text(&entry[part]));
            format!("console {level} {source}: {message}")
        };
        log.as_array().expect("the log is a list").iter().map(line).collect()
    }

    /// Takes back what the console said about refusals of this status, which a journey brings about on purpose.
    pub(crate) fn expect_refusal(&mut self, status: u16) {
        let expected = format!("the server responded with a status of {status}");
        for message in self.messages().into_iter().filter(|line| !line.contains(&expected)) {
            self.note(message);
        }
    }
}
