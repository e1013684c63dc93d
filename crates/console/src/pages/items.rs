//! The items of SP 800-218A, by practice area and task.

use askama::Template;
use bartizan_report::v1::{Item, PracticeGroup, Report, Status};
use bartizan_standards::{Edition, ItemKind};

use super::{
    filters,
    frame::{Frame, bare},
    listing::{Form, exports, words},
};
use crate::{
    address::{changed, path},
    call::{Answer, Call},
    export::export,
    shown::{Markup, count},
};

/// Items that one page lists; the profile has 86.
const MOST: usize = 150;

#[derive(Template)]
#[template(path = "items.html")]
struct Items<'a> {
    frame: Frame<'a>,
    form: Form<'a>,
    areas: Vec<Area<'a>>,
    total: usize,
    cut: bool,
}

struct Area<'a> {
    group: &'a PracticeGroup,
    about: &'static str,
    counts: Vec<(Status, u64, String)>,
    tasks: Vec<Task<'a>>,
}

struct Task<'a> {
    id: &'a str,
    text: &'static str,
    rows: Vec<&'a Item>,
}

pub(crate) fn items(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let report = &snapshot.report;
    let form = Form::new(call, "/items")
        .choice(
            "group",
            "Practice area",
            report.groups.iter().map(|group| (group.id.as_str(), group.title.clone())),
        )
        .choice("status", "Status", words(Status::WORST_FIRST.map(Status::as_str)))
        .choice("binding", "Kind", words(["recommendation", "consideration", "note"]))
        .search();
    let passes = |group: &PracticeGroup, item: &Item| {
        form.takes("group", &group.id)
            && form.takes("status", item.status.as_str())
            && form.takes("binding", kind(item))
            && form.finds(&[&item.id, &item.title, &item.why])
    };
    let all: Vec<(&PracticeGroup, &Item)> = report
        .groups
        .iter()
        .flat_map(|group| group.items.iter().map(move |item| (group, item)))
        .filter(|(group, item)| passes(group, item))
        .collect();
    let rows: Vec<&Item> = all.iter().map(|(_, item)| *item).collect();
    let head = ["id", "title", "status", "why", "controls"];
    let file = export(call, "items", &head, &rows, |item| {
        vec![
            item.id.clone(),
            item.title.clone(),
            item.status.as_str().to_owned(),
            item.why.clone(),
            item.controls.join(" "),
        ]
    });
    if let Some(file) = file {
        return file;
    }
    let mut areas: Vec<Area<'_>> = Vec::new();
    for (group, item) in all.iter().take(MOST) {
        if areas.last().is_none_or(|area| area.group.id != group.id) {
            areas.push(area(call, group));
        }
        let Some(area) = areas.last_mut() else { continue };
        let id = task_id(&item.id);
        if area.tasks.last().is_none_or(|task| task.id != id) {
            area.tasks.push(Task { id, text: text_of(id), rows: Vec::new() });
        }
        if let Some(task) = area.tasks.last_mut() {
            task.rows.push(item);
        }
    }
    let cut = all.len() > MOST;
    Frame::answer(200, &Items { frame: Frame::new(call, "Items"), form, areas, total: all.len(), cut })
}

fn area<'a>(call: &Call<'_>, group: &'a PracticeGroup) -> Area<'a> {
    let about = bartizan_standards::groups().iter().find(|one| one.id.as_str() == group.id);
    let counts = group.counts.iter().map(|(status, count)| {
        let changes = [("group", group.id.as_str()), ("status", status.as_str())];
        (*status, *count, changed("/items", call.query, &changes))
    });
    Area {
        group,
        about: about.map_or("", |one| one.text.as_str()),
        counts: counts.collect(),
        tasks: Vec::new(),
    }
}

impl Items<'_> {
    fn told(&self) -> String {
        count(self.total as u64, "item", "items")
    }

    fn exports(&self) -> Markup {
        exports("/items", self.frame.call.query)
    }

    fn href(&self, item: &Item) -> String {
        path(&["items", &super::frame::within(bare(&item.id))])
    }
}

/// The item of this bare id, with its practice area.
pub(super) fn find<'a>(report: &'a Report, id: &str) -> Option<(&'a PracticeGroup, &'a Item)> {
    let mut all = report.groups.iter().flat_map(|group| group.items.iter().map(move |item| (group, item)));
    all.find(|(_, item)| bare(&item.id) == id)
}

/// How an item binds, as a word.
pub(super) fn kind(item: &Item) -> &'static str {
    let entry = item.id.parse().ok().and_then(|reference| bartizan_standards::item(&reference));
    match entry.map(|entry| entry.kind) {
        Some(ItemKind::Consideration) => "consideration",
        Some(ItemKind::Note) => "note",
        _ => "recommendation",
    }
}

/// `PO.1.1` of `ssdf-218a:2024/PO.1.1.R1`.
pub(super) fn task_id(item: &str) -> &str {
    let bare = bare(item);
    let is_item = bare.split('.').count() == 4;
    if is_item { bare.rsplit_once('.').map_or(bare, |(task, _)| task) } else { bare }
}

/// What a task asks for.
pub(super) fn text_of(task: &str) -> &'static str {
    bartizan_standards::task(&Edition::Ssdf218a.entry(task)).map_or("", |task| task.text.as_str())
}
