//! The threats: the system with its trust boundaries, and the table.

use askama::Template;
use bartizan_report::{
    picture::{View, boundaries},
    v1::{Risk, Severity, Threat},
};

use super::{
    filters,
    frame::Frame,
    listing::{Form, Listing, distinct, words},
    routes::Routes,
};
use crate::{
    call::{Answer, Call},
    export::export,
    shown::Markup,
    snapshot::Snapshot,
};

/// Elements and flows whose table stands on the page of the picture.
const TABLE: usize = 250;

#[derive(Template)]
#[template(path = "threats.html")]
struct Threats<'a> {
    frame: Frame<'a>,
    form: Form<'a>,
    listing: Listing<'a>,
    rows: Vec<Row<'a>>,
    diagram: Option<Markup>,
    zone: Option<&'a str>,
    highlighted: Option<&'a Threat>,
}

pub(super) struct Row<'a> {
    pub(super) threat: &'a Threat,
    pub(super) risk: Option<&'a Risk>,
}

pub(crate) fn threats(call: &Call<'_>) -> Answer {
    let Some(snapshot) = call.snapshot else { return super::waiting(call) };
    let report = &snapshot.report;
    let form = Form::new(call, "/threats")
        .choice("severity", "Severity", words(Severity::WORST_FIRST.map(Severity::as_str)))
        .choice(
            "consideration",
            "Consideration",
            considerations(report.threats.iter().map(|threat| threat.consideration.as_str())),
        )
        .choice("rule", "Rule", distinct(report.threats.iter().map(|threat| threat.rule.as_str())))
        .choice(
            "element",
            "Element",
            distinct(report.threats.iter().flat_map(|threat| threat.path.iter().map(String::as_str))),
        )
        .search();
    let mut rows: Vec<Row<'_>> = report
        .threats
        .iter()
        .filter(|threat| {
            form.takes("severity", threat.severity.as_str())
                && form.takes("consideration", &threat.consideration)
                && form.takes("rule", &threat.rule)
                && form.takes_one("element", threat.path.iter().map(String::as_str))
                && form.finds(&[&threat.title, &threat.why, &threat.id])
        })
        .map(|threat| Row { threat, risk: snapshot.risk(&threat.id) })
        .collect();
    let listing = Listing::new(call, "/threats", rows.len(), &["severity", "score", "consideration"]);
    let score = |row: &Row<'_>| row.risk.map_or(0, |risk| risk.score);
    match listing.sort() {
        "score" => rows.sort_by_key(|row| std::cmp::Reverse(score(row))),
        "consideration" => rows.sort_by(|a, b| a.threat.consideration.cmp(&b.threat.consideration)),
        _ => rows.sort_by_key(|row| std::cmp::Reverse((row.threat.severity, score(row)))),
    }
    let all: Vec<&Threat> = rows.iter().map(|row| row.threat).collect();
    let head = [
        "id",
        "rule",
        "title",
        "severity",
        "consideration",
        "why",
        "path",
        "controls",
        "likelihood",
        "impact",
        "score",
    ];
    let file = export(call, "threats", &head, &all, |threat| {
        let risk = snapshot.risk(&threat.id);
        let weighed = |value: fn(&Risk) -> u8| risk.map(|risk| value(risk).to_string()).unwrap_or_default();
        vec![
            threat.id.clone(),
            threat.rule.clone(),
            threat.title.clone(),
            threat.severity.as_str().to_owned(),
            threat.consideration.clone(),
            threat.why.clone(),
            threat.path.join(" > "),
            threat.controls.join(" "),
            weighed(|risk| risk.likelihood),
            weighed(|risk| risk.impact),
            weighed(|risk| risk.score),
        ]
    });
    if let Some(file) = file {
        return file;
    }
    let zone = call.query.get("zone").filter(|zone| report.system.zones.iter().any(|one| one.id == **zone));
    let highlighted = call.query.get("path").and_then(|id| snapshot.threat(id));
    let diagram = diagram(snapshot, "system", zone, highlighted);
    let rows = rows.drain(listing.range()).collect();
    Frame::answer(
        200,
        &Threats { frame: Frame::new(call, "Threats"), form, listing, rows, diagram, zone, highlighted },
    )
}

impl Threats<'_> {
    fn path(&self, threat: &Threat) -> Markup {
        let path = threat.path.get(..8).unwrap_or(&threat.path);
        let mut ids: Vec<String> = path.iter().map(|id| crate::shown::code(id, 40).0).collect();
        if threat.path.len() > path.len() {
            ids.push("…".to_owned());
        }
        Markup(ids.join(" → "))
    }
}

/// The considerations that occur, with their names.
pub(super) fn considerations<'a>(
    ids: impl Iterator<Item = &'a str>,
) -> impl Iterator<Item = (&'a str, String)> {
    distinct(ids).map(|(id, _)| {
        let known = bartizan_standards::Consideration::ALL.into_iter().find(|one| one.id() == id);
        (id, known.map_or_else(|| id.to_owned(), |one| format!("{id} {}", one.title())))
    })
}

/// The system model: all of it, or one zone with its neighbours, or only the elements of a path. Nothing where no
/// element is declared.
pub(super) fn diagram(
    snapshot: &Snapshot,
    id: &str,
    zone: Option<&str>,
    path: Option<&Threat>,
) -> Option<Markup> {
    let figure = boundaries(&snapshot.report, &View { id, zone, path }, &Routes)?;
    if figure.table.rows.len() > TABLE {
        // The table of so large a system has pages of its own.
        return Some(Markup(format!(
            "<figure class=\"fig\">{}</figure><p>As tables: <a href=\"/project?show=elements\">elements</a>, \
             <a href=\"/project?show=flows\">flows</a></p>",
            figure.svg
        )));
    }
    Some(Markup(figure.html()))
}
