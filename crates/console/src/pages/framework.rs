//! One edition of a framework: its entries, the controls that name them and how those stand, and what became of each
//! entry in other editions.

use std::collections::BTreeMap;

use askama::Template;
use bartizan_report::v1::Status;
use bartizan_standards::{Change, Edition, Entry, Reference, controls, entries, migrate, namesakes};
use serde::Serialize;

use super::{
    filters,
    frame::{Frame, argument},
    frameworks::{counted, href, names, status_word, statuses},
    listing::{Form, Listing, words},
};
use crate::{
    call::{Answer, Call},
    export::export,
    shown::Markup,
    snapshot::Snapshot,
};

/// Controls that the row of an entry lists.
const CONTROLS: usize = 12;

#[derive(Template)]
#[template(path = "framework.html")]
struct FrameworkPage<'a> {
    frame: Frame<'a>,
    edition: Edition,
    entries: String,
    /// The other editions between which entries can be followed.
    others: Vec<Edition>,
    form: Form<'a>,
    listing: Listing<'a>,
    rows: Vec<Row>,
}

/// An entry with what the project can say about it.
#[derive(Clone, Serialize)]
pub(super) struct Row {
    reference: String,
    kind: &'static str,
    title: &'static str,
    /// Those that name it; where none does, those that name what became of it in another edition.
    pub(super) controls: Vec<Named>,
    /// What became of it in the other editions.
    elsewhere: Vec<Elsewhere>,
    /// Entries of other editions that have the same id and are something else.
    namesakes: Vec<String>,
    #[serde(skip)]
    published: String,
    #[serde(skip)]
    entry: &'static Entry,
}

/// A control that names an entry.
#[derive(Clone, Serialize)]
pub(super) struct Named {
    pub(super) id: &'static str,
    how: &'static str,
    /// How it stands; nothing where the project does not ask for it.
    pub(super) status: Option<Status>,
    /// The entry that it names, where it is the counterpart in another edition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) by_way_of: Option<String>,
}

/// A counterpart of an entry.
#[derive(Clone, Serialize)]
struct Elsewhere {
    edition: Edition,
    to: Option<String>,
    change: Change,
    /// Whether the publications leave it open and we judged.
    ours: bool,
}

pub(crate) fn framework(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let Some(edition) = call.argument.and_then(|tag| tag.parse::<Edition>().ok()) else {
        return super::refusal::missing(call, "edition", "/frameworks");
    };
    // An edition may have other spellings; the page has one address.
    if call.argument != Some(edition.tag()) {
        return Answer::Moved(href(edition));
    }
    let table = table(edition, snapshot);
    let kinds = table.iter().map(|row| row.kind).collect::<std::collections::BTreeSet<_>>();
    let form = Form::new(call, call.path)
        .choice("named", "Controls", words(["some", "none"]))
        .choice("status", "Status", words(statuses().map(status_word)))
        .choice("kind", "Kind", words(kinds))
        .search();
    let passes = |row: &&Row| {
        form.takes("named", if row.controls.is_empty() { "none" } else { "some" })
            && form.takes_one("status", row.controls.iter().map(|one| status_word(one.status)))
            && form.takes("kind", row.kind)
            && form.finds(&[&row.reference, &row.published, row.title])
    };
    let mut all: Vec<Row> = table.into_iter().filter(|row| passes(&row)).collect();
    let listing = Listing::new(call, call.path, all.len(), &[]);
    // What became of an entry is looked up for those alone that are shown.
    let is_file = call.query.get("format").is_some();
    let told = if is_file { 0..all.len() } else { listing.range() };
    all.get_mut(told).unwrap_or_default().iter_mut().for_each(|row| row.follow(edition));
    let head = ["reference", "kind", "title", "controls", "elsewhere"];
    let name = edition.tag().replace(':', "-");
    let file = export(call, &name, &head, &all.iter().collect::<Vec<_>>(), |row| {
        let way = |one: &Named| {
            one.by_way_of
                .as_ref()
                .map_or_else(String::new, |counterpart| format!(", by way of {counterpart}"))
        };
        let named =
            |one: &Named| format!("{} ({}, {}{})", one.id, status_word(one.status), one.how, way(one));
        let moved = |one: &Elsewhere| {
            let judged = if one.ours { ", our judgement" } else { "" };
            format!("{} ({}{judged})", one.to.as_deref().unwrap_or(one.edition.tag()), one.change)
        };
        let controls: Vec<_> = row.controls.iter().map(named).collect();
        let elsewhere: Vec<_> = row.elsewhere.iter().map(moved).collect();
        let told = [row.reference.as_str(), row.kind, row.title].map(str::to_owned);
        told.into_iter().chain([controls.join("; "), elsewhere.join("; ")]).collect()
    });
    if let Some(file) = file {
        return file;
    }
    let page = FrameworkPage {
        frame: Frame::new(call, edition.title()),
        edition,
        entries: counted(edition),
        others: edition.lineage().iter().filter(|one| **one != edition).copied().collect(),
        form,
        rows: all.get(listing.range()).unwrap_or_default().to_vec(),
        listing,
    };
    Frame::answer(200, &page)
}

