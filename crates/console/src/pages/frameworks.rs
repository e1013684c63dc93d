//! The frameworks that people are asked about: which editions there are, and which controls name their entries.

use std::collections::BTreeMap;

use askama::Template;
use bartizan_figure::{About, Bar, Part, Tone, bars};
use bartizan_report::{picture::status_tone, v1::Status};
use bartizan_standards::{Control, Edition, EntryKind, How, entries};
use serde::Serialize;

use super::{
    filters,
    frame::Frame,
    framework::{Row as Entry, table},
    listing::exports,
};
use crate::{
    address::{path, with_query},
    call::{Answer, Call},
    export::export,
    shown::Markup,
    snapshot::Snapshot,
};

#[derive(Template)]
#[template(path = "frameworks.html")]
struct Frameworks<'a> {
    frame: Frame<'a>,
    rows: Vec<Row>,
    standing: Markup,
}

/// An edition and how much of it the catalogue of controls names.
#[derive(Serialize)]
struct Row {
    tag: &'static str,
    title: &'static str,
    publisher: &'static str,
    published: &'static str,
    url: &'static str,
    licence: &'static str,
    /// `10 risks`, kind by kind in the order of the publication.
    entries: String,
    /// How many of the entries a control names.
    named: usize,
    /// Of how many others a control names the counterpart in another edition.
    by_way: usize,
    /// How many controls name one of these, by how they stand; those that are not asked for apart.
    controls: BTreeMap<&'static str, usize>,
    #[serde(skip)]
    edition: Edition,
}

pub(crate) fn frameworks(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let rows: Vec<Row> = Edition::ALL.into_iter().map(|edition| row(edition, snapshot)).collect();
    let all: Vec<&Row> = rows.iter().collect();
    let head = ["tag", "title", "publisher", "published", "url", "licence", "entries", "named", "controls"];
    let file = export(call, "frameworks", &head, &all, |row| {
        let controls = row.controls.iter().map(|(status, count)| format!("{count} {status}"));
        let told = [row.tag, row.title, row.publisher, row.published, row.url, row.licence, &row.entries];
        let counts = [row.named.to_string(), controls.collect::<Vec<_>>().join("; ")];
        told.map(str::to_owned).into_iter().chain(counts).collect()
    });
    if let Some(file) = file {
        return file;
    }
    let bar = |row: &Row| Bar {
        label: row.tag.to_owned(),
        href: Some(href(row.edition)),
        parts: statuses().map(|status| part(row, status)).filter(|part| part.value > 0).collect(),
    };
    let about = About {
        id: "editions",
        title: "Controls that name entries of each edition, by how they stand",
        description: "One bar for each edition; its parts count the controls that name at least one of its entries \
                      and stand alike, worst first.",
    };
    let standing = Markup(bars(&about, &rows.iter().map(bar).collect::<Vec<_>>()).html());
    Frame::answer(200, &Frameworks { frame: Frame::new(call, "Frameworks"), rows, standing })
}

fn row(edition: Edition, snapshot: &Snapshot) -> Row {
    let entries = table(edition, snapshot);
    let named: BTreeMap<&str, Option<Status>> =
        entries.iter().flat_map(|entry| &entry.controls).map(|one| (one.id, one.status)).collect();
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for status in named.into_values() {
        *counts.entry(status_word(status)).or_default() += 1;
    }
    let by_way = |entry: &&Entry| entry.controls.iter().any(|one| one.by_way_of.is_some());
    let by_way = entries.iter().filter(by_way).count();
    Row {
        tag: edition.tag(),
        title: edition.title(),
        publisher: edition.publisher(),
        published: edition.published(),
        url: edition.url(),
        licence: edition.licence(),
        entries: counted(edition),
        named: entries.iter().filter(|entry| !entry.controls.is_empty()).count() - by_way,
        by_way,
        controls: counts,
        edition,
    }
}

fn part(row: &Row, status: Option<Status>) -> Part {
    let word = status_word(status);
    Part {
        tone: status.map_or(Tone::Neutral, status_tone),
        label: word.replace('-', " "),
        value: row.controls.get(word).copied().unwrap_or_default() as u64,
        href: Some(with_query(&href(row.edition), [("status", word)])),
    }
}

/// `10 risks`, kind by kind in the order of the publication.
pub(super) fn counted(edition: Edition) -> String {
    let mut kinds: Vec<(EntryKind, usize)> = Vec::new();
    for entry in entries(edition) {
        match kinds.iter_mut().find(|(kind, _)| *kind == entry.kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((entry.kind, 1)),
        }
    }
    kinds.into_iter().map(|(kind, count)| kind.counted(count)).collect::<Vec<_>>().join(", ")
}

/// The page of an edition.
pub(super) fn href(edition: Edition) -> String {
    path(&["frameworks", edition.tag()])
}

/// What a control names, and how.
pub(super) fn names(
    control: &'static Control,
) -> impl Iterator<Item = (&'static bartizan_standards::Reference, How)> {
    let of = |list: &'static [bartizan_standards::Reference], how| list.iter().map(move |one| (one, how));
    of(&control.covers, How::Covers)
        .chain(of(&control.covers_part, How::CoversPart))
        .chain(of(&control.see, How::Sees))
}

/// How controls of the catalogue can stand in a project, worst first; nothing where it does not ask for one.
pub(super) fn statuses() -> impl Iterator<Item = Option<Status>> {
    Status::WORST_FIRST.into_iter().map(Some).chain([None])
}

/// How a control of the catalogue stands in this project, as a word of addresses.
pub(super) fn status_word(status: Option<Status>) -> &'static str {
    status.map_or("not-asked-for", Status::as_str)
}

impl Frameworks<'_> {
    fn exports(&self) -> Markup {
        exports("/frameworks", self.frame.call.query)
    }

    fn href(&self, row: &Row) -> String {
        href(row.edition)
    }

    fn source(&self, row: &Row) -> Markup {
        super::rule::source(row.url)
    }

    fn holds(&self, row: &Row) -> &'static str {
        row.edition.holds()
    }

    /// The controls that name it, by how they stand, each with where they are listed.
    fn standing_of(&self, row: &Row) -> Markup {
        let mut out = String::new();
        for status in statuses() {
            let word = status_word(status);
            let Some(count) = row.controls.get(word) else { continue };
            let href = with_query(&href(row.edition), [("status", word)]);
            let told = status.map_or_else(
                || Markup("<span class=\"quiet\">not asked for</span>".to_owned()),
                super::marks::status,
            );
            out.push_str(&format!(
                "<li><a href=\"{href}\"><span class=\"num\">{count}</span> {told}</a></li>"
            ));
        }
        if out.is_empty() {
            return Markup("<span class=\"quiet\">none</span>".to_owned());
        }
        Markup(format!("<ul class=\"figures small\">{out}</ul>"))
    }
}
