//! The controls, by practice area.

use askama::Template;
use bartizan_report::v1::{Control, Status};

use super::{
    filters,
    frame::{Frame, bare},
    listing::{Form, Listing, distinct, words},
    threats::considerations,
};
use crate::call::{Answer, Call};
use crate::export::export;

#[derive(Template)]
#[template(path = "controls.html")]
struct Controls<'a> {
    frame: Frame<'a>,
    form: Form<'a>,
    listing: Listing<'a>,
    sections: Vec<Section<'a>>,
    counts: Vec<(Status, usize, String)>,
}

struct Section<'a> {
    id: &'a str,
    title: &'a str,
    rows: Vec<&'a Control>,
}

pub(crate) fn controls(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let report = &snapshot.report;
    let form = Form::new(call, "/controls")
        .choice("status", "Status", words(Status::WORST_FIRST.map(Status::as_str)))
        .choice(
            "group",
            "Practice area",
            report.groups.iter().map(|group| (group.id.as_str(), group.title.clone())),
        )
        .choice(
            "owner",
            "Owner",
            distinct(report.controls.iter().filter_map(|control| control.owner.as_deref())),
        )
        .choice(
            "consideration",
            "Consideration",
            considerations(
                report.controls.iter().flat_map(|control| control.considerations.iter().map(String::as_str)),
            ),
        )
        .search();
    let item = call.query.get("item");
    let threat = call.query.get("threat");
    let mut all: Vec<&Control> = report
        .controls
        .iter()
        .filter(|control| {
            form.takes("status", control.status.as_str())
                && form.takes("group", &control.group)
                && form.takes("owner", control.owner.as_deref().unwrap_or_default())
                && form.takes_one("consideration", control.considerations.iter().map(String::as_str))
                && form.finds(&[&control.id, &control.title, &control.why])
                && item.is_none_or(|item| control.items.iter().any(|one| bare(one) == item))
                && threat.is_none_or(|threat| control.threats.iter().any(|one| one == threat))
        })
        .collect();
    let order = |control: &Control| report.groups.iter().position(|group| group.id == control.group);
    all.sort_by_key(|control| {
        (order(control).unwrap_or(usize::MAX), &control.group, control.status, &control.id)
    });
    let head = ["id", "title", "group", "baseline", "status", "why", "next", "owner", "expires"];
    let file = export(call, "controls", &head, &all, |control| {
        vec![
            control.id.clone(),
            control.title.clone(),
            control.group.clone(),
            control.baseline.clone(),
            control.status.as_str().to_owned(),
            control.why.clone(),
            control.next.clone(),
            control.owner.clone().unwrap_or_default(),
            control.expires.map(|time| time.to_string()).unwrap_or_default(),
        ]
    });
    if let Some(file) = file {
        return file;
    }
    let listing = Listing::new(call, "/controls", all.len(), &[]);
    let mut sections: Vec<Section<'_>> = Vec::new();
    for control in all.get(listing.range()).unwrap_or_default() {
        if sections.last().is_none_or(|section| section.id != control.group) {
            let title = report.groups.iter().find(|group| group.id == control.group);
            let title = title.map_or(control.group.as_str(), |group| group.title.as_str());
            sections.push(Section { id: &control.group, title, rows: Vec::new() });
        }
        if let Some(section) = sections.last_mut() {
            section.rows.push(control);
        }
    }
    let counts = Status::WORST_FIRST.into_iter().filter_map(|status| {
        let count = report.controls.iter().filter(|control| control.status == status).count();
        let href = crate::address::changed("/controls", call.query, &[("status", status.as_str())]);
        (count > 0).then_some((status, count, href))
    });
    let counts = counts.collect();
    Frame::answer(200, &Controls { frame: Frame::new(call, "Controls"), form, listing, sections, counts })
}
