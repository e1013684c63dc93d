//! Links from one page to another, each only where there is something to go to.

use super::frame::{Frame, ROWS, bare, catalogued, within};
use crate::{
    address::{anchor, path, with_query},
    shown::{Markup, code, escaped, number, shown},
};

impl Frame<'_> {
    /// The code of a rule, leading to its page.
    pub(crate) fn rule(&self, id: &str) -> Markup {
        let family = id.split('/').next().unwrap_or(id);
        linked(self.rules.contains_key(family).then(|| path(&["rules", family])), id)
    }

    pub(crate) fn control(&self, id: &str) -> Markup {
        let known = self.call.snapshot.is_some_and(|snapshot| snapshot.control(id).is_some())
            || catalogued(id).is_some();
        linked(known.then(|| path(&["controls", id])), id)
    }

    pub(crate) fn threat(&self, id: &str) -> Markup {
        let known = self.call.snapshot.is_some_and(|snapshot| snapshot.threat(id).is_some());
        linked(known.then(|| path(&["threats", id])), id)
    }

    /// The page of a threat.
    pub(crate) fn threat_href(&self, id: &str) -> String {
        path(&["threats", &within(id)])
    }

    /// The system with the path of a threat in it.
    pub(crate) fn path_href(&self, id: &str) -> String {
        format!("{}#h-system", with_query("/threats", [("path", within(id).as_str())]))
    }

    /// The page of a control.
    pub(crate) fn control_href(&self, id: &str) -> String {
        path(&["controls", &within(id)])
    }

    /// The page of a decision.
    pub(crate) fn decision_href(&self, id: &str) -> String {
        path(&["exceptions", &within(id)])
    }

    /// The id of a decision, leading to its page.
    pub(crate) fn decision(&self, id: &str) -> Markup {
        let known = self.call.snapshot.is_some_and(|snapshot| snapshot.decision(id).is_some());
        linked(known.then(|| path(&["exceptions", id])), id)
    }

    /// The page of a gate.
    pub(crate) fn gate_href(&self, name: &str) -> String {
        path(&["gates", &within(name)])
    }

    /// The name of a gate, leading to its page.
    pub(crate) fn gate(&self, name: &str) -> Markup {
        let known = self.call.snapshot.is_some_and(|snapshot| snapshot.gate(name).is_some());
        linked(known.then(|| path(&["gates", name])), name)
    }

    /// The system, with one zone opened.
    pub(crate) fn zone_href(&self, id: &str) -> String {
        with_query("/threats", [("zone", within(id).as_str())])
    }

    /// The id of an item without its edition.
    pub(crate) fn bare<'b>(&self, id: &'b str) -> &'b str {
        bare(id)
    }

    /// Plain words from a closed list of the project file.
    pub(crate) fn words(&self, words: &[String]) -> Markup {
        list(words, "", |word| Markup(escaped(&shown(word, 40))))
    }

    /// An item of a baseline, by its id with or without the edition.
    pub(crate) fn item(&self, id: &str) -> Markup {
        let bare = bare(id);
        let known = self.report().is_some_and(|report| super::items::find(report, bare).is_some());
        linked(known.then(|| path(&["items", bare])), bare)
    }

    /// An entry of a framework's edition, such as `owasp-llm:2026/LLM01`, leading to its row.
    pub(crate) fn reference(&self, text: &str) -> Markup {
        let known = text.parse::<bartizan_standards::Reference>().ok();
        let href =
            known.map(|one| with_query(&path(&["frameworks", one.edition.tag()]), [("q", one.id.as_str())]));
        linked(href, text)
    }

    pub(crate) fn references(&self, texts: &[String]) -> Markup {
        list(texts, "", |text| self.reference(text))
    }

    pub(crate) fn asset(&self, id: &str) -> Markup {
        let assets = self.report().map_or(&[][..], |report| &report.system.assets);
        let at = assets.iter().position(|asset| asset.id == id);
        linked(at.map(|at| place("assets", "asset", id, at)), id)
    }

    pub(crate) fn element(&self, id: &str) -> Markup {
        let elements = self.report().map_or(&[][..], |report| &report.system.elements);
        let at = elements.iter().position(|element| element.id == id);
        linked(at.map(|at| place("elements", "element", id, at)), id)
    }

    pub(crate) fn group(&self, id: &str) -> Markup {
        let known = self.report().is_some_and(|report| report.teams.iter().any(|team| team.id == id));
        linked(known.then(|| path(&["groups", id])), id)
    }

    pub(crate) fn controls(&self, ids: &[String], more: &str) -> Markup {
        list(ids, more, |id| self.control(id))
    }

    pub(crate) fn threats(&self, ids: &[String], more: &str) -> Markup {
        list(ids, more, |id| self.threat(id))
    }

    pub(crate) fn items(&self, ids: &[String], more: &str) -> Markup {
        list(ids, more, |id| self.item(id))
    }

    pub(crate) fn assets(&self, ids: &[String]) -> Markup {
        list(ids, "", |id| self.asset(id))
    }

    pub(crate) fn elements(&self, ids: &[String]) -> Markup {
        list(ids, "", |id| self.element(id))
    }

    /// Assets and elements.
    pub(crate) fn owned(&self, ids: &[String]) -> Markup {
        list(ids, "", |id| {
            let asset = self.asset(id);
            if asset.0.starts_with("<a") { asset } else { self.element(id) }
        })
    }

    pub(crate) fn codes(&self, ids: &[String]) -> Markup {
        list(ids, "", |id| code(id, 60))
    }
}

fn linked(href: Option<String>, id: &str) -> Markup {
    match href {
        // An address of more than a few thousand characters works nowhere.
        Some(href) if href.len() <= 1_000 => {
            Markup(format!("<a href=\"{href}\"><code>{}</code></a>", escaped(&shown(id, 80))))
        }
        _ => code(id, 80),
    }
}

/// At most a dozen, and how many more there are.
pub(crate) fn list(ids: &[String], more: &str, each: impl Fn(&str) -> Markup) -> Markup {
    const MOST: usize = 12;
    if ids.is_empty() {
        return Markup("<span class=\"quiet\">none</span>".to_owned());
    }
    let mut out: Vec<String> = ids.iter().take(MOST).map(|id| each(id).0).collect();
    if ids.len() > MOST {
        let text = format!("and {} more", number((ids.len() - MOST) as u64));
        out.push(if more.is_empty() { text } else { format!("<a href=\"{more}\">{text}</a>") });
    }
    Markup(out.join(", "))
}

/// Where a row of the project page is: on the page itself, or on the page of its table that holds it.
fn place(section: &str, kind: &str, id: &str, at: usize) -> String {
    let anchor = anchor(kind, id);
    if at < super::project::BRIEF {
        return format!("/project#{anchor}");
    }
    let page = (at / ROWS + 1).to_string();
    format!("{}#{anchor}", with_query("/project", [("show", section), ("page", page.as_str())]))
}
