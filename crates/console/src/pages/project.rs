//! The project file, as it was understood, and what was looked at.

use askama::Template;
use bartizan_report::v1::{Asset, Report, System};

use super::{filters, frame::Frame, listing::Listing, project_files::file};
use crate::{
    address::{anchor, with_query},
    call::{Answer, Call},
};

/// Rows of each table on the page of all tables; each table has pages of its own.
pub(super) const BRIEF: usize = 25;

#[derive(Template)]
#[template(path = "project.html")]
struct Project<'a> {
    frame: Frame<'a>,
    report: &'a Report,
    system: &'a System,
    /// The one table that is shown, or all.
    show: Option<&'a str>,
    listing: Listing<'a>,
}

/// The tables, as `show` names them.
const TABLES: [&str; 9] =
    ["assets", "elements", "flows", "actors", "treatments", "ignores", "gates", "unexamined", "read"];

pub(crate) fn project(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let report = &snapshot.report;
    let show = call.query.get("show").filter(|show| TABLES.contains(show));
    if let Some(file) = show.and_then(|show| file(call, show, report)) {
        return file;
    }
    let system = &report.system;
    let total = match show {
        Some("assets") => system.assets.len(),
        Some("elements") => system.elements.len(),
        Some("flows") => system.flows.len(),
        Some("actors") => system.actors.len(),
        Some("treatments") => system.treatments.len(),
        Some("ignores") => system.ignores.len(),
        Some("gates") => system.gates.len(),
        Some("unexamined") => report.unexamined.len(),
        Some("read") => report.assets.len(),
        _ => 0,
    };
    let listing = Listing::new(call, "/project", total, &[]);
    Frame::answer(200, &Project { frame: Frame::new(call, "Project"), report, system, show, listing })
}

impl<'a> Project<'a> {
    fn is_shown(&self, table: &str, rows: usize) -> bool {
        self.show.map_or(rows > 0, |show| show == table)
    }

    /// The rows of a table that this page holds.
    fn part<T>(&self, rows: &'a [T]) -> &'a [T] {
        let range = if self.show.is_some() { self.listing.range() } else { 0..BRIEF.min(rows.len()) };
        rows.get(range).unwrap_or_default()
    }

    fn has_more(&self, rows: usize) -> bool {
        self.show.is_none() && rows > BRIEF
    }

    fn anchor(&self, kind: &str, id: &str) -> String {
        anchor(kind, id)
    }

    fn heading(&self) -> &'static str {
        match self.show.unwrap_or_default() {
            "unexamined" => "not examined",
            "read" => "looked at",
            "ignores" => "ignored",
            show => TABLES.into_iter().find(|table| *table == show).unwrap_or_default(),
        }
    }

    /// What was read of a declared asset.
    fn read(&self, id: &str) -> Option<&'a Asset> {
        self.report.assets.iter().find(|asset| asset.id == id)
    }

    fn file(&self, table: &str, format: &str) -> String {
        with_query("/project", [("show", table), ("format", format)])
    }
}
