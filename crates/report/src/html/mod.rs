//! The report as one HTML file that can be mailed, printed and read in five years.
//!
//! The file holds no script, loads nothing and leads nowhere but into itself; its own content security policy says so,
//! and names its one style sheet by digest. Whatever came from a file stands in it as text: escaped, with what hides
//! made visible, and cut. It stays under two megabytes: where rows are left out, it says how many and that the JSON
//! report holds them.

mod anchors;
mod controls;
mod cover;
mod decided;
mod declared;
mod evidence;
mod findings;
mod gates;
mod items;
mod links;
mod method;
mod page;
mod risks;
mod standing;
mod style;
mod teams;
mod threats;

use std::collections::BTreeMap;

use bartizan_finding::Digest;
use page::{Limit, Page};

use crate::{
    to_json,
    v1::{Recorded, Report},
};

/// The report as HTML. Same report, same bytes.
pub fn render(report: &Report) -> String {
    let seal = Seal::of(report);
    let sections = sections(report);
    let mut page = Page::default();
    page.raw("<a class=\"skip\" href=\"#main\">Skip to the report</a>\n");
    decided::banner(&mut page, report);
    cover::write(&mut page, report, &seal);
    page.raw("<div class=\"columns\">\n");
    contents(&mut page, &sections);
    page.raw("<main id=\"main\">\n");
    for (at, section) in sections.iter().enumerate() {
        page.raw("<section").id(section.id).raw(">\n<h2><span class=\"number\">");
        page.number(at as u64 + 1).raw("</span> ").raw(section.title).raw("</h2>\n");
        decided::reminder(&mut page, report);
        (section.write)(&mut page, report);
        page.raw("</section>\n");
    }
    page.raw("</main>\n</div>\n");
    cover::foot(&mut page, &seal);
    style::document(report, &seal, &links::settled(&page.finish()))
}

/// What lets a reader match this file to the JSON report and to the log.
struct Seal {
    /// SHA-256 of the bytes of the JSON report.
    json: Digest,
    /// Size and root of the log after the run, where there is one.
    head: Option<(u64, Digest)>,
    /// Name and version of the program.
    tool: String,
}

impl Seal {
    fn of(report: &Report) -> Self {
        let head = match &report.run.recorded {
            Recorded::Ledger { size, root, .. } => Some((*size, *root)),
            Recorded::NotRecorded { .. } | Recorded::Bundle { .. } => None,
        };
        Self {
            json: Digest::of(to_json(report).as_bytes()),
            head,
            tool: format!("{} {}", report.tool.name, report.tool.version),
        }
    }
}

/// A numbered part of the report.
struct Section {
    id: &'static str,
    title: &'static str,
    /// How many rows it tells of, where that says something.
    count: Option<usize>,
    write: fn(&mut Page, &Report),
}

fn sections(report: &Report) -> Vec<Section> {
    let section = |id, title, count, write| Section { id, title, count, write };
    let items = report.groups.iter().map(|group| group.items.len()).sum();
    vec![
        section("standing", "How we stand", None, standing::write),
        section("next", "What to do next", Some(report.next.len()), standing::next),
        section("gates", "Gates", Some(report.gates.len()), gates::write),
        section("decisions", "Decisions", Some(report.decisions.len()), decided::write),
        section(
            "reconciliation",
            "Declared and observed",
            Some(report.reconciliation.lost.len()),
            decided::reconciliation,
        ),
        section("findings", "Findings", Some(report.findings.len()), findings::write),
        section("risks", "Risks", Some(report.risks.len()), risks::write),
        section("threats", "Threats", Some(report.threats.len()), threats::write),
        section("controls", "Controls and their evidence", Some(report.controls.len()), controls::write),
        section("items", "Items of the baseline", Some(items), items::write),
        section("groups", "Groups and what each owes", Some(report.teams.len()), teams::write),
        section("evidence", "Evidence and log", Some(report.evidence.len()), evidence::write),
        section("unexamined", "What was not examined", Some(report.unexamined.len()), evidence::unexamined),
        section("declared", "What was looked at, and what is declared", None, declared::write),
        section("method", "Method and words", None, method::write),
    ]
}

fn contents(page: &mut Page, sections: &[Section]) {
    page.raw("<nav aria-labelledby=\"contents\">\n<h2 id=\"contents\">Contents</h2>\n<ol>\n");
    for section in sections {
        page.raw("<li>").link(section.id, None, |page| {
            page.raw(section.title);
        });
        if let Some(count) = section.count {
            page.raw(" <span class=\"count\">").number(count as u64).raw("</span>");
        }
        page.raw("</li>\n");
    }
    page.raw("</ol>\n</nav>\n");
}

/// Where each id stands in its list; of equal ids the first.
fn positions<'a>(
    ids: impl DoubleEndedIterator<Item = &'a str> + ExactSizeIterator,
) -> BTreeMap<&'a str, usize> {
    ids.enumerate().rev().map(|(at, id)| (id, at)).collect()
}

#[cfg(test)]
mod tests;