/// The entries of an edition in the order of the publication, with the controls that name them.
pub(super) fn table(edition: Edition, snapshot: &Snapshot) -> Vec<Row> {
    let mut index: BTreeMap<&Reference, Vec<Named>> = BTreeMap::new();
    for control in controls() {
        let id = control.id.as_str();
        let status = snapshot.control(id).map(|control| control.status);
        for (reference, how) in names(control).filter(|(one, _)| edition.lineage().contains(&one.edition)) {
            let own = index.entry(reference).or_default();
            // The first list in which a control names an entry says the most.
            if own.last().is_none_or(|last| last.id != id) {
                own.push(Named { id, how: how.as_str(), status, by_way_of: None });
            }
        }
    }
    let row = |entry: &'static Entry| {
        let reference = edition.entry(&entry.id);
        let own = index.get(&reference).cloned();
        Row {
            kind: entry.kind.as_str(),
            title: &entry.title,
            controls: own.unwrap_or_else(|| by_way_of(&reference, &index)),
            elsewhere: Vec::new(),
            namesakes: Vec::new(),
            published: reference.as_published(),
            reference: reference.to_string(),
            entry,
        }
    };
    entries(edition).iter().map(row).collect()
}

/// The controls that name the counterparts of an entry in other editions, newest edition first.
fn by_way_of(reference: &Reference, index: &BTreeMap<&Reference, Vec<Named>>) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    for edition in reference.edition.lineage().iter().rev() {
        for counterpart in migrate(reference, *edition).into_iter().filter_map(|step| step.to) {
            for named in index.get(&counterpart).into_iter().flatten() {
                if !found.iter().any(|one| one.id == named.id) {
                    found.push(Named { by_way_of: Some(counterpart.to_string()), ..named.clone() });
                }
            }
        }
    }
    found
}

impl Row {
    /// Looks up what became of the entry in other editions.
    fn follow(&mut self, edition: Edition) {
        let reference = edition.entry(&self.entry.id);
        let others = edition.lineage().iter().filter(|one| **one != edition);
        let elsewhere = others.flat_map(|other| {
            migrate(&reference, *other).into_iter().map(|step| Elsewhere {
                edition: *other,
                to: step.to.map(|to| to.to_string()),
                change: step.change,
                ours: step.ours,
            })
        });
        self.elsewhere = elsewhere.collect();
        self.namesakes = namesakes(&reference).iter().map(ToString::to_string).collect();
    }
}

impl FrameworkPage<'_> {
    fn source(&self) -> Markup {
        super::rule::source(self.edition.url())
    }

    fn href(&self, edition: Edition) -> String {
        href(edition)
    }

    fn explain(&self) -> String {
        let first = self.rows.iter().find(|row| !row.controls.is_empty()).or(self.rows.first());
        let reference = first.map_or(self.edition.tag(), |row| row.reference.as_str());
        format!("bartizan explain {}", argument(reference))
    }

    /// The controls of an entry, by the entry of another edition by way of which they name it.
    fn named<'r>(&self, row: &'r Row) -> Vec<(Option<&'r String>, Vec<&'r Named>)> {
        let mut groups: Vec<(Option<&String>, Vec<&Named>)> = Vec::new();
        for one in row.controls.iter().take(CONTROLS) {
            match groups.last_mut() {
                Some((way, own)) if *way == one.by_way_of.as_ref() => own.push(one),
                _ => groups.push((one.by_way_of.as_ref(), vec![one])),
            }
        }
        groups
    }

    fn more(&self, row: &Row) -> usize {
        row.controls.len().saturating_sub(CONTROLS)
    }

    fn level(&self, row: &Row) -> Option<u8> {
        row.entry.level
    }
}
